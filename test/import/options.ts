// What import.sh is asked for: said before any byte is hashed where it cannot be, and nothing of the person's is taken away.
import { chmod, mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import ava from 'ava';
import { shellNames } from '../helpers/far-box.js';
import { testImages } from '../helpers/images.js';
import { makeBundle } from '../helpers/import-bundles.js';
import { withImport } from '../helpers/local-import.js';

const test = ava.serial;
const images = testImages('options');

for (const shell of shellNames) {
  test(`what cannot be is said before the bundle is hashed (${shell})`, (t) =>
    withImport(async ({ folder, run }) => {
      const [site = ''] = (await makeBundle({ folder: path.join(folder, 'a'), images })).volumes;
      const script = path.join(site, 'import.sh');
      const asked: readonly (readonly [readonly string[], number, RegExp])[] = [
        [['--engine', 'crio'], 40, /cannot be used: crio \[FAR_ENGINE_UNSUPPORTED\]/],
        [['--require-signature'], 2, /--require-signature needs --allowed-signers FILE.* \[USAGE\]/],
        [['--allowed-signers', '/nowhere'], 2, /\/nowhere cannot be read \[USAGE\]/],
        [['--files-only', '--images-only'], 2, /--files-only and --images-only .* \[USAGE\]/],
        [['--files-only'], 2, /There is nothing in site that was asked for \[USAGE\]/],
        [['--rollback', '../x'], 2, /--rollback takes one word: \.\.\/x/],
        [['--stage', ''], 2, /--stage needs a word/],
        [['--stage', '/'], 44, /cannot write its stage \/: it must be a folder below \/ \[STAGE_DENIED\]/],
        [['--stage', '///'], 44, /\[STAGE_DENIED\]/],
      ];
      for (const [words, exitCode, said] of asked) {
        const answer = await run(script, words, { shell });
        t.is(answer.exitCode, exitCode, answer.stderr);
        t.regex(answer.stderr, said);
        t.notRegex(answer.stderr, /Checking/);
      }
      const unknown = await run(script, ['--only', 'no/such:1'], { shell });
      t.is(unknown.exitCode, 10, unknown.stderr);
      t.regex(unknown.stderr, /^hint: It has [^ ,]+(, [^ ,]+)+$/m);
      t.notRegex(unknown.stderr, /Checking/);
      const chinese = { AIRGAP_LANG: 'zh' };
      const both = await run(script, ['--files-only', '--images-only'], { shell, env: chinese });
      t.regex(both.stderr, /--files-only 和 --images-only/);
      const listed = await run(script, ['--only', 'no/such:1'], { shell, env: chinese });
      t.regex(listed.stderr, /^提示：里面有 [^、 ]+(、[^、 ]+)+$/m);
    }));
}

test('what was asked for and is there is not believed before the seal', (t) =>
  withImport(async ({ folder, run }) => {
    const [site = ''] = (await makeBundle({ folder: path.join(folder, 'a'), images })).volumes;
    const [blob = ''] = await readdir(path.join(site, 'blobs/sha256'));
    await truncate(path.join(site, 'blobs/sha256', blob), 3);
    const said = await run(path.join(site, 'import.sh'), ['--only', 'plant/bus-info:v1', '--images-only']);
    t.like(said, { exitCode: 21, code: 'BUNDLE_DAMAGED' });
  }));

test('an empty stage that was there before is there afterwards, one that was not is gone', (t) =>
  withImport(async ({ folder, run }) => {
    const [site = ''] = (await makeBundle({ folder: path.join(folder, 'a'), images })).volumes;
    const [mine, other] = [path.join(folder, 'mine'), path.join(folder, 'other')];
    await mkdir(mine, { mode: 0o700 });
    for (const stage of [mine, `${mine}/`, other]) {
      const said = await run(path.join(site, 'import.sh'), ['--list', '--stage', stage]);
      t.is(said.exitCode, 0, said.stderr);
    }
    t.deepEqual(await readdir(mine), []);
    await t.throwsAsync(stat(other), { code: 'ENOENT' });
  }));

test('a bundle has as many sealed files as airgap verify tells', (t) =>
  withImport(async ({ folder, run }) => {
    const { volumes, manifest } = await makeBundle({ folder: path.join(folder, 'a'), images });
    const said = await run(path.join(volumes[0] ?? '', 'import.sh'), ['--verify']);
    const count = manifest.contents.length;
    t.regex(said.stderr, new RegExp(`^Checking ${count} files …\nSealed: ${count} files,`));
  }));

test('asked-twice: the only engine that could be meant is asked once before it is told that it does not answer', (t) =>
  withImport(async ({ folder, run }) => {
    const [site = ''] = (await makeBundle({ folder: path.join(folder, 'a'), images })).volumes;
    const [programs, asked] = [path.join(folder, 'programs'), path.join(folder, 'asked')];
    await mkdir(programs);
    const put = async (name: string, lines: string): Promise<void> => {
      await writeFile(path.join(programs, name), `#!/bin/sh\n${lines}\n`);
      await chmod(path.join(programs, name), 0o755);
    };
    await put('docker', 'echo "docker: not found" >&2; exit 127');
    await put(
      'podman',
      `echo "$1" >>'${asked}'; [ "$1" = --version ] && echo podman version 5.0.0 && exit; echo Cannot connect >&2; exit 125`,
    );
    // A containerd of this machine is docker's, then, and no other guess.
    await put('dockerd', 'exit 1');
    const env = { PATH: `${programs}:${process.env.PATH}` };
    const said = await run(path.join(site, 'import.sh'), ['--dry-run'], { env });
    t.is(said.code, 'FAR_ENGINE_DOWN', said.stderr);
    t.regex(said.stderr, /Cannot connect/);
    t.deepEqual((await readFile(asked, 'utf8')).trim().split('\n'), ['--version', 'info']);
  }));
