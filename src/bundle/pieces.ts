// The pieces of cut blobs, as the contents of a bundle name them. @see docs/format.md B-42
import { type Digest, digestFromHex } from '../oci/digest.js';
import type { BundleContent } from './manifest.js';
import type { BlobPiece } from './recipe.js';

/** A piece and where it lies in the bundle. */
export interface NamedPiece extends BlobPiece {
  readonly path: string;
}

const pattern = /^blobs\/sha256\/([0-9a-f]{64})\.([0-9]{3,6})$/;

/** The pieces of every cut blob, in order. */
export function piecesOf(contents: readonly BundleContent[]): ReadonlyMap<Digest, readonly NamedPiece[]> {
  const found = new Map<Digest, NamedPiece[]>();
  for (const { path, bytes, digest, volume = 1 } of contents) {
    const [, hex, digits] = pattern.exec(path) ?? [];
    if (hex === undefined || digits === undefined) continue;
    const blob = digestFromHex(hex, path);
    const pieces = found.get(blob) ?? [];
    pieces.push({ blob, number: Number(digits), bytes, digest, volume, path });
    found.set(blob, pieces);
  }
  for (const pieces of found.values()) pieces.sort((a, b) => a.number - b.number);
  return found;
}
