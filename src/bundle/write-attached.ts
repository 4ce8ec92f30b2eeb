// Writes what is attached to images: blobs once each, beside the layers; manifests lie with the other documents.
// @see docs/format.md B-66
import { AirgapError } from '../errors.js';
import { type Digest, digestOf } from '../oci/digest.js';
import type { BundleAttached, BundleContent } from './manifest.js';
import { blobFile } from './paths.js';
import type { Chunks, Volumes } from './volumes.js';

/** What is attached to an image, as its source has it. */
export interface WrittenAttached extends Pick<BundleAttached, 'reference' | 'mediaType' | 'tag'> {
  readonly manifest: Uint8Array;
  /** Each once. */
  readonly blobs: readonly { readonly digest: Digest; readonly size: number; open(): Chunks }[];
}

/** Adds the blobs that are not among the `known` files. @throws {AirgapError} DIGEST_MISMATCH, DRIVE_*, VOLUME_TOO_SMALL */
export async function addAttachedBlobs(
  volumes: Volumes,
  attached: readonly WrittenAttached[],
  known: ReadonlySet<string>,
): Promise<BundleContent[]> {
  const added = new Map<string, BundleContent>();
  for (const { digest, size, open } of attached.flatMap(({ blobs }) => blobs)) {
    const file = blobFile(digest);
    if (known.has(file) || added.has(file)) continue;
    const content = await volumes.addFile(file, open(), size);
    if (content.digest !== digest)
      throw new AirgapError('DIGEST_MISMATCH', { what: file, got: content.digest, want: digest });
    added.set(file, content);
  }
  return [...added.values()];
}

/** As airgap.json tells it. */
export function attachedRow({ reference, manifest, mediaType, tag, blobs }: WrittenAttached): BundleAttached {
  return {
    reference,
    manifest: digestOf(manifest),
    mediaType,
    ...(tag === undefined ? {} : { tag }),
    blobs: blobs.map(({ digest }) => digest),
  };
}
