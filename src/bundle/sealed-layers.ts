// What a sealed bundle at an export's destination says of its layers, so that they need not be made again. Not verified: whoever
// uses one hashes its files first.
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { isAirgapError } from '../errors.js';
import type { Codec } from '../oci/descriptor.js';
import { hexOf } from '../oci/digest.js';
import type { PlacedLayer } from './journal.js';
import { type BundleManifest, maxBundleManifestBytes, outerFiles, parseBundleManifest } from './manifest.js';
import { blobFile } from './paths.js';
import type { Place } from './place.js';

export interface SealedBundle {
  readonly manifest: BundleManifest;
  readonly codec: Codec;
  readonly level: number;
  readonly layers: readonly PlacedLayer[];
}

/** Undefined where there is none, or none in folders. A damaged one counts as none: it is written anew. */
export async function readSealedLayers(place: Place): Promise<SealedBundle | undefined> {
  if (place.form === 'tar') return undefined;
  const root = place.volume(1);
  try {
    const file = path.join(root, outerFiles.manifest);
    if ((await stat(file)).size > maxBundleManifestBytes) return undefined;
    const manifest = parseBundleManifest(await readFile(file), root);
    return { manifest, codec: manifest.codec, level: manifest.level, layers: placedLayers(manifest) };
  } catch (error) {
    if (isAirgapError(error) || (error instanceof Error && 'code' in error)) return undefined;
    throw error;
  }
}

/** Layers with their places, out of `contents`. */
export function placedLayers(manifest: BundleManifest): PlacedLayer[] {
  const byPath = new Map(manifest.contents.map((content) => [content.path, content]));
  return manifest.layers.flatMap((layer): PlacedLayer[] => {
    const whole = byPath.get(blobFile(layer.digest));
    if (whole !== undefined) return [{ layer, pieces: [], volume: whole.volume ?? 1 }];
    const pattern = new RegExp(`^blobs/sha256/${hexOf(layer.digest)}\\.(\\d{3})$`);
    const pieces = manifest.contents.flatMap(({ path: file, bytes, digest, volume = 1 }) => {
      const number = pattern.exec(file)?.[1];
      return number === undefined
        ? []
        : [{ blob: layer.digest, number: Number(number), bytes, digest, volume }];
    });
    pieces.sort((a, b) => a.number - b.number);
    return pieces.length === 0 ? [] : [{ layer, pieces, volume: pieces[0]?.volume ?? 1 }];
  });
}
