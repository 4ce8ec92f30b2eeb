// zstd by node:zlib: one-shot calls on libuv's pool, so several segments in flight use several cores.
// Never its worker option: it loses data without an error in every Node that has it (test/hazards/codec-workers.ts).
import zlib from 'node:zlib';
import { AirgapError } from '../errors.js';
import type { Compressor } from './codec.js';

// A decoder with a 16 MiB heap (zstd-codec) must read what we write: window of 8 MiB at most.
const maxWindowLog = 23;

/** The compressor, or undefined where this Node has no zstd (before 22.15). */
export function createZlibZstd(): Compressor | undefined {
  if (typeof zlib.zstdCompress !== 'function') return undefined;
  return { codec: 'zstd', by: 'node:zlib', compress, close: () => Promise.resolve() };
}

/** The most that zstd can make of so many bytes. @see zstd.h ZSTD_compressBound */
export function zstdBound(rawBytes: number): number {
  return rawBytes + (rawBytes >> 8) + 1024;
}

function compress(raw: Buffer, level: number): Promise<Buffer> {
  const options = {
    params: {
      [zlib.constants.ZSTD_c_compressionLevel]: level,
      ...(level > 9 ? { [zlib.constants.ZSTD_c_windowLog]: maxWindowLog } : {}),
    },
    pledgedSrcSize: raw.length,
    // Room for everything at once: with smaller pieces the pool thread would wait for the main thread after each.
    chunkSize: zstdBound(raw.length),
  };
  return new Promise((resolve, reject) => {
    zlib.zstdCompress(raw, options, (error, stored) => {
      if (error === null) resolve(stored);
      else
        reject(new AirgapError('CODEC_FAILED', { codec: 'zstd', detail: error.message }, { cause: error }));
    });
  });
}
