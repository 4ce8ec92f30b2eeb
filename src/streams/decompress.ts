// The way back, for verification: one stored segment to its raw bytes, never more of them than it may have.
import zlib from 'node:zlib';
import { AirgapError } from '../errors.js';
import type { Codec } from '../oci/descriptor.js';

/**
 * A segment's raw bytes. The length is checked here (decoders pass over cut frames in silence in some Nodes);
 * the digest is the caller's to check. @throws {AirgapError} CODEC_FAILED, SIZE_MISMATCH
 */
export async function decompressSegment(codec: Codec, stored: Buffer, rawBytes: number): Promise<Buffer> {
  const raw = codec === 'none' ? stored : await decode(codec, stored, rawBytes);
  if (raw.length !== rawBytes) {
    throw new AirgapError('SIZE_MISMATCH', { what: `${codec} segment`, got: raw.length, want: rawBytes });
  }
  return raw;
}

function decode(codec: 'gzip' | 'zstd', stored: Buffer, rawBytes: number): Promise<Buffer> {
  // One byte more than asked for, so that too much is told apart from enough.
  const options = { maxOutputLength: rawBytes + 1, chunkSize: Math.max(64, rawBytes + 1) };
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, raw: Buffer): void => {
      if (error === null) resolve(raw);
      else reject(new AirgapError('CODEC_FAILED', { codec, detail: error.message }, { cause: error }));
    };
    if (codec === 'gzip') zlib.gunzip(stored, options, done);
    else zlib.zstdDecompress(stored, options, done);
  });
}
