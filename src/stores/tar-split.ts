// Docker's record of a layer's tar: everything but the files' bytes (headers, padding, PAX, trailer), in order, so that
// the very same tar can be put together again from the files on the disk. Gzipped JSON, a line an entry.
// @see vbatts/tar-split v0.11 tar/storage/entry.go
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { freeRead } from '../streams/free-bytes.js';

/** One piece of the tar: bytes as they are, or a file's bytes. */
export type TarPiece =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  /** `name` is as raw bytes, for file names need not be UTF-8. */
  | { readonly kind: 'file'; readonly name: Buffer; readonly size: number };

// A line is about 700 bytes; the longest hold the padding that some tools put at the end of a tar, as base64.
const maxLineBytes = 16 * 1024 * 1024;
// 1,500,000 files, far beyond any image known.
const maxRecordBytes = 2 ** 30;
const chunkBytes = 256 * 1024;

interface Line {
  readonly type?: unknown;
  readonly name?: unknown;
  readonly name_raw?: unknown;
  readonly size?: unknown;
  readonly payload?: unknown;
}

/**
 * Tells the pieces of a record, in order, while it is unpacked: no more of it than a line is held.
 * @throws {Error} on a line that is not known; what node:zlib and node:fs throw
 */
export async function readTarSplit(path: string, onPiece: (piece: TarPiece) => void): Promise<void> {
  const take = (line: Buffer): void => {
    if (line.length === 0) return;
    const piece = parseLine(JSON.parse(line.toString('utf8')));
    if (piece !== undefined) onPiece(piece);
  };
  await pipeline(createReadStream(path), createGunzip({ chunkSize: chunkBytes }), async (chunks) => {
    let begun: Buffer[] = [];
    let begunBytes = 0;
    let recordBytes = 0;
    for await (const chunk of chunks as AsyncIterable<Buffer>) {
      recordBytes += chunk.length;
      if (recordBytes > maxRecordBytes) throw new Error('tar-split is too large');
      let at = 0;
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, at)) {
        take(begunBytes === 0 ? chunk.subarray(at, end) : Buffer.concat([...begun, chunk.subarray(at, end)]));
        begun = [];
        begunBytes = 0;
        at = end + 1;
      }
      // A copy: the chunk is freed now, for its garbage would outweigh everything else in this thread.
      if (at < chunk.length) begun.push(Buffer.from(chunk.subarray(at)));
      begunBytes += chunk.length - at;
      freeRead(chunk);
      if (begunBytes > maxLineBytes) throw new Error('a line of tar-split is too long');
    }
    take(Buffer.concat(begun));
  });
}

/** Exact bytes of the tar that a record's pieces make. */
export async function tarBytes(path: string): Promise<number> {
  let bytes = 0;
  await readTarSplit(path, (piece) => {
    bytes += piece.kind === 'bytes' ? piece.bytes.length : piece.size;
  });
  return bytes;
}

function parseLine(line: Line): TarPiece | undefined {
  if (line.type === 2 && typeof line.payload === 'string') {
    return { kind: 'bytes', bytes: Buffer.from(line.payload, 'base64') };
  }
  if (line.type !== 1) throw new Error('unknown entry in tar-split');
  const size = line.size ?? 0;
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw new Error('bad size in tar-split');
  // Links, folders and empty files have no bytes outside the headers.
  if (size === 0) return undefined;
  if (typeof line.name_raw === 'string')
    return { kind: 'file', name: Buffer.from(line.name_raw, 'base64'), size };
  if (typeof line.name === 'string') return { kind: 'file', name: Buffer.from(line.name), size };
  throw new Error('an entry without a name in tar-split');
}
