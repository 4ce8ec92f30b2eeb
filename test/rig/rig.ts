// The rig's face to tests: near engines and far hosts, started once per test file, gone with its process.
import type { TestFn } from 'ava';
import { openBox } from './box.js';
import { expectChrootEngine, type Suite } from './chroot.js';
import { type ImageStore, startDockerd } from './dockerd.js';
import { openMachine } from './machine.js';
import { startPodman } from './podman.js';
import type { Docker, RigEngine, RigHost, RigKind, RigOptions } from './types.js';

export { chrootVersions } from './chroot.js';
export { run } from './command.js';
export { type NearPodman, openNearPodman } from './podman.js';
export { sshArgv } from './ssh-access.js';
export * from './types.js';

type Setup = { readonly suite?: Suite; readonly store: ImageStore | 'podman' };

const setups = {
  d20: { store: 'graphdriver' },
  d26: { suite: 'trixie', store: 'graphdriver' },
  d26c: { suite: 'trixie', store: 'containerd' },
  d28g: { suite: 'forky', store: 'graphdriver' },
  d28c: { suite: 'forky', store: 'containerd' },
  p43: { store: 'podman' },
  p54: { suite: 'trixie', store: 'podman' },
  p58: { suite: 'forky', store: 'podman' },
} as const satisfies Record<RigKind, Setup>;

/** What `needing` must be given for these kinds. */
export function needsOf(...kinds: readonly RigKind[]): readonly string[] {
  const setup = (kind: RigKind): Setup => setups[kind];
  const own = ['root', 'docker', 'sshd', 'namespaces'];
  const suites = kinds.map((kind) => setup(kind).suite).filter((suite) => suite !== undefined);
  const podman = kinds.includes('p43') ? ['podman'] : [];
  return [...own, ...podman, ...new Set(suites.map((suite) => `chroot:${suite}`))];
}

/** Starts this system's dockerd as the near engine; `{DOCKER_HOST: near.dockerHost}` is all that airgap needs to use it. */
export async function openNear(options: RigOptions = {}): Promise<RigEngine> {
  const box = await openBox({ name: 'near', root: '/', ...sized(options) });
  return startDockerd(box, { store: 'graphdriver', cliInside: false }).catch(async (cause) => {
    await box.stop();
    throw cause;
  });
}

/** Starts a complete remote machine of that kind: engine, then sshd. The chroot is made where it is absent (a minute). */
export async function openRigHost(kind: RigKind, options: RigOptions = {}): Promise<RigHost> {
  const { suite, store }: Setup = setups[kind];
  return await openMachine({ name: kind, suite, ...options }, async (box, machine) => {
    const engine =
      store === 'podman'
        ? await startPodman(box)
        : await startDockerd(box, { store, cliInside: suite !== undefined });
    const program = store === 'podman' ? 'podman' : 'docker.io';
    if (suite !== undefined) await expectChrootEngine(suite, program, engine.engineVersion);
    return {
      ...engine,
      ...machine,
      kind,
      wipe: async () => {
        await wipeEngine(engine.docker);
        await machine.forget();
      },
    };
  });
}

/** Runs fn with a machine of that kind and takes the machine down afterwards, however fn ends. */
export async function withRigHost<T>(
  kind: RigKind,
  fn: (host: RigHost) => Promise<T>,
  options: RigOptions = {},
): Promise<T> {
  const host = await openRigHost(kind, options);
  try {
    return await fn(host);
  } finally {
    await host.stop();
  }
}

export type SharedRig<K extends RigKind> = {
  /** The near engine. Only inside tests and hooks declared later. */
  readonly near: RigEngine;
  host(kind: K): RigHost;
};

export type SharedRigOptions<K extends RigKind> = {
  /** The test function of `needing(…needsOf(…))`: where it skips, nothing is started. */
  readonly test: TestFn;
  readonly hosts: readonly K[];
  /** Default true. */
  readonly near?: boolean;
  readonly options?: RigOptions;
};

/** Starts near and hosts before the first test of a file, all at once, and stops them after the last. */
export function shareRig<K extends RigKind>(shared: SharedRigOptions<K>): SharedRig<K> {
  const hosts = new Map<RigKind, RigHost>();
  let near: RigEngine | undefined;
  shared.test.before('the rig starts', async (t) => {
    const started = await Promise.allSettled([
      ...shared.hosts.map(async (kind) => hosts.set(kind, await openRigHost(kind, shared.options))),
      ...(shared.near === false ? [] : [openNear().then((engine) => (near = engine))]),
    ]);
    for (const outcome of started) if (outcome.status === 'rejected') throw outcome.reason;
    if (near !== undefined) t.log(`near: docker ${near.engineVersion}`);
    for (const host of hosts.values()) t.log(`${host.kind}: ${host.engineVersion}`);
  });
  shared.test.after.always('the rig stops', async () => {
    await Promise.all([near?.stop(), ...[...hosts.values()].map((host) => host.stop())]);
  });
  return {
    get near() {
      if (near === undefined) throw new Error('the near engine is not started yet, or was not asked for');
      return near;
    },
    host: (kind) => {
      const host = hosts.get(kind);
      if (host === undefined) throw new Error(`${kind} is not started yet`);
      return host;
    },
  };
}

/** Removes every container and image of an engine. */
export async function wipeEngine(docker: Docker): Promise<void> {
  const { api } = docker;
  if (api === undefined) return await wipeByProgram(docker);
  const containers: readonly { Id: string }[] = await api.json('/containers/json?all=1');
  for (const { Id } of containers) await api.ask(`/containers/${Id}?force=1`, { method: 'DELETE' });
  await untilGone(
    async () => {
      const images: readonly { Id: string }[] = await api.json('/images/json?all=1');
      return images.map(({ Id }) => Id);
    },
    async (images) => {
      for (const id of images) await api.ask(`/images/${id}?force=1`, { method: 'DELETE', mayFail: true });
    },
  );
}

async function wipeByProgram(podman: Docker): Promise<void> {
  const containers = (await podman(['ps', '--all', '--quiet'])).stdout.split('\n').filter(Boolean);
  if (containers.length > 0) await podman(['rm', '--force', ...containers]);
  await untilGone(
    async () => {
      const listed = await podman(['image', 'ls', '--all', '--quiet', '--no-trunc']);
      return listed.stdout.split('\n').filter(Boolean);
    },
    async (images) => void (await podman(['image', 'rm', '--force', ...images], { mayFail: true })),
  );
}

async function untilGone(
  list: () => Promise<readonly string[]>,
  remove: (images: readonly string[]) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < 5; round += 1) {
    const images = [...new Set(await list())];
    if (images.length === 0) return;
    // a parent cannot go before its child, so some may stay for the next round
    await remove(images);
  }
  throw new Error('the engine keeps images that do not go');
}

function sized(options: RigOptions): { dataBytes?: number } {
  return options.dataBytes === undefined ? {} : { dataBytes: options.dataBytes };
}
