// gzip for far sides that read nothing better: one member a segment, on libuv's pool.
import zlib from 'node:zlib';
import { AirgapError } from '../errors.js';
import type { Compressor } from './codec.js';

/** The compressor. Its members carry no name and no time, so the same bytes come out every time. */
export function createGzip(): Compressor {
  return { codec: 'gzip', by: 'node:zlib', compress, close: () => Promise.resolve() };
}

function compress(raw: Buffer, level: number): Promise<Buffer> {
  // deflate never grows data by more than 5 bytes a 16 KiB block, and 18 bytes of frame.
  const options = { level, chunkSize: raw.length + (raw.length >> 10) + 1024 };
  return new Promise((resolve, reject) => {
    zlib.gzip(raw, options, (error, stored) => {
      if (error === null) resolve(stored);
      else
        reject(new AirgapError('CODEC_FAILED', { codec: 'gzip', detail: error.message }, { cause: error }));
    });
  });
}
