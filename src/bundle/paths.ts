// Names inside a bundle: safe on every file system and in every shell, bound by patterns. @see docs/format.md B-5
import { type Digest, hexOf } from '../oci/digest.js';

const part = /^[A-Za-z0-9_+~][A-Za-z0-9._+~-]{0,199}$/;
const maxPathLength = 400;

/** Whether this may be a path inside a bundle. */
export function isBundlePath(path: unknown): path is string {
  return (
    typeof path === 'string' && path.length <= maxPathLength && path.split('/').every((one) => part.test(one))
  );
}

/** Three digits, as pieces and payload files are numbered. */
export function threeDigits(number: number): string {
  return String(number).padStart(3, '0');
}

/** Where a whole blob lies. */
export function blobFile(digest: Digest): string {
  return `blobs/sha256/${hexOf(digest)}`;
}

/** Where a piece of a cut blob lies; pieces count from 1. */
export function pieceFile(digest: Digest, piece: number): string {
  return `${blobFile(digest)}.${threeDigits(piece)}`;
}

// `004-` and this are the 100 bytes that a tar header has for the last part of a path.
const maxPayloadName = 96;

/** Where a payload file lies; files count from 1. The name is for people only: of a long one its end is kept. */
export function payloadFile(number: number, target: string): string {
  const name = (target.split('/').at(-1) ?? '').replace(/[^A-Za-z0-9._+~-]/g, '_').slice(-maxPayloadName);
  return `files/${threeDigits(number)}-${name}`;
}

/** The recipe of an image. */
export function recipeFile(imageId: Digest): string {
  return `recipes/${hexOf(imageId)}`;
}

/** The bytes that a recipe names. */
export function framesFile(imageId: Digest): string {
  return `${recipeFile(imageId)}.frames`;
}

export const bundleRecipe = 'recipes/bundle';

/** `<name>.vol001`, with `.tar` behind it for archives. */
export function volumeName(name: string, volume: number): string {
  return `${name}.vol${threeDigits(volume)}`;
}
