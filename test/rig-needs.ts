// A test whose need is absent is skipped aloud, or fails where that need is required: never passed over in silence.
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { isRequired, needWords, unmetNeeds } from './helpers/needs.js';
import { run } from './rig/command.js';
import { needsOf, type Ran, rigKinds } from './rig/rig.js';

test('a need that no probe knows is a mistake, not a skip', (t) => {
  t.throws(() => unmetNeeds(['dokcer']), { message: /unknown need "dokcer"/ });
});

test('every need of every kind of machine is known', (t) => {
  for (const need of needsOf(...rigKinds)) t.true(needWords.includes(need), need);
});

test('require takes all, single words, and chroot for every chroot', (t) => {
  t.true(isRequired(['tcsh'], 'all'));
  t.true(isRequired(['sshd'], 'docker, sshd'));
  t.true(isRequired(['chroot:forky'], 'docker,chroot'));
  t.false(isRequired(['tcsh'], 'docker,sshd'));
  t.false(isRequired(['docker'], ''));
});

test('what is absent is skipped with its reason in the title', async (t) => {
  const ran = await runWithoutPrograms({});
  t.is(ran.exitCode, 0, ran.stdout);
  t.regex(ran.stdout, /it flies \(skipped: no tcsh, no fish\)/);
  t.regex(ran.stdout, /2 tests skipped/);
  t.notRegex(ran.stdout, /a hook ran|a body ran/);
});

test('what is absent but required fails with its reason', async (t) => {
  const ran = await runWithoutPrograms({ AIRGAP_TEST_REQUIRE: 'fish' });
  t.is(ran.exitCode, 1, ran.stdout);
  t.regex(ran.stdout, /required by AIRGAP_TEST_REQUIRE, but absent: no tcsh, no fish/);
  t.regex(ran.stdout, /2 tests failed/);
  t.notRegex(ran.stdout, /a hook ran|a body ran/);
});

/** Runs ava, in a project of its own, on tests that need tcsh and fish, with a PATH that has neither. */
async function runWithoutPrograms(env: Readonly<Record<string, string>>): Promise<Ran> {
  const project = fileURLToPath(new URL('..', import.meta.url));
  const folder = await mkdtemp(join(tmpdir(), 'airgap-needs-'));
  try {
    const ava = {
      extensions: ['ts'],
      files: ['flying.ts'],
      nodeArguments: ['--import=tsx'],
      workerThreads: false,
      // ava's ten seconds are not enough on a busy machine
      timeout: '4m',
    };
    await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module', ava }));
    await symlink(join(project, 'node_modules'), join(folder, 'node_modules'));
    await writeFile(join(folder, 'flying.ts'), flying(join(project, 'test/helpers/needs.ts')));
    const cli = join(project, 'node_modules/ava/entrypoints/cli.js');
    const settings = { PATH: join(folder, 'no-programs'), NO_COLOR: '1', ...env };
    const pairs = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
    // -i: the outer ava's own variables must not reach the inner one
    const argv = ['/usr/bin/env', '-i', ...pairs, process.execPath, cli];
    const ran = await run(argv, { cwd: folder, mayFail: true });
    return { ...ran, stdout: ran.stdout + ran.stderr };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function flying(needs: string): string {
  return `import { needing } from ${JSON.stringify(needs)};
const test = needing('tcsh', 'fish');
test.before('starts', (t) => { t.log('a hook ran'); });
test.after.always('stops', (t) => { t.log('a hook ran'); });
test('it flies', (t) => { t.log('a body ran'); t.pass(); });
test.serial('it lands', (t) => { t.log('a body ran'); t.pass(); });
`;
}
