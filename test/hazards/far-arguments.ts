import { readdir } from 'node:fs/promises';
import ava from 'ava';
import { shellNames, withFar } from '../helpers/far-box.js';

// One after another: each starts dozens of processes.
const test = ava.serial;
const hex = 'a'.repeat(64);

const words: readonly (readonly [string, readonly string[]])[] = [
  ['frame', ['digest=../../x', 'size=1']],
  ['frame', [`digest=${hex}`, 'size=-1']],
  ['frame', [`digest=${hex}`, 'size=1;id']],
  ['frame', [`digest=${hex}`, 'size=08']],
  ['frame', [`digest=${hex}`]],
  ['hold', ['engine=docker', 'image=-rf', 'name=airgap.local/x:1']],
  ['hold', ['engine=docker', 'image=x', 'name=evil.example/x:1']],
  ['hold', ['engine=docker', 'image=x', 'name=airgap.local/$(touch pwned)']],
  ['play', ['engine=docker', 'name=app:1']],
  ['play', ['engine=docker', 'name=airgap.local/x y']],
  ['name', ['engine=docker', 'from=a', 'to=b', 'previous=c']],
  ['unpack', ['engine=docker', 'image=../../etc']],
  ['measure', ['image=sha256:../../etc']],
  ['held', ['engine=docker;id']],
  ['held', ['engine=layout:relative']],
  ['held', ['engine=layout:/a/../../etc']],
  ['held', ['engine=docker', 'sudo=yes']],
  ['verify', ['engine=docker', 'name=x', 'create=2']],
  ['begin', ['PATH=/tmp']],
  ['begin', ['client=zz']],
  ['begin', ['stage=relative']],
  ['eval', []],
  ['main', []],
  ['../begin', []],
];

const lines: readonly (readonly [string, readonly string[], string])[] = [
  ['staged', [], 'layer ../../x\n'],
  ['staged', [], 'layer *\n'],
  ['staged', [], `layer ${hex} more\n`],
  ['forget', [], 'layer ..\n'],
  ['forget', [], 'layer \n'],
  ['forget', [], `layer ${hex.toUpperCase()}\n`],
  ['check', [], 'layer $(touch pwned)\n'],
  ['put', [], `segment ../../x 0 ${hex} 1 0 1\nx`],
  ['put', [], `segment ${hex} 0/../../x ${hex} 1 0 1\nx`],
  ['put', [], `segment ${hex} 0 ${hex} 1 0 2\nxx`],
  ['put', [], `segment ${hex} 0 ${hex} 99999999999999999999 0 1\nx`],
  ['put', [], `segment ${hex} 0 ${hex} 1 0 1 more\nx`],
  ['put', [], `segment ${hex} 0 ${hex} 0x1 0 1\nx`],
  ['put', [], 'rubbish\n'],
  ['unname', ['engine=layout:/nowhere/here'], 'name app:1\n'],
  ['unname', ['engine=layout:/nowhere/here'], 'name airgap.local/a --force\n'],
  ['measure', [`image=sha256:${hex}`], 'path ../../x\n'],
  ['measure', [`image=sha256:${hex}`], 'path /etc/passwd\n'],
];

const recipes = [
  `segment ../../x 0 ${hex} none\n`,
  `segment ${hex} 0 ${hex} xz\n`,
  `segment ${hex} 0 ${hex} none more\n`,
  `splice ${hex} ../../../etc/passwd none\n`,
  `splice ${hex} /etc/passwd none\n`,
  `splice ../x manifest.json none\n`,
  `frame ../../x 0 1\n`,
  `frame ${hex} -1 1\n`,
  `$(touch pwned)\n`,
];

for (const shell of shellNames) {
  test(`words that are not what they should be are refused before anything is done (${shell})`, (t) =>
    withFar(shell, async ({ raw, stage }) => {
      for (const [command, given] of words) {
        const { stdout, exitCode } = await raw(command, given);
        t.regex(stdout, /^error USAGE /, `${command} ${given.join(' ')}`);
        t.is(exitCode, 1);
      }
      t.deepEqual(
        (await readdir(stage)).filter((name) => !name.startsWith('far-')).length <= 1,
        true,
        'nothing beside the client folder',
      );
    }));

  test(`lines that are not what they should be are refused before anything is done (${shell})`, (t) =>
    withFar(shell, async ({ raw, mine }) => {
      for (const [command, given, stdin] of lines) {
        const { stdout, exitCode } = await raw(command, given, stdin);
        t.regex(stdout, /^error USAGE /, `${command} ${stdin}`);
        t.is(exitCode, 1);
      }
      t.deepEqual(await readdir(`${mine}/layers`), []);
    }));

  test(`recipes that reach for other files are refused (${shell})`, (t) =>
    withFar(shell, async ({ raw, folder }) => {
      for (const recipe of recipes) {
        const given = [`engine=layout:${folder}/out`, 'name=airgap.local/loading:x'];
        const { stdout, exitCode } = await raw('play', given, recipe);
        t.regex(stdout, /^loading\nerror USAGE /, recipe);
        t.is(exitCode, 1);
      }
      t.deepEqual(await readdir(`${folder}/out`), []);
    }));
}
