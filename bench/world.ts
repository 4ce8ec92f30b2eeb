// The two sides of a measure: near and far engine, sshd, links between them, and how the far side is made empty again.
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { run } from './command.js';
import { loadCorpus } from './corpus.js';
import { type Dockerd, type Sshd, startDockerd, startSshd } from './daemons.js';
import { type Link, startLink } from './link.js';
import type { LinkName } from './options.js';
import { writeFarStorage } from './podman.js';
import { cpuOf, loopbackBytes } from './proc.js';

/** The alias of the far side in the bench's ssh config. */
export const farHost = 'bench-far';
export const wan = { bytesPerSecond: 12_500_000, roundTripMs: 40 };

// The bench has a network namespace of its own: every port is free there.
const sshPort = 2222;
const linkPort = 2223;

export interface World {
  /** Everything of this run; the near side's HOME, state and spool are below it. */
  readonly directory: string;
  readonly near: Dockerd;
  readonly far: Dockerd;
  /** Of the near side's commands: DOCKER_HOST, an empty HOME, folders of their own. */
  readonly nearEnv: NodeJS.ProcessEnv;
  /** Of the far side's commands run past SSH. */
  readonly farEnv: NodeJS.ProcessEnv;
  readonly spool: string;
  readonly sshConfig: (link: LinkName) => string;
  readonly sshPort: (link: LinkName) => number;
  readonly keyPath: string;
  readonly knownHostsPath: string;
  /** The near side's HOME. */
  readonly home: string;
  /** Processor seconds used so far by near dockerd; by far dockerd and sshd. */
  cpu(): { near: number; far: number };
  /** Bytes on the wire since the last call. wan: TCP payload; loopback: what the device carried, headers included. */
  takeBytes(link: LinkName): number;
  /** Forgets spool, receipts and stage; the far engines are left without any image. */
  makeEmpty(): Promise<void>;
  stop(): Promise<void>;
}

export async function startWorld(benchDirectory: string): Promise<World> {
  await hideLoginScripts();
  const directory = join(benchDirectory, 'run');
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const path = (...names: string[]): string => join(directory, ...names);
  const base = { ...process.env, TMPDIR: path('tmp') };
  await mkdir(path('tmp'));
  const near = await startDockerd(join(benchDirectory, 'near'), base);
  await loadCorpus(benchDirectory, near.env);
  const far = await startDockerd(join(benchDirectory, 'far'), base);
  await mkdir(path('far'));
  const farVariables = {
    DOCKER_HOST: far.socket,
    XDG_CACHE_HOME: path('far', 'cache'),
    CONTAINERS_STORAGE_CONF: await writeFarStorage(path('far')),
  };
  const sshd = await startSshd(path('sshd'), { port: sshPort, linkPort, sessionEnv: farVariables });
  await writeSshConfigs(directory, sshd);
  let link: Link | undefined = await startLink({ listenPort: linkPort, targetPort: sshPort, ...wan });
  let loopbackBefore = loopbackBytes();
  const farEnv = { ...base, ...farVariables };
  const home = path('near', 'home');
  const nearEnv = {
    ...near.env,
    HOME: home,
    XDG_STATE_HOME: path('near', 'state'),
    XDG_CACHE_HOME: path('near', 'cache'),
    XDG_CONFIG_HOME: path('near', 'config'),
    CONTAINERS_CONF: path('near', 'containers.conf'),
  };
  await mkdir(home, { recursive: true });
  // `podman system connection add` writes into it
  await writeFile(path('near', 'containers.conf'), '');
  const spool = path('near', 'spool');

  return {
    directory,
    near,
    far,
    nearEnv,
    farEnv,
    spool,
    sshConfig: (name) => path(`ssh-${name}`),
    sshPort: (name) => (name === 'wan' ? linkPort : sshPort),
    keyPath: sshd.keyPath,
    knownHostsPath: sshd.knownHostsPath,
    home,
    cpu: () => ({ near: cpuOf(near.pid), far: cpuOf(far.pid) + cpuOf(sshd.pid) }),
    takeBytes(name) {
      const now = loopbackBytes();
      const carried = now - loopbackBefore;
      loopbackBefore = now;
      const linked = link?.takeBytes() ?? 0;
      return name === 'wan' ? linked : carried;
    },
    async makeEmpty() {
      for (const folder of [spool, path('near', 'state'), path('near', 'cache'), path('far', 'cache')]) {
        await rm(folder, { recursive: true, force: true });
      }
      const images = await run('docker', ['image', 'ls', '--all', '--quiet'], { env: farEnv });
      const ids = [...new Set(images.split('\n').filter((id) => id !== ''))];
      if (ids.length > 0) await run('docker', ['image', 'rm', '--force', ...ids], { env: farEnv });
      const left = await run('docker', ['image', 'ls', '--all', '--quiet'], { env: farEnv });
      if (left.trim() !== '') throw new Error(`the far engine still has images: ${left}`);
    },
    async stop() {
      await link?.close();
      link = undefined;
      await Promise.allSettled([near.stop(), far.stop(), sshd.stop()]);
    },
  };
}

/**
 * bash run by sshd reads ~/.bashrc: whatever this machine's root has there would be measured with every command. Seen only
 * in the bench's own mount namespace.
 */
async function hideLoginScripts(): Promise<void> {
  for (const name of ['.bashrc', '.profile', '.zshenv']) {
    const path = join(homedir(), name);
    if (existsSync(path)) await run('mount', ['--bind', '/dev/null', path]);
  }
}

/**
 * What a sender's and a receiver's kernel hold on a real line of this kind is about twice its rate times its delay. Between
 * processes of one machine it would be many times that, and would hide the line. Only this network namespace is changed.
 */
export async function withLineBuffers<T>(name: LinkName, work: () => Promise<T>): Promise<T> {
  if (name !== 'wan') return await work();
  const most = Math.round((2 * wan.bytesPerSecond * wan.roundTripMs) / 1000);
  const files = ['tcp_wmem', 'tcp_rmem'].map((file) => `/proc/sys/net/ipv4/${file}`);
  const before = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  try {
    for (const file of files) await writeFile(file, `4096 131072 ${most}`);
    return await work();
  } finally {
    for (const [at, file] of files.entries()) await writeFile(file, before[at] ?? '');
  }
}

async function writeSshConfigs(directory: string, sshd: Sshd): Promise<void> {
  const ports = { loopback: sshPort, wan: linkPort };
  for (const [name, port] of Object.entries(ports)) {
    const lines = [
      `Host ${farHost}`,
      '  HostName 127.0.0.1',
      `  Port ${port}`,
      '  User root',
      `  IdentityFile ${sshd.keyPath}`,
      '  IdentitiesOnly yes',
      `  UserKnownHostsFile ${sshd.knownHostsPath}`,
      '  StrictHostKeyChecking yes',
      '',
    ];
    await writeFile(join(directory, `ssh-${name}`), lines.join('\n'), { mode: 0o600 });
  }
}
