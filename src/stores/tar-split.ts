// Docker's record of a layer's tar: everything but the files' bytes (headers, padding, PAX, trailer), in order, so that
// the very same tar can be put together again from the files on the disk. Gzipped JSON, a line an entry.
// @see vbatts/tar-split v0.11 tar/storage/entry.go
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** One piece of the tar: bytes as they are, or a file's bytes. */
export type TarPiece =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  /** `name` is as raw bytes, for file names need not be UTF-8. */
  | { readonly kind: 'file'; readonly name: Buffer; readonly size: number };

// 1,500,000 files, far beyond any image known; a line is about 700 bytes.
const maxRecordBytes = 1 << 30;

interface Line {
  readonly type?: unknown;
  readonly name?: unknown;
  readonly name_raw?: unknown;
  readonly size?: unknown;
  readonly payload?: unknown;
}

/** The record's lines, unpacked. @throws what node:zlib and node:fs throw */
export function readTarSplit(path: string): Buffer {
  return gunzipSync(readFileSync(path), { maxOutputLength: maxRecordBytes });
}

/** The pieces, in order. @throws {Error} on a line that is not known */
export function* tarPieces(record: Buffer): Generator<TarPiece> {
  let at = 0;
  while (at < record.length) {
    const found = record.indexOf(10, at);
    const end = found < 0 ? record.length : found;
    if (end > at) {
      const piece = parseLine(JSON.parse(record.toString('utf8', at, end)));
      if (piece !== undefined) yield piece;
    }
    at = end + 1;
  }
}

/** Exact bytes of the tar that these pieces make. */
export function tarBytes(record: Buffer): number {
  let bytes = 0;
  for (const piece of tarPieces(record)) bytes += piece.kind === 'bytes' ? piece.bytes.length : piece.size;
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
