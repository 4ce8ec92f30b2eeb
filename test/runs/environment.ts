import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import type { Probe } from '../../src/far/facts.js';
import { clientId, lockHost, readEnvironment } from '../../src/runs/environment.js';
import { stageIdentity } from '../../src/runs/prepare-host.js';
import { openSpool } from '../../src/streams/spool.js';

async function withState(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'airgap-state-'));
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test('folders follow XDG, and relative values are ignored', (t) => {
  const set = readEnvironment({ HOME: '/home/op', XDG_CACHE_HOME: '/big/cache', XDG_STATE_HOME: 'relative' });
  t.is(set.cacheDirectory, '/big/cache/airgap');
  t.is(set.stateDirectory, '/home/op/.local/state/airgap');
});

test('the client id stays the same, and damage is replaced', async (t) => {
  await withState(async (folder) => {
    const [first, second] = await Promise.all([clientId(folder), clientId(folder)]);
    t.is(first, second);
    t.regex(first, /^[0-9a-f]{16}$/);
    await writeFile(path.join(folder, 'client-id'), 'rubbish');
    const mended = await clientId(folder);
    t.regex(mended, /^[0-9a-f]{16}$/);
    t.is(await clientId(folder), mended);
  });
});

test('a second run to the same host is refused while the first lives, and told its process', async (t) => {
  await withState(async (folder) => {
    const unlock = await lockHost(folder, 'plant', 'root@plant:22');
    const error = await t.throwsAsync(lockHost(folder, 'plant', 'root@plant:22'), { code: 'RUN_BUSY' });
    t.like(error, { facts: { host: 'plant', pid: process.pid } });
    const other = await lockHost(folder, 'ship', 'root@ship:22');
    await other();
    await unlock();
    const again = await lockHost(folder, 'plant', 'root@plant:22');
    await again();
  });
});

test('the lock of a process that died is taken over', async (t) => {
  await withState(async (folder) => {
    const unlock = await lockHost(folder, 'plant', 'key');
    const file = path.join(folder, 'locks', `${Buffer.from('key').toString('base64url')}.lock`);
    // The same pid with another start time is another process.
    await writeFile(file, `${process.pid} 1\n`);
    const again = await lockHost(folder, 'plant', 'key');
    t.regex(await readFile(file, 'utf8'), new RegExp(`^${process.pid} \\d{2,}`));
    await again();
    await unlock();
  });
});

test('a lock that is being written is not taken for a dead one, and of many takers one wins', async (t) => {
  await withState(async (folder) => {
    for (let round = 0; round < 10; round += 1) {
      const key = `key ${round}`;
      await mkdir(path.join(folder, 'locks'), { recursive: true });
      // Left by a process that is gone: all find it at once.
      const file = path.join(folder, 'locks', `${Buffer.from(key).toString('base64url')}.lock`);
      await writeFile(file, `${process.pid} 1\n`);
      const takers = Array.from({ length: 12 }, () => lockHost(folder, 'plant', key));
      const outcomes = await Promise.allSettled(takers);
      t.is(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
    }
  });
});

test('a home below /proc is refused with a clean error, and nothing spins', async (t) => {
  const { stateDirectory, cacheDirectory } = readEnvironment({ HOME: '/proc/nohome' });
  const denied = await t.throwsAsync(clientId(stateDirectory), { code: 'STATE_DENIED' });
  t.true(denied?.message.includes(stateDirectory));
  await t.throwsAsync(lockHost(stateDirectory, 'plant', 'key'), { code: 'STATE_DENIED' });
  await t.throwsAsync(openSpool({ directory: path.join(cacheDirectory, 'spool') }), {
    code: 'SPOOL_DAMAGED',
  });
});

test('one machine under two spellings is one stage, and two containers of one kernel are two', (t) => {
  const probe = (bootId: string | undefined, ID: string): Probe =>
    ({ bootId, user: { name: 'root', uid: 0 }, engine: { state: 'up', info: { ID } } }) as unknown as Probe;
  const identity = (bootId: string | undefined, id: string, stage = '/stage') =>
    stageIdentity({ probe: probe(bootId, id) }, stage);
  t.is(identity('b', 'e'), identity('b', 'e'));
  t.not(identity('b', 'e'), identity('b', 'f'));
  t.not(identity('b', 'e'), identity('c', 'e'));
  t.not(identity('b', 'e'), identity('b', 'e', '/other'));
  t.is(identity(undefined, 'e'), undefined);
});
