import test from 'ava';
import { airgap } from '../helpers/command-line.js';

const lines = (text: string): Record<string, unknown>[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

test('no arguments without a terminal show the help', async (t) => {
  const { stdout, exitCode } = await airgap([]);
  t.is(exitCode, 0);
  for (const command of [
    'send',
    'plan',
    'images',
    'inspect',
    'doctor',
    'clean',
    'spool',
    'hosts',
    'receipts',
    'demo',
  ]) {
    t.regex(stdout, new RegExp(`^  ${command} `, 'm'));
  }
});

const helps = test.macro({
  async exec(t, ...args: string[]) {
    const { stdout, stderr, exitCode } = await airgap([...args, '--help']);
    t.is(exitCode, 0);
    t.is(stderr, '');
    t.regex(stdout, new RegExp(`^Usage: airgap ${args.join(' ')}`));
    t.regex(stdout, /\nExamples:\n {2}airgap /);
  },
  title: (_, ...args) => `help of ${args.join(' ')} has examples`,
});
for (const command of [
  'send',
  'plan',
  'images',
  'inspect',
  'doctor',
  'clean',
  'spool',
  'hosts',
  'receipts',
  'demo',
  'completion',
]) {
  test(helps, command);
}
test(helps, 'spool', 'prune');
test(helps, 'receipts', 'show');
test(helps, 'hosts', 'add');
test(helps, 'hosts', 'forget');

const refuses = test.macro({
  async exec(t, args: readonly string[], want: RegExp) {
    const { stdout, stderr, exitCode } = await airgap(args);
    t.is(exitCode, 2);
    t.is(stdout, '');
    t.regex(stderr, want);
    t.regex(stderr, /^error: .* \[[A-Z_]+\]\nhint: .*\n$/);
  },
  title: (_, args: readonly string[]) => `refused with exit code two: airgap ${args.join(' ')}`,
});
test(refuses, ['sned', 'web1', 'app'], /no command sned; did you mean send\?/);
test(refuses, ['frobnicate'], /no command frobnicate \[/);
test(refuses, ['send', 'web1', 'app', '--dryrun'], /no option --dryrun; did you mean --dry-run\?/);
test(refuses, ['send'], /airgap send needs HOST/);
test(refuses, ['send', 'web1'], /airgap send needs IMAGE.*\nhint: .*airgap send --help/);
test(refuses, ['send', 'web1', 'app', '--limit'], /--limit <RATE> needs a value/);
test(refuses, ['send', 'web1', 'app', '--limit', 'fast'], /"fast" is not a rate \[RATE_INVALID\]/);
test(refuses, ['send', 'web1', 'app', '--platform', 'a/b/c/d'], /PLATFORM_INVALID/);
test(refuses, ['send', 'web1', 'app', '--channels', '99'], /--channels cannot be "99"/);
test(refuses, ['send', 'web1', 'app', '-p', '70000'], /-p cannot be "70000"/);
test(refuses, ['send', 'web1', 'app', '--ssh', 'putty'], /--ssh cannot be "putty"/);
test(refuses, ['send', 'web1', 'a', 'b', '--as', 'c'], /only one image/);
test(refuses, ['send', 'web1', 'app', '--compress', 'lzma'], /--compress cannot be "lzma"/);
test(refuses, ['send', 'web1', 'app', '-o', 'Foo'], /-o cannot be "Foo"; it is KEY=VALUE/);
test(refuses, ['send', 'web1', 'app', '--platform', 'foo'], /"foo" is not a platform \[PLATFORM_INVALID\]/);
test(
  refuses,
  ['send', 'web1', 'app', '--as', 'UPPER'],
  /"UPPER" is not an image name.*\[REFERENCE_INVALID\]/,
);
test(
  refuses,
  ['mirror-config'],
  /airgap mirror-config needs REGISTRY.*\nhint: .*airgap mirror-config --help/,
);
test(refuses, ['spool', 'prnue'], /no command spool prnue; did you mean spool prune\?/);
test(refuses, ['receipts', 'sho', '1'], /no command receipts sho; did you mean receipts show\?/);
test(refuses, ['receipts', '17'], /no command receipts 17 \[/);
test(refuses, ['hosts', 'web1'], /no command hosts web1 \[/);
test(refuses, ['hosts', 'forgte', 'web1'], /did you mean hosts forget\?/);
test(refuses, ['hosts', 'forget', 'web9'], /web9 was not added/);
test(refuses, ['completion', 'tcsh'], /cannot be "tcsh"/);
test(refuses, ['\u001b[31m'], /no command \\u\{1b\}\[31m/);

test('a usage error in JSON is a run.failed line on stdout', async (t) => {
  const { stdout, stderr, exitCode } = await airgap(['send', 'web1', '--json']);
  t.is(exitCode, 2);
  t.is(stderr, '');
  const [only] = lines(stdout);
  t.like(only, { type: 'run.failed', error: { code: 'USAGE', exitCode: 2 }, receipts: [] });
});

test('results go to stdout, progress to stderr', async (t) => {
  const { stdout, stderr, exitCode } = await airgap(['send', 'web1', 'app']);
  t.is(exitCode, 0);
  t.regex(stdout, /^web1: docker 28\.0\.1 \(overlay2\)\n {2}nginx:1\.27 {2}loaded and proved/);
  t.regex(stderr, /^web1: connecting\nweb1: 2 of 4 layers to send/);
});

test('plan prints the plan and sends nothing', async (t) => {
  const { stdout, exitCode } = await airgap(['plan', 'web1', 'app']);
  t.is(exitCode, 0);
  t.regex(stdout, /^Plan for web1/);
  t.regex(stdout, /Nothing was sent: this is a plan only\n$/);
});

test('a plan that cannot start ends with the exit code of its refusal', async (t) => {
  const { stdout, exitCode } = await airgap(['plan', 'web1', 'app'], { scene: 'refused' });
  t.is(exitCode, 45);
  t.regex(stdout, /Cannot start: .* \[TARGET_FULL\]\nhint: /);
});

test('JSON is the event stream, its first line versioned, its last one carrying the receipts', async (t) => {
  const { stdout, stderr, exitCode } = await airgap(['send', 'web1,web2', 'app', '--json']);
  t.is(exitCode, 0);
  t.is(stderr, '');
  const events = lines(stdout);
  t.like(events[0], { type: 'run.started', version: 1 });
  t.like(events.at(-1), { type: 'run.finished', receipts: [{ host: 'web1' }, { host: 'web2' }] });
  t.is(new Set(events.map((event) => event.runId)).size, 1);
});

test('JSON ends with a last line also when the stream itself did not', async (t) => {
  const { stdout } = await airgap(['send', 'web1', 'app', '--json'], { scene: 'silent' });
  t.like(lines(stdout).at(-1), { type: 'run.finished', receipts: [{ host: 'web1' }] });
});

test('inspect --files shows the biggest files of every layer, or of the one that was asked for', async (t) => {
  const all = await airgap(['inspect', 'app:2', '--files']);
  t.regex(
    all.stdout,
    /^Layer 111111111111: 3 files, 3\.0 MB\n +SIZE {2}PATH\n +900 kB {2}usr\/lib\/big\.so\n\nLayer 2222/,
  );
  const one = await airgap(['inspect', 'app:2', '--files', '2222']);
  t.regex(one.stdout, /^Layer 222222222222/);
  const hostile = await airgap(['inspect', 'app:2', '--files'], { scene: 'hostile' });
  t.regex(hostile.stdout, /a\\u\{1b\}\[2Jb/);
  const json = JSON.parse((await airgap(['inspect', 'app:2', '--files', '--json'])).stdout);
  t.is(json.layers[1].biggest[0].path, 'usr/lib/big.so');
});

test('receipts of hosts that worked are printed when others failed, and the exit code is three', async (t) => {
  const text = await airgap(['send', 'web1,web2', 'app'], { scene: 'one-fails' });
  t.is(text.exitCode, 3);
  t.regex(text.stdout, /^web1: docker/);
  t.regex(text.stderr, /web2: failed: The connection to web2 was lost.*\[SSH_LOST\]/);
  t.regex(text.stderr, /error: 1 of 2 hosts failed \[HOSTS_FAILED\]\nhint: .*\n$/);
  const json = await airgap(['send', 'web1,web2', 'app', '--json'], { scene: 'one-fails' });
  t.is(json.exitCode, 3);
  t.like(lines(json.stdout).at(-1), {
    type: 'run.failed',
    error: { code: 'HOSTS_FAILED' },
    receipts: [{ host: 'web1' }],
  });
});

test('quiet prints nothing when all is well, and errors when not', async (t) => {
  const well = await airgap(['send', 'web1', 'app', '--quiet']);
  t.deepEqual([well.stdout, well.stderr, well.exitCode], ['', '', 0]);
  const ill = await airgap(['send', 'web1,web2', 'app', '--quiet'], { scene: 'one-fails' });
  t.is(ill.stdout, '');
  t.regex(ill.stderr, /^error: 1 of 2 hosts failed/);
});

test('a bug shows its stack and exits with one', async (t) => {
  const { stderr, exitCode } = await airgap(['send', 'web1', 'app'], { scene: 'bug' });
  t.is(exitCode, 1);
  t.regex(stderr, /TypeError: x is not a function\n +at /);
  t.regex(stderr, /This is a bug in airgap\. Please report it/);
  const json = await airgap(['send', 'web1', 'app', '--json'], { scene: 'bug' });
  t.like(lines(json.stdout).at(-1), { type: 'run.failed', error: { code: 'BUG', exitCode: 1 } });
});

test('questions are declined where there is no terminal', async (t) => {
  const { stderr, exitCode } = await airgap(['send', 'web1', 'app'], { scene: 'asks-host-key' });
  t.is(exitCode, 31);
  t.regex(stderr, /answers undefined/);
  t.regex(stderr, /\[HOST_KEY_UNKNOWN\]\nhint: .*--accept-new-host-key/);
});

test('--yes answers clean, and never for the key of a host', async (t) => {
  t.is((await airgap(['clean', 'web1'])).exitCode, 2);
  const cleaned = await airgap(['clean', 'web1', '--yes']);
  t.is(cleaned.stdout, 'removed /home/me/.cache/airgap/abc, 12.0 MB\n');
  t.is((await airgap(['send', 'web1', 'app', '--yes'], { scene: 'asks-host-key' })).exitCode, 31);
});

test('lists have a JSON form with a version', async (t) => {
  for (const [args, key] of [
    [['images'], 'images'],
    [['inspect', 'nginx'], 'image'],
    [['doctor'], 'findings'],
    [['hosts'], 'hosts'],
    [['receipts'], 'receipts'],
    [['receipts', 'show', '1'], 'receipt'],
    [['spool'], 'entries'],
    [['spool', 'prune'], 'freedBytes'],
    [['clean', 'web1', '--yes'], 'removed'],
  ] as const) {
    const { stdout, exitCode } = await airgap([...args, '--json']);
    t.is(exitCode, 0, args.join(' '));
    const [document] = lines(stdout);
    t.is(document?.version, 1, args.join(' '));
    t.true(document !== undefined && key in document, args.join(' '));
  }
});

test('inspect tells what docker inspect users ask for', async (t) => {
  const { stdout } = await airgap(['inspect', 'nginx']);
  for (const want of [
    /^Entrypoint {2}\["\/docker-entrypoint\.sh"\]$/m,
    /^Cmd {9}\["nginx","-g","daemon off;"\]$/m,
    /^User {8}root \(none set\)$/m,
    /^Ports {7}80\/tcp$/m,
    /^ +1 {2}1{12} {2}~98\.0 MB {2}ADD file:abc in \/$/m,
    /also in base:1, other:2/,
  ]) {
    t.regex(stdout, want);
  }
});

test('an unknown image names its near ones', async (t) => {
  const { stderr, exitCode } = await airgap(['inspect', 'missing']);
  t.is(exitCode, 10);
  t.regex(stderr, /hint: Did you mean mission:1\?/);
});

test('doctor exits with three where there is a problem', async (t) => {
  t.is((await airgap(['doctor'])).exitCode, 0);
  const { stdout, exitCode } = await airgap(['doctor', 'broken']);
  t.is(exitCode, 3);
  t.regex(stdout, /^FAIL {2}Engine: /m);
  t.regex(stdout, /→ Start it there: systemctl start docker/);
});

test('escape-codes-in-names: neither stdout nor stderr ever carries them', async (t) => {
  for (const args of [
    ['images'],
    ['images', '--names'],
    ['images', '--json'],
    ['send', 'web1', 'app'],
    ['send', 'web1', 'app', '--json'],
  ]) {
    const { stdout, stderr } = await airgap(args, { scene: 'hostile' });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    t.notRegex(stdout + stderr, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/, args.join(' '));
  }
});

test('NO_COLOR wins over a forced colour, and a forced colour is told apart from live lines', async (t) => {
  const forced = await airgap(['send', 'web1', 'app'], { env: { FORCE_COLOR: '1', NO_COLOR: '' } });
  t.true(forced.stdout.includes('\u001b[1mweb1'));
  t.false(forced.stderr.includes('\u001b[?25l'));
  const plain = await airgap(['send', 'web1', 'app'], { env: { FORCE_COLOR: '1', NO_COLOR: '1' } });
  t.false(plain.stdout.includes('\u001b'));
});

test('a plan takes --yes, as the send it is a rehearsal of, and does not speak of it', async (t) => {
  t.is((await airgap(['plan', 'web1', 'app', '--yes'])).exitCode, 0);
  t.false((await airgap(['plan', '--help'])).stdout.includes('--yes'));
});

test('the help of inspect does not speak of sending', async (t) => {
  t.notRegex((await airgap(['inspect', '--help'])).stdout, /send it/);
});

test('help COMMAND is COMMAND --help', async (t) => {
  t.is((await airgap(['help'])).stdout, (await airgap(['--help'])).stdout);
  t.is((await airgap(['help', 'send'])).stdout, (await airgap(['send', '--help'])).stdout);
  t.is(
    (await airgap(['help', 'spool', 'prune'])).stdout,
    (await airgap(['spool', 'prune', '--help'])).stdout,
  );
  t.regex((await airgap(['help', 'send'])).stdout, /^Usage: airgap send/);
});
