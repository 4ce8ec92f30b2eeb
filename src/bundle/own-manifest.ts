// Whether an image's own manifest can stand in a bundle: plain, and of just the blobs that are carried. @see docs/format.md B-61
import { digestOf } from '../oci/digest.js';
import { type PlainImage, plainManifestType } from '../oci/plain-documents.js';
import type { OwnManifest, RecipeImage, RecipeLayers } from './recipe.js';

/** Undefined where it cannot. */
export function ownManifest(
  raw: Uint8Array,
  { rawConfig, diffIds }: Pick<RecipeImage, 'rawConfig' | 'diffIds'>,
  { stored }: Pick<RecipeLayers, 'stored'>,
): OwnManifest | undefined {
  const layers: PlainImage['layers'][number][] = [];
  for (const diffId of diffIds) {
    const layer = stored.get(diffId);
    if (layer?.carried !== true) return undefined;
    layers.push({ digest: layer.digest, size: layer.bytes, codec: layer.codec });
  }
  const config = { digest: digestOf(rawConfig), size: rawConfig.byteLength };
  const mediaType = plainManifestType(raw, { config, layers });
  return mediaType === undefined ? undefined : { raw, mediaType };
}
