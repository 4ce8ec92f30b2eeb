// What is attached to the images of an export: found at their registries, and taken along where what it belongs to keeps its digest.
import type { ExportPlan, PlannedAttached } from '../bundle/plan-export.js';
import type { WrittenAttached } from '../bundle/write-attached.js';
import { type Attached, belongingTo } from '../oci/attached.js';
import type { Descriptor } from '../oci/descriptor.js';
import type { Digest } from '../oci/digest.js';
import { text } from '../text/text.js';
import { fullName } from './far-names.js';
import { type AttachedFound, type LookOptions, lookForAttached } from './find-attached.js';
import type { OpenedPlatform } from './open-images.js';
import type { OpenedImage } from './prepare-export.js';
import type { RunContext } from './run.js';

/** By full name. */
export type FoundAttached = ReadonlyMap<string, AttachedFound>;

/** Asks where each name comes from once; blobs are read when they are written. @throws {AirgapError} REGISTRY_*, DOCUMENT_* */
export async function findForExport(
  images: readonly OpenedPlatform[],
  options: LookOptions,
): Promise<FoundAttached> {
  const found = new Map<string, AttachedFound>();
  for (const [reference, all] of Map.groupBy(images, ({ name }) => fullName(name))) {
    const [first] = all;
    if (first === undefined) continue;
    const { chosen, platforms } = first;
    const members = all.map(({ image }) => image);
    const opened =
      platforms === undefined
        ? undefined
        : { images: members, ...(platforms.index === undefined ? {} : { index: platforms.index }) };
    const manifests = members.flatMap(({ manifest }) => manifest?.descriptor.digest ?? []);
    const attached = await lookForAttached(chosen, { opened, manifests }, options);
    if (attached !== undefined) found.set(reference, attached);
  }
  return found;
}

/** An image whose index is whole with what is attached inside of it has the source's own index. */
export function withWholeIndex(image: OpenedImage, found: FoundAttached): OpenedImage {
  const { index, attached = [] } = found.get(image.reference) ?? {};
  if (image.platforms === undefined || index === undefined) return image;
  return {
    ...image,
    platforms: {
      index: { ...index, isOriginal: true, left: [] },
      beside: attached.map(({ descriptor }) => descriptor.digest),
    },
  };
}

export interface TakenAttached {
  readonly written: readonly WrittenAttached[];
  readonly planned: PlannedAttached | undefined;
  /** Of each blob. */
  readonly sizes: readonly number[];
}

/** Of what was found, what belongs to something that the bundle has under its digest; told is what stays behind. */
export function takeAttached(
  found: FoundAttached,
  planOf: () => Pick<ExportPlan, 'images' | 'indexes'>,
  emit: RunContext['emit'],
): TakenAttached {
  if (found.size === 0) return { written: [], planned: undefined, sizes: [] };
  const plan = planOf();
  const written: WrittenAttached[] = [];
  for (const [reference, { attached, index, blob }] of found) {
    const own = plan.indexes.find((one) => one.reference === reference);
    const isIndexKept = own !== undefined && 'kept' in own;
    const manifests = plan.images.flatMap(({ reference: name, manifest }): Digest[] =>
      name === reference && 'kept' in manifest ? [manifest.kept] : [],
    );
    const taken = belongingTo(attached, [...manifests, ...(isIndexKept ? [own.kept] : [])], {
      isIndexWhole: isIndexKept && index !== undefined,
    });
    const left = attached.length - taken.length;
    if (left > 0) emit({ type: 'note', message: text().words.export.attachedLeft(reference, left) });
    written.push(...taken.map((one) => writtenOf(one, reference, blob)));
  }
  const blobs = new Map(written.flatMap((one) => one.blobs).map((one) => [one.digest, one.size]));
  const sizes = [...blobs.values()];
  const manifestBytes = written.reduce((sum, { manifest }) => sum + manifest.byteLength, 0);
  const blobBytes = sizes.reduce((sum, bytes) => sum + bytes, 0);
  return {
    written,
    sizes,
    planned: {
      count: written.length,
      bytes: manifestBytes + blobBytes,
      manifestBytes,
      blobCount: sizes.length,
    },
  };
}

function writtenOf(
  { raw, descriptor, tag, blobs }: Attached,
  reference: string,
  read: (descriptor: Descriptor) => Promise<Buffer>,
): WrittenAttached {
  const each = [...new Map(blobs.map((one) => [one.digest, one])).values()];
  return {
    reference,
    manifest: raw,
    mediaType: descriptor.mediaType,
    ...(tag === undefined ? {} : { tag }),
    blobs: each.map((one) => ({
      digest: one.digest,
      size: one.size,
      async *open() {
        yield await read(one);
      },
    })),
  };
}
