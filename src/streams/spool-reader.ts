// Follows a layer while it grows, and gives out its bytes: from memory if just made, else from the disk, checked.
import { hash } from 'node:crypto';
import { type FileHandle, open, utimes } from 'node:fs/promises';
import { AirgapError, isAirgapError } from '../errors.js';
import { digestFromHex, shortDigest } from '../oci/digest.js';
import type { FramePool } from './frame-pool.js';
import type { SegmentMemory } from './segment-memory.js';
import { type StoredSegment, sumOf } from './spool-index.js';
import type { Track } from './spool-track.js';
import type { Segment, SegmentReader } from './spool-types.js';
import type { SpoolFiles } from './spool-writer.js';

export interface ReaderOptions {
  readonly track: Track;
  readonly file: TrackFile;
}

/** A reader of one track; any number of them may follow the same one. */
export function createReader({ track, file }: ReaderOptions): SegmentReader {
  track.readerCount += 1;
  return {
    codec: track.codec,
    rawBytes: track.rawBytes,
    made: () => ({ ...sumOf(track.segments), whole: track.state.is === 'finished' }),
    async *segments({ signal } = {}) {
      for (let index = 0; ; ) {
        signal?.throwIfAborted();
        const stored = track.segments[index];
        if (track.state.is === 'failed') throw track.state.error;
        if (stored !== undefined) {
          index += 1;
          yield segmentOf(track, stored);
        } else if (track.state.is === 'finished') {
          return;
        } else {
          await track.changed(signal);
        }
      }
    },
    async read(segment) {
      const stored = track.segments[segment.index];
      if (stored === undefined || stored.digest !== segment.digest) {
        throw damaged(track, `segment ${segment.index} is not the one that was made`);
      }
      return await file.read(stored);
    },
    release: file.release,
  };
}

/** Reads the data file of one track. */
export interface TrackFile {
  /** Lends the bytes. @throws {AirgapError} SPOOL_DAMAGED */
  read(segment: StoredSegment): Promise<Buffer>;
  release(bytes: Buffer): void;
  close(): Promise<void>;
}

export interface TrackFileOptions {
  readonly track: Track;
  readonly files: SpoolFiles;
  readonly memory: SegmentMemory;
  readonly pool: FramePool;
  /** Called once with the first segment that does not match its digest. */
  readonly onDamage: (index: number, error: AirgapError) => Promise<void>;
}

/** The file is opened at the first read that memory cannot serve; that counts as a use of the layer. */
export function createTrackFile({ track, files, memory, pool, onDamage }: TrackFileOptions): TrackFile {
  const reading = new Map<number, Promise<void>>();
  let file: Promise<FileHandle> | undefined;

  const openData = async (): Promise<FileHandle> => {
    const now = new Date();
    await utimes(files.dataPath, now, now).catch(() => undefined);
    return await open(files.dataPath, 'r');
  };
  const load = async ({ index, offset, bytes, digest }: StoredSegment): Promise<void> => {
    const buffer = pool.borrow(bytes);
    try {
      file ??= openData();
      const { bytesRead } = await (await file).read(buffer, 0, bytes, offset);
      const got = digestFromHex(hash('sha256', buffer.subarray(0, bytesRead), 'hex'), 'a segment');
      if (got !== digest) throw damaged(track, `segment ${index} does not match its digest`);
    } catch (error) {
      pool.reuse(buffer);
      const detail = error instanceof Error ? error.message : String(error);
      const found = isAirgapError(error) ? error : damaged(track, detail, error);
      await onDamage(index, found);
      throw found;
    }
    memory.put(recentKey(track, index), buffer);
  };

  return {
    async read(segment) {
      const key = recentKey(track, segment.index);
      for (;;) {
        const found = memory.get(key);
        if (found !== undefined) return found;
        // Others may push it out again before this one wakes up: then it is read once more.
        let work = reading.get(segment.index);
        if (work === undefined) {
          work = load(segment).finally(() => reading.delete(segment.index));
          reading.set(segment.index, work);
        }
        await work;
      }
    },
    release: memory.release,
    async close() {
      await (await file?.catch(() => undefined))?.close();
    },
  };
}

/** The name of a segment in the memory of recent ones. */
export function recentKey({ diffId, codec }: Pick<Track, 'diffId' | 'codec'>, index?: number): string {
  return `${diffId} ${codec} ${index ?? ''}`;
}

function segmentOf({ diffId, codec }: Track, stored: StoredSegment): Segment {
  const { index, level, rawBytes, bytes, digest } = stored;
  return { diffId, index, codec, level, rawBytes, bytes, digest };
}

function damaged({ diffId, codec }: Track, problem: string, cause?: unknown): AirgapError<'SPOOL_DAMAGED'> {
  const path = `${codec} of layer ${shortDigest(diffId)}`;
  return new AirgapError('SPOOL_DAMAGED', { path, problem }, { cause });
}
