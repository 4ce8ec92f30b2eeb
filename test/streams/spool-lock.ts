import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { formatOwner, isAlive, parseOwner, thisOwner } from '../../src/streams/owner.js';
import { lockOwner, takeLock } from '../../src/streams/spool-lock.js';
import { withTempDir } from '../helpers/tmp.js';

test('a lock is held until it is released', async (t) => {
  await withTempDir(async (folder) => {
    const path = join(folder, 'lock');
    const lock = await takeLock(path);
    const error = await t.throwsAsync(takeLock(path));
    t.like(error, { code: 'SPOOL_BUSY', facts: { pid: process.pid } });
    t.is(await lockOwner(path), process.pid);
    await lock.release();
    await lock.release();
    t.is(await lockOwner(path), undefined);
    await (await takeLock(path)).release();
    t.deepEqual(await readdir(folder), []);
  });
});

test('of many that want a free lock exactly one gets it', async (t) => {
  await withTempDir(async (folder) => {
    const path = join(folder, 'lock');
    await writeFile(path, formatOwner({ ...thisOwner(), bootId: 'ffff' }));
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => takeLock(path)));
    t.is(results.filter(({ status }) => status === 'fulfilled').length, 1);
  });
});

test('a takeover that was killed half-way does not keep the lock for ever', async (t) => {
  await withTempDir(async (folder) => {
    const path = join(folder, 'lock');
    const gone = formatOwner({ ...thisOwner(), bootId: 'ffff' });
    await writeFile(path, gone);
    const claim = createHash('sha256').update(gone).digest('hex').slice(0, 16);
    await writeFile(`${path}.${claim}`, formatOwner({ ...thisOwner(), bootId: 'ffff' }));
    await (await takeLock(path)).release();
    t.deepEqual(await readdir(folder), []);
  });
});

const dead = {
  'a process of an earlier boot': () => ({ ...thisOwner(), bootId: 'ffff' }),
  'a process whose number another one has now': () => ({ ...thisOwner(), startedAt: '1' }),
  'a process that is gone': () => ({ ...thisOwner(), pid: 2 ** 22 + 1 }),
};

for (const [name, owner] of Object.entries(dead)) {
  test(`the lock of ${name} is taken over`, async (t) => {
    await withTempDir(async (folder) => {
      const path = join(folder, 'lock');
      await writeFile(path, formatOwner(owner()));
      t.is(await lockOwner(path), undefined);
      const lock = await takeLock(path);
      t.is(parseOwner(await readFile(path, 'latin1'))?.pid, process.pid);
      await lock.release();
      t.false(existsSync(path));
    });
  });
}

test('a torn lock file is taken over', async (t) => {
  await withTempDir(async (folder) => {
    const path = join(folder, 'lock');
    await writeFile(path, '12');
    await (await takeLock(path)).release();
    t.false(existsSync(path));
  });
});

test('the lock of another machine is honoured for a day', async (t) => {
  await withTempDir(async (folder) => {
    const path = join(folder, 'lock');
    await writeFile(path, formatOwner({ ...thisOwner(), host: 'elsewhere', bootId: 'ffff', pid: 77 }));
    t.like(await t.throwsAsync(takeLock(path)), { code: 'SPOOL_BUSY', facts: { pid: 77 } });
    const yesterday = Date.now() / 1000 - 25 * 60 * 60;
    await utimes(path, yesterday, yesterday);
    await (await takeLock(path)).release();
  });
});

test('another living process is alive, and dead when it has ended', async (t) => {
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 600000)'], { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const owner = { ...thisOwner(), pid: child.pid ?? 0, startedAt: '-' };
  t.true(isAlive(owner, 0));
  child.kill('SIGKILL');
  await ended;
  t.false(isAlive(owner, 0));
});

test('releasing leaves a lock alone that has another owner by now', async (t) => {
  await withTempDir(async (folder) => {
    const path = join(folder, 'lock');
    const lock = await takeLock(path);
    const other = formatOwner({ ...thisOwner(), pid: 1 });
    await writeFile(path, other);
    await lock.release();
    t.is(await readFile(path, 'latin1'), other);
  });
});
