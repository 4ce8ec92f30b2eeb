// The derived half of a layer: uncompressed bytes out of a compressed blob. Streaming, bounded, and strict about ends.
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { AirgapError } from '../errors.js';
import type { Codec } from '../oci/descriptor.js';
import { decompressZstd, ZstdFormatError } from './zstd-frames.js';

/** Bytes that `detectCompression` wants to see: a tar header. */
export const detectBytes = 512;

// Output of one step of the decoder; the default of 16 KiB costs a third of the speed.
const outputChunkBytes = 1024 * 1024;
const freeUnpackBytes = 4 * 1024 ** 3;
const honestRatio = 250;

/**
 * How far compressed bytes may unpack: 4 GiB whatever their size (a zeroed disk image in a small layer is honest), and
 * beyond it 250 times their size, which no mix of real files reaches. 10 GB of zeros in 10 MB are refused.
 */
export function unpackLimit(compressedBytes: number): number {
  return freeUnpackBytes + honestRatio * compressedBytes;
}

/** What the bytes are, by their magic; a tar header is never taken for compression. */
export function detectCompression(head: Buffer): Codec | 'xz' | 'bzip2' {
  if (head.subarray(257, 262).toString('latin1') === 'ustar') return 'none';
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  const word = head.byteLength >= 4 ? head.readUInt32LE() : 0;
  if (word === 0xfd2fb528 || (word & 0xfffffff0) >>> 0 === 0x184d2a50) return 'zstd';
  if (head.subarray(0, 6).equals(Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]))) return 'xz';
  if (/^BZh[1-9]$/.test(head.subarray(0, 4).toString('latin1'))) return 'bzip2';
  return 'none';
}

export interface UncompressOptions {
  /** As the bytes are (`detectCompression`), not as a media type says: engines look at the bytes too. */
  readonly codec: Codec;
  /** What is read, for messages. */
  readonly what: string;
  /** Beyond it the bytes are a bomb; see `unpackLimit`. */
  readonly limitBytes: number;
}

/**
 * The uncompressed bytes of a blob. NOT verified: the reader compares with the diffID. Destroying the result destroys
 * `source`; an error of `source` comes through as it is.
 * @throws {AirgapError} (from the stream) ARCHIVE_TRUNCATED, ARCHIVE_INVALID, ARCHIVE_BOMB
 */
export function uncompressed(source: Readable, options: UncompressOptions): Readable {
  if (options.codec === 'none') return source;
  // Chunk by chunk: as a stream of bytes it would copy those that wait into one.
  const result = Readable.from(guarded(source, options), { highWaterMark: 1 });
  // Readable.from waits for a read in flight before it lets go; the source must end for that.
  result.once('close', () => source.destroy());
  return result;
}

async function* guarded(
  source: Readable,
  options: UncompressOptions,
): AsyncGenerator<Buffer, void, undefined> {
  const { codec, what, limitBytes } = options;
  let count = 0;
  let sourceError: unknown;
  source.once('error', (error) => {
    sourceError = error;
  });
  try {
    for await (const chunk of codec === 'gzip' ? gunzip(source) : decompressZstd(source)) {
      count += chunk.byteLength;
      if (count > limitBytes) throw new AirgapError('ARCHIVE_BOMB', { path: what, limitBytes });
      yield chunk;
    }
  } catch (error) {
    throw error === sourceError ? error : translate(error, options);
  }
}

function gunzip(source: Readable): AsyncIterable<Buffer> {
  const decoder = createGunzip({ chunkSize: outputChunkBytes });
  pipeline(source, decoder, () => undefined);
  return decoder;
}

function translate(error: unknown, { codec, what }: UncompressOptions): unknown {
  if (error instanceof AirgapError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'Z_BUF_ERROR' || (error instanceof ZstdFormatError && error.truncated)) {
    return new AirgapError('ARCHIVE_TRUNCATED', { path: what }, { cause: error });
  }
  if (error instanceof ZstdFormatError || code.startsWith('Z_') || code.startsWith('ZSTD_')) {
    return new AirgapError('ARCHIVE_INVALID', { path: what, problem: `damaged: ${codec}` }, { cause: error });
  }
  return error;
}
