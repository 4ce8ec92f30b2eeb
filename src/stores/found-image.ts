// What a reader of archives and layouts has found: names, platforms, and images whose documents are read and checked.
import { AirgapError, isAirgapError } from '../errors.js';
import type { Layer } from '../image/image.js';
import type { Descriptor } from '../oci/descriptor.js';
import { type Digest, digestOf } from '../oci/digest.js';
import type { ImageConfig } from '../oci/manifest.js';
import { formatPlatform, normalisePlatform, type Platform, platformFits } from '../oci/platform.js';
import type { Reference } from '../oci/reference.js';
import { nearest } from '../text/near.js';

/** A layer and the file of the tree that holds it. */
export interface FoundLayer extends Layer {
  readonly file: string;
}

export interface FoundImage {
  readonly reference: Reference | undefined;
  readonly imageId: Digest;
  readonly rawConfig: Uint8Array;
  readonly config: ImageConfig;
  readonly layers: readonly FoundLayer[];
  readonly manifest?: { readonly raw: Uint8Array; readonly descriptor: Descriptor };
}

/** One image for one platform that can be read. */
export interface Leaf {
  readonly platform: Platform;
  /** What points at its manifest, where it has one. */
  readonly entry?: Descriptor;
  /** Whether its manifest is there: an index may name platforms that were never brought along. Absent where it must be. */
  isHere?(): Promise<boolean>;
  load(): Promise<FoundImage>;
}

/** One entry of an index.json or a manifest.json. */
export interface Candidate {
  /** As written there. */
  readonly names: readonly string[];
  readonly reference: Reference | undefined;
  /** Equal for entries that mean the same image. */
  readonly key: string;
  matches(name: string): boolean;
  /** One, or one a platform. */
  leaves(): Promise<readonly Leaf[]>;
  /** The index that it is; undefined for a single image. Absent where there are no indexes. */
  index?(): Promise<FoundIndex | undefined>;
}

export interface FoundIndex {
  readonly raw: Uint8Array;
  readonly descriptor: Descriptor;
  /** All that it names, images or not. */
  readonly entries: readonly Descriptor[];
}

export interface ChooseOptions {
  /** What stands behind the path; `@N` is the Nth entry, counted from 0. */
  readonly name: string | undefined;
  readonly platform: Platform | undefined;
  /** `oci-archive:/path` */
  readonly store: string;
}

/** The one image meant. @throws {AirgapError} IMAGE_UNKNOWN, IMAGE_AMBIGUOUS, PLATFORM_MISSING, and what loading throws */
export async function chooseImage(
  candidates: readonly Candidate[],
  options: ChooseOptions,
): Promise<FoundImage> {
  const { platform } = options;
  const chosen = chooseCandidates(candidates, options);
  const leaves = (await Promise.all(chosen.map((candidate) => candidate.leaves()))).flat();
  const fitting = byPlatform(leaves, platform);
  const [leaf] = fitting;
  if (leaf === undefined) throw platformMissing(leaves, platform, sourceOf(options));
  if (fitting.length > 1 && chosen.length > 1) throw ambiguous(candidates, chosen, sourceOf(options));
  return await loadLeaf(leaf, leaves, { platform, source: sourceOf(options) });
}

/**
 * One of these platforms. @throws {AirgapError} PLATFORM_MISSING where it was left behind and another is there, and what loading
 * throws
 */
export async function loadLeaf(
  leaf: Leaf,
  leaves: readonly Leaf[],
  { platform, source }: { readonly platform: Platform | undefined; readonly source: string },
): Promise<FoundImage> {
  try {
    return await leaf.load();
  } catch (error) {
    if (!isAirgapError(error, 'IMAGE_INCOMPLETE') || (await leaf.isHere?.()) !== false) throw error;
    const here: Leaf[] = [];
    for (const other of leaves) if ((await other.isHere?.()) !== false) here.push(other);
    if (here.length === 0) throw error;
    throw platformMissing(here, platform, source);
  }
}

/** The entries meant: one, or several that only their platforms tell apart. @throws {AirgapError} IMAGE_UNKNOWN, IMAGE_AMBIGUOUS */
export function chooseCandidates(
  candidates: readonly Candidate[],
  { name, store }: Pick<ChooseOptions, 'name' | 'store'>,
): readonly Candidate[] {
  const chosen = distinct(named(candidates, { name, store }));
  if (name !== undefined || areOneImage(chosen)) return chosen;
  throw new AirgapError('IMAGE_AMBIGUOUS', { source: store, names: labels(candidates) });
}

/** As the user would name it. */
export function sourceOf({ name, store }: Pick<ChooseOptions, 'name' | 'store'>): string {
  return name === undefined ? store : `${store}:${name}`;
}

export function platformMissing(
  found: readonly { readonly platform: Platform }[],
  asked: Platform | undefined,
  image: string,
): AirgapError {
  return new AirgapError('PLATFORM_MISSING', {
    image,
    wanted: formatPlatform(asked ?? ownPlatform()),
    found: [...new Set(found.map((other) => formatPlatform(other.platform)))],
  });
}

export function ambiguous(
  candidates: readonly Candidate[],
  chosen: readonly Candidate[],
  source: string,
): AirgapError {
  return new AirgapError('IMAGE_AMBIGUOUS', {
    source,
    names: chosen.map((one) => `@${candidates.indexOf(one)}`),
  });
}

/** How entries are named on the command line, each so that it is found again. */
export function labels(candidates: readonly Candidate[]): string[] {
  return candidates.map((candidate, at) => candidate.names[0] ?? `@${at}`);
}

/** Entries, each image once. */
export function distinct(candidates: readonly Candidate[]): Candidate[] {
  const seen = new Map<string, Candidate>();
  for (const candidate of candidates) if (!seen.has(candidate.key)) seen.set(candidate.key, candidate);
  return [...seen.values()];
}

/** Leaves for that platform, the best fit first and worse ones left out; a lone leaf fits when none was asked for. */
export function byPlatform(leaves: readonly Leaf[], asked: Platform | undefined): Leaf[] {
  if (asked === undefined && leaves.length === 1) return [...leaves];
  const wanted = normalisePlatform(asked ?? ownPlatform());
  const text = formatPlatform(wanted);
  const exact = leaves.filter((leaf) => formatPlatform(leaf.platform) === text);
  if (exact.length > 0) return exact;
  // Of several that run, the newest variant: arm/v7 before arm/v6.
  const running = leaves.filter((leaf) => platformFits(leaf.platform, wanted));
  return running
    .sort((a, b) => (formatPlatform(a.platform) < formatPlatform(b.platform) ? 1 : -1))
    .slice(0, 1);
}

/** This machine's platform, for choosing out of an index. */
export function ownPlatform(): Platform {
  const spellings: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', ppc64: 'ppc64le' };
  return { os: 'linux', architecture: spellings[process.arch] ?? process.arch };
}

/** Checks a document's size and digest. @throws {AirgapError} SIZE_MISMATCH, DIGEST_MISMATCH */
export function checkDocument(
  raw: Uint8Array,
  want: { readonly digest: Digest; readonly size?: number },
  what: string,
): void {
  if (want.size !== undefined && raw.byteLength !== want.size) {
    throw new AirgapError('SIZE_MISMATCH', { what, got: raw.byteLength, want: want.size });
  }
  const got = digestOf(raw);
  if (got !== want.digest) throw new AirgapError('DIGEST_MISMATCH', { what, got, want: want.digest });
}

function named(
  candidates: readonly Candidate[],
  { name, store }: Pick<ChooseOptions, 'name' | 'store'>,
): readonly Candidate[] {
  if (name === undefined) return candidates;
  const place = /^@([0-9]{1,6})$/.exec(name);
  const found = candidates.filter((one, at) =>
    place === null ? one.matches(name) : at === Number(place[1]),
  );
  if (found.length > 0) return found;
  throw new AirgapError('IMAGE_UNKNOWN', { image: name, store, near: nearest(name, labels(candidates)) });
}

/** One entry, or several that only their platforms tell apart. */
function areOneImage(candidates: readonly Candidate[]): boolean {
  const [first, ...rest] = candidates.map((candidate) => candidate.names.join('\n'));
  return rest.every((names) => names !== '' && names === first);
}
