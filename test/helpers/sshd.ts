// A real sshd on 127.0.0.1 with keys of its own, straight on this machine: for tests of the SSH clients.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface TestSshd {
  readonly port: number;
  readonly folder: string;
  /** Private key that every user of this sshd is let in with. */
  readonly keyFile: string;
  /** `ssh-ed25519 AAAA…` of the server. */
  readonly hostKey: string;
  /** Line for known_hosts. */
  readonly hostKeyLine: string;
  /** ssh_config for the alias `box`, user root; known_hosts beside it. */
  readonly configFile: string;
  /** Environment whose HOME is empty, without an agent. */
  readonly env: NodeJS.ProcessEnv;
  /** Kills the processes that serve connections, as a crash of the far machine would. */
  killSessions(): void;
  stop(): Promise<void>;
}

export interface SshdOptions {
  /** Lines of sshd_config that win over the usual ones. */
  readonly lines?: readonly string[];
  /** Key types of the server; the first one is in known_hosts. */
  readonly hostKeyTypes?: readonly string[];
  /** Lines for the alias in ssh_config. */
  readonly clientLines?: readonly string[];
}

/** Starts one. Needs root: `needing('sshd', 'root')`. */
export async function startTestSshd(options: SshdOptions = {}): Promise<TestSshd> {
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const folder = await mkdtemp(path.join(tmpdir(), 'airgap-sshd-'));
  // Other users of the machine must be able to read authorized_keys.
  chmodSync(folder, 0o755);
  const at = (name: string): string => path.join(folder, name);
  const types = options.hostKeyTypes ?? ['ed25519'];
  for (const type of types) makeKey(at(`host_${type}`), type);
  makeKey(at('id_test'), 'ed25519');
  mkdirSync(at('home'), { mode: 0o700 });
  await writeFile(at('authorized_keys'), await readFile(at('id_test.pub')));
  const hostKey = (await readFile(at(`host_${types[0]}.pub`), 'utf8'))
    .trim()
    .split(' ')
    .slice(0, 2)
    .join(' ');
  let child: ChildProcess | undefined;
  let port = 0;
  for (let attempt = 0; child === undefined && attempt < 20; attempt += 1) {
    port = await freePort();
    await writeFile(
      at('sshd_config'),
      `${configLines(folder, types, port, options.lines ?? []).join('\n')}\n`,
    );
    child = await listening(
      spawn('/usr/sbin/sshd', ['-D', '-e', '-f', at('sshd_config')], { stdio: ['ignore', 'ignore', 'pipe'] }),
    );
  }
  if (child === undefined) throw new Error('sshd found no free port');
  const running = child;
  const hostKeyLine = `[127.0.0.1]:${port} ${hostKey}`;
  await writeFile(at('known_hosts'), `${hostKeyLine}\n`);
  await writeFile(
    at('config'),
    [
      'Host box',
      ...(options.clientLines ?? []),
      '  HostName 127.0.0.1',
      `  Port ${port}`,
      '  User root',
      `  IdentityFile ${at('id_test')}`,
      '  IdentitiesOnly yes',
      `  UserKnownHostsFile ${at('known_hosts')}`,
      '  GlobalKnownHostsFile none',
      '',
    ].join('\n'),
  );
  return {
    port,
    folder,
    keyFile: at('id_test'),
    hostKey,
    hostKeyLine,
    configFile: at('config'),
    env: { PATH: process.env.PATH, HOME: at('home') },
    killSessions: () => killChildren(running.pid),
    async stop() {
      killChildren(running.pid);
      const ended = new Promise((resolve) => running.once('exit', resolve));
      running.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Makes a key pair `file` and `file.pub`. */
export function makeKey(file: string, type = 'ed25519', passphrase = ''): void {
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', 'airgap-test', '-f', file]);
}

/** A port nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function configLines(
  folder: string,
  types: readonly string[],
  port: number,
  first: readonly string[],
): string[] {
  const key = path.join(folder, `host_${types[0]}`);
  const knows = (option: string): boolean =>
    spawnSync('/usr/sbin/sshd', ['-t', '-f', '/dev/null', '-h', key, '-o', option]).status === 0;
  return [
    ...first,
    'ListenAddress 127.0.0.1',
    `Port ${port}`,
    ...types.map((type) => `HostKey ${path.join(folder, `host_${type}`)}`),
    'PidFile none',
    `AuthorizedKeysFile ${path.join(folder, 'authorized_keys')}`,
    'StrictModes no',
    'UsePAM no',
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'MaxStartups 100:30:200',
    'UseDNS no',
    'PrintMotd no',
    'PrintLastLog no',
    // OpenSSH from 9.8 locks an address out after failed logins, and here every test has the same address.
    ...(knows('PerSourcePenalties=no') ? ['PerSourcePenalties no'] : []),
  ];
}

/** The process once it listens; undefined if its port was taken. */
async function listening(child: ChildProcess): Promise<ChildProcess | undefined> {
  let log = '';
  return await new Promise((resolve, reject) => {
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      log += text;
      if (log.includes('Server listening')) resolve(child);
    });
    child.once('exit', () => {
      if (/already in use/.test(log)) resolve(undefined);
      else reject(new Error(`sshd ended: ${log.slice(-1000)}`));
    });
  });
}

function killChildren(pid: number | undefined): void {
  for (const child of childrenOf(pid)) {
    try {
      process.kill(child, 'SIGKILL');
    } catch {
      // A session that was just closed has ended meanwhile.
    }
  }
}

function childrenOf(pid: number | undefined): number[] {
  const found = spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' });
  return found.stdout
    .split('\n')
    .map(Number)
    .filter((child) => child > 0);
}
