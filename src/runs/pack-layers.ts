// Packs the layers of an export: every source read once, each layer hashed, cut, compressed and written once; those that are left
// out are only measured, since a containerd store must be told their size.
import { availableParallelism } from 'node:os';
import { openJournal, type PlacedLayer } from '../bundle/journal.js';
import { packLayer } from '../bundle/pack-layer.js';
import { journalFolder, type Place } from '../bundle/place.js';
import type { ExportPlan } from '../bundle/plan-export.js';
import type { Volumes } from '../bundle/volumes.js';
import { AirgapError } from '../errors.js';
import type { Emit, Item } from '../events.js';
import type { Image, LayerBytes } from '../image/image.js';
import { type DiffId, shortDigest } from '../oci/digest.js';
import { type Compressor, openCompressor } from '../streams/codec.js';
import { createFramePool, type FramePool } from '../streams/frame-pool.js';
import { freeing } from '../streams/free-bytes.js';
import { hashBytes } from '../streams/hash-bytes.js';
import type { RunContext } from './run.js';

/** One segment being read, one being written; the others are being compressed. */
const spareFrames = 2;

/** Whether the bundle is to hold this layer. */
export function isStored(plan: ExportPlan, diffId: DiffId): boolean {
  return plan.images.some(({ layers }) =>
    layers.some((layer) => layer.diffId === diffId && layer.route !== 'omit'),
  );
}

export interface PackLayersOptions {
  readonly plan: ExportPlan;
  readonly place: Place;
  readonly volumes: Volumes;
  readonly images: readonly Image[];
  readonly kept: readonly PlacedLayer[];
  readonly context: RunContext;
}

export interface PackedLayers {
  readonly placed: ReadonlyMap<DiffId, PlacedLayer>;
  /** Exact bytes of every layer's tar, the omitted ones' too. */
  readonly rawBytes: ReadonlyMap<DiffId, number>;
}

/** Reads every source once; stores what is to be stored, measures what is left out. */
export async function packLayers(options: PackLayersOptions): Promise<PackedLayers> {
  const { plan, place, volumes, images, kept, context } = options;
  const { emit, signal } = context;
  const placed = new Map(kept.map((one) => [one.layer.diffId, one]));
  const rawBytes = new Map(kept.map(({ layer }) => [layer.diffId, layer.rawBytes]));
  const journal = place.form === 'folder' ? openJournal(journalFolder(place), plan.level) : undefined;
  for (const { layer } of kept) emit({ type: 'item.skipped', ...itemOf(layer.diffId), reason: 'stored' });
  for (const one of kept) await journal?.add(one);
  const all = plan.images.flatMap((image) => image.layers);
  for (const { diffId, raw, route } of all) {
    if (route === 'omit' && raw.kind === 'exact') rawBytes.set(diffId, raw.bytes);
  }
  const missing = new Set(all.map((layer) => layer.diffId).filter((diffId) => !rawBytes.has(diffId)));
  const known = new Set(all.map((layer) => layer.diffId));
  const cores = availableParallelism();
  const parallel = cores + 1;
  const pool = createFramePool(parallel + spareFrames);
  const compressor = await openCompressor(plan.codec, { parallel: cores });
  const pack = { compressor, pool, parallel, level: plan.level };
  const sink = async (layer: LayerBytes): Promise<void> => {
    const stored = layer.diffId === undefined || isStored(plan, layer.diffId);
    const made = stored
      ? await packOne(layer, { pack, volumes, isWanted: (diffId) => missing.has(diffId), emit, signal })
      : await measure(layer, signal);
    if (made === undefined) return;
    rawBytes.set(made.diffId, made.rawBytes);
    if (made.placed === undefined) return;
    placed.set(made.diffId, made.placed);
    await journal?.add(made.placed);
  };
  try {
    for (const [first, ...others] of Map.groupBy(images, (image) => image.readGroup).values()) {
      if (first === undefined) continue;
      const there = [first, ...others].flatMap((image) => image.layers.map((layer) => layer.diffId));
      const here = new Set(there.filter((diffId) => missing.has(diffId)));
      if (here.size > 0) await first.readLayers({ wanted: here, others, sink, signal });
      for (const diffId of here) missing.delete(diffId);
    }
  } finally {
    await compressor.close();
  }
  const lost = [...known].find((diffId) => !rawBytes.has(diffId));
  if (lost !== undefined)
    throw new AirgapError('IMAGE_INCOMPLETE', { image: images[0]?.source ?? '', missing: lost });
  return { placed, rawBytes };
}

interface MadeLayer {
  readonly diffId: DiffId;
  readonly rawBytes: number;
  readonly placed?: PlacedLayer;
}

interface PackOneOptions {
  readonly pack: {
    readonly compressor: Compressor;
    readonly pool: FramePool;
    readonly parallel: number;
    readonly level: number;
  };
  readonly volumes: Volumes;
  readonly isWanted: (diffId: DiffId) => boolean;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

async function packOne(layer: LayerBytes, options: PackOneOptions): Promise<MadeLayer | undefined> {
  const { pack, volumes, emit, signal } = options;
  const item = itemOf(layer.diffId);
  const total = layer.uncompressedBytes === undefined ? {} : { totalBytes: layer.uncompressedBytes };
  let doneBytes = 0;
  const packed = await packLayer({
    ...pack,
    diffId: layer.diffId,
    stream: layer.stream,
    mayFree: layer.mayFree === true,
    isWanted: options.isWanted,
    writer: volumes.openBlob(),
    onProgress(bytes) {
      doneBytes += bytes;
      emit({ type: 'item.progress', ...item, doneBytes, ...total });
    },
    signal,
  });
  emit({ type: 'item.finished', ...item, doneBytes });
  if (packed === undefined) return undefined;
  const { diffId, rawBytes, blob } = packed;
  const { digest, bytes, pieces, contents } = blob;
  const placed: PlacedLayer = {
    layer: { diffId, codec: pack.compressor.codec, rawBytes, digest, bytes },
    pieces,
    volume: contents[0]?.volume ?? 1,
  };
  return { diffId, rawBytes, placed };
}

function itemOf(diffId: DiffId | undefined): Item {
  const label = diffId === undefined ? '…' : shortDigest(diffId);
  return { id: `pack:${label}`, kind: 'layer', phase: 'pack', label };
}

async function measure(
  { diffId, stream, mayFree = false }: LayerBytes,
  signal: AbortSignal,
): Promise<MadeLayer> {
  const { digest, bytes: rawBytes } = await hashBytes(mayFree ? freeing(stream) : stream, { signal });
  const got = digest as DiffId;
  if (diffId !== undefined && got !== diffId)
    throw new AirgapError('DIGEST_MISMATCH', { what: 'A layer', got, want: diffId });
  return { diffId: got, rawBytes };
}
