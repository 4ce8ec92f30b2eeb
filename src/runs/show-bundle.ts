// `airgap show`: what a bundle says of itself, read from its documents only; no blob is hashed.
import { attachedFiles } from '../bundle/check-manifest.js';
import type { BundleImage, BundleManifest } from '../bundle/manifest.js';
import { openBundle } from '../bundle/reader.js';
import type { DiffId, Digest } from '../oci/digest.js';
import { signatureOf, type VerifyResult } from './verify-bundle.js';

export interface ShownImage {
  readonly reference: string;
  readonly imageId: Digest;
  readonly platform: string;
  readonly layerCount: number;
  /** Unpacked, shared and omitted layers included. */
  readonly rawBytes: number;
  readonly source: string;
  /** What `NAME@…` says over there and at the source alike: of its own manifest, or of the index that it is one platform of. */
  readonly kept?: { readonly digest: Digest; readonly of: 'manifest' | 'index' };
}

export interface ShownLayer {
  readonly diffId: DiffId;
  /** As stored; undefined for a layer that was left out. */
  readonly bytes: number | undefined;
  readonly rawBytes: number;
  /** Names of the images that have it. */
  readonly images: readonly string[];
}

export interface ShownBundle {
  readonly path: string;
  readonly digest: Digest;
  readonly manifest: Pick<
    BundleManifest,
    'name' | 'tool' | 'codec' | 'level' | 'base' | 'files' | 'packages' | 'volumes'
  >;
  /** Numbers of those that were found. */
  readonly presentVolumes: readonly number[];
  readonly missingVolumes: readonly number[];
  readonly images: readonly ShownImage[];
  /** Each once, stored ones first. */
  readonly layers: readonly ShownLayer[];
  readonly sums: {
    /** Every file of it. */
    readonly storedBytes: number;
    /** Its stored layers. */
    readonly rawBytes: number;
    /** What it would hold more, unpacked, if images shared nothing. */
    readonly savedBytes: number;
    readonly omittedBytes: number;
    /** Signatures and attestations; absent where there are none. */
    readonly attached?: { readonly count: number; readonly bytes: number };
  };
  readonly signature: VerifyResult['signature'];
}

/** @throws {AirgapError} BUNDLE_INVALID, BUNDLE_VERSION, BUNDLE_DAMAGED, DOCUMENT_INVALID, DRIVE_FAILED */
export async function showBundle(paths: readonly string[]): Promise<ShownBundle> {
  const bundle = await openBundle(paths);
  const { manifest } = bundle;
  const { name, tool, codec, level, base, files, packages, volumes } = manifest;
  const rawSizes = new Map(
    [...manifest.layers, ...manifest.omitted].map((one) => [one.diffId, one.rawBytes]),
  );
  const images = manifest.images.map((image) => ({
    reference: image.reference,
    imageId: image.imageId,
    platform: image.platform,
    layerCount: image.layers.length,
    rawBytes: sum(image.layers.map((diffId) => rawSizes.get(diffId) ?? 0)),
    source: image.source,
    ...keptOf(image),
  }));
  const omitted = manifest.omitted.map((layer) => ({ ...layer, bytes: undefined }));
  const layers = [...manifest.layers, ...omitted].map(({ diffId, bytes, rawBytes }) => ({
    diffId,
    bytes,
    rawBytes,
    images: manifest.images.filter((one) => one.layers.includes(diffId)).map(({ reference }) => reference),
  }));
  const rawBytes = sum(manifest.layers.map((layer) => layer.rawBytes));
  const omittedBytes = sum(manifest.omitted.map((layer) => layer.rawBytes));
  const copies = manifest.contents.map(({ bytes, volume }) => bytes * (volume === undefined ? volumes : 1));
  return {
    path: bundle.path,
    digest: bundle.digest,
    manifest: { name, tool, codec, level, base, files, packages, volumes },
    presentVolumes: bundle.volumes.map(({ number }) => number),
    missingVolumes: bundle.missing,
    images,
    layers,
    sums: {
      storedBytes: sum(copies),
      rawBytes,
      savedBytes: Math.max(0, sum(images.map((image) => image.rawBytes)) - rawBytes - omittedBytes),
      omittedBytes,
      ...(manifest.attached === undefined ? {} : { attached: attachedSums(manifest) }),
    },
    signature: (await signatureOf(bundle)).signature,
  };
}

function keptOf({ own, index, manifest }: BundleImage): Pick<ShownImage, 'kept'> {
  if (index !== undefined) return { kept: { digest: index, of: 'index' } };
  return own === true ? { kept: { digest: manifest, of: 'manifest' } } : {};
}

function attachedSums(manifest: BundleManifest): { readonly count: number; readonly bytes: number } {
  const files = new Set(attachedFiles(manifest));
  const bytes = sum(manifest.contents.filter(({ path }) => files.has(path)).map((one) => one.bytes));
  return { count: manifest.attached?.length ?? 0, bytes };
}

function sum(values: readonly number[]): number {
  return values.reduce((all, one) => all + one, 0);
}
