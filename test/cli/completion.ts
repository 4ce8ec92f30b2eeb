import { execFile, spawnSync } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { bashCompletion } from '../../src/cli/completion/bash.js';
import { fishCompletion } from '../../src/cli/completion/fish.js';
import { completionTree } from '../../src/cli/completion/tree.js';
import { zshCompletion } from '../../src/cli/completion/zsh.js';
import { airgap } from '../helpers/command-line.js';

const run = promisify(execFile);
const tree = completionTree();

// Names as a hostile ssh config or registry could hold them: none may be run.
const stub = `#!/bin/sh
case "$1" in
hosts) printf '%s\\n' web1 web2 'db$(touch pwned)' 'x;touch pwned' ;;
images) printf '%s\\n' nginx:1.27 nginx:1.28 registry.lan:5000/app:2 '\`touch pwned\`' ;;
esac
`;

async function withStub(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'airgap-completion-'));
  try {
    await writeFile(path.join(folder, 'airgap'), stub);
    await chmod(path.join(folder, 'airgap'), 0o755);
    await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function hasShell(t: ExecutionContext, shell: string): boolean {
  if (spawnSync(shell, ['-c', 'true']).status === 0) return true;
  if (process.env.AIRGAP_TEST_REQUIRE?.split(',').includes(shell)) t.fail(`${shell} is required`);
  t.log(`skipped: no ${shell} here`);
  t.pass();
  return false;
}

// --norc: bash takes a socket on stdin, as Node gives it, for a remote shell, and reads ~/.bashrc.
/** What bash offers behind this line, in the way its readline calls the function. */
async function bashOffers(line: string): Promise<string[]> {
  let offers: string[] = [];
  await withStub(async (folder) => {
    await writeFile(path.join(folder, 'completion.bash'), bashCompletion(tree));
    const script = `. ./completion.bash; COMP_LINE=$1; COMP_POINT=\${#1}; _airgap; printf '%s\\n' "\${COMPREPLY[@]}"; ls pwned 2>/dev/null; true`;
    const { stdout } = await run('bash', ['--norc', '-c', script, 'bash', line], {
      cwd: folder,
      env: { PATH: `${folder}:${process.env.PATH}` },
    });
    offers = stdout.split('\n').filter(Boolean);
  });
  return offers;
}

const offers = test.macro({
  async exec(t, line: string, want: readonly string[]) {
    if (hasShell(t, 'bash')) t.deepEqual(await bashOffers(line), [...want]);
  },
  title: (_, line: string, want: readonly string[]) =>
    `bash offers ${want.length === 0 ? 'nothing' : 'what fits'} behind: ${line}`,
});
test(offers, 'airgap se', ['send']);
test(offers, 'airgap send we', ['web1', 'web2']);
test(offers, 'airgap send web1,we', ['web1,web2']);
test(offers, 'airgap send web2,web1,', []);
test(offers, 'airgap send db', []);
test(offers, 'airgap send x', []);
test(offers, 'airgap send web1 nginx:', ['1.27', '1.28']);
test(offers, 'airgap send web1 app:2 registry.lan:5000/a', ['5000/app:2']);
test(offers, 'airgap send web1 `', []);
test(offers, 'airgap send -i key -p 22 we', ['web1', 'web2']);
test(offers, 'airgap send web1 app --ssh ', ['ssh2', 'openssh']);
test(offers, 'airgap send web1 app --acc', ['--accept-new-host-key']);
test(offers, 'airgap spool p', ['prune']);
test(offers, 'airgap spool prune --a', ['--all']);
test(offers, 'airgap completion ', ['bash', 'zsh', 'fish']);
test(offers, 'airgap hosts ', ['add', 'forget']);
test(offers, 'airgap hosts forget w', ['web1', 'web2']);

test('the script for bash is valid', async (t) => {
  if (!hasShell(t, 'bash')) return;
  const { status, stderr } = spawnSync('bash', ['--norc', '-n'], {
    input: bashCompletion(tree),
    encoding: 'utf8',
  });
  t.is(stderr, '');
  t.is(status, 0);
});

test('the script for fish is valid and offers hosts, images and commands', async (t) => {
  if (!hasShell(t, 'fish')) return;
  await withStub(async (folder) => {
    const file = path.join(folder, 'airgap.fish');
    await writeFile(file, fishCompletion(tree));
    const env = { PATH: `${folder}:${process.env.PATH}`, HOME: folder, XDG_CONFIG_HOME: folder };
    await run('fish', ['--no-execute', file], { env });
    const complete = async (line: string): Promise<string[]> => {
      const script = `source ${file}; complete -C '${line}'`;
      const { stdout } = await run('fish', ['--no-config', '-c', script], { env, cwd: folder });
      return stdout
        .split('\n')
        .map((one) => one.split('\t')[0] ?? '')
        .filter(Boolean);
    };
    t.deepEqual(await complete('airgap sen'), ['send']);
    t.deepEqual((await complete('airgap send we')).sort(), ['web1', 'web2']);
    t.deepEqual(await complete('airgap send web1,we'), ['web1,web2']);
    t.deepEqual((await complete('airgap send web1 nginx')).sort(), ['nginx:1.27', 'nginx:1.28']);
    t.deepEqual(await complete('airgap send web1 app --acc'), ['--accept-new-host-key']);
    t.deepEqual(await complete('airgap spool pr'), ['prune']);
  });
});

test('the script for zsh knows every command and quotes what it says', async (t) => {
  const script = zshCompletion(tree);
  t.true(script.startsWith('#compdef airgap\n'));
  for (const { path: words } of tree) if (words[0] !== undefined) t.true(script.includes(words[0]), words[0]);
  if (spawnSync('zsh', ['-c', 'true']).status !== 0) {
    t.log('zsh is not here: only the quotes were counted');
    t.is((script.replace(/'\\''/g, '').match(/'/g)?.length ?? 0) % 2, 0);
    return;
  }
  t.is(spawnSync('zsh', ['-n'], { input: script }).status, 0);
});

test('every option and command of the help is in every script', (t) => {
  const scripts = [bashCompletion(tree), fishCompletion(tree), zshCompletion(tree)];
  for (const { path: words, options } of tree) {
    for (const script of scripts) {
      for (const word of words) t.true(script.includes(word), word);
      for (const { long } of options) if (long !== undefined) t.true(script.includes(long.slice(2)), long);
    }
  }
});

test('the command prints the script; hidden lists of names feed it', async (t) => {
  const { stdout, exitCode } = await airgap(['completion', 'bash']);
  t.is(exitCode, 0);
  t.true(stdout.startsWith('# bash completion for airgap'));
  t.is((await airgap(['images', '--names'])).stdout, 'nginx:1.27\napp:2\n');
  t.is((await airgap(['hosts', '--names'])).stdout, 'web1\ndb$(touch pwned)\n');
});
