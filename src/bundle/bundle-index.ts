// index.json and manifest.json of a bundle, and indexes by platform: every image by its full name, so that other tools open it, too.
// Pure. @see docs/format.md B-14, B-64; image-spec v1.1 image-index.md; docker's manifest.json (moby image/spec/v1.2.md)
import { buildIndex, buildPlatformIndex } from '../oci/build.js';
import { type Descriptor, mediaTypes } from '../oci/descriptor.js';
import { type DiffId, type Digest, digestOf } from '../oci/digest.js';
import { plainIndexEntries } from '../oci/plain-documents.js';
import type { Platform } from '../oci/platform.js';
import type { PlacedLayer } from './journal.js';
import type { BundleImage } from './manifest.js';
import { blobFile } from './paths.js';
import type { Recipe, RecipeImage } from './recipe.js';

/** An image as index.json has it: by its manifest, or with its other platforms by their index. */
export interface IndexedImage {
  readonly image: Pick<RecipeImage, 'platform' | 'reference'>;
  readonly manifest: Recipe['stored'];
  readonly index?: PlatformIndex;
}

export interface PlatformIndex {
  readonly raw: Uint8Array;
  readonly digest: Digest;
  readonly mediaType: string;
}

/** index.json. An image with two names stands there twice, one of several platforms with them once. */
export function buildBundleIndex(images: readonly IndexedImage[]): Uint8Array {
  let written: Uint8Array | undefined;
  const seen = new Set<string>();
  for (const { image, manifest, index } of images) {
    const { raw, digest, mediaType } = index ?? manifest;
    const { reference: name } = image;
    if (index !== undefined && seen.has(name)) continue;
    seen.add(name);
    written = buildIndex({
      manifest: { mediaType, digest, size: raw.byteLength },
      platform: index === undefined ? image.platform : undefined,
      name,
      ...(written === undefined ? {} : { existing: written }),
    });
  }
  return (
    written ??
    Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [] }))
  );
}

/** The images of one name by platform: as the source's own index has them, if it names these, what is `beside` them, and no others; else made of them. */
export function platformIndexOf(
  images: readonly Pick<IndexedImage, 'image' | 'manifest'>[],
  own: Uint8Array | undefined,
  beside: readonly Digest[] = [],
): PlatformIndex {
  const entries = images.map(({ image, manifest }) => ({
    mediaType: manifest.mediaType,
    digest: manifest.digest,
    size: manifest.raw.byteLength,
    platform: image.platform,
  }));
  const kept = own === undefined ? undefined : indexOfJust(own, entries, beside);
  if (own !== undefined && kept !== undefined)
    return { raw: own, digest: digestOf(own), mediaType: kept.mediaType };
  const raw = buildPlatformIndex(entries);
  return { raw, digest: digestOf(raw), mediaType: mediaTypes.ociIndex };
}

/**
 * What a plain index of just these manifests is; undefined for any other. A variant may be told by one of both only. It may name
 * manifests that are no images and go along `beside` them.
 */
export function indexOfJust(
  raw: Uint8Array,
  wanted: readonly (Descriptor & { readonly platform: Platform })[],
  beside: readonly Digest[] = [],
): { readonly mediaType: string } | undefined {
  const found = plainIndexEntries(raw);
  if (found === undefined) return undefined;
  const byDigest = new Map(wanted.map((one) => [one.digest, one]));
  // With a platform it would be an image to an engine.
  const isBeside = ({ digest, platform }: Descriptor): boolean =>
    beside.includes(digest) && platform?.os === 'unknown';
  const entries = found.entries.filter((one) => byDigest.has(one.digest) || !isBeside(one));
  const named = new Set(entries.map(({ digest }) => digest));
  const isRight = entries.every(({ digest, size, mediaType, platform }) => {
    const want = byDigest.get(digest);
    return (
      want?.size === size &&
      want.mediaType === mediaType &&
      (platform === undefined ||
        (platform.os === want.platform.os && platform.architecture === want.platform.architecture))
    );
  });
  return isRight && named.size === byDigest.size ? { mediaType: found.mediaType } : undefined;
}

/** manifest.json. A layer that is left out is named by its diffID: a docker that has it needs no more. */
export function buildBundleManifestJson(
  images: readonly BundleImage[],
  stored: ReadonlyMap<DiffId, Pick<PlacedLayer, 'layer'>>,
): Uint8Array {
  const rows = images.map((image, at) => ({
    Config: blobFile(image.imageId),
    RepoTags: repoTags(images, at),
    Layers: image.layers.map((diffId) => blobFile(stored.get(diffId)?.layer.digest ?? diffId)),
  }));
  return Buffer.from(JSON.stringify(rows));
}

/** A docker without indexes gives a name to the last that has it: of several platforms only the first has it. */
export function repoTags(images: readonly BundleImage[], at: number): readonly string[] | null {
  const { reference = '', index } = images[at] ?? {};
  const first = images.findIndex((one) => one.reference === reference);
  return index === undefined || first === at ? [reference] : null;
}
