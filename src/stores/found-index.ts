// What one name stands for on several platforms: images whose documents are read and checked, and an index that names just these.
import { isAirgapError } from '../errors.js';
import { buildPlatformIndex } from '../oci/build.js';
import { type Descriptor, mediaTypes } from '../oci/descriptor.js';
import { type Digest, digestOf } from '../oci/digest.js';
import { isIndexType } from '../oci/manifest.js';
import type { Platform } from '../oci/platform.js';
import {
  ambiguous,
  byPlatform,
  type Candidate,
  type ChooseOptions,
  chooseCandidates,
  type FoundImage,
  type FoundIndex,
  type Leaf,
  loadLeaf,
  platformMissing,
  sourceOf,
} from './found-image.js';
import type { ImageIndex, LeftOut, LeftReason } from './store.js';

export interface ChooseIndexOptions extends Pick<ChooseOptions, 'name' | 'store'> {
  /** All that are there when undefined. */
  readonly platforms: readonly Platform[] | undefined;
}

export interface FoundPlatforms {
  readonly images: readonly FoundImage[];
  readonly index?: ImageIndex;
}

/**
 * The images meant. One that was asked for by its platform must be whole; of all, those that are not whole are left out.
 * @throws {AirgapError} IMAGE_UNKNOWN, IMAGE_AMBIGUOUS, PLATFORM_MISSING, and what loading throws
 */
export async function chooseIndex(
  candidates: readonly Candidate[],
  options: ChooseIndexOptions,
): Promise<FoundPlatforms> {
  const { platforms } = options;
  const chosen = chooseCandidates(candidates, options);
  const leaves = (await Promise.all(chosen.map((candidate) => candidate.leaves()))).flat();
  const wanted = platforms === undefined ? new Set(leaves) : asked(leaves, platforms, sourceOf(options));
  const left = new Map<Leaf, LeftReason>();
  const loaded = new Map<Leaf, FoundImage>();
  let failure: unknown = platformMissing(leaves, platforms?.[0], sourceOf(options));
  for (const leaf of leaves.filter((one) => wanted.has(one))) {
    try {
      const asking = { platform: leaf.platform, source: sourceOf(options) };
      loaded.set(leaf, platforms === undefined ? await leaf.load() : await loadLeaf(leaf, leaves, asking));
    } catch (error) {
      const reason = reasonOf(error);
      if (platforms !== undefined || reason === undefined) throw error;
      if (left.size === 0) failure = error;
      left.set(leaf, reason);
    }
  }
  if (loaded.size === 0) throw failure;
  const images = [...new Map([...loaded.values()].map((found) => [keyOf(found), found])).values()];
  const [first] = chosen;
  const own = chosen.length === 1 ? await first?.index?.() : undefined;
  if (chosen.length > 1 && hasTwice([...loaded.keys()]))
    throw ambiguous(candidates, chosen, sourceOf(options));
  const index = own === undefined && images.length < 2 ? undefined : indexOf(own, leaves, { loaded, left });
  return { images, ...(index === undefined ? {} : { index }) };
}

function asked(leaves: readonly Leaf[], platforms: readonly Platform[], source: string): Set<Leaf> {
  return new Set(
    platforms.map((platform) => {
      const [leaf] = byPlatform(leaves, platform);
      if (leaf === undefined) throw platformMissing(leaves, platform, source);
      return leaf;
    }),
  );
}

function reasonOf(error: unknown): LeftReason | undefined {
  if (isAirgapError(error, 'IMAGE_INCOMPLETE')) return 'missing';
  return isAirgapError(error, 'LAYER_UNSUPPORTED') ? 'unsupported' : undefined;
}

function keyOf({ imageId, manifest }: FoundImage): Digest {
  return manifest?.descriptor.digest ?? imageId;
}

function hasTwice(leaves: readonly Leaf[]): boolean {
  return leaves.some((leaf, at) => byPlatform(leaves.slice(at + 1), leaf.platform).length > 0);
}

interface Outcome {
  readonly loaded: ReadonlyMap<Leaf, FoundImage>;
  readonly left: ReadonlyMap<Leaf, LeftReason>;
}

function indexOf(
  own: FoundIndex | undefined,
  leaves: readonly Leaf[],
  { loaded, left }: Outcome,
): ImageIndex | undefined {
  const there = new Set(leaves.filter((leaf) => loaded.has(leaf)).map(({ entry }) => entry?.digest));
  const of = new Map(leaves.map((leaf) => [leaf.entry?.digest, leaf]));
  const others = own?.entries.filter(({ digest }) => !there.has(digest)) ?? [];
  if (own !== undefined && others.length === 0)
    return {
      raw: own.raw,
      descriptor: own.descriptor,
      isOriginal: true,
      sourceDigest: own.descriptor.digest,
      left: [],
    };
  const entries = leaves.filter((leaf) => loaded.has(leaf)).map((leaf) => entryOf(leaf, loaded.get(leaf)));
  if (!entries.every((entry) => entry !== undefined)) return undefined;
  const raw = buildPlatformIndex(entries);
  return {
    raw,
    descriptor: { mediaType: mediaTypes.ociIndex, digest: digestOf(raw), size: raw.byteLength },
    isOriginal: false,
    ...(own === undefined ? {} : { sourceDigest: own.descriptor.digest }),
    left: others.map(({ digest, platform, mediaType }): LeftOut => {
      const leaf = of.get(digest);
      const other = isIndexType(mediaType) ? 'nested' : 'attestation';
      const reason = leaf === undefined ? other : (left.get(leaf) ?? 'platform');
      return { digest, ...(platform === undefined ? {} : { platform }), reason };
    }),
  };
}

/** As an index names it; annotations of a layout's index.json are names, which are none of its business. */
function entryOf({ platform }: Leaf, found: FoundImage | undefined): Descriptor | undefined {
  const descriptor = found?.manifest?.descriptor;
  return descriptor === undefined ? undefined : { ...descriptor, platform };
}
