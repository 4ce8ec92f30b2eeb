// One layer into one blob: the tar is hashed while it streams, cut every 8 MiB, compressed by all cores, written in order.
// @see docs/format.md B-10
import type { Readable } from 'node:stream';
import { AirgapError } from '../errors.js';
import type { DiffId } from '../oci/digest.js';
import type { Fill } from '../streams/file-at.js';
import type { FramePool } from '../streams/frame-pool.js';
import { type Frame, readFrames } from '../streams/frames.js';
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
  /** Instead of the stream, where there is one. */
  readonly fill?: Fill;
  /** Makes a segment's stored bytes; those of the result are freed, unless it is `raw` itself. */
  readonly compress: (raw: Buffer) => Promise<Buffer>;
  /** Its buffers bound the memory: each is out until its segment is written. */
  readonly pool: FramePool;
  readonly writer: BlobWriter;
  /** The layer before this one: until it is whole, nothing of this one is written. Its failure is this one's. */
  readonly after?: Promise<unknown>;
  /** The stream was read to its end: the next layer may begin while this one is compressed and written. */
  readonly onRead?: () => void;
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
  const { stream, pool, writer, signal } = options;
  const failure: { error?: unknown } = {};
  let written: Promise<unknown> = options.after ?? Promise.resolve();
  let diffId: DiffId | undefined;
  let rawBytes = 0;
  const write = async ({ raw, release }: Frame, before: Promise<unknown>): Promise<void> => {
    const made = options.compress(raw);
    // Until then `raw` is read.
    const settled = made.catch(() => undefined);
    try {
      await before;
      const stored = await made;
      if (failure.error !== undefined) return;
      await writer.write(stored);
      if (stored !== raw) freeNow(stored);
    } catch (error) {
      failure.error ??= error;
    } finally {
      await settled;
      release();
    }
  };
  try {
    const bytes = options.fill ?? (options.mayFree ? freeing(stream) : stream);
    for await (const frame of readFrames(bytes, pool, signal)) {
      diffId = frame.prefix as DiffId;
      rawBytes += frame.raw.byteLength;
      options.onProgress?.(frame.raw.byteLength);
      written = write(frame, written);
      if (failure.error !== undefined) throw failure.error;
    }
    if (diffId === undefined) throw new Error('a stream without a frame');
    if (options.diffId !== undefined && diffId !== options.diffId) {
      throw new AirgapError('DIGEST_MISMATCH', { what: 'A layer', got: diffId, want: options.diffId });
    }
    options.onRead?.();
    await written;
    if (failure.error !== undefined) throw failure.error;
    if (!options.isWanted(diffId)) {
      await writer.discard();
      return undefined;
    }
    return { diffId, rawBytes, blob: await writer.end() };
  } catch (error) {
    failure.error ??= error;
    stream.destroy();
    await written.catch(() => undefined);
    await writer.discard();
    throw error;
  }
}
