import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { bundleClient } from '../../src/bundle/recipe.js';
import { openFar } from '../../src/far/far.js';
import type { FilesLook } from '../../src/far/file-facts.js';
import { digestOf } from '../../src/oci/digest.js';
import { rollbackFiles } from '../../src/runs/rollback.js';
import { client, otherShells, withFar } from '../helpers/far-box.js';
import { installFile, oldFile, plainCall, receiptId, treeOf } from '../helpers/far-files.js';
import { needing } from '../helpers/needs.js';

const { serial: test } = needing('root');

const fileIn = (look: FilesLook, target: string) => look.files.find((file) => file.path === target);

for (const shell of otherShells) {
  test(`a look tells mode, owner, digest and bytes of what is there (${shell})`, (t) =>
    withFar(shell, async ({ far, folder }) => {
      const etc = path.join(folder, 'etc');
      await oldFile(`${etc}/a.repo`, '[a]\nname=1', { mode: 0o4751, uid: 12, gid: 34 });
      await oldFile(`${etc}/big`, 'x'.repeat(1_048_577));
      const targets = [`${etc}/a.repo`, `${etc}/none`, `${etc}/deep/none`, `${etc}/big`, '/usr/bin/x', etc];
      const look = await far.files(plainCall, { allow: [folder], targets });
      t.is(look.root, 'no');
      t.regex(look.family, /^[a-z]+$/);
      t.like(fileIn(look, `${etc}/a.repo`), {
        state: 'file',
        mode: '4751',
        uid: 12,
        gid: 34,
        bytes: 10,
        digest: digestOf('[a]\nname=1'),
        content: Buffer.from('[a]\nname=1'),
      });
      t.like(fileIn(look, `${etc}/none`), { state: 'absent' });
      t.like(fileIn(look, `${etc}/deep/none`), { state: 'absent' });
      t.like(fileIn(look, `${etc}/big`), { state: 'file', bytes: 1_048_577, content: undefined });
      t.like(fileIn(look, '/usr/bin/x'), { state: 'refused', problem: 'folder' });
      t.like(fileIn(look, etc), { state: 'refused', problem: 'not-a-file' });
    }));

  test(`files are put in place, keep their owner, and come back whole by a rollback (${shell})`, (t) =>
    withFar(shell, async ({ far, folder, mine }) => {
      const etc = path.join(folder, 'etc');
      await oldFile(`${etc}/old.conf`, 'before', { mode: 0o640, uid: 12, gid: 34 });
      await oldFile(`${etc}/same.conf`, 'same', { mode: 0o600 });
      const before = await treeOf(etc);
      const files = [
        installFile(`${etc}/old.conf`, 'after', { mode: '0600', wasText: 'before' }),
        installFile(`${etc}/same.conf`, 'same', { wasText: 'same' }),
        installFile(`${etc}/new/deep/x.conf`, 'fresh'),
        installFile(`${etc}/new/empty`, ''),
      ];
      await far.install(plainCall, { receipt: receiptId, allow: [folder], files });
      t.deepEqual(await treeOf(etc), {
        'old.conf': '600 12:34 after',
        'same.conf': '644 0:0 same',
        new: '755 0:0 folder',
        'new/deep': '755 0:0 folder',
        'new/deep/x.conf': '644 0:0 fresh',
        'new/empty': '644 0:0 ',
      });
      t.is((await stat(path.join(mine, 'backups'))).mode & 0o077, 0, 'old files are nobody else’s to read');
      const back = await far.rollback(plainCall, { receipt: 'newest', force: false });
      t.is(back.receipt, receiptId);
      t.deepEqual(
        back.files.map(({ done }) => done),
        ['restored', 'kept', 'removed', 'removed'],
      );
      t.deepEqual(await treeOf(etc), before);
      await t.throwsAsync(far.rollback(plainCall, { receipt: 'newest', force: false }), {
        code: 'ROLLBACK_UNKNOWN',
      });
    }));

  test(`each rollback takes the newest that is left, a name takes its own (${shell})`, (t) =>
    withFar(shell, async ({ far, folder }) => {
      const target = path.join(folder, 'x');
      const put = (n: number, wasText?: string) =>
        far.install(plainCall, {
          receipt: `${n}${receiptId.slice(1)}`,
          allow: [folder],
          files: [installFile(target, `text ${n}`, wasText === undefined ? {} : { wasText })],
        });
      await put(1);
      await put(2, 'text 1');
      await put(3, 'text 2');
      await t.throwsAsync(far.rollback(plainCall, { receipt: '2aaaaaaa', force: false }), {
        code: 'FILE_CHANGED',
      });
      await far.rollback(plainCall, { receipt: 'newest', force: false });
      t.is(await readFile(target, 'utf8'), 'text 2');
      await far.rollback(plainCall, { receipt: '2aaaaaaa', force: false });
      t.is(await readFile(target, 'utf8'), 'text 1');
      await writeFile(target, 'mine');
      await t.throwsAsync(far.rollback(plainCall, { receipt: 'newest', force: false }), {
        code: 'FILE_CHANGED',
      });
      await far.rollback(plainCall, { receipt: 'newest', force: true });
      await t.throwsAsync(readFile(target), { code: 'ENOENT' });
    }));

  for (const last of ['airgap', 'import.sh'] as const)
    test(`without a receipt the newest change goes, here that of ${last} (${shell})`, (t) =>
      withFar(shell, async ({ far, folder, host, stage }) => {
        const openImports = () => openFar(host, { stage, client: bundleClient, hostName: 'box' });
        const stores = { airgap: far, 'import.sh': await openImports() };
        const first: keyof typeof stores = last === 'airgap' ? 'import.sh' : 'airgap';
        for (const [n, by] of [first, first, last].entries()) {
          const receipt = `${n}${receiptId.slice(1)}`;
          const files = [installFile(path.join(folder, `x${n}`), 'new')];
          await stores[by].install(plainCall, { receipt, allow: [folder], files });
          const store = path.join(stage, by === 'airgap' ? client : bundleClient, 'backups');
          const name = (await readdir(store)).find((one) => one.endsWith(receipt)) ?? '';
          // The clock of some systems only tells seconds.
          await utimes(path.join(store, name, 'index'), 1_000_000 + n, 1_000_000 + n);
        }
        const asked = { hostName: 'box', user: 'root', client, receipt: undefined, force: false };
        const back = () => rollbackFiles(far, { ...asked, ask: async () => undefined, openImports });
        t.like(await back(), { by: last, receipt: `2${receiptId.slice(1)}` });
        t.like(await back(), { by: first, receipt: `1${receiptId.slice(1)}` });
        t.like(await back(), { by: first, receipt: `0${receiptId.slice(1)}` });
        t.deepEqual(
          (await readdir(folder)).filter((one) => one.startsWith('x')),
          [],
        );
        await t.throwsAsync(back(), { code: 'ROLLBACK_UNKNOWN' });
      }));

  test(`a form that its reader would not take is refused before anything is written (${shell})`, (t) =>
    withFar(shell, async ({ far, folder }) => {
      const etc = path.join(folder, 'etc');
      await mkdir(etc);
      const put = (name: string, text: string) =>
        far.install(plainCall, {
          receipt: receiptId,
          allow: [folder],
          files: [installFile(`${etc}/first`, '1'), installFile(`${etc}/${name}`, text, { kind: 'repo' })],
        });
      for (const [name, text] of [
        ['a.repo', '[a]\nname=1\nwhat is this\n'],
        ['a.list', 'rpm http://x\n'],
        ['a.sources', 'Types: deb\ndeb http://x\n'],
      ] as const) {
        await t.throwsAsync(put(name, text), { code: 'FILE_INVALID' });
      }
      t.deepEqual(await treeOf(etc), {});
      await put('b.repo', '# c\r\n[b]\r\nname = 1\r\nbaseurl=http://a\r\n http://b\r\n');
      t.deepEqual(Object.keys(await treeOf(etc)), ['b.repo', 'first']);
    }));
}
