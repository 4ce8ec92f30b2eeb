// podman in a box, or beside this process: a store of its own, which nothing else on the machine sees or uses.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Box, rigFolder } from './box.js';
import { run } from './command.js';
import type { Docker, RigEngine } from './types.js';

/** A podman of this system, for a near side: `env` is all that airgap or podman needs to use it. */
export type NearPodman = {
  readonly env: Readonly<Record<string, string>>;
  readonly podman: Docker;
  /** Where its store is. */
  readonly graphRoot: string;
  stop(): Promise<void>;
};

/** Sets up the podman of a box, so that whoever is root in there finds it without any setting, and no docker beside it. */
export async function startPodman(box: Box): Promise<RigEngine> {
  const dataRoot = join(box.work, 'data/podman');
  await mkdir(dataRoot, { recursive: true, mode: 0o711 });
  const etc = box.seen('/etc/containers');
  await mkdir(etc, { recursive: true });
  await writeFile(join(etc, 'storage.conf'), storageConf(dataRoot, '/run/airgap-rig-podman'));
  await writeFile(join(etc, 'containers.conf'), containersConf());
  const hide = 'while f=$(command -v docker); do mount --bind /dev/null "$f" || exit 1; done';
  await box.run(['sh', '-c', `${hide}\n${ownNoFiles}`]);
  const podman: Docker = (args, options) => box.run(podmanArgv(args), options);
  const version = (await podman(['version', '--format', '{{.Client.Version}}'])).stdout.trim();
  const nothing = async (): Promise<void> => {};
  // no daemon: there is nothing to start or stop
  return {
    dockerHost: '',
    dataRoot,
    docker: podman,
    engineVersion: version,
    startEngine: nothing,
    stopEngine: nothing,
    stop: box.stop,
  };
}

// `podman info` asks the system's packages whose the files of two helpers are. That is most of what it costs, a third of a second
// of processor time, and of no account here.
const ownNoFiles =
  'for f in /usr/bin/dpkg-query /usr/bin/rpm; do [ ! -e "$f" ] || mount --bind /bin/false "$f" || exit 1; done';

/** This system's podman with a store of its own. */
export async function openNearPodman(): Promise<NearPodman> {
  await mkdir(rigFolder, { recursive: true, mode: 0o755 });
  const folder = await mkdtemp(join(rigFolder, 'run-near-podman-'));
  const graphRoot = join(folder, 'graph');
  await writeFile(join(folder, 'storage.conf'), storageConf(graphRoot, join(folder, 'run')));
  await writeFile(join(folder, 'containers.conf'), `${containersConf()}tmp_dir = "${join(folder, 'tmp')}"\n`);
  const env = {
    CONTAINERS_STORAGE_CONF: join(folder, 'storage.conf'),
    CONTAINERS_CONF: join(folder, 'containers.conf'),
  };
  const podman: Docker = (args, options = {}) =>
    run(podmanArgv(args), { ...options, env: { ...env, ...options.env } });
  return {
    env,
    podman,
    graphRoot,
    async stop() {
      await podman(['rm', '--force', '--all', '--time=0'], { mayFail: true });
      // overlay is mounted on itself as long as the store is in use
      await run(['umount', join(graphRoot, 'overlay')], { mayFail: true });
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

// `podman export` opens /dev/stdout by its name, which a socket, as node makes them, does not allow.
function podmanArgv(args: readonly string[]): readonly string[] {
  return args[0] === 'export' ? ['sh', '-c', 'podman "$@" | cat', 'sh', ...args] : ['podman', ...args];
}

function storageConf(graphRoot: string, runRoot: string): string {
  return `[storage]\ndriver = "overlay"\ngraphroot = "${graphRoot}"\nrunroot = "${runRoot}"\n`;
}

// No systemd is asked for cgroups or the journal, and locks are files of this store: in /dev/shm all podmans of a machine share them.
// runc, since crun refuses to run where a machine has both kinds of cgroups.
function containersConf(): string {
  return '[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\nlock_type = "file"\nruntime = "runc"\n';
}
