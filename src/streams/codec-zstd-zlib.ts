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
  // The one-shot function of node:zlib feeds zstd as if more were to come, which costs a fifth more work and 1 % more
  // bytes. A stream that ends its frame with the first write lets zstd take the whole segment in one pass: it sees the
  // end, and has room for all it can make. A new one each time: level 6 and 9 depend on what went through before.
  const stream = zlib.createZstdCompress({
    params: {
      [zlib.constants.ZSTD_c_compressionLevel]: level,
      ...(level > 9 ? { [zlib.constants.ZSTD_c_windowLog]: maxWindowLog } : {}),
    },
    flush: zlib.constants.ZSTD_e_end,
    chunkSize: zstdBound(raw.length),
  });
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      reject(new AirgapError('CODEC_FAILED', { codec: 'zstd', detail: error.message }, { cause: error }));
    };
    const parts: Buffer[] = [];
    stream.on('error', fail);
    stream.on('data', (part: Buffer) => parts.push(part));
    stream.write(raw, (error) => {
      if (error instanceof Error) return;
      // Output may still be on its way to 'data' when the write is told done.
      setImmediate(() => {
        stream.close();
        const [first] = parts;
        if (first === undefined) fail(new Error('no output'));
        else resolve(parts.length === 1 ? first : Buffer.concat(parts));
      });
    });
  });
}
