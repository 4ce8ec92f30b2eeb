// The near-side store of layers: each read from its source once, made once per codec, read by many, kept for resume.
// Layout: layers/<64 hex>/<codec>.{data,index,facts,lock} · fills/ (digest not known yet) · needs/ (unfinished runs).
import { availableParallelism } from 'node:os';
import type { Codec } from '../oci/descriptor.js';
import type { DiffId } from '../oci/digest.js';
import { type Compressor, openCompressor, type ZstdImplementation } from './codec.js';
import { createFramePool } from './frame-pool.js';
import { freeBytes, spoolError } from './fs-errors.js';
import { createGate } from './gate.js';
import { makeFolder } from './make-folder.js';
import { createSegmentMemory } from './segment-memory.js';
import { readFacts } from './spool-facts.js';
import { readIndex, sumOf } from './spool-index.js';
import { type FillOptions, type FillResult, fillKnown, fillUnknown, type Workshop } from './spool-making.js';
import { createNeeds } from './spool-needs.js';
import { codecs, defaultLimit, layerFiles, pruneSpool, spoolRows } from './spool-prune.js';
import { createReader, recentKey } from './spool-reader.js';
import { createTracks } from './spool-tracks.js';
import type { LayerFacts, SegmentReader, SourceBytes, SpoolRow } from './spool-types.js';

export interface SpoolOptions {
  readonly directory: string;
  /** Bytes of finished layers that `prune` keeps; by default 10 GiB or a tenth of the disk. */
  readonly limitBytes?: number;
  /** Cores to plan for; the machine's by default. */
  readonly cores?: number;
  /** Only this zstd; tests use it. */
  readonly zstd?: ZstdImplementation;
}

export interface Spool {
  readonly directory: string;
  readonly limitBytes: number;
  /** What is known of a layer, from this run or an earlier one. */
  layer(diffId: DiffId): LayerFacts;
  /** Follows a layer; may be opened before, during or after its fill. Waits until it is filled or `fail` is called. */
  reader(diffId: DiffId, codec: Codec): SegmentReader;
  /**
   * Reads a layer's stream to its end and makes what is missing of it, continuing what an earlier run left. On any
   * failure the stream is destroyed and the layer's readers fail; what was made stays for the next run, except after
   * DIGEST_MISMATCH. One fill at a time gives the best speed; several may run.
   * @throws {AirgapError} DIGEST_MISMATCH, SIZE_MISMATCH, SOURCE_GONE or the stream's own AirgapError, SPOOL_BUSY,
   * SPOOL_FULL, SPOOL_DENIED, SPOOL_DAMAGED, CODEC_FAILED; the signal's reason
   */
  fill(bytes: SourceBytes, options: FillOptions): Promise<FillResult>;
  /** The source broke: readers of these layers (all, by default) that are not finished fail with this. */
  fail(error: unknown, diffIds?: Iterable<DiffId>): void;
  /** These layers are needed until `close({finished: true})`, or for seven days if that never comes. */
  need(diffIds: Iterable<DiffId>): Promise<void>;
  /** Everything with data here, the least recently used first. */
  rows(): Promise<SpoolRow[]>;
  /** Evicts what is beyond the limit or too old; `all`: whatever no running airgap uses. Returns bytes freed. */
  prune(options: { readonly all: boolean }): Promise<number>;
  /** Bytes free on the spool's disk. */
  freeBytes(): Promise<number>;
  /** Waits until all is on the disk. `finished`: the run is done and its layers need not wait for another try. */
  close(options?: { readonly finished?: boolean }): Promise<void>;
}

// More than this brings nothing: at level 3 six cores compress faster than one can hash the stream.
const maxParallel = 6;
// Just-made segments kept in memory for the senders: as many as the channels of a connection.
const recentCount = 4;
const recentBytes = 32 * 1024 * 1024;

/** Opens the spool, making its folder. @throws {AirgapError} SPOOL_FULL, SPOOL_DENIED (no folder can be made) */
export async function openSpool(options: SpoolOptions): Promise<Spool> {
  const { directory, cores = availableParallelism(), zstd } = options;
  await makeFolder(directory).catch(async (error: unknown) => {
    throw await spoolError(error, directory, 0);
  });
  const limitBytes = options.limitBytes ?? (await defaultLimit(directory));
  const parallel = Math.min(cores + 1, maxParallel);
  // One being read, the others being compressed or written.
  const pool = createFramePool(parallel);
  const memory = createSegmentMemory({ maxCount: recentCount, maxBytes: recentBytes, free: pool.reuse });
  const tracks = createTracks({ directory, memory, pool });
  const needs = createNeeds(directory);
  const compressors = new Map<Codec, Promise<Compressor>>();
  const finishing = new Set<Promise<void>>();
  let failure: unknown;

  const shop: Workshop = {
    directory,
    pool,
    gate: createGate(parallel),
    maxPending: parallel + 1,
    compressor(codec) {
      const found =
        compressors.get(codec) ??
        openCompressor(codec, { parallel: cores, ...(zstd === undefined ? {} : { zstd }) });
      compressors.set(codec, found);
      return found;
    },
    files: (diffId, codec) => layerFiles(directory, diffId, codec),
    track: (diffId, codec) => tracks.get(diffId, codec).track,
    forget: tracks.forget,
    remember(track, { index }, stored) {
      if (track.readerCount === 0) return false;
      return memory.offer(recentKey(track, index), stored);
    },
    later(work) {
      const watched = work
        .catch((error: unknown) => {
          failure ??= error;
        })
        .finally(() => finishing.delete(watched));
      finishing.add(watched);
    },
  };

  return {
    directory,
    limitBytes,
    layer(diffId) {
      const known = new Map<Codec, number>();
      const whole = new Map<Codec, number>();
      const begun = new Map<Codec, number>();
      let rawBytes: number | undefined;
      for (const codec of codecs) {
        const here = tracks.finished(diffId, codec);
        const facts = here ?? readFacts(layerFiles(directory, diffId, codec), diffId);
        if (here !== undefined) whole.set(codec, here.bytes);
        else {
          const { bytes } = sumOf(readIndex(layerFiles(directory, diffId, codec)));
          if (bytes > 0) begun.set(codec, bytes);
        }
        if (facts !== undefined) known.set(codec, facts.bytes);
        rawBytes ??= facts?.rawBytes;
      }
      return { rawBytes, whole, begun, known };
    },
    reader: (diffId, codec) => createReader(tracks.get(diffId, codec)),
    fill(bytes, fillOptions) {
      const { diffId } = bytes;
      // It may break before anyone reads it; whoever reads then gets the error.
      bytes.stream.on('error', () => undefined);
      return diffId === undefined
        ? fillUnknown(shop, bytes, fillOptions)
        : fillKnown(shop, diffId, bytes, fillOptions);
    },
    fail: tracks.fail,
    need: (diffIds) => needs.add(diffIds),
    rows: () =>
      spoolRows(directory).catch(async (error: unknown) => {
        throw await spoolError(error, directory, 0);
      }),
    async prune({ all }) {
      const { inUse } = tracks;
      try {
        return await pruneSpool({ directory, limitBytes, all, inUse, now: Date.now() });
      } catch (error) {
        throw await spoolError(error, directory, 0);
      }
    },
    freeBytes: () => freeBytes(directory),
    async close({ finished = false } = {}) {
      await Promise.all(finishing);
      await tracks.close();
      for (const compressor of compressors.values()) await (await compressor).close();
      if (failure !== undefined) throw failure;
      if (finished) await needs.remove();
    },
  };
}
