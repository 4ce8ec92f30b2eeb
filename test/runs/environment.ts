import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { clientId, lockHost, readEnvironment } from '../../src/runs/environment.js';

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
