// Targets and images for plan tests: small, spelled out, no I/O.
import type { EngineFacts } from '../../src/engines/engine.js';
import { type DiffId, type Digest, digestOf } from '../../src/oci/digest.js';
import type { PlanImage, PlanInput } from '../../src/plan/make-plan.js';
import type { TargetState } from '../../src/plan/target.js';

/** A diffID from a word. */
export const diff = (word: string): DiffId => digestOf(word) as DiffId;

export const graphdriver: EngineFacts = {
  name: 'docker',
  version: '20.10.24',
  storeKind: 'graphdriver',
  storeLabel: 'overlay2',
  platform: { os: 'linux', architecture: 'amd64' },
  root: '/var/lib/docker',
  layerCodecs: ['none', 'gzip'],
  keepsManifests: 'none',
  stagesArchive: true,
  proof: 'config-digest',
};

export const containerd: EngineFacts = {
  ...graphdriver,
  version: '28.5.2',
  storeKind: 'containerd',
  storeLabel: 'containerd overlayfs',
  layerCodecs: ['none', 'gzip', 'zstd'],
  stagesArchive: false,
  proof: 'manifest-and-create',
};

export const podman: EngineFacts = {
  ...graphdriver,
  name: 'podman',
  version: '5.4.2',
  storeKind: 'containers-storage',
  storeLabel: 'overlay, root',
  root: '/var/lib/containers/storage',
  stagesArchive: false,
  archiveFolder: '/var/tmp',
  fullNames: true,
};

export const layout: EngineFacts = {
  ...containerd,
  name: 'layout',
  storeKind: 'layout',
  proof: 'stored-blobs',
};

/** An image of layers named by words, each of so many bytes. */
export function planImage(name: string, words: readonly string[], bytes = 10_000_000): PlanImage {
  return {
    source: `docker-daemon:${name}`,
    imageId: digestOf(`config of ${name} ${words.join()}`),
    platform: { os: 'linux', architecture: 'amd64' },
    name,
    layers: words.map((word) => ({ diffId: diff(word), raw: { bytes, kind: 'exact' }, spooled: {} })),
  };
}

/** A far image made of layers named by words. */
export function farImage(farId: Digest, words: readonly string[], sizeBytes = 30_000_000) {
  return { farId, diffIds: words.map(diff), sizeBytes };
}

/** A target that holds these images and plenty of room. */
export function target(engine: EngineFacts, held: Partial<TargetState['held']> = {}): TargetState {
  return {
    host: 'plant',
    engine,
    held: { images: [], tags: new Map(), blobs: new Map(), ...held },
    staged: [],
    tools: new Set(['zstd', 'gzip']),
    stagePath: '/root/.cache/airgap',
    free: new Map([
      ['/root/.cache/airgap', 50e9],
      ['/var/lib/docker', 60e9],
    ]),
    knownManifests: [],
  };
}

/** Input of makePlan with nothing special. */
export function input(
  state: TargetState,
  images: readonly PlanImage[],
  more: Partial<PlanInput> = {},
): PlanInput {
  return {
    target: state,
    images,
    platformAsked: false,
    noClobber: false,
    spool: { path: '/spool', freeBytes: 50e9 },
    ...more,
  };
}
