// index.json and manifest.json of a bundle: every image by its full name, so that other tools open it, too. Pure.
// @see docs/format.md B-14; image-spec v1.1 image-index.md; docker's manifest.json (moby image/spec/v1.2.md)
import { buildIndex } from '../oci/build.js';
import { mediaTypes } from '../oci/descriptor.js';
import type { DiffId, Digest } from '../oci/digest.js';
import type { PlacedLayer } from './journal.js';
import type { BundleImage } from './manifest.js';
import { blobFile } from './paths.js';
import type { RecipeImage } from './recipe.js';

/** index.json. An image with two names stands there twice. */
export function buildBundleIndex(
  images: readonly {
    readonly image: Pick<RecipeImage, 'platform' | 'reference'>;
    readonly manifest: { readonly raw: Uint8Array; readonly digest: Digest };
  }[],
): Uint8Array {
  let index: Uint8Array | undefined;
  for (const { image, manifest } of images) {
    index = buildIndex({
      manifest: {
        mediaType: mediaTypes.ociManifest,
        digest: manifest.digest,
        size: manifest.raw.byteLength,
      },
      platform: image.platform,
      name: image.reference,
      ...(index === undefined ? {} : { existing: index }),
    });
  }
  return (
    index ?? Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [] }))
  );
}

/** manifest.json. A layer that is left out is named by its diffID: a docker that has it needs no more. */
export function buildBundleManifestJson(
  images: readonly BundleImage[],
  stored: ReadonlyMap<DiffId, Pick<PlacedLayer, 'layer'>>,
): Uint8Array {
  const rows = images.map(({ imageId, reference, layers }) => ({
    Config: blobFile(imageId),
    RepoTags: [reference],
    Layers: layers.map((diffId) => blobFile(stored.get(diffId)?.layer.digest ?? diffId)),
  }));
  return Buffer.from(JSON.stringify(rows));
}
