// What stands in the way of an export is said before anything is planned, in words.
import { execFile } from 'node:child_process';
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { checkDrive, choosePlace } from '../../src/bundle/place.js';
import { isAirgapError } from '../../src/errors.js';
import { needing } from '../helpers/needs.js';
import { withTempDir } from '../helpers/tmp.js';

const run = promisify(execFile);

async function refusal(destination: string): Promise<string | undefined> {
  try {
    await checkDrive(choosePlace({ destination, name: 'site', isSplit: false }));
    return undefined;
  } catch (error) {
    if (isAirgapError(error, 'DRIVE_FAILED')) return `${error.facts.path}: ${error.facts.detail}`;
    throw error;
  }
}

test('a file, a path below a file, a dead link and a drive that is not there are refused in words', (t) =>
  withTempDir(async (home) => {
    const file = join(home, 'f.txt');
    await writeFile(file, '');
    await symlink(join(home, 'nowhere'), join(home, 'dead'));
    const words = 'a file stands there, and a folder is needed';
    t.is(await refusal(file), `${file}: ${words}`);
    t.is(await refusal(join(file, 'b')), `${file}: ${words}`);
    t.is(await refusal(join(file, 'b/c')), `${file}: ${words}`);
    t.is(await refusal(join(home, 'dead')), `${home}/dead: it is a symbolic link that leads nowhere`);
    t.is(await refusal(join(home, 'a/b')), `${home}/a/b: the folder above it is not there`);
    t.is(await refusal(join(home, 'new')), undefined);
    t.is(await refusal(join(home, 'new.tar')), undefined);
  }));

test('what stands in place of the bundle itself is refused, too', (t) =>
  withTempDir(async (home) => {
    await writeFile(join(home, 'site'), '');
    t.regex((await refusal(home)) ?? '', /site: a file stands there/);
  }));

needing('root', 'linux')(
  'a drive that is mounted read-only is refused in words, and nothing is made on it',
  (t) =>
    withTempDir(async (home) => {
      const drive = join(home, 'usb');
      await mkdir(drive);
      await run('mount', ['-t', 'tmpfs', '-o', 'ro,size=1m', 'tmpfs', drive]);
      try {
        t.is(await refusal(drive), `${drive}: it is read-only`);
        t.is(await refusal(join(drive, 'new')), `${drive}: it is read-only`);
        t.is(await refusal(join(drive, 'new.tar')), `${drive}: it is read-only`);
        t.deepEqual(await readdir(drive), []);
      } finally {
        await run('umount', [drive]);
      }
    }),
);
