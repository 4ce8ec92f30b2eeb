import { chmod, link, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { shellNames, withFar } from '../helpers/far-box.js';
import { installFile, oldFile, plainCall, receiptId, treeOf } from '../helpers/far-files.js';
import { needing } from '../helpers/needs.js';
import { run } from '../rig/command.js';

const { serial: test } = needing('root', 'linux');

for (const shell of shellNames) {
  test(`a target behind a symbolic link, on its way or at its end, is refused (${shell})`, (t) =>
    withFar(shell, async ({ far, folder }) => {
      const [etc, away] = [path.join(folder, 'etc'), path.join(folder, 'away')];
      await oldFile(`${away}/secret`, 'not yours');
      await oldFile(`${etc}/there/file`, 'x');
      await symlink(away, `${etc}/way`);
      await symlink(`${away}/secret`, `${etc}/end`);
      await symlink(`${away}/nothing`, `${etc}/dangling`);
      await symlink('there', `${etc}/inside`);
      const before = await treeOf(folder);
      for (const target of ['way/secret', 'way/new', 'end', 'dangling', 'inside/file', 'way/a/b/c']) {
        const files = [installFile(`${etc}/first`, '1'), installFile(`${etc}/${target}`, '2')];
        const error = await t.throwsAsync(
          far.install(plainCall, { receipt: receiptId, allow: [etc], files }),
        );
        t.like(
          error,
          { code: 'FILE_REFUSED', facts: { problem: 'symlink', path: `${etc}/${target}` } },
          target,
        );
        const look = await far.files(plainCall, { allow: [etc], targets: [`${etc}/${target}`] });
        t.like(look.files[0], { state: 'refused', problem: 'symlink' }, target);
      }
      const after = await treeOf(folder);
      for (const name of Object.keys(before)) if (!name.startsWith('sta ge')) t.is(after[name], before[name]);
      t.deepEqual(
        Object.keys(after).filter((name) => !name.startsWith('sta ge') && before[name] === undefined),
        [],
      );
    }));

  test(`a target that leaves its folder, needs quotes or is an option is never used (${shell})`, (t) =>
    withFar(shell, async ({ far, folder }) => {
      const bad = [
        '/../x',
        '/./x',
        '/a/../../x',
        '/a b',
        '/$(id)',
        '/a;b',
        '/',
        '//x',
        '/*',
        '/x/',
        '/.airgap-x',
      ];
      for (const end of bad) {
        const target = `${folder}/etc${end}`;
        const put = far.install(plainCall, {
          receipt: receiptId,
          allow: [`${folder}/etc`],
          files: [installFile(target, 'x')],
        });
        t.is((await t.throwsAsync(put))?.message.includes('USAGE'), true, target);
      }
      await far.install(plainCall, {
        receipt: receiptId,
        allow: [folder],
        files: [installFile(`${folder}/-rf/--help`, 'x')],
      });
      t.is(await readFile(`${folder}/-rf/--help`, 'utf8'), 'x');
    }));

  test(`a folder outside of those that are allowed is refused (${shell})`, (t) =>
    withFar(shell, async ({ far, folder }) => {
      for (const target of ['/etc/shadow', '/etc/docker', '/etc/dockerx/y', `${folder}x/y`]) {
        const put = far.install(plainCall, {
          receipt: receiptId,
          allow: [folder],
          files: [installFile(target, 'x')],
        });
        t.like(await t.throwsAsync(put), { code: 'FILE_REFUSED', facts: { problem: 'folder' } }, target);
      }
    }));

  test(`a folder that everybody may write to is refused, a sticky one is not (${shell})`, (t) =>
    withFar(shell, async ({ far, folder }) => {
      await mkdir(`${folder}/open/deep`, { recursive: true });
      await chmod(`${folder}/open`, 0o777);
      const put = () =>
        far.install(plainCall, {
          receipt: receiptId,
          allow: [folder],
          files: [installFile(`${folder}/open/deep/x`, 'x')],
        });
      t.like(await t.throwsAsync(put()), { code: 'FILE_REFUSED', facts: { problem: 'owner' } });
      await chmod(`${folder}/open`, 0o1777);
      await put();
      t.is(await readFile(`${folder}/open/deep/x`, 'utf8'), 'x');
    }));

  test(`a mode that lets others write, or runs as its owner, is refused (${shell})`, (t) =>
    withFar(shell, async ({ far, folder }) => {
      for (const mode of ['0666', '4755', '2755', '0647', '644', '0888', '1644']) {
        const put = far.install(plainCall, {
          receipt: receiptId,
          allow: [folder],
          files: [installFile(`${folder}/x`, 'x', { mode })],
        });
        await t.throwsAsync(put, { message: /USAGE/ }, mode);
      }
    }));

  test(`a file that changed, came or went since the plan is left alone (${shell})`, (t) =>
    withFar(shell, async ({ far, folder }) => {
      const etc = path.join(folder, 'etc');
      await oldFile(`${etc}/a`, 'old');
      const before = await treeOf(etc);
      for (const second of [
        installFile(`${etc}/a`, 'new', { wasText: 'older' }),
        installFile(`${etc}/a`, 'new'),
        installFile(`${etc}/gone`, 'new', { wasText: 'old' }),
      ]) {
        const files = [installFile(`${etc}/first`, '1'), second];
        const put = far.install(plainCall, { receipt: receiptId, allow: [folder], files });
        t.like(await t.throwsAsync(put), { code: 'FILE_CHANGED', facts: { path: second.target } });
        t.deepEqual(await treeOf(etc), before);
      }
    }));

  test(`bytes that are not those of the plan, or too few of them, change nothing (${shell})`, (t) =>
    withFar(shell, async ({ far, folder, raw }) => {
      const wrong = { ...installFile(`${folder}/x`, 'good'), content: Buffer.from('evil') };
      const put = far.install(plainCall, { receipt: receiptId, allow: [folder], files: [wrong] });
      await t.throwsAsync(put, { code: 'FAR_FAILED' });
      const { digest } = installFile(`${folder}/x`, 'good');
      const line = `allow ${folder}\nfile file 0644 4 ${digest.slice(7)} - 1 ${folder}/x\n`;
      for (const stdin of ['', line, `${line}go`, `${line}good`, `${line}good\nend`]) {
        const answer = await raw('install', [`receipt=${receiptId}`], stdin);
        t.regex(answer.stdout, /^error (NEAR_GONE install|USAGE install)\n$/, JSON.stringify(stdin));
      }
      await t.throwsAsync(readFile(`${folder}/x`), { code: 'ENOENT' });
    }));

  test(`a folder that cannot be written leaves the others as they were (${shell})`, (t) =>
    withFar(shell, async ({ far, folder }) => {
      const etc = path.join(folder, 'etc');
      await oldFile(`${etc}/a`, 'old');
      await oldFile(`${folder}/ro/b`, 'old b');
      await run(['mount', '-t', 'tmpfs', '-o', 'ro,mode=755', 'airgap-test', `${folder}/ro`]);
      try {
        const before = await treeOf(etc);
        const files = [
          installFile(`${etc}/a`, 'new', { wasText: 'old' }),
          installFile(`${etc}/n/m`, 'new'),
          installFile(`${folder}/ro/c`, 'new'),
        ];
        const put = far.install(plainCall, { receipt: receiptId, allow: [folder], files });
        t.like(await t.throwsAsync(put), { code: 'INSTALL_FAILED' });
        t.deepEqual(await treeOf(etc), before);
      } finally {
        await run(['umount', '-l', `${folder}/ro`]);
      }
    }));

  test(`another name of the same file keeps the old bytes (${shell})`, (t) =>
    withFar(shell, async ({ far, folder }) => {
      await writeFile(`${folder}/a`, 'old');
      await link(`${folder}/a`, `${folder}/other`);
      const files = [installFile(`${folder}/a`, 'new', { wasText: 'old' })];
      await far.install(plainCall, { receipt: receiptId, allow: [folder], files });
      t.is(await readFile(`${folder}/other`, 'utf8'), 'old');
    }));
}
