// What only a whole process can show: signals, exit codes, pipes. One after the other: each starts Node and tsx anew.
import { spawn } from 'node:child_process';
import test from 'ava';
import { root, spawnAirgap } from '../helpers/command-line.js';

const lastLine = (text: string): unknown => JSON.parse(text.trim().split('\n').at(-1) ?? '');

test.serial('the version is printed alone', async (t) => {
  const { stdout, exitCode } = await spawnAirgap(['--version'], { entry: 'main' });
  t.regex(stdout, /^airgap \d+\.\d+\.\d+\n$/);
  t.is(exitCode, 0);
});

test.serial('a usage error ends the process with two', async (t) => {
  const { stdout, stderr, exitCode } = await spawnAirgap(['sned'], { entry: 'main' });
  t.is(exitCode, 2);
  t.is(stdout, '');
  t.regex(stderr, /^error: .* \[USAGE\]\nhint: .*\n$/);
});

const stops = test.macro({
  async exec(t, signal: NodeJS.Signals, exitCode: number) {
    let sent = false;
    const ended = await spawnAirgap(['send', 'web1', 'app'], {
      scene: 'hangs',
      onStderr: (text, kill) => {
        if (sent || !text.includes('sending')) return;
        sent = true;
        kill(signal);
      },
    });
    t.is(ended.exitCode, exitCode);
    t.regex(ended.stderr, /Stopping cleanly/);
    t.regex(ended.stderr, /error: Stopped \[CANCELLED\]\nhint: Run the same command to resume/);
  },
  title: (_, signal, exitCode) => `${signal} stops cleanly and exits with ${exitCode}`,
});
test.serial(stops, 'SIGINT', 130);
test.serial(stops, 'SIGTERM', 143);
test.serial(stops, 'SIGHUP', 129);

test.serial('a second signal leaves at once', async (t) => {
  let count = 0;
  const ended = await spawnAirgap(['send', 'web1', 'app'], {
    scene: 'hangs',
    onStderr: (text, kill) => {
      if (count === 0 && text.includes('sending')) {
        count = 1;
        kill('SIGINT');
      } else if (count === 1 && text.includes('Stopping')) {
        count = 2;
        kill('SIGINT');
      }
    },
  });
  t.is(ended.exitCode, 130);
  t.notRegex(ended.stderr, /CANCELLED/);
});

test.serial('one hang-up, told by kernel and shell, stops cleanly', async (t) => {
  let count = 0;
  const ended = await spawnAirgap(['send', 'web1', 'app'], {
    scene: 'hangs',
    onStderr: (text, kill) => {
      if (count === 0 && text.includes('sending')) {
        count = 1;
        kill('SIGHUP');
      } else if (count === 1 && text.includes('Stopping')) {
        count = 2;
        kill('SIGHUP');
      }
    },
  });
  t.is(ended.exitCode, 129);
  t.regex(ended.stderr, /CANCELLED/);
});

test.serial('a cancelled run ends its JSON with CANCELLED', async (t) => {
  const child = spawn(
    process.execPath,
    ['--import=./test/helpers/typescript.mjs', 'test/helpers/fake-main.ts', 'send', 'web1', 'app', '--json'],
    {
      cwd: root,
      env: { ...process.env, FAKE_SCENE: 'hangs' },
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  let stdout = '';
  for await (const chunk of child.stdout) {
    stdout += chunk;
    if (!child.killed && stdout.includes('host.progress')) child.kill('SIGINT');
  }
  t.like(lastLine(stdout), { type: 'run.failed', error: { code: 'CANCELLED', exitCode: 130 } });
});

test.serial('a reader that goes away ends it quietly', async (t) => {
  const child = spawn(
    '/bin/sh',
    [
      '-c',
      '{ "$0" --import=./test/helpers/typescript.mjs test/helpers/fake-main.ts send web1 app --json; echo "code $?" >&2; } | head -n 1',
      process.execPath,
    ],
    { cwd: root, env: { ...process.env, FAKE_SCENE: 'many-lines' }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  await new Promise((resolve) => child.on('close', resolve));
  t.is(stderr, 'code 141\n');
});

test.serial('long output into a pipe arrives whole', async (t) => {
  const { stdout } = await spawnAirgap(['send', 'web1', 'app', '--json'], { scene: 'many-lines' });
  t.is(stdout.split('\n').filter((line) => line.includes('"note"')).length, 20_000);
});
