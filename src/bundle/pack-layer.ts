// One layer into one blob: the tar is hashed while it streams, cut every 8 MiB, compressed by all cores, written in order.
// @see docs/format.md B-10
import type { Readable } from 'node:stream';
import { AirgapError } from '../errors.js';
import type { DiffId } from '../oci/digest.js';
import type { Compressor } from '../streams/codec.js';
import type { FramePool } from '../streams/frame-pool.js';
import { readFrames } from '../streams/frames.js';
import { freeing, freeNow } from '../streams/free-bytes.js';
import type { BlobWriter, PlacedBlob } from './volumes.js';

export interface PackOptions {
  /** Undefined where only the digest tells which layer it is. */
  readonly diffId: DiffId | undefined;
  /** Asked when the digest is known: a source that cannot name its layers may give others, too. */
  readonly isWanted: (diffId: DiffId) => boolean;
  readonly stream: Readable;
  /** True if its chunks are freed once they were read: nobody else has them. */
  readonly mayFree?: boolean;
  readonly compressor: Compressor;
  readonly level: number;
  readonly pool: FramePool;
  /** Segments in work at once. */
  readonly parallel: number;
  readonly writer: BlobWriter;
  readonly onProgress?: (rawBytes: number) => void;
  readonly signal?: AbortSignal;
}

export interface PackedLayer {
  readonly diffId: DiffId;
  readonly rawBytes: number;
  readonly blob: PlacedBlob;
}

/** Undefined for a layer that nobody wants. @throws {AirgapError} DIGEST_MISMATCH, CODEC_FAILED, DRIVE_*, what the stream throws */
export async function packLayer(options: PackOptions): Promise<PackedLayer | undefined> {
  const { stream, compressor, level, pool, parallel, writer, signal } = options;
  const inWork: Promise<Buffer>[] = [];
  let diffId: DiffId | undefined;
  let rawBytes = 0;
  const writeOldest = async (): Promise<void> => {
    const stored = await inWork.shift();
    if (stored === undefined) return;
    await writer.write(stored);
    freeNow(stored);
  };
  try {
    for await (const frame of readFrames(options.mayFree ? freeing(stream) : stream, pool, signal)) {
      diffId = frame.prefix as DiffId;
      rawBytes += frame.raw.byteLength;
      options.onProgress?.(frame.raw.byteLength);
      if (compressor.codec === 'none') {
        await writer.write(frame.raw);
        frame.release();
        continue;
      }
      const made = compressor.compress(frame.raw, level).finally(() => frame.release());
      made.catch(() => undefined);
      inWork.push(made);
      if (inWork.length >= parallel) await writeOldest();
    }
    while (inWork.length > 0) await writeOldest();
    if (diffId === undefined) throw new Error('a stream without a frame');
    if (options.diffId !== undefined && diffId !== options.diffId) {
      throw new AirgapError('DIGEST_MISMATCH', { what: 'A layer', got: diffId, want: options.diffId });
    }
    if (!options.isWanted(diffId)) {
      await writer.discard();
      return undefined;
    }
    return { diffId, rawBytes, blob: await writer.end() };
  } catch (error) {
    stream.destroy();
    await Promise.allSettled(inWork);
    await writer.discard();
    throw error;
  }
}
