// Folders are made one by one, and what cannot be made is told.
import { stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { makeFolder } from '../../src/streams/make-folder.js';
import { needing } from '../helpers/needs.js';
import { withTempDir } from '../helpers/tmp.js';

test('what is missing is made, for this user alone or as the mode says', async (t) => {
  await withTempDir(async (folder) => {
    const modeOf = async (name: string): Promise<number> =>
      (await stat(path.join(folder, name))).mode & 0o777;
    await makeFolder(path.join(folder, 'a/b'));
    await makeFolder(path.join(folder, 'a/b'));
    t.is(await modeOf('a/b'), 0o700);
    await makeFolder(path.join(folder, 'c/d'), { mode: 0o750 });
    t.is(await modeOf('c'), 0o750);
    await writeFile(path.join(folder, 'file'), '');
    await t.throwsAsync(makeFolder(path.join(folder, 'file/x')), { code: 'ENOTDIR' });
    await t.throwsAsync(makeFolder(path.join(folder, 'file')), { code: 'EEXIST' });
  });
});

needing('linux')('endless-mkdir: a folder that the kernel does not make is refused', async (t) => {
  await t.throwsAsync(makeFolder('/proc/airgap/site'), { message: /ENOENT|EACCES|EPERM/ });
});
