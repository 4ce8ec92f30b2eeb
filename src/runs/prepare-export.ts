// The near half of an export: reads passports and earlier bundles, plans. Nothing is written.
import { readFile } from 'node:fs/promises';
import { indexOfJust } from '../bundle/bundle-index.js';
import type { PlacedLayer } from '../bundle/journal.js';
import type { BundleManifest } from '../bundle/manifest.js';
import {
  type Holder,
  holderOf,
  type Passport,
  parsePassport,
  readsZstd,
  stackHolder,
} from '../bundle/passport.js';
import {
  type ExportImage,
  type ExportPlan,
  exportLevels,
  type IndexRoute,
  type ManifestRoute,
  type PackedBlob,
  type PlannedAttached,
  type PlannedPayload,
  planExport,
} from '../bundle/plan-export.js';
import { AirgapError } from '../errors.js';
import { type Image, isPacked, type Layer } from '../image/image.js';
import { type Digest, digestOf } from '../oci/digest.js';
import { parseManifest } from '../oci/manifest.js';
import { plainManifestType } from '../oci/plain-documents.js';
import { formatPlatform } from '../oci/platform.js';
import type { ImageIndex } from '../stores/store.js';
import { hasCode, plainly } from '../streams/fs-errors.js';
import type { ExportOptions } from './api.js';
import type { ExportParts } from './export.js';

export interface OpenedImage {
  readonly image: Image;
  /** Full name over there. */
  readonly reference: string;
  /** As the bundle tells it. */
  readonly source: string;
  /** One of several that the name stands for. */
  readonly platforms?: {
    readonly index: ImageIndex | undefined;
    /** What the index names beside images, and goes along. */
    readonly beside?: readonly Digest[];
  };
}

/** @throws {AirgapError} PASSPORT_INVALID */
export async function readPassport(
  file: string,
): Promise<{ readonly passport: Passport; readonly digest: Digest }> {
  const raw = await readFile(file).catch((cause: Error) => {
    const problem = hasCode(cause, 'ENOENT') ? 'no-file' : 'unreadable';
    throw new AirgapError('PASSPORT_INVALID', { path: file, problem, detail: plainly(cause) }, { cause });
  });
  return { passport: parsePassport(raw, file), digest: digestOf(raw) };
}

export interface PrepareOptions {
  readonly parts: ExportParts;
  readonly options: ExportOptions;
  readonly images: readonly OpenedImage[];
  readonly payload: PlannedPayload;
  readonly attached?: PlannedAttached | undefined;
  readonly passports: readonly { readonly passport: Passport }[];
  readonly bases: readonly { readonly manifest: BundleManifest }[];
}

/** The plan, once it is known what is at the destination already. */
export function planOf(
  given: PrepareOptions,
): (reusable: readonly PlacedLayer[], freeBytes: number) => ExportPlan {
  const { options, images } = given;
  const asked = options.compress === undefined || options.compress === 'auto' ? undefined : options.compress;
  return (reusable, freeBytes) => {
    const plan = planExport({
      images: images.map(exportImage),
      ...(asked === undefined ? {} : { codec: asked.codec, level: asked.level ?? exportLevels[asked.codec] }),
      hosts: given.passports.map(({ passport }) => ({
        holder: holderOf(passport),
        readsZstd: readsZstd(passport),
      })),
      bases: given.bases.map(({ manifest }) => baseHolder(manifest)),
      there: new Map(reusable.map(({ layer }) => [layer.diffId, layer.bytes])),
      payload: given.payload,
      attached: given.attached,
      importBytes: given.parts.importProgram().byteLength,
      freeBytes,
    });
    return { ...plan, indexes: plannedIndexes(images, plan) };
  };
}

/** What becomes of the index of each name that stands for several platforms. */
function plannedIndexes(images: readonly OpenedImage[], plan: ExportPlan): ExportPlan['indexes'] {
  const rows = images.map((image, at) => ({ image, manifest: plan.images[at]?.manifest }));
  const names = Map.groupBy(
    rows.filter(({ image }) => image.platforms !== undefined),
    ({ image }) => image.reference,
  );
  return [...names].map(([reference, all]) => {
    const { index, beside } = all[0]?.image.platforms ?? {};
    return { reference, platforms: all.length, ...indexRoute(index, all, beside) };
  });
}

function indexRoute(
  index: ImageIndex | undefined,
  all: readonly { readonly image: OpenedImage; readonly manifest: ManifestRoute | undefined }[],
  beside?: readonly Digest[],
): IndexRoute {
  if (index === undefined) return { made: 'none' };
  const [left] = index.left;
  if (left !== undefined) return { made: left.reason };
  const descriptors = all.map(({ image: { image } }) => image.manifest?.descriptor);
  const isKept = all.every(
    ({ manifest }, at) =>
      manifest !== undefined && 'kept' in manifest && manifest.kept === descriptors[at]?.digest,
  );
  if (!index.isOriginal || !isKept) return { made: 'manifests' };
  const wanted = all.flatMap(({ image: { image } }) =>
    image.manifest === undefined ? [] : [{ ...image.manifest.descriptor, platform: image.platform }],
  );
  return indexOfJust(index.raw, wanted, beside) === undefined
    ? { made: 'unusual' }
    : { kept: index.descriptor.digest };
}

function exportImage({ image, reference, source }: OpenedImage): ExportImage {
  const own = image.manifest;
  return {
    source,
    reference,
    imageId: image.imageId,
    platform: formatPlatform(image.platform),
    readGroup: image.readGroup,
    layers: image.layers.map((layer) => {
      const { diffId, uncompressedBytes, estimatedBytes } = layer;
      const packed = packedBlob(layer);
      return {
        diffId,
        raw:
          uncompressedBytes === undefined
            ? { bytes: estimatedBytes ?? 0, kind: 'estimate' as const }
            : { bytes: uncompressedBytes, kind: 'exact' as const },
        ...(packed === undefined ? {} : { packed }),
      };
    }),
    ...(own === undefined
      ? {}
      : { ownManifest: { digest: own.descriptor.digest, isPlain: isPlain(image, own.raw) } }),
  };
}

function packedBlob(layer: Layer): PackedBlob | undefined {
  if (!isPacked(layer) || layer.codec === 'none') return undefined;
  return { digest: layer.blob.digest, bytes: layer.blob.size, codec: layer.codec };
}

/** Whether the manifest says of the config and the blobs what every reader understands alike. */
function isPlain({ imageId, layers }: Image, raw: Uint8Array): boolean {
  const blobs = layers.map(({ blob, codec }) => (blob === undefined ? undefined : { ...blob, codec }));
  if (!blobs.every((one) => one !== undefined)) return false;
  // The store has checked the config against this size.
  const { size } = parseManifest(raw, '').config;
  return plainManifestType(raw, { config: { digest: imageId, size }, layers: blobs }) !== undefined;
}

/** Who has an earlier bundle, and loaded it, has its images whole. */
function baseHolder(manifest: BundleManifest): Holder {
  return stackHolder(manifest.images.map((image) => image.layers));
}

/** Names all that decides which bytes of layers come in which order: what is of another work is not gone on with. */
export function workOf(plan: ExportPlan, tool: string, { splitBytes }: ExportOptions): Digest {
  const images = plan.images.map(({ source, imageId, layers }) => [
    source,
    imageId,
    layers.filter(({ route }) => route === 'omit').map(({ diffId }) => diffId),
    layers.flatMap(({ carried }) => carried?.digest ?? []),
  ]);
  // How much of a volume is for layers depends on all that is not.
  const split = splitBytes === undefined ? null : [splitBytes, plan.reservedBytes];
  return digestOf(Buffer.from(JSON.stringify({ tool, codec: plan.codec, level: plan.level, images, split })));
}

/** Whether a bundle that is there holds these images under these names. */
export function sameImages(manifest: BundleManifest, images: readonly OpenedImage[]): boolean {
  const key = (reference: string, imageId: string): string => `${reference} ${imageId}`;
  const there = manifest.images.map((image) => key(image.reference, image.imageId)).toSorted();
  const here = images.map(({ reference, image }) => key(reference, image.imageId)).toSorted();
  return there.join('\n') === here.join('\n');
}
