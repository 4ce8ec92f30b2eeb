// Feeds the spool: every source is read once for all hosts, each wanted layer hashed and compressed once, while senders
// already read what there is. Decides per layer whether it travels raw or compressed, when the layer begins.
import { AirgapError } from '../errors.js';
import type { Emit, Item } from '../events.js';
import type { StagedSegment } from '../far/facts.js';
import { type Image, isPacked, type Layer, type LayerBytes } from '../image/image.js';
import type { Codec } from '../oci/descriptor.js';
import { type DiffId, shortDigest } from '../oci/digest.js';
import type { PlannedLayer } from '../plan/plan.js';
import type { LevelChooser } from '../streams/level.js';
import type { Spool } from '../streams/spool.js';
import { type SegmentReader, segmentRawBytes } from '../streams/spool-types.js';
import { createDeferred, type Deferred } from './deferred.js';
import { createLinkWait } from './link-wait.js';

/** What a host wants of a layer: exactly this codec, or the better of raw and this one. */
export interface CodecWish {
  readonly codec: Codec;
  readonly orRaw: boolean;
}

/** A packed blob goes as it is; whatever else, as its host wishes. */
export function wishFor({ packed }: Pick<PlannedLayer, 'packed'>, wish: CodecWish): CodecWish {
  return packed === undefined ? wish : { codec: 'none', orRaw: false };
}

export interface FeedOptions {
  readonly spool: Spool;
  readonly images: readonly Image[];
  /** What some host needs, by its travelId, and in which codecs. A packed blob travels raw: as it is. */
  readonly wanted: ReadonlyMap<DiffId, readonly CodecWish[]>;
  /** What an earlier run brought to the hosts. */
  readonly staged: readonly StagedSegment[];
  readonly levels: LevelChooser;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

export interface Feed {
  /** Follows a layer's segments. May be called by several hosts. */
  open(diffId: DiffId, wish: CodecWish): Promise<SegmentReader>;
  /** Settles when every source has been read; rejects with what broke. */
  readonly done: Promise<void>;
}

/** Starts reading at once. */
export function startFeed(options: FeedOptions): Feed {
  const { spool, wanted, levels, signal } = options;
  const rawOrNot = new Map<DiffId, Deferred<boolean>>();
  for (const diffId of wanted.keys()) rawOrNot.set(diffId, createDeferred<boolean>());
  const missing = new Set<DiffId>();
  const all = new Set(options.images.flatMap((image) => image.layers.flatMap(idsOf)));
  for (const [diffId, wishes] of wanted) {
    const whole = (codec: Codec): boolean => spool.layer(diffId).whole.has(codec);
    const flexible = wishes.filter((wish) => wish.orRaw);
    // What lies spooled decides; nobody reads a source again to save a little on the wire.
    if (flexible.length > 0 && flexible.every(({ codec }) => whole(codec)))
      rawOrNot.get(diffId)?.resolve(false);
    else if (whole('none')) rawOrNot.get(diffId)?.resolve(true);
    else if (flexible.length > 0) {
      missing.add(diffId);
      // Nothing that a killed run made or brought fits the other form.
      const raw = begunRaw(diffId, flexible, options);
      if (raw !== undefined) rawOrNot.get(diffId)?.resolve(raw);
    }
    if (wishes.some((wish) => !wish.orRaw && !whole(wish.codec))) missing.add(diffId);
  }

  const codecsFor = (diffId: DiffId | undefined, raw: boolean): Codec[] => {
    const wishes = diffId === undefined ? [...wanted.values()].flat() : (wanted.get(diffId) ?? []);
    return [...new Set(wishes.map((wish) => (wish.orRaw && raw ? 'none' : wish.codec)))];
  };

  const linkSeen = createLinkWait({ knowsLink: () => levels.knowsLink(), signal });

  const sink = async (bytes: LayerBytes): Promise<void> => {
    const layer = asTravels(bytes);
    const known = layer.diffId;
    const decision = known === undefined ? undefined : rawOrNot.get(known);
    decision?.resolve(levels.prefersRaw());
    // What lay spooled may have decided before.
    const chosen = (await decision?.promise) ?? levels.prefersRaw();
    const report = reportSpooling(options.emit, layer);
    const filled = await spool.fill(layer, {
      codecs: codecsFor(known, chosen),
      chooseLevel: async (codec) => {
        if (known !== undefined && codec !== 'none') await linkSeen();
        return levels.level(codec);
      },
      wanted: missing,
      passing: all,
      onProgress: report.progress,
      onSegment: (sample) => levels.observe(sample),
      signal,
    });
    rawOrNot.get(filled.diffId)?.resolve(chosen);
    report.finished();
  };

  const readAll = async (): Promise<void> => {
    for (const [first, ...others] of Map.groupBy(options.images, (image) => image.readGroup).values()) {
      if (first === undefined) continue;
      const layers = [first, ...others].flatMap((image) => image.layers);
      const here = layers.filter(({ diffId }) => missing.has(diffId));
      const asStored = layers.filter(isPacked).filter(({ blob }) => missing.has(blob.digest as DiffId));
      // One that hosts want in both forms is read twice.
      for (const some of [{ asStored: diffIdsOf(asStored) }, {}]) {
        const wanted = some.asStored ?? diffIdsOf(here);
        if (wanted.size > 0) await first.readLayers({ ...some, wanted, others, sink, signal });
      }
      // A layer that two sources hold is read from the first of them.
      for (const id of layers.flatMap(idsOf)) missing.delete(id);
    }
  };

  const done = readAll().catch((error: unknown) => {
    const cause = error instanceof AirgapError ? error : signal.aborted ? signal.reason : error;
    spool.fail(cause);
    for (const deferred of rawOrNot.values()) deferred.reject(cause);
    throw cause;
  });
  done.catch(() => undefined);

  return {
    async open(diffId, wish) {
      const raw = wish.orRaw && ((await rawOrNot.get(diffId)?.promise) ?? false);
      return spool.reader(diffId, raw ? 'none' : wish.codec);
    },
    done,
  };
}

/** What a layer may travel as: its tar, or the blob that its source holds. */
function idsOf(layer: Layer): DiffId[] {
  return isPacked(layer) ? [layer.diffId, layer.blob.digest as DiffId] : [layer.diffId];
}

function diffIdsOf(layers: readonly Layer[]): Set<DiffId> {
  return new Set(layers.map((layer) => layer.diffId));
}

/** A blob that is not unpacked is, to spool and host, like the tar of a layer: bytes with a digest. */
function asTravels(layer: LayerBytes): LayerBytes {
  if (layer.stored === undefined) return layer;
  const { digest, size } = layer.stored.blob;
  return { ...layer, diffId: digest as DiffId, uncompressedBytes: size };
}

/** Whether most of what an unfinished run left of a layer is raw; undefined if it left nothing. */
function begunRaw(
  diffId: DiffId,
  wishes: readonly CodecWish[],
  { spool, staged }: Pick<FeedOptions, 'spool' | 'staged'>,
): boolean | undefined {
  const { begun } = spool.layer(diffId);
  let rawBytes = begun.get('none') ?? 0;
  let packedBytes = Math.max(0, ...wishes.map(({ codec }) => begun.get(codec) ?? 0));
  for (const { bytes } of staged.filter((segment) => segment.diffId === diffId && segment.whole)) {
    // Names of segments do not tell the codec; only raw ones have that very length.
    if (bytes === segmentRawBytes) rawBytes += bytes;
    else packedBytes += bytes;
  }
  return rawBytes + packedBytes === 0 ? undefined : rawBytes > packedBytes;
}

let unknownCount = 0;

/** Events of one layer's way into the spool. */
function reportSpooling(
  emit: Emit,
  layer: LayerBytes,
): { readonly progress: (rawBytes: number) => void; readonly finished: () => void } {
  let doneBytes = 0;
  unknownCount += 1;
  const item: Item = {
    id: `spool:${layer.diffId ?? unknownCount}`,
    kind: 'layer',
    phase: 'spool',
    label: layer.diffId === undefined ? '…' : shortDigest(layer.diffId),
  };
  const total = layer.uncompressedBytes === undefined ? {} : { totalBytes: layer.uncompressedBytes };
  emit({ type: 'item.started', ...item, ...total });
  return {
    progress(rawBytes) {
      doneBytes += rawBytes;
      emit({ type: 'item.progress', ...item, doneBytes, ...total });
    },
    finished: () => emit({ type: 'item.finished', ...item, doneBytes }),
  };
}
