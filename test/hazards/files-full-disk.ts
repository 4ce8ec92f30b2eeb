import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type FarBox, otherShells, withFar } from '../helpers/far-box.js';
import { installFile, oldFile, plainCall, receiptId, treeOf } from '../helpers/far-files.js';
import { needing } from '../helpers/needs.js';
import { run } from '../rig/command.js';

const { serial: test } = needing('root', 'linux');

/** A file system of 256 KiB below the folder of the test. */
async function withDisk(box: FarBox, use: (disk: string) => Promise<void>): Promise<void> {
  const disk = path.join(box.folder, 'disk');
  await mkdir(disk);
  await run(['mount', '-t', 'tmpfs', '-o', 'size=256k,mode=755', 'airgap-test', disk]);
  try {
    await use(disk);
  } finally {
    await run(['umount', '-l', disk]);
  }
}

/** Until nothing more fits. */
async function fill(disk: string): Promise<void> {
  await run(['dd', 'if=/dev/zero', `of=${disk}/filler`, 'bs=4096'], { mayFail: true });
}

for (const shell of otherShells) {
  test(`a disk that fills up in the middle is told, and every file is as it was (${shell})`, (t) =>
    withFar(shell, (box) =>
      withDisk(box, async (disk) => {
        const { far, folder } = box;
        await oldFile(`${disk}/a`, 'old', { mode: 0o604, uid: 3, gid: 4 });
        await oldFile(`${folder}/etc/b`, 'old b');
        const before = [await treeOf(disk), await treeOf(`${folder}/etc`)];
        const files = [
          installFile(`${folder}/etc/b`, 'new b', { wasText: 'old b' }),
          installFile(`${disk}/a`, 'new', { wasText: 'old' }),
          installFile(`${disk}/dir/big`, 'x'.repeat(400_000)),
        ];
        const put = far.install(plainCall, { receipt: receiptId, allow: [folder], files });
        t.like(await t.throwsAsync(put), { code: 'TARGET_FULL', facts: { path: `${disk}/dir/big` } });
        t.deepEqual([await treeOf(disk), await treeOf(`${folder}/etc`)], before);
      }),
    ));

  test(`a rollback that finds no room changes nothing, and works once there is some (${shell})`, (t) =>
    withFar(shell, (box) =>
      withDisk(box, async (disk) => {
        const { far, folder, mine } = box;
        await oldFile(`${disk}/a`, 'x'.repeat(100_000));
        const files = [installFile(`${disk}/a`, 'y'.repeat(100_000), { wasText: 'x'.repeat(100_000) })];
        await far.install(plainCall, { receipt: receiptId, allow: [folder], files });
        await fill(disk);
        const back = far.rollback(plainCall, { receipt: 'newest', force: false });
        t.like(await t.throwsAsync(back), { code: 'TARGET_FULL' });
        t.is(await readFile(`${disk}/a`, 'utf8'), 'y'.repeat(100_000), 'all or nothing');
        await writeFile(`${disk}/filler`, '');
        await far.rollback(plainCall, { receipt: 'newest', force: false });
        t.is(await readFile(`${disk}/a`, 'utf8'), 'x'.repeat(100_000));
        t.deepEqual(Object.keys(await treeOf(path.join(mine, 'backups'))), []);
      }),
    ));
}
