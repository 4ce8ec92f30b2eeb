// Folders of this side that cannot be used: each error names the folder and a way out that works; none is called a bug or damage.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { createCore } from '../../src/core.js';
import { AirgapError, isAirgapError } from '../../src/errors.js';
import { clientId, lockHost } from '../../src/runs/environment.js';
import { inState } from '../../src/runs/state-folder.js';
import { spoolError } from '../../src/streams/fs-errors.js';
import { openSpool } from '../../src/streams/spool.js';
import { withTempDir } from '../helpers/tmp.js';

/** Runs fn with a path that leads through a file, which not even root can use. */
const withBlocked = (fn: (blocked: string) => Promise<void>): Promise<void> =>
  withTempDir(async (folder) => {
    await writeFile(path.join(folder, 'file'), '');
    await fn(path.join(folder, 'file', 'below'));
  });

test('a state folder that cannot be written is told with its path and the variable to set', async (t) => {
  await withBlocked(async (blocked) => {
    const denied = await t.throwsAsync(clientId(blocked), { instanceOf: AirgapError });
    t.like(denied, {
      code: 'STATE_DENIED',
      exitCode: 14,
      facts: { path: blocked, problem: 'not a directory' },
    });
    t.regex(String(isAirgapError(denied) && denied.hint), /\$XDG_STATE_HOME/);
    await t.throwsAsync(lockHost(blocked, 'web1', 'key'), { code: 'STATE_DENIED' });
  });
});

test('receipts below a state folder that is none are no bug', async (t) => {
  await withBlocked(async (blocked) => {
    const core = createCore({ HOME: path.dirname(path.dirname(blocked)), XDG_STATE_HOME: blocked });
    await t.throwsAsync(core.receipts(), { code: 'STATE_DENIED' });
    await t.throwsAsync(core.receipt('1'), { code: 'STATE_DENIED' });
  });
});

test('doctor finds a state folder that cannot be written', async (t) => {
  await withBlocked(async (blocked) => {
    const cache = path.join(path.dirname(path.dirname(blocked)), 'cache');
    await mkdir(cache);
    const env = { HOME: cache, XDG_CACHE_HOME: cache, XDG_STATE_HOME: blocked };
    const findings = await createCore({ ...env, PATH: process.env.PATH }).doctor(undefined, { connect: {} })
      .result;
    const state = findings.find(({ subject }) => subject === 'Receipts');
    t.is(state?.level, 'problem');
    t.regex(state?.text ?? '', /cannot be written: not a directory/);
  });
});

test('what the state folder’s user does wrong keeps its own name', async (t) => {
  await t.throwsAsync(
    inState('/x', () => Promise.reject(new TypeError('a bug'))),
    { instanceOf: TypeError },
  );
});

test('a spool that cannot be written is not called damaged', async (t) => {
  await withBlocked(async (blocked) => {
    await t.throwsAsync(openSpool({ directory: blocked }), { code: 'SPOOL_DENIED' });
    const taken = path.dirname(blocked);
    await t.throwsAsync(openSpool({ directory: taken }), { code: 'SPOOL_DENIED' });
  });
  for (const code of ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST']) {
    const error = await spoolError(Object.assign(new Error(`${code}: …`), { code }), '/spool', 0);
    t.like(error, { code: 'SPOOL_DENIED', exitCode: 14 });
    t.regex(error.hint ?? '', /--spool DIR/);
  }
  t.is(
    (await spoolError(Object.assign(new Error('EIO'), { code: 'EIO' }), '/spool', 0)).code,
    'SPOOL_DAMAGED',
  );
});
