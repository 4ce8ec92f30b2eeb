// Cuts a layer's uncompressed tar into segments: chunks go straight into pooled 8 MiB buffers, hashed on the way.
import { createHash } from 'node:crypto';
import { type Digest, digestFromHex } from '../oci/digest.js';
import type { Fill } from './file-at.js';
import type { FramePool } from './frame-pool.js';
import { chunkBytes } from './free-bytes.js';
import { segmentRawBytes } from './spool-types.js';

/** One segment's raw bytes, in a buffer of the pool. */
export interface Frame {
  readonly index: number;
  /** segmentRawBytes, less for the last one. Valid until `release`. */
  readonly raw: Buffer;
  /** Digest of the tar from its start to the end of this frame; of the last frame: the diffID. */
  readonly prefix: Digest;
  /** Gives the buffer back to the pool. Once. */
  release(): void;
  /** Takes the buffer out of the pool: `raw` stays as it is until its new owner has it reused. Once. */
  keep(): void;
}

/**
 * The frames of a tar, in order; always one at least (an empty one for an empty source). Waits while the pool is
 * empty, and so holds back the source. Leaving the loop early destroys a stream.
 */
export async function* readFrames(
  source: AsyncIterable<Buffer> | Fill,
  pool: FramePool,
  signal?: AbortSignal,
): AsyncGenerator<Frame> {
  const hash = createHash('sha256');
  let buffer: Buffer | undefined;
  let filled = 0;
  let index = 0;

  // Hashed piece by piece, while it is still in the processor's cache, and never past the frame's end.
  const took = (whole: Buffer, bytes: number): void => {
    hash.update(whole.subarray(filled, filled + bytes));
    filled += bytes;
  };
  const cut = (whole: Buffer): Frame => {
    const raw = whole.subarray(0, filled);
    const prefix = digestFromHex(hash.copy().digest('hex'), 'a layer');
    filled = 0;
    buffer = undefined;
    return {
      index: index++,
      raw,
      prefix,
      release: () => pool.give(whole),
      keep: () => pool.leave(),
    };
  };

  try {
    if (typeof source === 'function') {
      for (;;) {
        buffer ??= await pool.take(signal);
        const bytes = await source(buffer.subarray(filled, Math.min(filled + chunkBytes, segmentRawBytes)));
        if (bytes === 0) break;
        took(buffer, bytes);
        if (filled === segmentRawBytes) yield cut(buffer);
      }
    } else {
      for await (const chunk of source) {
        for (let at = 0; at < chunk.length; ) {
          buffer ??= await pool.take(signal);
          const copied = chunk.copy(buffer, filled, at, at + segmentRawBytes - filled);
          took(buffer, copied);
          at += copied;
          if (filled === segmentRawBytes) yield cut(buffer);
        }
        signal?.throwIfAborted();
      }
    }
    if (filled > 0 || index === 0) yield cut(buffer ?? (await pool.take(signal)));
  } finally {
    if (buffer !== undefined) pool.give(buffer);
  }
}
