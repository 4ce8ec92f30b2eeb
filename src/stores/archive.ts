// `docker-archive:FILE[:name]` and `oci-archive:FILE[:name]`: image archives, plain or compressed with gzip or zstd as a whole.
// A hybrid (docker ≥ 25) can be read as either. @see containers-transports(5)
import { AirgapError } from '../errors.js';
import { dockerCandidates, readManifestJson } from './docker-view.js';
import { ociCandidates, readIndexJson } from './oci-view.js';
import type { Store } from './store.js';
import { openTarTree } from './tar-tree.js';
import { createTreeStore } from './tree-store.js';

export interface ArchiveStoreOptions {
  readonly path: string;
  /** How far compressed bytes may unpack, instead of image/partial's rule. */
  readonly unpackLimitBytes?: number;
}

/** Reads the images that manifest.json names. */
export function createDockerArchiveStore(options: ArchiveStoreOptions): Store {
  const { path, unpackLimitBytes } = options;
  return createTreeStore({
    transport: 'docker-archive',
    ...options,
    openTree: (reading) => openTarTree(path, { ...reading, ...limit(unpackLimitBytes) }),
    async candidates(tree) {
      const manifest = await readManifestJson(tree);
      if (manifest === undefined)
        throw new AirgapError('ARCHIVE_INVALID', { path, problem: 'no-manifest-json' });
      return dockerCandidates(tree, manifest);
    },
  });
}

/** Reads the images that index.json names. */
export function createOciArchiveStore(options: ArchiveStoreOptions): Store {
  const { path, unpackLimitBytes } = options;
  return createTreeStore({
    transport: 'oci-archive',
    ...options,
    openTree: (reading) => openTarTree(path, { ...reading, ...limit(unpackLimitBytes) }),
    async candidates(tree) {
      const index = await readIndexJson(tree);
      if (index === undefined) throw new AirgapError('ARCHIVE_INVALID', { path, problem: 'no-index-json' });
      return await ociCandidates(tree, index);
    },
  });
}

function limit(unpackLimitBytes: number | undefined): { readonly unpackLimitBytes?: number } {
  return unpackLimitBytes === undefined ? {} : { unpackLimitBytes };
}
