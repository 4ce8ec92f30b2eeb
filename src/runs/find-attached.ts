// What is attached to images, for whoever takes it along: found now where they come from, its blobs read when they are needed.
import { AirgapError } from '../errors.js';
import { type Attached, readAttached } from '../oci/attached.js';
import type { Descriptor } from '../oci/descriptor.js';
import { type Digest, digestOf } from '../oci/digest.js';
import { maxAttachedBytes } from '../registry/limits.js';
import type { FoundManifest } from '../registry/repository.js';
import type { AttachedPlace } from '../stores/attached-place.js';
import type { OpenedIndex } from '../stores/store.js';
import { text } from '../text/text.js';
import type { ChosenImage } from './choose-images.js';
import type { ExportParts } from './export.js';
import type { OpenImageOptions } from './prepare-host.js';
import type { RunContext } from './run.js';

/** What one name has attached, and where the bytes of that come from. */
export interface AttachedFound {
  readonly attached: readonly Attached[];
  /** The source's own index, where what is attached is all that was left of it. */
  readonly index?: FoundManifest;
  blob(descriptor: Descriptor): Promise<Buffer>;
}

export interface LookOptions
  extends Pick<RunContext, 'emit' | 'signal'>,
    Pick<OpenImageOptions, 'client' | 'cleanUp'> {
  readonly parts: Pick<ExportParts, 'attached'>;
}

export interface FindAttachedOptions {
  readonly place: AttachedPlace;
  /** As the user names it. */
  readonly source: string;
  readonly opened: OpenedIndex | undefined;
  /** Of the images that go with their digests. */
  readonly manifests: readonly Digest[];
}

/** What `findAttachedOf` finds where that one comes from; undefined, and told, where nothing attached is kept. @throws {AirgapError} as it does */
export async function lookForAttached(
  { source, base }: Pick<ChosenImage, 'source' | 'base'>,
  found: Pick<FindAttachedOptions, 'opened' | 'manifests'>,
  { parts, client, cleanUp, emit, signal }: LookOptions,
): Promise<AttachedFound | undefined> {
  const based = base === undefined ? {} : { base };
  const place = await parts.attached(source, { ...based, client, cleanUp, emit, signal });
  if (place !== undefined) return await findAttachedOf({ place, source, ...found });
  emit({ type: 'note', message: text().words.push.attachedNowhere(source) });
  return undefined;
}

/** @throws {AirgapError} REGISTRY_*, DOCUMENT_*, SOURCE_GONE */
export async function findAttachedOf(options: FindAttachedOptions): Promise<AttachedFound> {
  const { place, source, opened, manifests } = options;
  const { sourceDigest, left = [] } = opened?.index ?? {};
  // What says that it is for a platform is an image to engines, whatever else it says.
  const isBeside = left.every(
    ({ reason, platform }) => reason === 'attestation' && platform?.os === 'unknown',
  );
  const isWhole = sourceDigest !== undefined && left.length > 0 && isBeside;
  // By its digest: the tag may have moved since it was opened.
  const index = isWhole ? await place.manifest(sourceDigest) : undefined;
  if (isWhole && index === undefined) throw gone(source, sourceDigest);
  const inside: Attached[] = [];
  for (const { digest } of isWhole ? left : []) {
    const manifest = await place.manifest(digest);
    if (manifest === undefined) throw gone(source, digest);
    inside.push(readAttached(manifest, source));
  }
  // Of one platform the index was not opened: what belongs to it stays behind, and is told.
  const named = sourceDigest ?? (await place.named());
  const attached = await place.find([...new Set([...(named === undefined ? [] : [named]), ...manifests])]);
  return {
    attached: [...new Map([...inside, ...attached].map((one) => [one.descriptor.digest, one])).values()],
    ...(index === undefined ? {} : { index }),
    async blob(descriptor) {
      const { digest } = descriptor;
      const bytes = await place.blob(descriptor, maxAttachedBytes);
      if (bytes === undefined) throw gone(source, digest);
      const got = digestOf(bytes);
      if (got !== digest) throw new AirgapError('DIGEST_MISMATCH', { what: source, got, want: digest });
      return bytes;
    },
  };
}

function gone(source: string, digest: Digest): AirgapError {
  return new AirgapError('SOURCE_GONE', { source, detail: digest });
}

/** For plans and receipts. */
export function attachedBytes(all: readonly Pick<AttachedFound, 'attached'>[]): {
  readonly count: number;
  readonly bytes: number;
} {
  const each = all.flatMap(({ attached }) => attached);
  return {
    count: each.length,
    bytes: each.reduce(
      (sum, { blobs, raw }) => sum + raw.byteLength + blobs.reduce((a, { size }) => a + size, 0),
      0,
    ),
  };
}
