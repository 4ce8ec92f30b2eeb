// Packs the layers of an export: every source read once, each layer hashed, cut, compressed and written once; those that are left
// out are only measured, since a containerd store must be told their size.
import { availableParallelism } from 'node:os';
import { type CarryOptions, carryLayer } from '../bundle/carry-layer.js';
import type { Journal, PlacedLayer } from '../bundle/journal.js';
import type { BundleLayer } from '../bundle/manifest.js';
import { type PackOptions, packLayer } from '../bundle/pack-layer.js';
import type { ExportPlan } from '../bundle/plan-export.js';
import type { Volumes } from '../bundle/volumes.js';
import { AirgapError } from '../errors.js';
import type { Emit, Item } from '../events.js';
import type { Image, LayerBytes } from '../image/image.js';
import { unpackLimit } from '../image/partial.js';
import type { Codec } from '../oci/descriptor.js';
import { type DiffId, shortDigest } from '../oci/digest.js';
import { openCompressor } from '../streams/codec.js';
import { createFramePool, type FramePool } from '../streams/frame-pool.js';
import { freeing } from '../streams/free-bytes.js';
import { createGate } from '../streams/gate.js';
import { hashBytes } from '../streams/hash-bytes.js';
import type { RunContext } from './run.js';

/** One segment being read, one read, one being written, one more being compressed; the others are at the cores. */
const spareFrames = 4;

/** Whether the bundle is to hold this layer. */
export function isStored(plan: ExportPlan, diffId: DiffId): boolean {
  return plan.images.some(({ layers }) =>
    layers.some((layer) => layer.diffId === diffId && layer.route !== 'omit'),
  );
}

/** Whether a layer that is there is what this export would make: one that its source packed is of use as just that blob. */
export function asPlanned(plan: ExportPlan): (layer: BundleLayer) => boolean {
  const layers = plan.images.flatMap((image) => image.layers);
  const blobs = new Map(layers.map(({ diffId, carried }) => [diffId, carried]));
  return ({ diffId, codec, digest, carried }) => {
    const blob = blobs.get(diffId);
    if (blob !== undefined) return carried === true && digest === blob.digest;
    return carried !== true && codec === plan.codec;
  };
}

export interface PackLayersOptions {
  readonly plan: ExportPlan;
  readonly journal: Journal;
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
  const { plan, journal, volumes, images, kept, context } = options;
  const { emit, signal } = context;
  const placed = new Map(kept.map((one) => [one.layer.diffId, one]));
  const rawBytes = new Map(kept.map(({ layer }) => [layer.diffId, layer.rawBytes]));
  for (const { layer } of kept) emit({ type: 'item.skipped', ...itemOf(layer.diffId), reason: 'stored' });
  const all = plan.images.flatMap((image) => image.layers);
  for (const { diffId, raw, route } of all) {
    if (route === 'omit' && raw.kind === 'exact') rawBytes.set(diffId, raw.bytes);
  }
  const missing = new Set(all.map((layer) => layer.diffId).filter((diffId) => !rawBytes.has(diffId)));
  const known = new Set(all.map((layer) => layer.diffId));
  const asStored = new Set(
    all.flatMap(({ diffId, carried, route }) => (carried === undefined || route === 'omit' ? [] : [diffId])),
  );
  const cores = availableParallelism();
  const pool = createFramePool(cores + spareFrames);
  const compressor = await openCompressor(plan.codec, { parallel: cores });
  const gate = createGate(cores + 1);
  const pack: Pack = {
    codec: plan.codec,
    pool,
    // One more at once than there are cores: none waits for this thread. Of too many, none would be done soon, and then all at the
    // same time.
    async compress(raw) {
      const leave = await gate.enter();
      return await compressor.compress(raw, plan.level).finally(leave);
    },
  };
  let last: Promise<unknown> = Promise.resolve();
  const keep = async (layer: LayerBytes, after: Promise<unknown>, onRead: () => void): Promise<void> => {
    const isWanted = (diffId: DiffId): boolean => missing.has(diffId);
    const made = await packOne(layer, { pack, volumes, isWanted, after, onRead, emit, signal });
    if (made === undefined) return;
    rawBytes.set(made.layer.diffId, made.layer.rawBytes);
    placed.set(made.layer.diffId, made);
    await journal.add(made);
  };
  const sink = async (layer: LayerBytes): Promise<void> => {
    if (layer.diffId === undefined || isStored(plan, layer.diffId)) {
      const read = Promise.withResolvers<void>();
      last = keep(layer, last, read.resolve);
      await Promise.race([read.promise, last]);
    } else {
      const measured = await measure(layer, signal);
      rawBytes.set(measured.diffId, measured.rawBytes);
    }
  };
  try {
    for (const [first, ...others] of Map.groupBy(images, (image) => image.readGroup).values()) {
      if (first === undefined) continue;
      const there = [first, ...others].flatMap((image) => image.layers.map((layer) => layer.diffId));
      const here = new Set(there.filter((diffId) => missing.has(diffId)));
      if (here.size > 0) await first.readLayers({ wanted: here, asStored, others, sink, signal });
      await last;
      for (const diffId of here) missing.delete(diffId);
    }
  } finally {
    await last.catch(() => undefined);
    await compressor.close();
  }
  const lost = [...known].find((diffId) => !rawBytes.has(diffId));
  if (lost !== undefined)
    throw new AirgapError('IMAGE_INCOMPLETE', { image: images[0]?.source ?? '', missing: lost });
  return { placed, rawBytes };
}

interface Pack {
  readonly codec: Codec;
  readonly pool: FramePool;
  compress(raw: Buffer): Promise<Buffer>;
}

interface PackOneOptions extends Pick<PackOptions, 'isWanted' | 'after' | 'onRead'> {
  readonly pack: Pack;
  readonly volumes: Volumes;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

async function packOne(layer: LayerBytes, options: PackOneOptions): Promise<PlacedLayer | undefined> {
  if (layer.stored !== undefined && layer.diffId !== undefined)
    return await carryOne({ ...layer.stored, diffId: layer.diffId, stream: layer.stream }, options);
  const { pack, volumes, emit, signal, ...order } = options;
  const item = itemOf(layer.diffId);
  const total = layer.uncompressedBytes === undefined ? {} : { totalBytes: layer.uncompressedBytes };
  let doneBytes = 0;
  const packed = await packLayer({
    ...order,
    pool: pack.pool,
    compress: pack.compress,
    diffId: layer.diffId,
    stream: layer.stream,
    mayFree: layer.mayFree === true,
    ...(layer.fill === undefined ? {} : { fill: layer.fill }),
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
  return {
    layer: { diffId, codec: pack.codec, rawBytes, digest, bytes },
    pieces,
    volume: contents[0]?.volume ?? 1,
  };
}

async function carryOne(
  stored: Pick<CarryOptions, 'diffId' | 'blob' | 'stream'> & { readonly codec: Codec },
  { volumes, emit, signal, isWanted: _, pack: __, ...order }: PackOneOptions,
): Promise<PlacedLayer> {
  const { diffId, blob, codec, stream } = stored;
  if (codec === 'none') throw new Error('a raw layer as a compressed one');
  const item = itemOf(diffId);
  const totalBytes = blob.size;
  let doneBytes = 0;
  const carried = await carryLayer({
    ...order,
    diffId,
    blob,
    codec,
    stream,
    limitBytes: unpackLimit(blob.size),
    writer: volumes.openBlob(),
    onProgress(bytes) {
      doneBytes += bytes;
      emit({ type: 'item.progress', ...item, doneBytes, totalBytes });
    },
    signal,
  });
  emit({ type: 'item.finished', ...item, doneBytes });
  const { digest, bytes, pieces, contents } = carried.blob;
  return {
    layer: { diffId, codec, rawBytes: carried.rawBytes, digest, bytes, carried: true },
    pieces,
    volume: contents[0]?.volume ?? 1,
  };
}

function itemOf(diffId: DiffId | undefined): Item {
  const label = diffId === undefined ? '…' : shortDigest(diffId);
  return { id: `pack:${label}`, kind: 'layer', phase: 'pack', label };
}

async function measure(
  { diffId, stream, mayFree = false }: LayerBytes,
  signal: AbortSignal,
): Promise<{ readonly diffId: DiffId; readonly rawBytes: number }> {
  const { digest, bytes: rawBytes } = await hashBytes(mayFree ? freeing(stream) : stream, { signal });
  const got = digest as DiffId;
  if (diffId !== undefined && got !== diffId)
    throw new AirgapError('DIGEST_MISMATCH', { what: 'A layer', got, want: diffId });
  return { diffId: got, rawBytes };
}
