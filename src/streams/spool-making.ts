// Fills: one layer's stream into its data files, of a layer known from the start or known only when it was hashed.
import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AirgapError, isAirgapError } from '../errors.js';
import type { Codec } from '../oci/descriptor.js';
import type { DiffId } from '../oci/digest.js';
import type { Compressor } from './codec.js';
import type { FramePool } from './frame-pool.js';
import type { Frame } from './frames.js';
import { spoolError } from './fs-errors.js';
import type { Gate } from './gate.js';
import { writeFacts } from './spool-facts.js';
import { nameOf, pump } from './spool-fill.js';
import { type StoredSegment, sumOf } from './spool-index.js';
import { createLane, type Lane, type SegmentSample } from './spool-lane.js';
import { type Lock, takeLock } from './spool-lock.js';
import type { Track } from './spool-track.js';
import type { SourceBytes } from './spool-types.js';
import { openWriter, type SegmentWriter, type SpoolFiles, spoolFiles } from './spool-writer.js';

export interface FillOptions {
  /** The forms wanted of this layer. Those already finished are not made again. */
  readonly codecs: readonly Codec[];
  /** Asked before each segment is compressed; not for codec none. A promise holds that segment back. */
  readonly chooseLevel: (codec: Codec) => number | Promise<number>;
  /** Told after each segment how long it took. */
  readonly onSegment?: (sample: SegmentSample) => void;
  /** Which layers the source may give; matters when only the digest tells which one it is. */
  readonly wanted: ReadonlySet<DiffId>;
  /** Layers that may come as well, and are thrown away: a source that can't leave out what it can't name. */
  readonly passing?: ReadonlySet<DiffId>;
  /** Bytes of the tar read since the last call. */
  readonly onProgress?: (rawBytes: number) => void;
  readonly signal?: AbortSignal;
}

export interface FillResult {
  readonly diffId: DiffId;
  readonly rawBytes: number;
  /** False if it was one of `passing`: nothing of it is kept. */
  readonly kept: boolean;
}

/** What fills share: the memory, the cores and the files of one spool. */
export interface Workshop {
  readonly directory: string;
  readonly pool: FramePool;
  readonly gate: Gate;
  readonly maxPending: number;
  compressor(codec: Codec): Promise<Compressor>;
  files(diffId: DiffId, codec: Codec): SpoolFiles;
  /** The track, with what the disk says already in it. */
  track(diffId: DiffId, codec: Codec): Track;
  /** A failed track is forgotten: the next fill begins a new one. */
  forget(track: Track): void;
  /** A segment was made: true if its bytes stay in memory for the readers. */
  remember(track: Track, segment: StoredSegment, stored: Buffer): boolean;
  /** Work that nobody need wait for before the spool is closed. */
  later(work: Promise<void>): void;
}

/** One codec of a fill. */
interface Bench {
  readonly codec: Codec;
  readonly files: SpoolFiles;
  readonly writer: SegmentWriter;
  readonly lane: Lane;
  readonly lock: Lock | undefined;
  readonly segments: StoredSegment[];
  /** Undefined while it is not known which layer it is. */
  readonly track: Track | undefined;
}

/** Fills a layer whose diffID the source told. @throws as `Spool.fill` */
export async function fillKnown(
  shop: Workshop,
  diffId: DiffId,
  bytes: SourceBytes,
  options: FillOptions,
): Promise<FillResult> {
  const tracks = [...new Set(options.codecs)].map((codec) => shop.track(diffId, codec));
  const missing = tracks.filter(({ state }) => state.is !== 'finished');
  const kept = new Set<Frame['raw']>();
  const benches: Bench[] = [];
  try {
    for (const track of missing) {
      benches.push(await openBench(shop, shop.files(diffId, track.codec), { track, kept, options }));
    }
    for (const track of missing) track.start(bytes.uncompressedBytes);
    const pumped = await pumpInto(shop, benches, bytes, { kept, options });
    if (pumped.diffId !== diffId) {
      const facts = { what: nameOf(bytes), got: pumped.diffId, want: diffId };
      throw new AirgapError('DIGEST_MISMATCH', facts);
    }
    for (const bench of benches) {
      bench.track?.finish();
      shop.later(finishBench(bench, diffId));
    }
    return { diffId, rawBytes: pumped.rawBytes, kept: true };
  } catch (error) {
    bytes.stream.destroy();
    const isWrong = isAirgapError(error, 'DIGEST_MISMATCH');
    for (const { writer, files, lock } of benches) {
      await writer.close().catch(() => undefined);
      // The index goes first: it must never tell of bytes that are gone.
      if (isWrong) await rm(files.indexPath, { force: true }).then(() => rm(files.dataPath, { force: true }));
      await lock?.release();
    }
    for (const track of missing) {
      track.fail(error);
      shop.forget(track);
    }
    throw error;
  }
}

/** Fills a layer that only its digest will name. Its readers start when it is whole. @throws as `Spool.fill` */
export async function fillUnknown(
  shop: Workshop,
  bytes: SourceBytes,
  options: FillOptions,
): Promise<FillResult> {
  const directory = join(shop.directory, 'fills', randomUUID());
  const benches: Bench[] = [];
  let lock: Lock | undefined;
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 }).catch(async (error: unknown) => {
      throw await spoolError(error, shop.directory, 0);
    });
    // Tells `prune` that this folder is in use.
    lock = await takeLock(join(directory, 'lock'));
    for (const codec of new Set(options.codecs)) {
      benches.push(await openBench(shop, spoolFiles(directory, codec), { track: undefined, options }));
    }
    const { diffId, rawBytes } = await pumpInto(shop, benches, bytes, { options });
    const kept = options.wanted.has(diffId);
    if (!kept && !options.passing?.has(diffId)) {
      const want = [...options.wanted].join(' ');
      throw new AirgapError('DIGEST_MISMATCH', { what: nameOf(bytes), got: diffId, want });
    }
    if (kept) for (const bench of benches) await moveInto(shop, bench, diffId);
    return { diffId, rawBytes, kept };
  } catch (error) {
    bytes.stream.destroy();
    throw error;
  } finally {
    for (const { writer } of benches) await writer.close().catch(() => undefined);
    await lock?.release();
    await rm(directory, { recursive: true, force: true });
  }
}

interface BenchOptions {
  readonly track: Track | undefined;
  /** Raw buffers that readers keep: collected here, so that they do not return to the pool. */
  readonly kept?: Set<Buffer>;
  readonly options: FillOptions;
}

async function openBench(
  shop: Workshop,
  files: SpoolFiles,
  { track, kept, options }: BenchOptions,
): Promise<Bench> {
  const { codec } = files;
  const segments: StoredSegment[] = [];
  await mkdir(files.directory, { recursive: true, mode: 0o700 }).catch(async (error: unknown) => {
    throw await spoolError(error, shop.directory, 0);
  });
  const lock = track === undefined ? undefined : await takeLock(files.lockPath);
  let writer: SegmentWriter | undefined;
  try {
    writer = await openWriter(files);
    const lane = createLane({
      compressor: await shop.compressor(codec),
      writer,
      gate: shop.gate,
      level: codec === 'none' ? () => 0 : () => options.chooseLevel(codec),
      onSample: (sample) => options.onSegment?.(sample),
      onSegment(segment, stored) {
        segments.push(segment);
        const isKept = stored !== undefined && track !== undefined && shop.remember(track, segment, stored);
        // A raw segment is its frame's own buffer: the pump gives it back, or leaves it to the readers.
        if (codec === 'none') {
          if (isKept) kept?.add(stored);
        } else if (stored !== undefined && !isKept) {
          shop.pool.reuse(stored);
        }
        track?.add(segment);
      },
    });
    return { codec, files, writer, lane, lock, segments, track };
  } catch (error) {
    await writer?.close().catch(() => undefined);
    await lock?.release();
    throw error;
  }
}

function pumpInto(
  shop: Workshop,
  benches: readonly Bench[],
  bytes: SourceBytes,
  { kept, options }: { readonly kept?: ReadonlySet<Buffer>; readonly options: FillOptions },
): ReturnType<typeof pump> {
  return pump({
    bytes,
    lanes: benches.map(({ lane }) => lane),
    pool: shop.pool,
    maxPending: shop.maxPending,
    isKept: (frame) => kept?.has(frame.raw) ?? false,
    onProgress: options.onProgress ?? (() => undefined),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
}

async function finishBench({ writer, files, lock, segments, codec }: Bench, diffId: DiffId): Promise<void> {
  try {
    await writer.close();
    await writeFacts(files, { diffId, codec, segmentCount: segments.length, ...sumOf(segments) });
  } finally {
    await lock?.release();
  }
}

/** Puts a layer made aside into its place, unless it has come to be there meanwhile. */
async function moveInto(shop: Workshop, bench: Bench, diffId: DiffId): Promise<void> {
  const { codec, segments } = bench;
  const track = shop.track(diffId, codec);
  if (track.state.is === 'finished') return;
  const files = shop.files(diffId, codec);
  try {
    await bench.writer.close();
    await mkdir(files.directory, { recursive: true, mode: 0o700 });
    const lock = await takeLock(files.lockPath);
    try {
      // The old index goes before the new data comes: an index must never tell of other bytes.
      await rm(files.indexPath, { force: true });
      await rename(bench.files.dataPath, files.dataPath);
      await rename(bench.files.indexPath, files.indexPath);
      await writeFacts(files, { diffId, codec, segmentCount: segments.length, ...sumOf(segments) });
    } finally {
      await lock.release();
    }
  } catch (error) {
    throw await spoolError(error, files.directory, 0);
  }
  track.adopt(segments);
}
