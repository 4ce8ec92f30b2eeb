// What import.sh leaves on a drive that is not trusted: never through a link, and readable for who carries it.
import { lstat, mkdir, readdir, readFile, stat, symlink, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import ava from 'ava';
import { receiptSchema } from '../../src/receipt/receipt-schema.js';
import { otherShells } from '../helpers/far-box.js';
import { makeBundle } from '../helpers/import-bundles.js';
import { type LocalImport, withImport } from '../helpers/local-import.js';

const test = ava.serial;

/** A drive with a bundle of one file, which needs no engine and may be put into the box. */
async function driveWith({ folder }: LocalImport, form: 'folder' | 'tar' = 'folder') {
  const drive = path.join(folder, 'drive');
  const target = path.join(folder, 'host/x.conf');
  const spec = { folder: drive, images: [], files: { [target]: 'carried\n' } };
  const [site = ''] = (await makeBundle(spec)).volumes;
  const [place = ''] = form === 'tar' ? (await makeBundle({ ...spec, form })).volumes : [site];
  return {
    drive,
    place,
    target,
    returns: path.join(drive, 'airgap-returns'),
    script: path.join(site, 'import.sh'),
    words: ['--allow-dir', path.join(folder, 'host')],
  };
}

for (const shell of otherShells) {
  test(`a drive with links in place of its returns makes root overwrite nothing (${shell})`, (t) =>
    withImport(async (box) => {
      const { drive, returns, script, words } = await driveWith(box);
      const precious = path.join(box.folder, 'precious');
      await mkdir(precious);
      const file = path.join(precious, 'shadow');
      await writeFile(file, 'root:x\n');

      // Instead of the folder: into another one, to a file, to nowhere.
      for (const to of [precious, file, path.join(precious, 'new')]) {
        await symlink(to, returns);
        const said = await box.run(script, words, { shell });
        t.is(said.exitCode, 0, said.stderr);
        t.regex(said.stderr, /so the receipt is printed here/);
        receiptSchema.parse(JSON.parse(said.stdout));
        t.deepEqual(await readdir(precious), ['shadow']);
        t.true((await lstat(returns)).isSymbolicLink());
        await unlink(returns);
      }

      // Instead of what is written inside: every process number that the next runs may have, every second of theirs.
      await mkdir(returns);
      const date = path.join(box.folder, 'bin');
      await mkdir(date);
      await writeFile(
        path.join(date, 'date'),
        '#!/bin/sh\ncase "$*" in *%Y%m%dT*) echo 20260101T000000Z ;; *) exec /bin/date "$@" ;; esac\n',
        { mode: 0o755 },
      );
      const env = { PATH: `${date}:${process.env.PATH ?? ''}` };
      const first = await box.run(script, words, { shell, env });
      t.is(first.exitCode, 0, first.stderr);
      const [name = ''] = await readdir(returns);
      const next = (more: string): string => path.join(returns, name.replace('-receipt.json', more));
      await symlink(file, next('.2-receipt.json'));
      await symlink(path.join(precious, 'new'), next('.3-receipt.json'));
      await symlink(precious, next('.4-passport.json'));
      await symlink('/dev/full', next('.5-receipt.json'));
      // The program is told its number by who plants the links: a shell that becomes import.sh keeps it.
      const planted = path.join(box.folder, 'plant.sh');
      await writeFile(
        planted,
        `for kind in receipt passport; do ln -s '${file}' '${returns}/.airgap-'$$"-$kind"; done
        exec ${shell === 'busybox ash' ? 'busybox sh' : shell} '${script}' "$@"\n`,
      );
      const said = await box.run(planted, words, { shell, env });
      t.is(said.exitCode, 0, said.stderr);
      t.regex(said.stderr, /Receipt and passport: /);
      t.is(await readFile(file, 'utf8'), 'root:x\n');
      t.deepEqual(await readdir(precious), ['shadow']);
      // That shell has a date of its own, so it meets no link of that name.
      const receipts = (await readdir(returns)).filter(
        (one) => one.endsWith('-receipt.json') && one !== name,
      );
      const [written = ''] =
        shell === 'busybox ash' ? receipts.filter((one) => !/\.[235]-/.test(one)) : ['.6'];
      const receipt = written === '.6' ? next('.6-receipt.json') : path.join(returns, written);
      receiptSchema.parse(JSON.parse(await readFile(receipt, 'utf8')));
      t.is((await readdir(drive)).length, 2);
    }));
}

test('who carries the drive can read what root has left there', (t) =>
  withImport(async (box) => {
    const { returns, script, words } = await driveWith(box);
    const said = await box.run(script, words);
    t.is(said.exitCode, 0, said.stderr);
    t.is((await stat(returns)).mode & 0o777, 0o755);
    const names = await readdir(returns);
    t.is(names.length, 1);
    for (const name of names) t.is((await stat(path.join(returns, name))).mode & 0o777, 0o644);
  }));

test('the place of the receipt is told without detours, for folders and tars', (t) =>
  withImport(async (box) => {
    const { drive, place, returns, script, words } = await driveWith(box, 'tar');
    for (const named of [
      place,
      path.join(drive, '.', 'site'),
      `${drive}/./site.tar`,
      `${drive}/site/../site/.`,
    ]) {
      const said = await box.run(script, [...words, named]);
      t.is(said.exitCode, 0, said.stderr);
      t.regex(said.stderr, new RegExp(`^Receipt and passport: ${returns}$`, 'm'));
    }
  }));
