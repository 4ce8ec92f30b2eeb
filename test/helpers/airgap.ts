// Runs the built program as a user would, in folders of its own, and reads its events.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import type { AirgapEvent } from '../../src/events.js';
import type { Plan } from '../../src/plan/plan.js';
import type { Receipt } from '../../src/receipt/receipt.js';

const root = path.resolve(import.meta.dirname, '../..');

/** One near side: home, spool, receipts of its own. */
export interface Near {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  /** Runs to the end. */
  run(args: readonly string[], options?: RunOptions): Promise<Outcome>;
  /** Starts and leaves running; `outcome` settles at its end. */
  start(
    args: readonly string[],
    options?: RunOptions,
  ): { readonly child: ChildProcess; readonly outcome: Promise<Outcome> };
  /** Removes everything. */
  remove(): Promise<void>;
}

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  /** Called for each event of a --json run as it comes. */
  readonly onEvent?: (event: AirgapEvent) => void;
}

export interface Outcome {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Parsed lines of stdout of a --json run. */
  readonly events: readonly AirgapEvent[];
  readonly plans: readonly Plan[];
  readonly receipts: readonly Receipt[];
  /** Of run.failed or, with several hosts, of the first host.failed. */
  readonly errorCode: string | undefined;
}

/** Makes one. `env` is added: DOCKER_HOST of the near engine. */
export async function createNear(env: NodeJS.ProcessEnv = {}): Promise<Near> {
  const folder = await mkdtemp(path.join(tmpdir(), 'airgap-near-'));
  const all: NodeJS.ProcessEnv = {
    PATH: process.env.PATH,
    HOME: folder,
    XDG_CACHE_HOME: path.join(folder, 'cache'),
    XDG_STATE_HOME: path.join(folder, 'state'),
    // Without one, podman's logins are looked for in this machine's own /run.
    XDG_RUNTIME_DIR: path.join(folder, 'run'),
    NO_COLOR: '1',
    ...env,
  };
  await mkdir(path.join(folder, 'run'), { mode: 0o700 });
  const start: Near['start'] = (args, options = {}) => {
    const child = spawn(path.join(root, 'bin/airgap'), [...args], {
      env: { ...all, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
    const events: AirgapEvent[] = [];
    let stdout = '';
    let stderr = '';
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (!args.includes('--json')) return;
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const event = JSON.parse(line) as AirgapEvent;
        events.push(event);
        options.onEvent?.(event);
      }
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const outcome = new Promise<Outcome>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (exitCode) => resolve(summarise({ exitCode, stdout, stderr, events })));
    });
    return { child, outcome };
  };
  return {
    folder,
    env: all,
    start,
    run: (args, options) => start(args, options).outcome,
    // A program that was only just ended may have written its last file meanwhile.
    remove: () => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }),
  };
}

/** Fails the test with what the program said, if it did not end well. */
export function expectOk(t: ExecutionContext, outcome: Outcome): void {
  t.is(outcome.exitCode, 0, `${outcome.stderr}\n${outcome.stdout.slice(-2000)}`);
}

function summarise(raw: Pick<Outcome, 'exitCode' | 'stdout' | 'stderr' | 'events'>): Outcome {
  const last = raw.events.at(-1);
  const failed = raw.events.find((event) => event.type === 'host.failed');
  return {
    ...raw,
    plans: raw.events.flatMap((event) => (event.type === 'plan' ? [event.plan] : [])),
    receipts: last?.type === 'run.finished' || last?.type === 'run.failed' ? last.receipts : [],
    errorCode:
      last?.type === 'run.failed'
        ? last.error.code
        : failed?.type === 'host.failed'
          ? failed.error.code
          : undefined,
  };
}
