// What an export will write: which layers, in which codec, how much room. Pure, made before a byte moves.
import type { Codec } from '../oci/descriptor.js';
import type { DiffId, Digest } from '../oci/digest.js';
import { estimateWire, exact, sumFigures, worstRaw, worstWire } from '../plan/estimate.js';
import type { Figure } from '../plan/plan.js';
import type { FileKind } from './manifest.js';
import type { Holder } from './passport.js';

export interface ExportImage {
  readonly source: string;
  /** Full name. */
  readonly reference: string;
  readonly imageId: Digest;
  readonly platform: string;
  readonly layers: readonly {
    readonly diffId: DiffId;
    readonly raw: Figure;
    /** The blob that the source holds, compressed. */
    readonly packed?: PackedBlob;
  }[];
  /** Images of one group are read in one pass. */
  readonly readGroup?: string;
  /** The source's own; plain if all readers read it alike. */
  readonly ownManifest?: { readonly digest: Digest; readonly isPlain: boolean };
}

export interface PackedBlob {
  readonly digest: Digest;
  readonly bytes: number;
  readonly codec: Exclude<Codec, 'none'>;
}

/** Why an image gets a manifest made for the bundle. */
export type MadeReason =
  /** Its source has none. */
  | 'none'
  /** A codec was asked for. */
  | 'asked'
  /** Layers are left out. */
  | 'omitted'
  /** Layers are of a codec that not every host reads, or not compressed at all. */
  | 'codec'
  /** Another image of the bundle has brought a layer packed in another way. */
  | 'shared'
  /** Some readers would take it for another. */
  | 'unusual';

/** The source's own manifest is kept, with its digest; or one is made, and why. */
export type ManifestRoute = { readonly kept: Digest } | { readonly made: MadeReason };

/** What travels beside images. */
export interface PlannedPayload {
  readonly files: readonly {
    readonly kind: FileKind;
    readonly to: string;
    readonly mode: string;
    readonly bytes: number;
  }[];
  readonly packages: readonly {
    readonly set: string;
    readonly kind: 'deb' | 'rpm';
    /** Packages in it; `fileCount` and `bytes` tell its lists, too. */
    readonly names: number;
    readonly fileCount: number;
    readonly bytes: number;
  }[];
}

/** What is attached to images and goes along. */
export interface PlannedAttached {
  readonly count: number;
  /** Of manifests and blobs. */
  readonly bytes: number;
  /** Every volume has them. */
  readonly manifestBytes: number;
  readonly blobCount: number;
}

export interface ExportPlanInput {
  readonly images: readonly ExportImage[];
  /** Undefined: auto. */
  readonly codec?: Codec;
  readonly level?: number;
  /** Hosts by passport: a layer is left out only where all of them hold it. */
  readonly hosts: readonly { readonly holder: Holder; readonly readsZstd: boolean }[];
  /** Earlier bundles that are known to have arrived. */
  readonly bases: readonly Holder[];
  /** Stored bytes of layers that are at the destination already. */
  readonly there: ReadonlyMap<DiffId, number>;
  readonly payload?: PlannedPayload;
  readonly attached?: PlannedAttached | undefined;
  readonly importBytes: number;
  readonly freeBytes: number;
}

export type ExportRoute = 'store' | 'there' | 'omit';

export interface PlannedBundleLayer {
  readonly diffId: DiffId;
  readonly raw: Figure;
  readonly route: ExportRoute;
  /** Bytes in the bundle. */
  readonly stored: Figure;
  /** The source's blob that is stored as it is. */
  readonly carried?: PackedBlob;
}

/** The source's own index is kept, with its digest; or one is made of what is there, and why. */
export type IndexRoute =
  | { readonly kept: Digest }
  | {
      readonly made:
        | 'none'
        | 'manifests'
        | 'unusual'
        | 'platform'
        | 'attestation'
        | 'nested'
        | 'missing'
        | 'unsupported';
    };

export interface ExportPlan extends PlannedPayload {
  /** Present where it was looked for. */
  readonly attached?: PlannedAttached;
  readonly images: readonly (Omit<ExportImage, 'layers' | 'ownManifest' | 'readGroup'> & {
    readonly layers: readonly PlannedBundleLayer[];
    readonly manifest: ManifestRoute;
  })[];
  /** Of names that stand for several platforms. */
  readonly indexes: readonly ({ readonly reference: string; readonly platforms: number } & IndexRoute)[];
  readonly codec: Codec;
  readonly level: number;
  readonly codecReason: 'asked' | 'allReadZstd' | 'someLackZstd' | 'noPassport';
  readonly totals: {
    /** Each layer once. */
    readonly layerCount: number;
    readonly storeCount: number;
    /** Of these as their sources hold them. */
    readonly carryCount: number;
    readonly omitCount: number;
    readonly raw: Figure;
    readonly stored: Figure;
    readonly omitted: Figure;
    /** What sharing layers saves, unpacked. */
    readonly sharedBytes: number;
  };
  /** Upper bound of what is still to be written, and what is free. */
  readonly neededBytes: number;
  readonly freeBytes: number;
  /** Kept free in each volume. */
  readonly reservedBytes: number;
}

/** Levels of an export that nobody chose: fixed, because the same images must give the same bytes. */
export const exportLevels = { none: 0, gzip: 6, zstd: 3 } as const satisfies Record<Codec, number>;

/** @returns the plan; a layer that one image needs and its host would not find stays in for all images */
export function planExport(input: ExportPlanInput): ExportPlan {
  const { codec, reason } = chooseCodec(input);
  const isHeld = (diffIds: readonly DiffId[], at: number): boolean =>
    input.bases.some((base) => base.holds(diffIds, at)) ||
    (input.hosts.length > 0 && input.hosts.every(({ holder }) => holder.holds(diffIds, at)));
  const kept = new Set<DiffId>();
  for (const { layers } of input.images) {
    const diffIds = layers.map((layer) => layer.diffId);
    for (const [at, diffId] of diffIds.entries()) if (!isHeld(diffIds, at)) kept.add(diffId);
  }
  const carries = carriedBlobs(input);
  const planLayer = ({ diffId, raw }: ExportImage['layers'][number]): PlannedBundleLayer => {
    const there = input.there.get(diffId);
    if (!kept.has(diffId)) return { diffId, raw, route: 'omit', stored: exact(0) };
    const blob = carries.get(diffId);
    const carried = blob === undefined ? {} : { carried: blob };
    if (there !== undefined) return { diffId, raw, route: 'there', stored: exact(there), ...carried };
    if (blob !== undefined) return { diffId, raw, route: 'store', stored: exact(blob.bytes), ...carried };
    const stored = codec === 'none' && raw.kind === 'exact' ? raw : estimateWire(raw.bytes, codec);
    return { diffId, raw, route: 'store', stored };
  };
  const planned = input.images.map((given) => {
    const { ownManifest: _own, readGroup: _group, ...image } = given;
    const layers = image.layers.map(planLayer);
    return { ...image, layers, manifest: manifestRoute(given, layers, input) };
  });
  const images = agreed(planned);
  const all = images.flatMap((image) => image.layers);
  const layers = [...new Map(all.map((layer) => [layer.diffId, layer])).values()];
  const by = (route: ExportRoute): PlannedBundleLayer[] => layers.filter((layer) => layer.route === route);
  const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
  const payload = input.payload ?? { files: [], packages: [] };
  const payloadCount = payload.files.length + sum(payload.packages.map(({ fileCount }) => fileCount));
  const { attached } = input;
  const metadata =
    metadataBytes(images.length, all.length, input.importBytes) +
    payloadCount * perFileBytes +
    (attached === undefined
      ? 0
      : attached.manifestBytes + (attached.count + attached.blobCount) * perFileBytes);
  const payloadBytes = sum([...payload.files, ...payload.packages].map(({ bytes }) => bytes));
  const raw = sumFigures(layers.map((layer) => layer.raw));
  return {
    images,
    indexes: [],
    ...payload,
    ...(attached === undefined ? {} : { attached }),
    codec,
    level: input.level ?? exportLevels[codec],
    codecReason: reason,
    totals: {
      layerCount: layers.length,
      storeCount: layers.length - by('omit').length,
      carryCount: layers.filter(({ carried }) => carried !== undefined).length,
      omitCount: by('omit').length,
      raw,
      stored: sumFigures([...by('store'), ...by('there')].map((layer) => layer.stored)),
      omitted: sumFigures(by('omit').map((layer) => layer.raw)),
      sharedBytes: sum(all.map((layer) => layer.raw.bytes)) - raw.bytes,
    },
    neededBytes: sum(by('store').map(mostBytes)) + payloadBytes + (attached?.bytes ?? 0) + metadata,
    freeBytes: input.freeBytes,
    reservedBytes: metadata,
  };
}

/** Most bytes that a layer takes in the bundle. */
export function mostBytes({ raw, carried }: Pick<PlannedBundleLayer, 'raw' | 'carried'>): number {
  return carried?.bytes ?? worstWire(worstRaw(raw));
}

/** Which layers are stored as their sources hold them: of several that hold one layer the first that is read. */
function carriedBlobs(input: ExportPlanInput): ReadonlyMap<DiffId, PackedBlob> {
  const first = new Map<DiffId, PackedBlob | undefined>();
  const inOrder = [...Map.groupBy(input.images, ({ readGroup }) => readGroup).values()].flat();
  for (const { diffId, packed } of inOrder.flatMap((image) => image.layers))
    if (!first.has(diffId)) first.set(diffId, packed);
  return new Map(
    [...first].flatMap(([diffId, blob]) =>
      blob !== undefined && canCarry(blob, input) ? [[diffId, blob]] : [],
    ),
  );
}

function canCarry(blob: PackedBlob, { codec, hosts }: ExportPlanInput): boolean {
  if (codec !== undefined) return false;
  return blob.codec === 'gzip' || (hosts.length > 0 && hosts.every(({ readsZstd }) => readsZstd));
}

function manifestRoute(
  { ownManifest, layers }: ExportImage,
  planned: readonly PlannedBundleLayer[],
  input: ExportPlanInput,
): ManifestRoute {
  if (ownManifest === undefined) return { made: 'none' };
  if (input.codec !== undefined) return { made: 'asked' };
  if (planned.some(({ route }) => route === 'omit')) return { made: 'omitted' };
  for (const [at, { packed }] of layers.entries()) {
    if (packed === undefined || !canCarry(packed, input)) return { made: 'codec' };
    if (planned[at]?.carried?.digest !== packed.digest) return { made: 'shared' };
  }
  return ownManifest.isPlain ? { kept: ownManifest.digest } : { made: 'unusual' };
}

/** One image has one manifest, whatever its names: the first that is kept is that of all. */
function agreed<T extends Pick<ExportImage, 'imageId'> & { readonly manifest: ManifestRoute }>(
  images: readonly T[],
): T[] {
  const kept = new Map<Digest, ManifestRoute>();
  for (const { imageId, manifest } of images)
    if ('kept' in manifest && !kept.has(imageId)) kept.set(imageId, manifest);
  return images.map((image) => {
    const first = kept.get(image.imageId);
    if (first === undefined) return image;
    const { manifest } = image;
    // `shared`: its source packs the layers in another way, so it has another digest there, too.
    const isOther =
      'kept' in manifest ? 'kept' in first && manifest.kept !== first.kept : manifest.made === 'shared';
    return { ...image, manifest: isOther ? { made: 'shared' } : first };
  });
}

// Its lines in airgap.json, SHA256SUMS and recipes/bundle, and what a tar adds to it.
const perFileBytes = 2048;

function chooseCodec({ codec, hosts }: ExportPlanInput): { codec: Codec; reason: ExportPlan['codecReason'] } {
  if (codec !== undefined) return { codec, reason: 'asked' };
  // What unpacks on any machine, when nobody knows the machine.
  if (hosts.length === 0) return { codec: 'gzip', reason: 'noPassport' };
  return hosts.every((host) => host.readsZstd)
    ? { codec: 'zstd', reason: 'allReadZstd' }
    : { codec: 'gzip', reason: 'someLackZstd' };
}

// Room for what every volume holds: config (three times: blob and two tails), manifests, recipe and frames of each image;
// 500 bytes for each layer in airgap.json, SHA256SUMS and recipes/bundle.
function metadataBytes(imageCount: number, layerCount: number, importBytes: number): number {
  const perImage = 96 * 1024;
  const perLayer = 4 * 1024;
  return 64 * 1024 + importBytes + imageCount * perImage + layerCount * perLayer;
}
