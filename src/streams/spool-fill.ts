// Reads one layer's stream once: hashes it, cuts it into segments, and hands each to every lane.
import { addAbortSignal } from 'node:stream';
import { AirgapError, isAirgapError } from '../errors.js';
import { type DiffId, type Digest, parseDiffId, shortDigest } from '../oci/digest.js';
import type { FramePool } from './frame-pool.js';
import { type Frame, readFrames } from './frames.js';
import { freeing } from './free-bytes.js';
import type { Lane } from './spool-lane.js';
import type { SourceBytes } from './spool-types.js';

export interface PumpOptions {
  readonly bytes: SourceBytes;
  readonly lanes: readonly Lane[];
  readonly pool: FramePool;
  /** Segments between being read and being on disk, at most: bounds memory when the disk is the slowest part. */
  readonly maxPending: number;
  /** True if someone keeps this frame's buffer after it was appended: it leaves the pool then. */
  readonly isKept: (frame: Frame) => boolean;
  readonly onProgress: (rawBytes: number) => void;
  readonly signal?: AbortSignal;
}

/** What the stream was. */
export interface Pumped {
  readonly diffId: DiffId;
  readonly rawBytes: number;
}

/**
 * Runs the stream through the lanes. When it resolves, every segment is appended; when it rejects, none is in work
 * any more and the stream is destroyed.
 * @throws {AirgapError} SIZE_MISMATCH, SOURCE_GONE (the stream broke), SPOOL_FULL, CODEC_FAILED
 */
export async function pump(options: PumpOptions): Promise<Pumped> {
  const { bytes, lanes, pool, maxPending, isKept, onProgress, signal } = options;
  const pending = new Set<Promise<void>>();
  const failure: { error?: unknown } = {};
  let rawBytes = 0;
  let count = 0;
  let prefix: Digest | undefined;

  const start = (frame: Frame): void => {
    const work = Promise.all(lanes.map((lane) => lane.push(frame)))
      .then(() => (isKept(frame) ? frame.keep() : frame.release()))
      .catch((error: unknown) => {
        failure.error ??= error;
        // Whoever waits for a buffer must not wait for ever.
        frame.release();
      });
    pending.add(work);
    void work.finally(() => pending.delete(work));
  };

  try {
    for await (const frame of readFrames(sourceErrors(bytes, signal), pool, signal)) {
      prefix = frame.prefix;
      rawBytes += frame.raw.length;
      count += 1;
      onProgress(frame.raw.length);
      start(frame);
      if (pending.size >= maxPending) await Promise.race(pending);
      if (failure.error !== undefined) throw failure.error;
    }
  } finally {
    await Promise.all(pending);
  }
  if (failure.error !== undefined) throw failure.error;
  await Promise.all(lanes.map((lane) => lane.endAt(count)));
  const want = bytes.uncompressedBytes;
  if (want !== undefined && want !== rawBytes) {
    throw new AirgapError('SIZE_MISMATCH', { what: nameOf(bytes), got: rawBytes, want });
  }
  return { diffId: parseDiffId(prefix, nameOf(bytes)), rawBytes };
}

/** What a layer is called in an error. */
export function nameOf({ diffId }: SourceBytes): string {
  return diffId === undefined ? 'layer' : `layer ${shortDigest(diffId)}`;
}

async function* sourceErrors(bytes: SourceBytes, signal?: AbortSignal): AsyncGenerator<Buffer> {
  // A source that stands still must not outlive an abort.
  if (signal !== undefined) addAbortSignal(signal, bytes.stream);
  try {
    yield* bytes.mayFree ? freeing(bytes.stream) : bytes.stream;
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (isAirgapError(error)) throw error;
    const detail = error instanceof Error ? error.message : String(error);
    throw new AirgapError('SOURCE_GONE', { source: nameOf(bytes), detail }, { cause: error });
  }
}
