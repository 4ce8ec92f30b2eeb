// Runs the command line with the test double as its core, in this process or in one of its own, and tells what came of it.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCli } from '../../src/cli/cli.js';
import { createFakeCore, type Scene } from './fake-core.js';
import { record } from './outputs.js';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

interface CommandOptions {
  readonly scene?: Scene;
  /** `main`: the real entry, whose core is never opened by the commands tested this way. */
  readonly entry?: 'fake' | 'main';
  readonly env?: Readonly<Record<string, string>>;
  /** Called with stderr so far; what it does to the process is the test. */
  readonly onStderr?: (text: string, kill: (signal: NodeJS.Signals) => void) => void;
}

const entries = { fake: 'test/helpers/fake-main.ts', main: 'src/main.ts' };

/** Runs `airgap …args` in this process, without a terminal: for all that needs no process of its own. */
export async function airgap(
  args: readonly string[],
  options: { readonly scene?: Scene; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<{ readonly stdout: string; readonly stderr: string; readonly exitCode: number }> {
  const { scene = 'works', env = { NO_COLOR: '1' } } = options;
  const [stdout, stderr] = [record({ env }), record({ env })];
  const exitCode = await runCli(args, {
    env,
    stdin: process.stdin,
    stdout: stdout.output,
    stderr: stderr.output,
    stderrIsTty: false,
    stop: { onStop: () => () => undefined, request: () => undefined, received: undefined },
    atExit: new Set(),
    openCore: async () => createFakeCore(scene),
  });
  return { stdout: stdout.text(), stderr: stderr.text(), exitCode };
}

/** Runs `airgap …args` in a process of its own to its end, without a terminal. */
export function spawnAirgap(args: readonly string[], options: CommandOptions = {}): Promise<Ended> {
  const { scene = 'works', entry = 'fake' } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      ['--import=./test/helpers/typescript.mjs', entries[entry], ...args],
      {
        cwd: root,
        env: { ...process.env, FAKE_SCENE: scene, ...options.env },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
      options.onStderr?.(stderr, (signal) => child.kill(signal));
    });
    child.on('error', reject);
    child.on('close', (exitCode, signal) => resolve({ stdout, stderr, exitCode, signal }));
  });
}
