// Loads one image on one host: plays its archive as segments arrive, proves what came out, under a temporary name.
// Layers first, in the order in which they arrive; metadata last, so that nothing half can ever be taken for whole.
import { type ArchiveLayer, archiveTail, blobHeader } from '../engines/archive.js';
import type { EngineFacts } from '../engines/engine.js';
import { AirgapError, isAirgapError } from '../errors.js';
import type { EngineCall, Far, FarImage, Play, RecipeLine } from '../far/facts.js';
import type { Image } from '../image/image.js';
import { mediaTypes } from '../oci/descriptor.js';
import { type DiffId, type Digest, digestOf } from '../oci/digest.js';
import type { PlannedImage, PlannedLayer } from '../plan/plan.js';
import type { SegmentReader } from '../streams/spool-types.js';
import type { Arrivals } from './arrivals.js';
import { rejectOnAbort } from './deferred.js';
import type { Sender } from './sender.js';
import { type SplicedLayer, spliceLayers } from './splice.js';

/** What is common to all images of one host's run. */
export interface LoadContext {
  readonly hostName: string;
  readonly far: Far;
  readonly call: EngineCall;
  readonly engine: EngineFacts;
  readonly sender: Sender;
  readonly arrivals: Arrivals;
  /** The segments of a layer that is sent. */
  readonly reader: (diffId: DiffId) => Promise<SegmentReader>;
  /** Resolves when every source has been read. */
  readonly sourcesRead: Promise<void>;
  /** Resolves when every layer of the run is in the sender's line. */
  readonly allInLine: Promise<void>;
  /** Raw blobs that earlier images of this run left in the far store, with their sizes. */
  readonly brought: Map<DiffId, number>;
  /** The host allows one session only: sending and playing take turns. */
  singleSession: boolean;
  /** index.json of a layout, as it is now. */
  layoutIndex: Uint8Array | undefined;
  /** Of the archive's layers, and of the whole of it; for events. */
  readonly onPlaying: (diffId: DiffId, rawBytes: number) => void;
  readonly onPlayed: (diffId: DiffId, rawBytes: number) => void;
  readonly onLoaded: (planned: PlannedImage) => void;
  readonly signal: AbortSignal;
}

export interface LoadedImage {
  readonly farImage: FarImage;
  readonly manifest?: {
    readonly digest: Digest;
    readonly layers: readonly { readonly digest: Digest; readonly size: number }[];
  };
}

/** One part of the archive: a header that depends on what went before, then the lines that play its bytes. */
interface Part {
  readonly digest: Digest;
  readonly size: number;
  readonly lines: AsyncIterable<RecipeLine>;
}

/**
 * @returns what the engine says the image is, already compared with what was sent
 * @throws {AirgapError} LOAD_REJECTED, VERIFY_FAILED, STAGE_DAMAGED, TARGET_FULL, SSH_LOST, FAR_*
 */
export async function loadImage(
  context: LoadContext,
  image: Image,
  planned: PlannedImage,
  names: { readonly temporary: string; readonly full: string },
): Promise<LoadedImage> {
  const sizes = new Map<DiffId, number>();
  const expected: { manifest?: { digest: Digest; layers: { digest: Digest; size: number }[] } } = {};

  async function* recipe(): AsyncIterable<RecipeLine> {
    let previousBytes = 0;
    for await (const part of arrivingParts(context, planned)) {
      sizes.set(part.digest as DiffId, part.size);
      context.onPlaying(part.digest as DiffId, part.size);
      yield* frame(context, blobHeader(part.digest, part.size, previousBytes));
      yield* part.lines;
      previousBytes = part.size;
      context.onPlayed(part.digest as DiffId, part.size);
    }
    // A docker save tells the config last; asking before it has been read through would cost another one.
    await context.sourcesRead;
    const rawConfig = await image.rawConfig({ signal: context.signal });
    const layers = planned.layers.map((layer) => describe(context, layer, sizes));
    const name = context.engine.storeKind === 'layout' ? names.full : names.temporary;
    const { storeKind } = context.engine;
    const archive = { storeKind, platform: image.platform, rawConfig, layers, name };
    const tail = archiveTail(archive, previousBytes, context.layoutIndex);
    if (tail.manifest !== undefined) {
      expected.manifest = {
        digest: tail.manifest.digest,
        layers: layers.map(({ blob }) => ({ digest: blob.digest, size: blob.size ?? 0 })),
      };
    }
    yield* frame(context, tail.bytes);
    yield { op: 'end' };
  }

  await playAll(context, names.temporary, recipe());
  context.onLoaded(planned);
  const farImage = await prove(context, image, names.temporary, expected.manifest);
  for (const [diffId, size] of sizes) context.brought.set(diffId, size);
  return { farImage, ...(expected.manifest === undefined ? {} : { manifest: expected.manifest }) };
}

/** Compares what lies there under a name with what was sent; only this makes an image count as arrived. */
export async function prove(
  context: Pick<LoadContext, 'far' | 'call' | 'engine' | 'hostName' | 'sender'>,
  image: Image,
  name: string,
  expected: Digest | LoadedImage['manifest'],
): Promise<FarImage> {
  const { far, call, engine, hostName } = context;
  const create = engine.storeKind === 'containerd';
  const { digest: manifest, layers = [] } = typeof expected === 'object' ? expected : { digest: expected };
  // A layout proves nothing of what it held before: the far side hashes that too.
  const blobs = engine.storeKind === 'layout' ? [...new Set(layers.map(({ digest }) => digest))] : [];
  const found = await besideSending(context, () => far.verify(call, name, { create, blobs }));
  const fail = (what: string, got: string, want: string): never => {
    throw new AirgapError('VERIFY_FAILED', { host: hostName, image: image.source, what, got, want });
  };
  if (found === undefined) return fail('the image', 'missing', image.imageId);
  const wantId = engine.storeKind === 'graphdriver' ? image.imageId : manifest;
  if (wantId !== undefined && found.farId !== wantId) return fail('its Id', found.farId, wantId);
  const damaged = found.damaged?.[0];
  if (damaged !== undefined) return fail('a layer that was there before', 'damaged', damaged);
  const diffIds = image.layers.map((layer) => layer.diffId);
  if (engine.storeKind !== 'layout' && found.diffIds?.join() !== diffIds.join()) {
    return fail('its layer list', found.diffIds?.at(-1) ?? 'missing', diffIds.at(-1) ?? 'empty');
  }
  if (create && !found.created) return fail('a container of it', 'not made', 'made');
  return found;
}

/** Layers that must be in the archive, in the order in which their first bytes are there. */
async function* arrivingParts(context: LoadContext, planned: PlannedImage): AsyncIterable<Part> {
  const spliced = planned.layers.filter((layer) => layer.route === 'splice');
  if (spliced.length > 0) {
    for (const layer of await besideSending(context, () => spliceLayers(context, spliced)))
      yield splicePart(layer);
  }
  const waiting = new Map<DiffId, Promise<{ part: Part; diffId: DiffId }>>();
  for (const { diffId } of new Map(
    planned.layers.filter((layer) => layer.route === 'send').map((layer) => [layer.diffId, layer]),
  ).values()) {
    const ready = sentPart(context, diffId).then((part) => ({ part, diffId }));
    ready.catch(() => undefined);
    waiting.set(diffId, ready);
  }
  while (waiting.size > 0) {
    const { part, diffId } = await Promise.race(waiting.values());
    waiting.delete(diffId);
    yield part;
  }
}

async function sentPart(context: LoadContext, diffId: DiffId): Promise<Part> {
  const { arrivals } = context;
  const reader = await context.reader(diffId);
  const size = await reader.rawBytes;
  // A layer with no byte at all has no segment to wait for.
  if (size > 0) await arrivals.waitFor(diffId, 0);
  async function* lines(): AsyncIterable<RecipeLine> {
    for await (const { index, digest, codec } of reader.segments()) {
      await arrivals.waitFor(diffId, index);
      yield { op: 'segment', diffId, index, digest, codec };
    }
  }
  return { digest: diffId, size, lines: lines() };
}

function splicePart({ diffId, rawBytes, line }: SplicedLayer): Part {
  async function* lines(): AsyncIterable<RecipeLine> {
    yield line;
  }
  return { digest: diffId, size: rawBytes, lines: lines() };
}

/** Headers and metadata travel on the channels that are open anyway. */
async function* frame(context: LoadContext, bytes: Buffer): AsyncIterable<RecipeLine> {
  const digest = digestOf(bytes);
  context.sender.addFrame(digest, bytes);
  await context.arrivals.waitFor(digest, 0);
  yield { op: 'frame', digest, offset: 0, length: bytes.byteLength };
}

function describe(
  context: LoadContext,
  layer: PlannedLayer,
  sizes: ReadonlyMap<DiffId, number>,
): ArchiveLayer {
  const { diffId, heldBlob } = layer;
  if (heldBlob !== undefined) {
    const mediaType = {
      none: mediaTypes.ociLayer,
      gzip: mediaTypes.ociLayerGzip,
      zstd: mediaTypes.ociLayerZstd,
    };
    return {
      diffId,
      blob: { digest: heldBlob.digest, size: heldBlob.size, mediaType: mediaType[heldBlob.codec] },
    };
  }
  const size = sizes.get(diffId) ?? context.brought.get(diffId);
  return { diffId, blob: { digest: diffId, size, mediaType: mediaTypes.ociLayer } };
}

async function playAll(
  context: LoadContext,
  temporaryName: string,
  recipe: AsyncIterable<RecipeLine>,
): Promise<void> {
  let play = context.singleSession ? undefined : await openBesideSending(context, temporaryName);
  // With one session only, everything must be there before the play takes it; and so for every image after this one.
  context.singleSession = play === undefined;
  const lines = play === undefined ? await collect(recipe) : recipe;
  if (play === undefined) {
    await context.allInLine;
    await context.sender.quiesce();
    play = await context.far.openPlay(context.call, temporaryName);
  }
  const playing = play;
  const stop = rejectOnAbort(context.signal);
  try {
    const feed = async (): Promise<void> => {
      for await (const line of lines) await playing.line(line);
      await playing.loaded;
    };
    // The load may fail long before its last line: a full disk, a bad segment. Whoever is first ends both.
    await Promise.race([feed(), playing.loaded.then(() => undefined), stop.promise]);
    await Promise.race([playing.loaded, stop.promise]);
  } catch (error) {
    await playing.abort();
    if (isAirgapError(error, 'STAGE_DAMAGED')) {
      context.arrivals.lost(error.facts.layer as DiffId, error.facts.segment);
    }
    throw error;
  } finally {
    stop.release();
  }
}

async function collect(lines: AsyncIterable<RecipeLine>): Promise<RecipeLine[]> {
  const all: RecipeLine[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

/** Opens the play while segments still travel; undefined if the host has no session for both. */
async function openBesideSending(context: LoadContext, temporaryName: string): Promise<Play | undefined> {
  await context.sender.warm();
  for (;;) {
    try {
      return await context.far.openPlay(context.call, temporaryName);
    } catch (error) {
      if (!isAirgapError(error, 'CHANNEL_REFUSED')) throw error;
      if (!(await context.sender.yieldChannel())) return undefined;
    }
  }
}

/** Makes a short call beside the sending; where every session is taken, sending gives one up for it. */
export async function besideSending<T>(
  context: Pick<LoadContext, 'sender'>,
  call: () => Promise<T>,
): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (!isAirgapError(error, 'CHANNEL_REFUSED') || attempt >= 8) throw error;
      if (!(await context.sender.yieldChannel())) await context.sender.quiesce();
    }
  }
}
