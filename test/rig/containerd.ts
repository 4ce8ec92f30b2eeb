// containerd inside a box, without docker: what a node of Kubernetes has. Its own root, state and socket; the CRI plugin runs, as
// on such a node, and makes names of its own for what is imported.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TestFn } from 'ava';
import type { Suite } from './chroot.js';
import { run, until } from './command.js';
import { type Daemon, startDaemon } from './daemon.js';
import { openMachine } from './machine.js';
import { openNear } from './rig.js';
import type { Docker, Ran, RigEngine, RigMachine, RigOptions, RunOptions } from './types.js';

/** c16: this system's own containerd (1.6 on Debian 12), c17: trixie's, c21: forky's. */
export type ContainerdKind = 'c16' | 'c17' | 'c21';

/** All three, oldest first. */
export const containerdKinds = ['c16', 'c17', 'c21'] as const satisfies readonly ContainerdKind[];

/** The oldest and the newest, for what is no matter of versions. */
export const outerContainerds = ['c16', 'c21'] as const satisfies readonly ContainerdKind[];

const suites: Readonly<Record<ContainerdKind, Suite | undefined>> = {
  c16: undefined,
  c17: 'trixie',
  c21: 'forky',
};

/** Where it listens and keeps things: the package's own places, or those of k3s or RKE2. */
export type ContainerdPlaces = 'plain' | 'k3s' | 'rke2';

export type ContainerdHost = RigMachine & {
  readonly kind: ContainerdKind;
  readonly engineVersion: string;
  readonly socket: string;
  /** The same as this process sees it: CONTAINERD_ADDRESS for this system's own `ctr`. */
  readonly seenSocket: string;
  readonly dataRoot: string;
  /** `ctr` inside, in that namespace (default `k8s.io`). */
  ctr(args: readonly string[], options?: RunOptions & { readonly namespace?: string }): Promise<Ran>;
  /** What every name of the namespace points at; of the names that the CRI plugin makes only those of no other image. */
  names(namespace?: string): Promise<ReadonlyMap<string, string>>;
  /** What a container of the image prints. */
  output(reference: string, namespace?: string): Promise<string>;
  stopEngine(): Promise<void>;
  startEngine(): Promise<void>;
  /** Brings images of a docker into each of these namespaces, as `docker save` writes them. */
  importFrom(docker: Docker, names: readonly string[], namespaces: readonly string[]): Promise<void>;
  /** Removes all containers and images of every namespace and root's airgap folders. */
  wipe(): Promise<void>;
};

export type ContainerdOptions = RigOptions & { readonly places?: ContainerdPlaces };

/** What `needing` must be given for these kinds. */
export function needsOfContainerd(...kinds: readonly ContainerdKind[]): readonly string[] {
  const chroots = kinds.flatMap((kind) => suites[kind] ?? []).map((suite) => `chroot:${suite}`);
  return ['root', 'docker', 'sshd', 'namespaces', ...new Set(chroots)];
}

/** Starts a machine with containerd and no docker. */
export async function openContainerdHost(
  kind: ContainerdKind,
  { places = 'plain', ...options }: ContainerdOptions = {},
): Promise<ContainerdHost> {
  return await openMachine({ name: kind, suite: suites[kind], ...options }, async (box, machine) => {
    const dataRoot = join(box.work, 'data');
    const state = places === 'plain' ? '/run/containerd' : '/run/k3s/containerd';
    const socket = `${state}/containerd.sock`;
    const config = placesOf(places);
    await mkdir(dataRoot, { recursive: true, mode: 0o711 });
    // the box sees its own /etc, not the machine's
    if (places !== 'plain') await box.run(['sh', '-c', kubernetesPlaces, 'sh', places]);
    await box.run(['mkdir', '-p', dirname(config)]);
    await box.run(['tee', config], { input: configText({ dataRoot, state, socket }) });
    // docker's programs are the machine's, and a node has none: its PATH leads nowhere else
    await hideDocker(box.work, box.run);
    const ctr: ContainerdHost['ctr'] = (args, { namespace = 'k8s.io', ...runOptions } = {}) =>
      run(box.enter(['ctr', '--address', socket, '--namespace', namespace, ...args]), runOptions);

    let daemon: Daemon | undefined;
    const startEngine = async (): Promise<void> => {
      if (daemon?.isRunning() === true) return;
      const started = startDaemon(box, ['containerd', '--config', config], join(box.work, 'containerd.log'));
      daemon = started;
      await until('containerd', async () => {
        if (!started.isRunning())
          throw new Error(`containerd ended at once: ${(await started.log()).slice(-2000)}`);
        // its program is only started when there is somebody to ask
        if (!existsSync(box.seen(socket))) return undefined;
        return (await ctr(['version'], { mayFail: true })).exitCode === 0 ? true : undefined;
      });
    };
    await startEngine();
    const version = await ctr(['version']);
    return {
      ...machine,
      kind,
      engineVersion: /Server:\s+Version:\s+(\S+)/.exec(version.stdout)?.[1] ?? '',
      socket,
      seenSocket: box.seen(socket),
      dataRoot,
      ctr,
      names: async (namespace) => realNames((await ctr(['images', 'ls'], withNamespace(namespace))).stdout),
      output: async (reference, namespace) => {
        // On a busy machine ctr now and then ends before it has copied what a container said that lived for a moment only.
        for (let tries = 0; ; tries += 1) {
          const args = ['run', '--rm', reference, `airgap-test-${randomBytes(4).toString('hex')}`];
          const said = (await ctr(args, withNamespace(namespace))).stdout.trim();
          if (said !== '' || tries === 4) return said;
        }
      },
      startEngine,
      stopEngine: async () => {
        await box.run(['sh', '-c', endContainerd, 'sh', config], { mayFail: true });
        if (daemon !== undefined && !(await daemon.ended(20_000))) throw new Error('containerd goes on');
      },
      importFrom: async (docker, names, namespaces) => {
        const archive = join(dataRoot, 'imported.tar');
        await writeFile(archive, '');
        await docker(['save', '--output', archive, ...names]);
        for (const one of namespaces)
          await run(['ctr', '--address', box.seen(socket), '--namespace', one, 'images', 'import', archive]);
        await rm(archive);
      },
      wipe: async () => {
        await wipeContainerd(ctr);
        await machine.forget();
      },
    };
  });
}

function placesOf(places: ContainerdPlaces): string {
  if (places === 'plain') return '/etc/containerd/config.toml';
  return `/var/lib/rancher/${places}/agent/etc/containerd/config.toml`;
}

// In the box's own mounts. The program writes down that it was asked, and asks the real one.
const kubernetesPlaces = `mount -t tmpfs tmpfs /var/lib && mount -t tmpfs tmpfs /usr/local/bin || exit 1
case $1 in
  k3s) program=/usr/local/bin/k3s shift=shift ;;
  *) program=/var/lib/rancher/rke2/bin/ctr shift=: ;;
esac
mkdir -p "\${program%/*}"
printf '#!/bin/sh\\necho %s >>/run/asked\\n%s\\nexec /usr/bin/ctr "$@"\\n' "$1" "$shift" >"$program"
chmod 755 "$program"`;

// By what it was started with, in this box's own PID namespace.
const endContainerd = `for entry in /proc/[0-9]*; do
  [ "$(tr '\\000' ' ' <"$entry/cmdline" 2>/dev/null)" = "containerd --config $1 " ] && kill "\${entry#/proc/}"
done`;

function configText(at: { dataRoot: string; state: string; socket: string }): string {
  return [
    'version = 2',
    `root = "${at.dataRoot}"`,
    `state = "${at.state}"`,
    '[grpc]',
    `  address = "${at.socket}"`,
    // A machine that is itself a container may not lower it for its pods.
    '[plugins."io.containerd.grpc.v1.cri"]',
    '  restrict_oom_score_adj = true',
    '',
  ].join('\n');
}

async function hideDocker(work: string, inside: RigMachine['inside']): Promise<void> {
  const empty = join(work, 'nothing');
  await writeFile(empty, '', { mode: 0o644 });
  const hide =
    'for p in docker podman; do for d in /usr/bin /usr/local/bin; do [ ! -e "$d/$p" ] || mount --bind "$1" "$d/$p"; done; done';
  await inside(['sh', '-c', hide, 'sh', empty]);
}

const withNamespace = (namespace: string | undefined): { namespace?: string } =>
  namespace === undefined ? {} : { namespace };

function realNames(listing: string): Map<string, string> {
  const rows = listing
    .split('\n')
    .slice(1)
    .map((line) => line.split(/\s+/));
  const all = rows.flatMap(([name = '', , digest = '']): [string, string][] =>
    name === '' ? [] : [[name, digest]],
  );
  const real = all.filter(([name]) => !name.startsWith('sha256:'));
  const named = new Set(real.map(([, digest]) => digest));
  return new Map([...real, ...all.filter(([, digest]) => !named.has(digest))]);
}

async function wipeContainerd(ctr: ContainerdHost['ctr']): Promise<void> {
  const namespaces = (await ctr(['namespaces', 'ls', '--quiet'])).stdout.split('\n').filter(Boolean);
  for (const namespace of namespaces) {
    const containers = (await ctr(['containers', 'ls', '--quiet'], { namespace })).stdout
      .split('\n')
      .filter(Boolean);
    for (const id of containers) {
      // What is paused cannot be killed.
      await ctr(['tasks', 'resume', id], { namespace, mayFail: true });
      await ctr(['tasks', 'rm', '--force', id], { namespace, mayFail: true });
      await ctr(['containers', 'rm', id], { namespace, mayFail: true });
    }
    const names = (await ctr(['images', 'ls', '--quiet'], { namespace })).stdout.split('\n').filter(Boolean);
    if (names.length > 0) await ctr(['images', 'rm', '--sync', ...names], { namespace, mayFail: true });
  }
}

export type SharedContainerd<K extends ContainerdKind> = {
  /** This system's dockerd, as the near engine. */
  readonly near: RigEngine;
  host(kind: K): ContainerdHost;
};

/** Starts a near dockerd and hosts before the first test of a file, and stops them after the last. */
export function shareContainerd<K extends ContainerdKind>(shared: {
  readonly test: TestFn;
  readonly hosts: readonly K[];
  /** Default true. */
  readonly near?: boolean;
}): SharedContainerd<K> {
  const hosts = new Map<ContainerdKind, ContainerdHost>();
  let near: RigEngine | undefined;
  shared.test.before('the rig starts', async (t) => {
    const started = await Promise.allSettled([
      ...shared.hosts.map(async (kind) => hosts.set(kind, await openContainerdHost(kind))),
      ...(shared.near === false ? [] : [openNear().then((engine) => (near = engine))]),
    ]);
    for (const outcome of started) if (outcome.status === 'rejected') throw outcome.reason;
    for (const host of hosts.values()) t.log(`${host.kind}: containerd ${host.engineVersion}`);
  });
  shared.test.after.always('the rig stops', async () => {
    await Promise.all([near?.stop(), ...[...hosts.values()].map((host) => host.stop())]);
  });
  return {
    get near() {
      if (near === undefined) throw new Error('the near engine is not started yet');
      return near;
    },
    host: (kind) => {
      const host = hosts.get(kind);
      if (host === undefined) throw new Error(`${kind} is not started yet`);
      return host;
    },
  };
}
