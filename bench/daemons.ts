// The engines and the SSH server of the bench: two dockerd with data of their own, one sshd on a port of ours. They live in
// the bench's own network and process namespaces and end with them.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, run } from './command.js';

const startDeadlineMs = 60_000;

export interface Daemon {
  readonly pid: number;
  stop(): Promise<void>;
}

export interface Dockerd extends Daemon {
  readonly socket: string;
  /** For the docker CLI. */
  readonly env: NodeJS.ProcessEnv;
}

/** A dockerd without network, with the graphdriver of this kernel; resolves when it answers. */
export async function startDockerd(directory: string, env: NodeJS.ProcessEnv): Promise<Dockerd> {
  await mkdir(directory, { recursive: true });
  const path = (name: string): string => join(directory, name);
  await writeFile(path('daemon.json'), '{}');
  for (const stale of ['pid', 'docker.sock', 'exec']) await rm(path(stale), { recursive: true, force: true });
  const socket = `unix://${path('docker.sock')}`;
  const flags = ['--bridge=none', '--iptables=false', '--ip6tables=false', '--ip-masq=false'];
  const files = [
    '--config-file',
    path('daemon.json'),
    '--data-root',
    path('data'),
    '--exec-root',
    path('exec'),
  ];
  const args = [...files, '-p', path('pid'), '-H', socket, ...flags];
  const daemon = start('dockerd', args, { log: path('log'), env });
  const dockerEnv = { ...env, DOCKER_HOST: socket };
  await until(`dockerd (${path('log')})`, async () => {
    return (await ask('docker', ['version'], { env: dockerEnv, timeoutMs: 10_000 })) !== undefined;
  });
  return { ...daemon, socket, env: dockerEnv };
}

export interface Sshd extends Daemon {
  readonly keyPath: string;
  readonly knownHostsPath: string;
}

/** An sshd for root by key, with these variables set in every session. */
export async function startSshd(
  directory: string,
  options: {
    readonly port: number;
    /** Where clients may find it, too: a link leads from there to `port`. */
    readonly linkPort: number;
    readonly sessionEnv: Readonly<Record<string, string>>;
  },
): Promise<Sshd> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await mkdir('/run/sshd', { recursive: true });
  const path = (name: string): string => join(directory, name);
  for (const key of ['host', 'user']) {
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'bench', '-f', path(key)]);
  }
  const hostKey = await run('cut', ['-d', ' ', '-f', '1,2', path('host.pub')]);
  const known = [options.port, options.linkPort].map((port) => `[127.0.0.1]:${port} ${hostKey}`);
  await writeFile(path('known_hosts'), known.join(''));
  const variables = Object.entries(options.sessionEnv).map(([name, value]) => `${name}=${value}`);
  await writeFile(
    path('config'),
    [
      `ListenAddress 127.0.0.1:${options.port}`,
      `HostKey ${path('host')}`,
      `AuthorizedKeysFile ${path('user.pub')}`,
      'PermitRootLogin yes',
      'StrictModes no',
      'UsePAM no',
      'UseDNS no',
      'Subsystem sftp internal-sftp',
      `PidFile ${path('pid')}`,
      `SetEnv ${variables.join(' ')}`,
      '',
    ].join('\n'),
  );
  // sshd wants to be called by its full path: it starts itself again for every connection
  const program = (await run('sh', ['-c', 'PATH="$PATH:/usr/sbin" command -v sshd'])).trim();
  const args = ['-D', '-f', path('config'), '-E', path('log')];
  const daemon = start(program, args, { log: path('log.start'), env: process.env });
  await until(`sshd (${path('log')})`, async () => {
    return (await ask('ssh-keyscan', ['-T', '5', '-p', String(options.port), '127.0.0.1'])) !== undefined;
  });
  return { ...daemon, keyPath: path('user'), knownHostsPath: path('known_hosts') };
}

function start(
  program: string,
  args: readonly string[],
  options: { log: string; env: NodeJS.ProcessEnv },
): Daemon {
  const log = openSync(options.log, 'w');
  const child = spawn(program, [...args], { stdio: ['ignore', log, log], env: options.env });
  closeSync(log);
  if (child.pid === undefined) throw new Error(`${program} does not start`);
  child.on('error', () => undefined);
  return { pid: child.pid, stop: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
  await ended;
  clearTimeout(timer);
}

async function until(what: string, ready: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + startDeadlineMs;
  while (!(await ready())) {
    if (Date.now() > deadline) throw new Error(`${what} did not start in ${startDeadlineMs / 1000} s`);
    await sleep(200);
  }
}
