// dockerd inside a box: no network set-up, no rule changed on the machine, data in the box's own folder.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Box } from './box.js';
import { run, until } from './command.js';
import { type Daemon, startDaemon } from './daemon.js';
import { engineApi } from './engine-api.js';
import type { Docker, RigEngine } from './types.js';

export type ImageStore = 'graphdriver' | 'containerd';

export type DockerdOptions = {
  readonly store: ImageStore;
  /** Run the box's own docker CLI rather than this system's: an old CLI need not speak to a newer daemon. */
  readonly cliInside: boolean;
};

/** Starts dockerd and waits until it answers. It listens on the box's default socket and on `work/docker.sock`, which is seen from outside, too. */
export async function startDockerd(box: Box, options: DockerdOptions): Promise<RigEngine> {
  const { work } = box;
  const dataRoot = join(work, 'data');
  const pidFile = join(work, 'docker.pid');
  const dockerHost = `unix://${join(work, 'docker.sock')}`;
  const configFile = join(work, 'daemon.json');
  await mkdir(dataRoot, { recursive: true, mode: 0o711 });
  await writeFile(configFile, JSON.stringify(daemonConfig(options.store)));
  // the user's own CLI config (contexts, proxies, credential helpers) must not reach the tests
  const env = { DOCKER_HOST: dockerHost, DOCKER_CONFIG: join(work, 'docker-cli'), DOCKER_BUILDKIT: '0' };
  const runDocker: Docker = (args, runOptions = {}) =>
    run(options.cliInside ? box.enter(['docker', ...args]) : ['docker', ...args], {
      ...runOptions,
      env: { ...env, ...runOptions.env },
    });
  const docker: Docker = Object.assign(runDocker, { api: engineApi(join(work, 'docker.sock')) });

  let daemon: Daemon | undefined;
  const startEngine = async (): Promise<void> => {
    if (daemon?.isRunning() === true) return;
    const started = startDaemon(box, dockerdArgv(), join(work, 'dockerd.log'));
    daemon = started;
    await until('dockerd', async () => {
      if (!started.isRunning())
        throw new Error(`dockerd ended at once: ${(await started.log()).slice(-2000)}`);
      return (await answers(join(work, 'docker.sock'))) ? true : undefined;
    });
  };
  const stopEngine = async (): Promise<void> => {
    if (daemon === undefined || !daemon.isRunning()) return;
    await box.run(['kill', '-TERM', await pidIn(pidFile)], { mayFail: true });
    if (await daemon.ended(20_000)) return;
    const pids = [await pidIn(pidFile), await pidIn(join(work, 'exec/containerd/containerd.pid'))];
    await box.run(['kill', '-KILL', ...pids], { mayFail: true });
    if (!(await daemon.ended(20_000))) throw new Error('dockerd survived SIGKILL');
  };
  const dockerdArgv = (): readonly string[] => [
    'dockerd',
    `--config-file=${configFile}`,
    `--data-root=${dataRoot}`,
    `--exec-root=${join(work, 'exec')}`,
    `--pidfile=${pidFile}`,
    `--host=${dockerHost}`,
    '--host=unix:///run/docker.sock',
    '--bridge=none',
    '--iptables=false',
    '--ip6tables=false',
    '--ip-masq=false',
  ];
  await startEngine();
  const version = await docker(['version', '--format', '{{.Server.Version}}']);
  return {
    dockerHost,
    dataRoot,
    docker,
    engineVersion: version.stdout.trim(),
    startEngine,
    stopEngine,
    stop: box.stop,
  };
}

/** Docker's own ping: its program would take a second of processor time until the daemon is there. */
async function answers(socketPath: string): Promise<boolean> {
  return await engineApi(socketPath)
    .ask('/_ping', { mayFail: true })
    .then(({ status }) => status === 200)
    .catch(() => false);
}

function daemonConfig(store: ImageStore): object {
  return {
    // no systemd is asked to make cgroups for a machine it does not know
    'exec-opts': ['native.cgroupdriver=cgroupfs'],
    ...(store === 'containerd' ? { features: { 'containerd-snapshotter': true } } : {}),
  };
}

async function pidIn(file: string): Promise<string> {
  const pid = (await readFile(file, 'utf8').catch(() => '')).trim();
  // an absent file must not become `kill 0` or a group
  return /^[1-9]\d*$/.test(pid) ? pid : '999999999';
}
