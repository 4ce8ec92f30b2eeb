// The host that is this machine: child processes, no shell, no network.
import { type ChildProcess, spawn } from 'node:child_process';
import { AirgapError } from '../errors.js';
import type { Exec, ExecOptions, ExitStatus, Host } from './host.js';

/** What names this machine where a host is wanted; a machine called `local` stays reachable. */
export const localHostName = 'local:';

// How long a killed command may tidy up after SIGTERM before it is ended for good.
const graceMs = 5000;

/** This machine. Commands inherit this process's environment, or get `env`. */
export function createLocalHost(env: NodeJS.ProcessEnv = process.env): Host {
  const running = new Set<Exec>();
  return {
    name: 'local',
    address: 'local',
    handedBytes: 0,
    async exec(argv, options = {}) {
      const exec = await startProcess(argv, env, options);
      running.add(exec);
      const forget = (): boolean => running.delete(exec);
      exec.exit.then(forget, forget);
      return exec;
    },
    async close() {
      const ends = [...running].map(({ exit }) => exit.catch(() => undefined));
      for (const exec of running) exec.kill();
      await Promise.all(ends);
    },
  };
}

async function startProcess(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  { signal, ownSession = false }: ExecOptions,
): Promise<Exec> {
  signal?.throwIfAborted();
  const [program = '', ...words] = argv;
  const child = spawn(program, words, { env, stdio: 'pipe', detached: ownSession });
  const { stdin, stdout, stderr } = child;
  // A command may end without reading its input: whoever writes sees EPIPE, whoever does not write need not care.
  for (const stream of [stdin, stdout, stderr]) stream.on('error', () => undefined);
  const exit = exitOf(child, program);
  exit.catch(() => undefined);
  let killed = false;
  const kill = (): void => {
    if (killed) return;
    killed = true;
    child.kill('SIGTERM');
    // Its own children may keep the pipes open; nobody here waits for them.
    for (const stream of [stdin, stdout, stderr]) stream.destroy();
    const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
    child.once('exit', () => clearTimeout(timer));
  };
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    exit.catch(reject);
  });
  signal?.addEventListener('abort', kill, { once: true });
  const unlisten = (): void => signal?.removeEventListener('abort', kill);
  exit.then(unlisten, unlisten);
  if (signal?.aborted) kill();
  return { stdin, stdout, stderr, exit, kill };
}

function exitOf(child: ChildProcess, program: string): Promise<ExitStatus> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause: NodeJS.ErrnoException) => {
      // EACCES: there is a file of that name, but not one that can be run.
      const missing = cause.code === 'ENOENT' || cause.code === 'EACCES';
      reject(missing ? new AirgapError('PROGRAM_MISSING', { program }, { cause }) : cause);
    });
    child.once('close', (code, signal) => {
      resolve(signal === null ? { exitCode: code ?? undefined } : { exitCode: undefined, signal });
    });
  });
}

/** Whether a program of this name starts there. */
export async function hasProgram(host: Host, name: string): Promise<boolean> {
  try {
    const exec = await host.exec([name, '-V']);
    exec.kill();
    exec.stdout.resume();
    exec.stderr.resume();
    exec.exit.catch(() => undefined);
    return true;
  } catch {
    return false;
  }
}
