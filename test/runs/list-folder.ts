// Folders that a person looks through: files and folders, whatever else lies there.
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { listFolder } from '../../src/runs/list-folder.js';
import { withTempDir } from '../helpers/tmp.js';
import { run } from '../rig/rig.js';

test('folders come first, links are what they lead to, and what is neither is left out', (t) =>
  withTempDir(async (folder) => {
    await mkdir(join(folder, 'z'));
    await writeFile(join(folder, 'b'), '12345');
    await symlink(join(folder, 'z'), join(folder, 'a'));
    await symlink(join(folder, 'gone'), join(folder, 'dangling'));
    await run(['mkfifo', join(folder, 'pipe')]);
    t.deepEqual(await listFolder(folder), {
      path: folder,
      isCut: false,
      entries: [
        { name: 'a', kind: 'folder', bytes: undefined },
        { name: 'z', kind: 'folder', bytes: undefined },
        { name: 'b', kind: 'file', bytes: 5 },
      ],
    });
    await t.throwsAsync(listFolder(join(folder, 'gone')), { code: 'DRIVE_FAILED' });
  }));
