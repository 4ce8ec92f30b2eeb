// Lines that tell images, blobs and segments. Each parser gives undefined for a line that is not one of its own.
import type { Codec } from '../oci/descriptor.js';
import { type DiffId, type Digest, digestFromHex, isDigest, parseDiffId } from '../oci/digest.js';
import { tryReference } from '../oci/layout.js';
import { familiarReference } from '../oci/reference.js';
import type { FarChannel } from './channel.js';
import type { BlobFacts, Held, HeldImage, StagedSegment } from './facts.js';
import { maxDocumentBytes } from './limits.js';
import { isCount, isHex, splitWords } from './words.js';

/** What `image ID ROOTFSJSON [SIZE]` says. */
export function parseImage(line: string): HeldImage | undefined {
  const [word, id, rootFs = '', size = '', more] = line.split(' ');
  if (word !== 'image' || !isDigest(id) || more !== undefined) return undefined;
  if (size !== '' && !isCount(size)) return undefined;
  return { farId: id, diffIds: parseRootFs(rootFs), sizeBytes: size === '' ? undefined : Number(size) };
}

/** The layers of a `RootFS` as docker prints it; undefined where the record is damaged (`{}`). */
export function parseRootFs(json: string): DiffId[] | undefined {
  let rootFs: unknown;
  try {
    rootFs = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (typeof rootFs !== 'object' || rootFs === null || !('Type' in rootFs)) return undefined;
  // An image without a single layer has no Layers at all; a damaged record has no Type either.
  const layers = 'Layers' in rootFs ? rootFs.Layers : [];
  if (!Array.isArray(layers) || !layers.every(isDigest)) return undefined;
  return layers.map((layer) => parseDiffId(layer, 'RootFS'));
}

/** `tag ID NAME` */
export function parseTag(line: string): { readonly id: Digest; readonly name: string } | undefined {
  const [word, id, name = '', more] = line.split(' ');
  if (word !== 'tag' || !isDigest(id) || name === '' || more !== undefined) return undefined;
  return { id, name };
}

/** podman spells names in full. */
function familiar(name: string): string {
  const reference = tryReference(name);
  return reference === undefined ? name : familiarReference(reference);
}

export interface BlobLine {
  readonly digest: Digest;
  readonly size: number;
  readonly diffId: DiffId | undefined;
}

/** `blob DIGEST SIZE DIFFID` */
export function parseBlob(line: string): BlobLine | undefined {
  const [word, digest, size = '', diffId, more] = line.split(' ');
  if (word !== 'blob' || !isDigest(digest) || !isCount(size) || more !== undefined) return undefined;
  if (diffId !== '-' && !isDigest(diffId)) return undefined;
  return { digest, size: Number(size), diffId: diffId === '-' ? undefined : parseDiffId(diffId, 'blob') };
}

/** `codec DIGEST gzip|zstd` */
export function parseBlobCodec(line: string): { readonly digest: Digest; readonly codec: Codec } | undefined {
  const [word, digest, codec, more] = line.split(' ');
  if (word !== 'codec' || !isDigest(digest) || more !== undefined) return undefined;
  return codec === 'gzip' || codec === 'zstd' ? { digest, codec } : undefined;
}

/** `seg`, `part`, `good` and `bad` lines: `WORD HEX INDEX DIGESTHEX BYTES`. */
export function parseSegment(
  line: string,
): { readonly word: string; readonly segment: StagedSegment } | undefined {
  const [word = '', hex = '', index = '', digest = '', bytes = '', more] = line.split(' ');
  if (!['seg', 'part', 'good', 'bad'].includes(word) || more !== undefined) return undefined;
  if (!isHex(hex, 64) || !isCount(index) || !isHex(digest, 64) || !isCount(bytes)) return undefined;
  const segment = {
    diffId: parseDiffId(`sha256:${hex}`, 'segment'),
    index: Number(index),
    digest: digestFromHex(digest, 'segment'),
    bytes: Number(bytes),
    whole: word === 'seg' || word === 'good',
  };
  return { word, segment };
}

/** `WORD N`: a block of N bytes follows. */
export function parseBlock(line: string, word: string, maxBytes: number): number | undefined {
  const [first, bytes = '', more] = splitWords(line, 3);
  if (first !== word || !isCount(bytes) || more !== undefined || Number(bytes) > maxBytes) return undefined;
  return Number(bytes);
}

/** Collects the lines of `held`; `onLine` is false for a line that the grammar does not have. */
export function collectHeld(): {
  held(): Held;
  onLine(line: string, channel: Pick<FarChannel, 'block'>): Promise<boolean>;
} {
  const images: HeldImage[] = [];
  const tags = new Map<string, Digest>();
  const blobs = new Map<Digest, BlobFacts>();
  let index: Uint8Array | undefined;
  return {
    held: () => ({ images, tags, blobs, ...(index === undefined ? {} : { index }) }),
    async onLine(line, channel) {
      const image = parseImage(line);
      const tag = parseTag(line);
      const blob = parseBlob(line);
      const told = parseBlobCodec(line);
      const packed = told === undefined ? undefined : blobs.get(told.digest);
      const bytes = parseBlock(line, 'index', maxDocumentBytes);
      if (image !== undefined) images.push(image);
      else if (tag !== undefined) tags.set(familiar(tag.name), tag.id);
      else if (blob !== undefined) blobs.set(blob.digest, { size: blob.size, diffId: blob.diffId });
      else if (told !== undefined && packed !== undefined)
        blobs.set(told.digest, { ...packed, codec: told.codec });
      else if (bytes !== undefined) index = await channel.block(bytes);
      else return false;
      return true;
    },
  };
}
