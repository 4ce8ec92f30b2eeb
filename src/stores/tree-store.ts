// A Store over one folder or archive: opened when first asked, read-only, closed with the store.
import { AirgapError, type ErrorCode, isAirgapError } from '../errors.js';
import type { Image } from '../image/image.js';
import { isDigest } from '../oci/digest.js';
import { attachedInTree } from './attached-place.js';
import {
  byPlatform,
  type Candidate,
  chooseCandidates,
  chooseImage,
  distinct,
  type FoundImage,
  labels,
} from './found-image.js';
import { chooseIndex } from './found-index.js';
import type { ImageSummary, Store } from './store.js';
import type { Tree } from './tree.js';
import { createTreeImage } from './tree-image.js';

export interface TreeStoreOptions<T extends Tree> {
  readonly transport: string;
  readonly path: string;
  /** How a user writes all of it; transport and path when absent. */
  readonly store?: string;
  openTree(options: { readonly signal?: AbortSignal }): Promise<T>;
  candidates(tree: T): Promise<readonly Candidate[]>;
  /** Images that fail so are left out of a list. */
  readonly passesOver?: ErrorCode;
  readonly unpackLimitBytes?: number;
}

/** A store over what `openTree` opens. */
export function createTreeStore<T extends Tree>(options: TreeStoreOptions<T>): Store {
  const { transport, path } = options;
  const { store = `${transport}:${path}`, passesOver } = options;
  let opening: Promise<T> | undefined;
  const tree = async (signal: AbortSignal | undefined): Promise<T> => {
    opening ??= options.openTree(signal === undefined ? {} : { signal });
    try {
      return await opening;
    } catch (error) {
      opening = undefined;
      throw error;
    }
  };
  const openCandidates = async (signal: AbortSignal | undefined) => {
    const opened = await tree(signal);
    const candidates = await options.candidates(opened);
    // An engine may hold nothing; an archive that does is none.
    if (candidates.length === 0 && options.store === undefined)
      throw new AirgapError('ARCHIVE_INVALID', { path, problem: 'no-image' });
    return { opened, candidates };
  };
  const imageOf = (
    found: FoundImage,
    { name, opened }: { name: string | undefined; opened: Tree },
  ): Image => {
    const { unpackLimitBytes } = options;
    return createTreeImage(found, {
      tree: opened,
      source: name === undefined ? store : `${store}:${name}`,
      transport,
      ...(unpackLimitBytes === undefined ? {} : { unpackLimitBytes }),
    });
  };
  return {
    transport,
    async list({ signal } = {}) {
      const candidates = await options.candidates(await tree(signal));
      const names = labels(candidates);
      const summaries: ImageSummary[] = [];
      for (const candidate of distinct(candidates)) {
        signal?.throwIfAborted();
        const same = candidates.filter((other) => other.key === candidate.key);
        const name = `${store}:${names[candidates.indexOf(candidate)] ?? ''}`;
        try {
          const leaves = await candidate.leaves();
          const leaf = byPlatform(leaves, undefined)[0] ?? leaves[0];
          if (leaf !== undefined) summaries.push(summary(await leaf.load(), { name, store, same }));
        } catch (error) {
          if (passesOver === undefined || !isAirgapError(error, passesOver)) throw error;
        }
      }
      return summaries;
    },
    async open(name, { platform, signal } = {}) {
      const { opened, candidates } = await openCandidates(signal);
      return imageOf(await chooseImage(candidates, { name, platform, store }), { name, opened });
    },
    async openIndex(name, { platforms, signal } = {}) {
      const { opened, candidates } = await openCandidates(signal);
      const { images, ...index } = await chooseIndex(candidates, { name, platforms, store });
      return { images: images.map((found) => imageOf(found, { name, opened })), ...index };
    },
    async attached(name, { signal } = {}) {
      if (transport === 'docker-archive') return undefined;
      const { opened, candidates } = await openCandidates(signal);
      const [chosen, ...more] = chooseCandidates(candidates, { name, store });
      return attachedInTree(opened, more.length === 0 && isDigest(chosen?.key) ? chosen.key : undefined);
    },
    async close() {
      const opened = await opening?.catch(() => undefined);
      opening = undefined;
      await opened?.close();
    },
  };
}

function summary(
  found: FoundImage,
  {
    name,
    store,
    same,
  }: { readonly name: string; readonly store: string; readonly same: readonly Candidate[] },
): ImageSummary {
  const sizes = found.layers.map((layer) => layer.uncompressedBytes);
  const known = sizes.filter((size) => size !== undefined);
  return {
    name,
    references: same.flatMap((candidate) => candidate.reference ?? []),
    imageId: found.imageId,
    diffIds: found.config.diffIds,
    platform: found.config.platform,
    sizeBytes: known.length === sizes.length ? known.reduce((sum, size) => sum + size, 0) : undefined,
    createdAt: found.config.created,
    store,
  };
}
