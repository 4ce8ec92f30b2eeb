// The volumes of a bundle as one place to write to: blobs fill a volume to its last byte and go on in the next one; files go
// whole into the first that has room. @see docs/format.md "Volumes"
import { createHash } from 'node:crypto';
import { AirgapError } from '../errors.js';
import { type Digest, digestFromHex } from '../oci/digest.js';
import type { Container, NamelessFile, Output } from './container.js';
import type { BundleContent } from './manifest.js';
import { blobFile, pieceFile } from './paths.js';
import type { BlobPiece } from './recipe.js';
import { leastPieceBytes } from './volume-room.js';

export interface VolumesOptions {
  /** Opens volume `number`, counted from 1. */
  readonly openContainer: (number: number) => Promise<Container>;
  /** Most bytes of a volume; undefined for one volume of any size. */
  readonly volumeBytes?: number;
  /** Kept free in each volume for what every volume holds: recipes, configs, manifests, the seal. */
  readonly reservedBytes: number;
  /** Most bytes of one file, where the drive's file system has such a limit. */
  readonly maxFileBytes?: number;
}

/** A blob that is in the bundle. */
export interface PlacedBlob {
  readonly digest: Digest;
  readonly bytes: number;
  /** None where the blob is one file. */
  readonly pieces: readonly BlobPiece[];
  readonly contents: readonly BundleContent[];
}

export interface BlobWriter {
  write(bytes: Uint8Array): Promise<void>;
  end(): Promise<PlacedBlob>;
  /** Takes back what was written of it. */
  discard(): Promise<void>;
}

export type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

export interface Volumes {
  readonly count: number;
  readonly isSplit: boolean;
  /** Most bytes of a volume. */
  readonly volumeBytes: number | undefined;
  readonly containers: readonly Container[];
  openBlob(): BlobWriter;
  /** Puts a whole file into one volume. @throws {AirgapError} VOLUME_TOO_SMALL */
  addFile(path: string, bytes: Chunks, size: number): Promise<BundleContent>;
  /** Puts a small file into every volume. */
  addEverywhere(path: string, bytes: Uint8Array): Promise<BundleContent>;
  close(options?: { readonly keep?: boolean }): Promise<void>;
}

interface Piece {
  readonly file: NamelessFile;
  readonly digest: Digest;
  readonly volume: number;
}

/** Begins with `containers`, those that an earlier try has filled; the last of them is gone on with. */
export async function openVolumes(
  options: VolumesOptions,
  containers: readonly Container[] = [],
): Promise<Volumes> {
  const { openContainer, volumeBytes, reservedBytes, maxFileBytes = Infinity } = options;
  const all: Container[] = [...containers];
  const current = async (): Promise<Container> => all.at(-1) ?? (await next());
  const next = async (): Promise<Container> => {
    const opened = await openContainer(all.length + 1);
    all.push(opened);
    return opened;
  };
  const roomIn = (container: Container): number =>
    volumeBytes === undefined
      ? Infinity
      : volumeBytes - reservedBytes - container.usedBytes() - container.costOf(0);
  await current();

  return {
    get count() {
      return all.length;
    },
    isSplit: volumeBytes !== undefined,
    volumeBytes,
    containers: all,
    openBlob: () =>
      createBlobWriter({
        current,
        next,
        roomIn,
        maxFileBytes,
        volumeBytes: volumeBytes ?? maxFileBytes,
        numberOf: () => all.length,
      }),
    async addFile(path, bytes, size) {
      let container = await current();
      if (container.costOf(size) > roomIn(container) + container.costOf(0)) container = await next();
      if (size > roomIn(container) || size > maxFileBytes) {
        const least = size + reservedBytes + container.costOf(0);
        throw new AirgapError('VOLUME_TOO_SMALL', {
          splitBytes: volumeBytes ?? maxFileBytes,
          leastBytes: least,
        });
      }
      const { digest, written } = await copyInto(await container.open(), bytes, path);
      if (written !== size) throw new AirgapError('SIZE_MISMATCH', { what: path, got: written, want: size });
      return { path, bytes: size, digest, ...(volumeBytes === undefined ? {} : { volume: all.length }) };
    },
    async addEverywhere(path, bytes) {
      let digest: Digest | undefined;
      for (const container of all) {
        ({ digest } = await copyInto(await container.open(), [bytes], path));
      }
      if (digest === undefined) throw new Error('a bundle without a volume');
      return { path, bytes: bytes.byteLength, digest };
    },
    async close(options) {
      for (const container of all) await container.close(options);
    },
  };
}

interface BlobWriterOptions {
  readonly current: () => Promise<Container>;
  readonly next: () => Promise<Container>;
  readonly roomIn: (container: Container) => number;
  readonly maxFileBytes: number;
  readonly volumeBytes: number;
  readonly numberOf: () => number;
}

function createBlobWriter(options: BlobWriterOptions): BlobWriter {
  const whole = createHash('sha256');
  const pieces: Piece[] = [];
  let output: Output | undefined;
  let pieceHash = createHash('sha256');
  let left = 0;
  let bytes = 0;

  const begin = async (): Promise<Output> => {
    let container = await options.current();
    // Less than this is not worth a piece of its own; an empty volume takes what there is.
    if (options.roomIn(container) < leastPieceBytes && container.usedBytes() > 0)
      container = await options.next();
    left = Math.min(Math.max(options.roomIn(container), 0), options.maxFileBytes);
    if (left === 0)
      throw new AirgapError('VOLUME_TOO_SMALL', {
        splitBytes: options.volumeBytes,
        leastBytes: leastPieceBytes,
      });
    pieceHash = createHash('sha256');
    output = await container.open();
    return output;
  };
  const finishPiece = async (): Promise<void> => {
    if (output === undefined) return;
    // Of the first piece the hash of the whole has seen no other bytes.
    const hash = pieces.length === 0 ? whole.copy() : pieceHash;
    const digest = digestFromHex(hash.digest('hex'), 'a piece');
    pieces.push({ file: await output.end(), digest, volume: options.numberOf() });
    output = undefined;
  };

  return {
    async write(chunk) {
      for (let at = 0; at < chunk.byteLength; ) {
        output ??= await begin();
        const part = chunk.subarray(at, at + Math.min(left, chunk.byteLength - at));
        whole.update(part);
        if (pieces.length > 0) pieceHash.update(part);
        await output.write(part);
        at += part.byteLength;
        left -= part.byteLength;
        bytes += part.byteLength;
        if (left === 0) await finishPiece();
      }
    },
    async end() {
      output ??= pieces.length === 0 ? await begin() : undefined;
      await finishPiece();
      const digest = digestFromHex(whole.digest('hex'), 'a blob');
      return await placeBlob({ digest, bytes, pieces });
    },
    async discard() {
      await output?.discard();
      output = undefined;
      for (const { file } of pieces.splice(0)) await file.discard();
    },
  };
}

async function placeBlob(blob: {
  readonly digest: Digest;
  readonly bytes: number;
  readonly pieces: readonly Piece[];
}): Promise<PlacedBlob> {
  const { digest, bytes, pieces } = blob;
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined) {
    await only.file.name(blobFile(digest));
    return {
      digest,
      bytes,
      pieces: [],
      contents: [{ path: blobFile(digest), bytes, digest, volume: only.volume }],
    };
  }
  const placed: BlobPiece[] = [];
  const contents: BundleContent[] = [];
  for (const [at, piece] of pieces.entries()) {
    const number = at + 1;
    const path = pieceFile(digest, number);
    await piece.file.name(path);
    placed.push({
      blob: digest,
      number,
      bytes: piece.file.bytes,
      digest: piece.digest,
      volume: piece.volume,
    });
    contents.push({ path, bytes: piece.file.bytes, digest: piece.digest, volume: piece.volume });
  }
  return { digest, bytes, pieces: placed, contents };
}

async function copyInto(
  output: Output,
  bytes: Chunks,
  path: string,
): Promise<{ readonly digest: Digest; readonly written: number }> {
  const hash = createHash('sha256');
  let written = 0;
  try {
    for await (const chunk of bytes) {
      hash.update(chunk);
      written += chunk.byteLength;
      await output.write(chunk);
    }
    const file = await output.end();
    await file.name(path);
  } catch (error) {
    await output.discard();
    throw error;
  }
  return { digest: digestFromHex(hash.digest('hex'), path), written };
}
