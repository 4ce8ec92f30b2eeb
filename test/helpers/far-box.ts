// A far side on this machine: a stage of its own, the program run by the shell that a test names, hostile or honest.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Far } from '../../src/far/facts.js';
import { type FarOptions, openFar } from '../../src/far/far.js';
import { farEngine, farProgram } from '../../src/far/program.js';
import type { Exec, Host } from '../../src/hosts/host.js';
import { createLocalHost } from '../../src/hosts/local.js';
import type { RigMachine } from '../rig/types.js';

/** The shells that far sides have. */
export const shells = {
  dash: ['dash'],
  bash: ['bash'],
  'busybox ash': ['busybox', 'sh'],
} as const satisfies Record<string, readonly string[]>;

export type Shell = keyof typeof shells;
export const shellNames: readonly Shell[] = ['dash', 'bash', 'busybox ash'];
/** For what takes long: dash is the `sh` of every host of the rig. */
export const otherShells: readonly Shell[] = ['bash', 'busybox ash'];

export const client = 'c0ffee00c0ffee00';

// A busy machine is no dead one.
const patience = { silenceMs: 240_000, putSilenceMs: 240_000 };

export interface FarBox {
  readonly far: Far;
  readonly host: Host;
  /** A folder of the test's own. */
  readonly folder: string;
  readonly stage: string;
  readonly mine: string;
  /** Runs the uploaded program raw: what it prints and how it ends. */
  raw(command: string, words: readonly string[], stdin?: string | Uint8Array): Promise<RawAnswer>;
  start(command: string, words: readonly string[]): Promise<Exec>;
}

export interface RawAnswer {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | undefined;
}

export interface FarBoxOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly far?: Partial<FarOptions>;
  /** Instead of a temporary folder, where a test needs a certain file system. */
  readonly stage?: string;
}

/** Opens a far side under this shell, gives it to the test, removes everything. */
export async function withFar(
  shell: Shell,
  use: (box: FarBox) => Promise<void>,
  options: FarBoxOptions = {},
): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'airgap-far-'));
  const stage = options.stage ?? path.join(folder, 'sta ge');
  const host = shellHost(createLocalHost(options.env), shells[shell]);
  try {
    const far = await openFar(host, { stage, client, hostName: 'box', timeouts: patience, ...options.far });
    const start = async (command: string, words: readonly string[]): Promise<Exec> => {
      const engine = words.find((word) => word.startsWith('engine='))?.slice('engine='.length) ?? '';
      // Each engine has a program of its own; the first brought docker's.
      if (farEngine(engine) !== 'docker') await openFar(host, { stage, client, hostName: 'box', engine });
      const program = programPath(far.stage, engine);
      return await host.exec(['sh', program, command, `stage=${stage}`, `client=${client}`, ...words]);
    };
    const raw = async (command: string, words: readonly string[], stdin: string | Uint8Array = '') => {
      const exec = await start(command, words);
      exec.stdin.end(stdin);
      return await finished(exec);
    };
    await use({ far, host, folder, stage, mine: path.join(stage, client), raw, start });
  } finally {
    await host.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Notes of processes that the far program keeps on a machine of the rig, in root's stage. */
export async function notesOfProcesses({ home }: Pick<RigMachine, 'home'>): Promise<readonly string[]> {
  return await readdir(path.join(home, '.cache/airgap', client, 'procs'));
}

/** Where the program for an engine lies in a stage. */
export function programPath(stage: string, engine = ''): string {
  return path.join(stage, farProgram(farEngine(engine)).name);
}

/** Everything a command said, once it has ended. */
export async function finished(exec: Exec): Promise<RawAnswer> {
  const texts = ['', ''];
  exec.stdout.on('data', (chunk: Buffer) => {
    texts[0] += chunk.toString('latin1');
  });
  exec.stderr.on('data', (chunk: Buffer) => {
    texts[1] += chunk.toString('utf8');
  });
  const { exitCode } = await exec.exit;
  return { stdout: texts[0] ?? '', stderr: texts[1] ?? '', exitCode };
}

/** The same host, with another program for `sh`. */
export function shellHost(host: Host, shell: readonly string[]): Host {
  return {
    name: host.name,
    address: host.address,
    handedBytes: 0,
    exec: ([program = '', ...words], options) =>
      host.exec(program === 'sh' ? [...shell, ...words] : [program, ...words], options),
    close: () => host.close(),
  };
}
