// Loads one image on one host: plays its archive as segments arrive, proves what came out, under a temporary name.
// Layers first, in the order in which they arrive; metadata last, so that nothing half can ever be taken for whole.
import { type ArchiveLayer, archiveTail, blobHeader } from '../engines/archive.js';
import { type EngineFacts, storeRules } from '../engines/engine.js';
import type { FarImage, RecipeLine } from '../far/facts.js';
import type { Image } from '../image/image.js';
import { buildConfig } from '../oci/build.js';
import { type Codec, layerTypes } from '../oci/descriptor.js';
import { type DiffId, type Digest, digestOf } from '../oci/digest.js';
import type { Platform } from '../oci/platform.js';
import { travelId } from '../plan/carry.js';
import type { PlannedImage, PlannedLayer } from '../plan/plan.js';
import type { ImageReceipt } from '../receipt/receipt.js';
import type { SegmentReader } from '../streams/spool-types.js';
import { fullName } from './far-names.js';
import { afterStep, loadSteps } from './load-steps.js';
import { besideSending, type PlayContext, playArchive } from './play-archive.js';
import { type LoadedManifest, prove } from './prove-image.js';
import { type SplicedLayer, spliceLayers } from './splice.js';

/** What is common to all images of one host's run. */
export interface LoadContext extends PlayContext {
  readonly hostName: string;
  readonly engine: EngineFacts;
  /** The segments of a layer that is sent. */
  readonly reader: (layer: PlannedLayer) => Promise<SegmentReader>;
  /** Resolves when every source has been read. */
  readonly sourcesRead: Promise<void>;
  /** By diffID the blobs that earlier archives of this run left in the far store. */
  readonly brought: Map<DiffId, BroughtBlob>;
  /** index.json of a layout, as it is now. */
  layoutIndex: Uint8Array | undefined;
  /**
   * The temporary name of an image by its Id; noted, so that it goes when the run ends. `name`: the real one that it will get,
   * which counts where a place holds one name only.
   */
  readonly nameFor: (imageId: Digest, name?: string) => string;
  /** Of the archive's layers, and of the whole of it; for events. */
  readonly onPlaying: (id: DiffId, bytes: number) => void;
  readonly onPlayed: (id: DiffId, bytes: number) => void;
  readonly onLoaded: (planned: PlannedImage) => void;
}

export interface LoadedImage {
  readonly farImage: FarImage;
  /** Where it lies until its real name is set. */
  readonly name: string;
  /** What the receipt has of it. */
  readonly told: Partial<Pick<ImageReceipt, 'manifest' | 'sourceManifest' | 'pulledFrom'>>;
}

/** What one archive carries; `rawConfig` may have to wait for the source. */
interface Archive {
  readonly platform: Platform;
  readonly layers: readonly PlannedLayer[];
  readonly name: string;
  /** The name that stands inside the archive. */
  readonly innerName: string;
  readonly rawConfig: () => Promise<Uint8Array>;
  /** The source's own manifest, where the image travels as its source holds it. */
  readonly manifest?: NonNullable<Image['manifest']>;
}

/** A blob in the far store. */
interface BroughtBlob {
  /** What it unpacks to. */
  readonly diffId: DiffId;
  readonly digest: Digest;
  readonly size: number | undefined;
  readonly codec: Codec;
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
): Promise<LoadedImage> {
  const { engine, signal } = context;
  let loaded = 0;
  for (const count of loadSteps(planned.layers, engine.storeKind)) {
    // Where sending and playing take turns there is nothing to do beside the sending.
    if (context.singleSession) break;
    const layers = afterStep(planned.layers.slice(0, count), loaded);
    await load(context, stepArchive(context, image.platform, layers));
    loaded = count;
  }
  const name = context.nameFor(planned.imageId, planned.name);
  const { manifest, digest } = await load(context, {
    platform: image.platform,
    layers: afterStep(planned.layers, loaded),
    name,
    innerName: storeRules[engine.storeKind].isEngine ? name : fullName(planned.name),
    ...(planned.manifest === undefined || image.manifest === undefined ? {} : { manifest: image.manifest }),
    async rawConfig() {
      // A docker save tells the config last; asking before it has been read through would cost another one.
      await context.sourcesRead;
      return await image.rawConfig({ signal });
    },
  });
  context.onLoaded(planned);
  const farImage = await prove(context, image, name, manifest);
  const source = image.manifest?.descriptor.digest;
  // What an engine keeps has the digest that it was given.
  const isOther = source !== undefined && digest !== undefined && digest !== source;
  return {
    farImage,
    name,
    told: {
      // The next run may name these blobs again, and must then tell what they are.
      ...(manifest === undefined ? {} : { manifest }),
      ...(isOther ? { sourceManifest: source } : {}),
    },
  };
}

/** The lower layers of an image as an image of their own. Never proved, never named: the whole image is. */
function stepArchive(context: LoadContext, platform: Platform, layers: readonly PlannedLayer[]): Archive {
  const rawConfig = buildConfig(
    platform,
    layers.map((layer) => layer.diffId),
  );
  const name = context.nameFor(digestOf(rawConfig));
  return { platform, layers, name, innerName: name, rawConfig: () => Promise.resolve(rawConfig) };
}

/** Plays one archive. Tells the manifest that it carried, if it did, and its digest. */
async function load(
  context: LoadContext,
  archive: Archive,
): Promise<{ readonly manifest: LoadedManifest | undefined; readonly digest: Digest | undefined }> {
  const sizes = new Map<DiffId, number>();
  let manifest: LoadedManifest | undefined;
  let digest: Digest | undefined;

  async function* recipe(): AsyncIterable<RecipeLine> {
    let previousBytes = 0;
    for await (const part of arrivingParts(context, archive.layers)) {
      sizes.set(part.digest as DiffId, part.size);
      context.onPlaying(part.digest as DiffId, part.size);
      yield* frame(context, blobHeader(part.digest, part.size, previousBytes));
      yield* part.lines;
      previousBytes = part.size;
      context.onPlayed(part.digest as DiffId, part.size);
    }
    const rawConfig = await archive.rawConfig();
    const blobs = archive.layers.map((layer) => blobOf(context, layer, sizes));
    const { platform, innerName: name } = archive;
    const whole = {
      storeKind: context.engine.storeKind,
      platform,
      rawConfig,
      layers: blobs.map(describe),
      name,
      ...(archive.manifest === undefined ? {} : { manifest: archive.manifest }),
    };
    const tail = archiveTail(whole, previousBytes, context.layoutIndex);
    digest = tail.manifest?.digest;
    // Where it is not the image's Id, nobody asks for it again.
    if (tail.manifest !== undefined && storeRules[context.engine.storeKind].id === 'manifest') {
      manifest = {
        digest: tail.manifest.digest,
        layers: blobs.map(({ digest, size = 0, codec }) => ({ digest, size, codec })),
      };
    }
    yield* frame(context, tail.bytes);
    yield { op: 'end' };
  }

  await playArchive(context, archive.name, recipe());
  for (const layer of archive.layers)
    if (sizes.has(travelId(layer))) context.brought.set(layer.diffId, blobOf(context, layer, sizes));
  return { manifest, digest };
}

/** Layers that must be in the archive, in the order in which their first bytes are there. */
async function* arrivingParts(context: LoadContext, layers: readonly PlannedLayer[]): AsyncIterable<Part> {
  const spliced = layers.filter((layer) => layer.route === 'splice');
  if (spliced.length > 0) {
    for (const layer of await besideSending(context.sender, () => spliceLayers(context, spliced)))
      yield splicePart(layer);
  }
  const waiting = new Map<DiffId, Promise<{ part: Part; id: DiffId }>>();
  const sent = layers.filter((layer) => layer.route === 'send');
  for (const [id, layer] of new Map(sent.map((one) => [travelId(one), one]))) {
    const ready = sentPart(context, layer).then((part) => ({ part, id }));
    ready.catch(() => undefined);
    waiting.set(id, ready);
  }
  while (waiting.size > 0) {
    const { part, id } = await Promise.race(waiting.values());
    waiting.delete(id);
    yield part;
  }
}

async function sentPart(context: LoadContext, layer: PlannedLayer): Promise<Part> {
  const { arrivals } = context;
  const id = travelId(layer);
  const reader = await context.reader(layer);
  const size = await reader.rawBytes;
  // A layer with no byte at all has no segment to wait for.
  if (size > 0) await arrivals.waitFor(id, 0);
  async function* lines(): AsyncIterable<RecipeLine> {
    for await (const { index, digest, codec } of reader.segments()) {
      await arrivals.waitFor(id, index);
      yield { op: 'segment', diffId: id, index, digest, codec };
    }
  }
  return { digest: id, size, lines: lines() };
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

/** The blob that stands, or will stand, for a layer in the far store. */
function blobOf(
  { brought }: LoadContext,
  layer: PlannedLayer,
  sizes: ReadonlyMap<DiffId, number>,
): BroughtBlob {
  const { diffId, heldBlob, packed, raw } = layer;
  const there = heldBlob ?? packed ?? brought.get(diffId);
  if (there !== undefined) return { diffId, digest: there.digest, size: there.size, codec: there.codec };
  const known = raw.kind === 'exact' ? raw.bytes : undefined;
  return { diffId, digest: diffId, size: sizes.get(diffId) ?? known, codec: 'none' };
}

function describe({ diffId, digest, size, codec }: BroughtBlob): ArchiveLayer {
  return { diffId, blob: { digest, size, mediaType: layerTypes[codec] } };
}
