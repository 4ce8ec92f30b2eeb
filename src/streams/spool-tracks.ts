// All tracks of one open spool: made when first asked for, told by the disk what an earlier run finished.
import type { Codec } from '../oci/descriptor.js';
import type { DiffId } from '../oci/digest.js';
import type { FramePool } from './frame-pool.js';
import type { SegmentMemory } from './segment-memory.js';
import { isWhole, readIndex, sumOf } from './spool-index.js';
import { takeLock } from './spool-lock.js';
import { layerFiles } from './spool-prune.js';
import { createTrackFile, recentKey, type TrackFile } from './spool-reader.js';
import { createTrack, type Track } from './spool-track.js';
import type { SpooledLayer } from './spool-types.js';
import { openWriter, type SpoolFiles } from './spool-writer.js';

interface Entry {
  readonly track: Track;
  readonly file: TrackFile;
}

export interface Tracks {
  /** The track, made if there is none, and told by the disk whether the layer is whole. */
  get(diffId: DiffId, codec: Codec): Entry;
  /** The whole layer, if its data is here. */
  finished(diffId: DiffId, codec: Codec): SpooledLayer | undefined;
  forget(track: Track): void;
  fail(error: unknown, diffIds?: Iterable<DiffId>): void;
  /** True if this process reads or fills that layer. */
  inUse(diffId: DiffId): boolean;
  close(): Promise<void>;
}

export interface TracksOptions {
  readonly directory: string;
  readonly memory: SegmentMemory;
  readonly pool: FramePool;
}

/** The tracks of the spool in this folder. */
export function createTracks({ directory, memory, pool }: TracksOptions): Tracks {
  const entries = new Map<string, Entry>();
  // Files of forgotten tracks: their readers may be in the middle of a read, so they close with the spool.
  const files = new Set<TrackFile>();

  const forget = (track: Track): void => {
    if (entries.get(recentKey(track))?.track !== track) return;
    entries.delete(recentKey(track));
    memory.drop(recentKey(track));
  };
  const make = (diffId: DiffId, codec: Codec): Entry => {
    const track = createTrack(diffId, codec);
    const paths = layerFiles(directory, diffId, codec);
    const file = createTrackFile({
      track,
      files: paths,
      memory,
      pool,
      async onDamage(index, error) {
        // While it is being filled the writer owns the files; the next run meets the damage again.
        if (track.state.is !== 'finished') return;
        forget(track);
        track.fail(error);
        await cutOff(paths, index).catch(() => undefined);
      },
    });
    files.add(file);
    load(track, paths);
    return { track, file };
  };
  const get = (diffId: DiffId, codec: Codec): Entry => {
    const key = recentKey({ diffId, codec });
    const entry = entries.get(key) ?? make(diffId, codec);
    entries.set(key, entry);
    return entry;
  };

  return {
    get,
    forget,
    finished(diffId, codec) {
      const known = entries.get(recentKey({ diffId, codec }))?.track;
      const segments =
        known?.state.is === 'finished' ? known.segments : readIndex(layerFiles(directory, diffId, codec));
      if (!isWhole(segments, diffId)) return undefined;
      return { diffId, codec, segmentCount: segments.length, ...sumOf(segments) };
    },
    fail(error, diffIds) {
      const only = diffIds === undefined ? undefined : new Set(diffIds);
      for (const { track } of [...entries.values()]) {
        if (track.state.is === 'finished' || (only !== undefined && !only.has(track.diffId))) continue;
        track.fail(error);
        forget(track);
      }
    },
    inUse: (diffId) =>
      [...entries.values()].some(
        ({ track }) => track.diffId === diffId && (track.readerCount > 0 || track.state.is === 'filling'),
      ),
    async close() {
      for (const file of files) await file.close();
      files.clear();
      entries.clear();
    },
  };
}

function load(track: Track, files: SpoolFiles): void {
  const segments = readIndex(files);
  if (isWhole(segments, track.diffId)) track.adopt(segments);
}

/** What is damaged is made again by the next run: it finds the layer unfinished from there on. */
async function cutOff(files: SpoolFiles, index: number): Promise<void> {
  const lock = await takeLock(files.lockPath);
  try {
    const writer = await openWriter(files);
    await writer.cutAt(index);
    await writer.close();
  } finally {
    await lock.release();
  }
}
