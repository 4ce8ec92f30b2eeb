// What is attached to images of registries, for whoever takes it along: found now, its blobs read when they are needed.
import { buffer } from 'node:stream/consumers';
import { AirgapError } from '../errors.js';
import { type Attached, readAttached } from '../oci/attached.js';
import type { Descriptor } from '../oci/descriptor.js';
import { type Digest, digestOf } from '../oci/digest.js';
import { parseReference } from '../oci/reference.js';
import { findAttached } from '../registry/attached.js';
import { maxAttachedBytes } from '../registry/limits.js';
import type { Registries } from '../registry/open-registries.js';
import type { FoundManifest, Repository } from '../registry/repository.js';
import type { OpenedIndex } from '../stores/store.js';

/** What one name has attached, and where the bytes of that come from. */
export interface AttachedFound {
  readonly attached: readonly Attached[];
  /** The source's own index, where what is attached is all that was left of it. */
  readonly index?: FoundManifest;
  blob(descriptor: Descriptor): Promise<Buffer>;
}

export interface FindAttachedOptions {
  readonly registries: Registries;
  /** `docker://…` */
  readonly source: string;
  readonly opened: OpenedIndex | undefined;
  /** Of the images that go with their digests. */
  readonly manifests: readonly Digest[];
  readonly signal: AbortSignal;
}

const transport = 'docker://';

/** Undefined for what comes from no registry. @throws {AirgapError} REGISTRY_*, DOCUMENT_* */
export async function findAttachedOf(options: FindAttachedOptions): Promise<AttachedFound | undefined> {
  const { registries, source, opened, manifests, signal } = options;
  if (!source.startsWith(transport)) return undefined;
  const reference = parseReference(source.slice(transport.length));
  const from = await registries.source(reference);
  const ask = async <T>(work: (one: Repository) => Promise<T | undefined>): Promise<T | undefined> =>
    await from.first(work, signal);
  const wanted = reference.digest ?? reference.tag ?? 'latest';
  const { sourceDigest, left = [] } = opened?.index ?? {};
  // What says that it is for a platform is an image to engines, whatever else it says.
  const isBeside = left.every(
    ({ reason, platform }) => reason === 'attestation' && platform?.os === 'unknown',
  );
  const isWhole = sourceDigest !== undefined && left.length > 0 && isBeside;
  // By its digest: the tag may have moved since it was opened.
  const index = isWhole ? await ask((one) => one.resolve(sourceDigest, { signal })) : undefined;
  if (isWhole && index === undefined) throw gone(source, sourceDigest);
  const inside: Attached[] = [];
  for (const { digest } of isWhole ? left : []) {
    const manifest = await ask((one) => one.resolve(digest, { signal }));
    if (manifest === undefined) throw gone(source, digest);
    inside.push(readAttached(manifest, source));
  }
  // Of one platform the index was not opened: what belongs to it stays behind, and is told.
  const named = sourceDigest ?? (await ask((one) => one.resolve(wanted, { signal })))?.descriptor.digest;
  const digests = [...new Set([...(named === undefined ? [] : [named]), ...manifests])];
  // A mirror brings images, and seldom what is attached to them: where it has none the next is asked.
  const attached =
    (await ask(async (one) => {
      const found = await findAttached(one, digests, signal);
      return found.length === 0 ? undefined : found;
    })) ?? [];
  return {
    attached: [...new Map([...inside, ...attached].map((one) => [one.descriptor.digest, one])).values()],
    ...(index === undefined ? {} : { index }),
    async blob(descriptor) {
      const { digest, size } = descriptor;
      if (size > maxAttachedBytes)
        throw new AirgapError('DOCUMENT_TOO_LARGE', { what: source, limitBytes: maxAttachedBytes });
      const stream = await ask((one) => one.blob(descriptor, { signal }));
      if (stream === undefined) throw gone(source, digest);
      const bytes = await buffer(stream);
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
