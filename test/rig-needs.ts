// A test whose need is absent is skipped aloud, or fails where that need is required: never passed over in silence.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { isRequired, needWords, unmetNeeds } from './helpers/needs.js';
import { run } from './rig/command.js';
import { needsOf, rigKinds } from './rig/rig.js';

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

/** Runs ava on a file whose tests need tcsh and fish, in a process whose PATH has neither. */
async function runWithoutPrograms(env: Record<string, string>) {
  const project = fileURLToPath(new URL('..', import.meta.url));
  const folder = await mkdtemp(join(project, 'test/helpers/needs-self-'));
  try {
    const file = join(folder, 'flying.ts');
    await writeFile(
      file,
      `import { needing } from '../needs.js';
const test = needing('tcsh', 'fish');
test.before('h', () => { console.log('a hook ran'); });
test.after.always('h', () => { console.log('a hook ran'); });
test('it flies', (t) => { console.log('a body ran'); t.pass(); });
test.serial('it lands', (t) => { console.log('a body ran'); t.pass(); });
`,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
