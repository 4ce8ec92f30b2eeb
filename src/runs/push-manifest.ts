// Which manifest a push brings: the source's own, as long as it says the truth about what is there, else one of what layers became.
import { type Image, isPacked, type Layer } from '../image/image.js';
import { buildManifest } from '../oci/build.js';
import { type Descriptor, mediaTypes } from '../oci/descriptor.js';
import { type Digest, digestOf } from '../oci/digest.js';
import { parseManifest } from '../oci/manifest.js';
import type { BlobTask, ReadyItem } from './plan-push.js';

/** A manifest to be put, and the layers that it names. */
export interface PushManifest {
  readonly raw: Uint8Array;
  readonly descriptor: Descriptor;
  readonly layers: readonly Descriptor[];
}

/** The blob that can go as it is. */
export function asStored(layer: Layer): Descriptor | undefined {
  if (isPacked(layer)) return layer.blob;
  return layer.blob?.digest === layer.diffId ? layer.blob : undefined;
}

/** Whether the source's own manifest says the truth about what is, or will be, there. */
export function canKeep(
  { manifest, layers: own }: Image,
  layers: readonly (Descriptor | BlobTask)[],
): boolean {
  return (
    manifest !== undefined &&
    layers.every((layer, at) => layer.digest !== undefined && layer.digest === own[at]?.blob?.digest)
  );
}

/** Of the manifest that will be made; undefined as long as a layer is not. */
export function builtDigest(
  { imageId }: Image,
  layers: readonly (Descriptor | BlobTask)[],
  size: number | undefined,
): Digest | undefined {
  const all = layers.flatMap((layer) => ('mediaType' in layer ? [layer] : []));
  if (size === undefined || all.length < layers.length) return undefined;
  return digestOf(buildManifest({ config: { digest: imageId, size }, layers: all }));
}

/** Where the source's manifest tells it. */
export function configSize(image: Image): number | undefined {
  return image.manifest === undefined
    ? undefined
    : parseManifest(image.manifest.raw, image.source).config.size;
}

/** The manifest that goes there: the source's own, or one that names what its layers have become. */
export function manifestOf(
  { item: { image }, layers }: ReadyItem,
  rawConfig: Uint8Array,
): { readonly raw: Uint8Array; readonly descriptor: Descriptor; readonly layers: readonly Descriptor[] } {
  const there = layers.map((layer) => ('mediaType' in layer ? layer : layer.result));
  const all = there.filter((layer) => layer !== undefined);
  if (all.length < layers.length) throw new Error('a layer that is not there');
  const { manifest, imageId } = image;
  if (manifest !== undefined && all.every(({ digest }, at) => digest === image.layers[at]?.blob?.digest))
    return { ...manifest, layers: all };
  const raw = buildManifest({ config: { digest: imageId, size: rawConfig.byteLength }, layers: all });
  const mediaType = mediaTypes.ociManifest;
  return { raw, descriptor: { mediaType, digest: digestOf(raw), size: raw.byteLength }, layers: all };
}
