// A carried blob back to its tar. It was packed by whoever made the image, so it is any stream of gzip members or zstd frames; all
// the stricter are its ends: what engines would pass over in silence, or refuse, is no layer here. @see docs/format.md B-60
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { decompressZstd, ZstdFormatError } from '../image/zstd-frames.js';
import { UnpackError } from './unpack-layer.js';

export type CarriedCodec = 'gzip' | 'zstd';

const outputChunkBytes = 1024 * 1024;

/**
 * The uncompressed bytes, as they come: whoever reads bounds them. zstd's own limit of 128 MiB holds for windows.
 * @throws UnpackError for what is not wholly of this codec; what `stored` throws
 */
export async function* unpackCarried(
  stored: AsyncIterable<Buffer>,
  codec: CarriedCodec,
): AsyncGenerator<Buffer, void, undefined> {
  const fed = { bytes: 0, isWhole: false };
  async function* counted(): AsyncGenerator<Buffer, void, undefined> {
    for await (const chunk of stored) {
      fed.bytes += chunk.byteLength;
      yield chunk;
    }
    fed.isWhole = true;
  }
  try {
    yield* codec === 'gzip' ? gunzip(counted(), fed) : decompressZstd(counted());
  } catch (error) {
    throw translate(error);
  }
  if (fed.bytes === 0) throw new UnpackError('it has no bytes');
}

async function* gunzip(
  stored: AsyncIterable<Buffer>,
  fed: { readonly bytes: number; readonly isWhole: boolean },
): AsyncGenerator<Buffer, void, undefined> {
  const decoder = createGunzip({ chunkSize: outputChunkBytes });
  pipeline(Readable.from(stored, { objectMode: false }), decoder, () => undefined);
  try {
    yield* decoder as AsyncIterable<Buffer>;
    // Node's decoder passes over zeros behind the last member, and what is behind them.
    if (!fed.isWhole || decoder.bytesWritten !== fed.bytes)
      throw new UnpackError('bytes behind the last member');
  } finally {
    decoder.destroy();
  }
}

function translate(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const code = 'code' in error ? String(error.code) : '';
  const isDecoders = error instanceof ZstdFormatError || code.startsWith('Z_') || code.startsWith('ZSTD_');
  return isDecoders ? new UnpackError(error.message) : error;
}
