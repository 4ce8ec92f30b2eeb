// `npm run bench`: checks what it needs, makes the corpus' trees, then runs inside.ts in namespaces of its own, so that no
// traffic leaves them, no port is taken, and nothing that was started outlives the bench.
import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ask } from './command.js';
import { prepareContexts } from './corpus.js';
import { parseOptions, usage } from './options.js';

const programs = [
  'docker',
  'dockerd',
  'ssh',
  'ssh-keygen',
  'ssh-keyscan',
  'zstd',
  'gzip',
  'tar',
  'unshare',
  'flock',
  'ip',
];

async function main(): Promise<number> {
  const argv = process.argv.slice(2);
  if (argv.includes('--help')) {
    console.log(usage);
    return 0;
  }
  const { directory } = parseOptions(argv, process.env);
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    console.error('bench: wants root on Linux: it starts dockerd and sshd in namespaces of their own');
    return 2;
  }
  const missing: string[] = [];
  for (const program of programs) {
    if ((await ask('sh', ['-c', `command -v ${program}`])) === undefined) missing.push(program);
  }
  if (missing.length > 0) {
    console.error(`bench: not installed: ${missing.join(', ')}`);
    return 2;
  }
  await mkdir(directory, { recursive: true });
  // the only part that may use the network
  await prepareContexts(directory);
  return await runInside(directory, argv);
}

function runInside(directory: string, argv: readonly string[]): Promise<number> {
  const inside = join(import.meta.dirname, 'inside.ts');
  // a shell as the first process of the namespace takes leave of orphans, which node would not do
  const node = ['sh', '-c', '"$@"; exit $?', 'sh', process.execPath, '--import=tsx', inside, ...argv];
  const namespaces = ['unshare', '--net', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const lock = ['--no-fork', '--nonblock', '--conflict-exit-code', '75', join(directory, 'lock')];
  const child = spawn('flock', [...lock, ...namespaces, ...node], { stdio: 'inherit' });
  // a terminal sends SIGINT to the whole group: inside.ts stops what it started, and its end is ours
  process.on('SIGINT', () => undefined);
  // the first process of the namespace dies with unshare, and everything in it with that one
  process.on('SIGTERM', () => child.kill('SIGKILL'));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 75) console.error(`bench: another one is running in ${directory}`);
      resolve(code ?? 1);
    });
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  process.exitCode = 2;
}
