import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { farProgram } from '../../src/far/program.js';
import { digestOf, hexOf } from '../../src/oci/digest.js';
import { root } from '../helpers/command-line.js';
import { client, otherShells, shells } from '../helpers/far-box.js';
import { needing } from '../helpers/needs.js';
import { run } from '../rig/command.js';

const { serial: test } = needing('root', 'linux');

/** The functions that import.sh shares with far.sh, and those of its own beside them. */
async function withBundle(
  use: (box: {
    folder: string;
    install: (shell: keyof typeof shells, files: readonly BundleFile[], before?: string) => Promise<Said>;
  }) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'airgap-bundle-'));
  try {
    await mkdir(path.join(folder, 'bundle/files'), { recursive: true });
    const program = farProgram('docker')
      .text.toString()
      .replace(/main "\$@"\nexit\n$/, '');
    const part = await readFile(path.join(root, 'src/far/import/79-files-bundle.sh'), 'utf8');
    await use({
      folder,
      install: async (shell, files, before = '') => {
        const lines: string[] = ['bundle 1'];
        for (const [at, { kind, mode = '0644', content, to }] of files.entries()) {
          const name = `files/00${at + 1}-x`;
          await writeFile(path.join(folder, 'bundle', name), content);
          const digest = hexOf(digestOf(content));
          lines.push(`file ${kind} ${mode} ${Buffer.byteLength(content)} ${digest} ${name} ${to}`);
        }
        await writeFile(path.join(folder, 'bundle/lines'), `${lines.join('\n')}\nend\n`);
        const driver = [
          `command=install stage=${folder}/stage client=${client}`,
          'enter_stage',
          before,
          `allow_folder ${folder}`,
          `plan_bundle_files ${folder}/bundle/lines ${folder}/bundle`,
          'files_extra=""',
          `install_files "$work/plan" "$work/payload" ${Date.now()}-id`,
        ];
        await writeFile(path.join(folder, 'program.sh'), `${program}${part}${driver.join('\n')}\n`);
        const ran = await run([...shells[shell], path.join(folder, 'program.sh')], { mayFail: true });
        return { stdout: ran.stdout, exitCode: ran.exitCode };
      },
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface BundleFile {
  readonly kind: string;
  readonly mode?: string;
  readonly content: string;
  readonly to: string;
}

type Said = { readonly stdout: string; readonly exitCode: number };

for (const shell of otherShells) {
  test(`files of a bundle are shown, then put in place without a near side (${shell})`, (t) =>
    withBundle(async ({ folder, install }) => {
      await mkdir(path.join(folder, 'etc'));
      await writeFile(path.join(folder, 'etc/a'), 'one\ntwo\n');
      const files = [
        { kind: 'file', content: 'one\n2\n', to: `${folder}/etc/a` },
        { kind: 'compose', mode: '0600', content: 'x', to: `${folder}/etc/deep/b` },
      ];
      const { stdout, exitCode } = await install(shell, files);
      t.is(exitCode, 0, stdout);
      t.true(
        stdout.startsWith(`change 0644 ${folder}/etc/a\n  @@ -1,2 +1,2 @@\n   one\n  -two\n  +2\nnew 0600`),
        stdout,
      );
      t.is(await readFile(path.join(folder, 'etc/a'), 'utf8'), 'one\n2\n');
      t.is(await readFile(path.join(folder, 'etc/deep/b'), 'utf8'), 'x');
      t.true((await install(shell, files)).stdout.startsWith(`same 0644 ${folder}/etc/a\n`));
    }));

  test(`a repo file of a bundle goes where this system reads it, or is refused (${shell})`, (t) =>
    withBundle(async ({ folder, install }) => {
      const files = [{ kind: 'repo', content: '[a]\nbaseurl=x\n', to: '/etc/yum.repos.d/airgap-test.repo' }];
      const as = (id: string) =>
        `os_word() { [ "$1" != ID ] || printf '%s' ${id}; }; install_files() { cat "$1"; }`;
      const { stdout } = await install(shell, files, as('debian'));
      t.is(stdout, 'error FILE_FAMILY /etc/yum.repos.d/airgap-test.repo debian\n');
      t.regex((await install(shell, files, as('suse'))).stdout, /\/etc\/zypp\/repos\.d\/airgap-test\.repo/);
      t.regex(
        (await install(shell, files, as('rhel'))).stdout,
        /new 0644 \/etc\/yum\.repos\.d\/airgap-test\.repo/,
      );
      t.truthy(folder);
    }));

  for (const tool of ['python3', 'jq', 'none']) {
    test(`daemon.json of a bundle is merged by ${tool}, or refused (${shell})`, (t) =>
      withBundle(async ({ folder, install }) => {
        await writeFile(path.join(folder, 'daemon.json'), '{"debug": true, "labels": ["a"], "x": {"y": 1}}');
        const files = [
          { kind: 'daemon', content: '{"labels": ["a", "b"], "x": {"z": 2}}', to: `${folder}/daemon.json` },
        ];
        const only = `has() { case $1 in python3 | jq) [ "$1" = ${tool} ] && command -v "$1" >/dev/null ;; dockerd) return 1 ;; *) command -v "$1" >/dev/null 2>&1 ;; esac; }`;
        const { stdout, exitCode } = await install(shell, files, only);
        const text = await readFile(path.join(folder, 'daemon.json'), 'utf8');
        if (exitCode !== 0) {
          // No such program here, which is what "none" stands for.
          t.regex(stdout, /^error FILE_INVALID .* by hand/m);
          t.is(text, '{"debug": true, "labels": ["a"], "x": {"y": 1}}');
          return;
        }
        t.deepEqual(JSON.parse(text), { debug: true, labels: ['a', 'b'], x: { y: 1, z: 2 } });
        t.regex((await install(shell, files, only)).stdout, /^same /m);
      }));
  }
}
