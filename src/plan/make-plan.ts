// Makes the plan for one host: pure, synchronous, no I/O. Routes first (route.ts), then sums, room and refusals.
import { storeRules } from '../engines/engine.js';
import { AirgapError, type ErrorCode, type ErrorFacts } from '../errors.js';
import type { Codec, Descriptor } from '../oci/descriptor.js';
import type { DiffId, Digest } from '../oci/digest.js';
import { namesInIndex } from '../oci/layout.js';
import { formatPlatform, type Platform, platformFits } from '../oci/platform.js';
import { formatReference, parseReference } from '../oci/reference.js';
import { text } from '../text/text.js';
import { carriedLayers, type Forms, type PackedBlob, type RemadeWhy, travelId } from './carry.js';
import { estimateWire, exact, sumFigures } from './estimate.js';
import {
  type Figure,
  type Plan,
  type PlannedImage,
  type PlannedLayer,
  type Refusal,
  uniqueLayers,
} from './plan.js';
import { byFileSystem, type PackageRoom, roomNeeded } from './room.js';
import { type Coming, presentImage, routeLayers } from './route.js';
import { heldLayers, type TargetState } from './target.js';

/** An image as the plan needs it. */
export interface PlanImage {
  readonly source: string;
  readonly imageId: Digest;
  readonly platform: Platform;
  /** Familiar spelling. */
  readonly name: string;
  /** This image's platform was named: a mismatch is no refusal. */
  readonly platformAsked?: boolean;
  /** The source's own manifest, where it has one. */
  readonly manifest?: Pick<Descriptor, 'digest' | 'mediaType'>;
  readonly layers: readonly PlanLayer[];
}

export interface PlanLayer {
  readonly diffId: DiffId;
  readonly raw: Figure;
  /** The source does not have its bytes. */
  readonly absent?: boolean;
  /** The blob as the source holds it, if that is compressed; `spooled` if the spool has it whole. */
  readonly packed?: PackedBlob & { readonly spooled: boolean };
  /** The source holds another packing than the one that another image of this run brings. */
  readonly packedOtherwise?: true;
  /** Bytes as spooled, by codec, where the whole layer is spooled. */
  readonly spooled: Readonly<Partial<Record<Codec, number>>>;
}

export interface PlanInput {
  readonly target: TargetState;
  readonly images: readonly PlanImage[];
  /** Undefined: the best the far programs can read. */
  readonly codec?: Codec;
  /** A level was asked for, too. */
  readonly levelAsked?: boolean;
  /** The user named a platform: a mismatch is a warning, not a refusal. */
  readonly platformAsked: boolean;
  readonly noClobber: boolean;
  /** The codec is for layers that their source has not packed. */
  readonly keepsPacked?: boolean;
  /** Where the images come out of one that leaves layers out. */
  readonly bundle?: string;
  /** Where the engines pull from, instead of images being sent. */
  readonly registry?: string;
  readonly spool: { readonly path: string; readonly freeBytes: number };
  /** Absent where none are brought. */
  readonly packages?: PackageRoom;
}

/** @returns the plan, with everything that must stop it in `refusals`. Never throws for what the far side holds. */
export function makePlan(input: PlanInput): Plan {
  const { target, images } = input;
  const { codec, reason } = chooseCodec(target, input.codec);
  const held = heldLayers(target);
  const coming: Coming = { chains: new Set(), layers: new Set() };
  const forms: Forms = new Map();
  const packsAnew = input.codec !== undefined && input.keepsPacked !== true;
  const stored = storedOthers(input);
  const planned = images.map((image): PlannedImage => {
    const present = presentImage(image, target);
    const pull = input.registry !== undefined && present === undefined;
    const routes = routeLayers({ image, target, held, coming, present: present !== undefined });
    const plain = image.layers.map((layer, at): PlannedLayer => {
      const route = pull ? { route: 'pull' as const } : (routes[at] ?? { route: 'send' as const });
      const wire = route.route === 'send' ? wireFigure(layer, codec) : exact(0);
      return { diffId: layer.diffId, raw: layer.raw, wire, ...route };
    });
    const carrying =
      present === undefined && !pull ? carriedLayers(image, plain, { target, forms, packsAnew }) : undefined;
    const carried = typeof carrying === 'string' ? undefined : carrying;
    const layers = carried ?? plain;
    const why = typeof carrying === 'string' ? carrying : presentOtherwise(image, present, target);
    for (const layer of layers) if (layer.route !== 'held') forms.set(layer.diffId, travelId(layer));
    const moves = target.held.tags.get(image.name) ?? stored.get(image);
    const movesFrom = moves !== undefined && moves !== present?.farId ? moves : undefined;
    return {
      source: image.source,
      imageId: image.imageId,
      platform: formatPlatform(image.platform),
      name: image.name,
      ...namesOf(image, input),
      ...(movesFrom === undefined ? {} : { movesFrom }),
      ...(present === undefined ? {} : { present: { farId: present.farId } }),
      ...(carried === undefined || image.manifest === undefined ? {} : { manifest: image.manifest.digest }),
      ...(why === undefined || image.manifest === undefined
        ? {}
        : { remade: { source: image.manifest.digest, why } }),
      ...(pull ? { pull } : {}),
      named: present !== undefined && moves === present.farId,
      layers,
    };
  });
  const disk = roomNeeded(input, planned, codec);
  return {
    host: target.host,
    engine: { name: target.engine.name, version: target.engine.version, store: target.engine.storeLabel },
    platform: formatPlatform(target.engine.platform),
    codec,
    codecReason: reason,
    images: planned,
    ...(input.registry === undefined ? {} : { registry: input.registry }),
    totals: totals(planned, input.bundle !== undefined),
    disk,
    warnings: input.levelAsked === true ? spooledWarnings(input, planned, codec) : [],
    refusals: findRefusals(input, planned, disk),
  };
}

/** podman takes `app:1` for localhost/app:1 where that is there, whatever docker.io's is. */
function namesOf(
  { name, imageId }: PlanImage,
  { target: { engine, held }, images }: PlanInput,
): Pick<PlannedImage, 'fullName' | 'shadowedBy'> {
  const full = formatReference(parseReference(name));
  if (engine.fullNames !== true || full === name) return {};
  const other = `localhost/${name}`;
  const there = images.find((one) => one.name === other)?.imageId ?? held.tags.get(other);
  return { fullName: full, ...(there === undefined || there === imageId ? {} : { shadowedBy: other }) };
}

/** An image that is there under another manifest than its source's, where the engine's own ID tells. */
function presentOtherwise(
  { manifest }: PlanImage,
  present: { readonly farId: Digest } | undefined,
  { engine }: TargetState,
): RemadeWhy | undefined {
  if (manifest === undefined || present === undefined || storeRules[engine.storeKind].id !== 'manifest')
    return undefined;
  return present.farId === manifest.digest ? undefined : 'present';
}

/** What lies spooled is not packed again for another level: that must not look like the level asked for. */
function spooledWarnings(input: PlanInput, planned: readonly PlannedImage[], codec: Codec): string[] {
  const sent = new Set(
    uniqueLayers(planned).flatMap(({ route, diffId }) => (route === 'send' ? [diffId] : [])),
  );
  const spooled = new Set(
    input.images
      .flatMap((image) => image.layers)
      .flatMap((layer) =>
        layer.spooled[codec] !== undefined && sent.has(layer.diffId) ? [layer.diffId] : [],
      ),
  );
  return spooled.size === 0 ? [] : [text().words.plan.spooled(spooled.size)];
}

function chooseCodec(target: TargetState, asked: Codec | undefined): { codec: Codec; reason: string } {
  if (asked !== undefined) return { codec: asked, reason: 'asked' };
  if (target.tools.has('zstd')) return { codec: 'zstd', reason: 'farZstd' };
  if (target.tools.has('gzip')) return { codec: 'gzip', reason: 'farGzip' };
  return { codec: 'none', reason: 'farNothing' };
}

function wireFigure(layer: PlanLayer, codec: Codec): Figure {
  const spooled = layer.spooled[codec];
  if (spooled !== undefined) return exact(spooled);
  return codec === 'none' && layer.raw.kind === 'exact' ? layer.raw : estimateWire(layer.raw.bytes, codec);
}

function totals(images: readonly PlannedImage[], fromBundle: boolean): Plan['totals'] {
  const layers = uniqueLayers(images);
  const pick = (route: PlannedLayer['route']): PlannedLayer[] =>
    layers.filter((layer) => layer.route === route);
  const raw = (some: readonly PlannedLayer[]): Figure => sumFigures(some.map((layer) => layer.raw));
  const [held, send, splice, pull] = [pick('held'), pick('send'), pick('splice'), pick('pull')];
  return {
    held: raw(held),
    send: raw(send),
    splice: raw(splice),
    wire: sumFigures(send.map((layer) => layer.wire)),
    ...(fromBundle ? {} : { withoutAirgap: raw(layers) }),
    layerCount: layers.length,
    heldCount: held.length,
    sendCount: send.length,
    spliceCount: splice.length,
    ...(pull.length === 0 ? {} : { pull: raw(pull), pullCount: pull.length }),
    sharedCount: new Set(
      images.flatMap((image) => image.layers.flatMap(({ shared, diffId }) => (shared ? [diffId] : []))),
    ).size,
  };
}

/** Layers that neither the source nor the host has. */
function missingBases({ images, target, bundle }: PlanInput, planned: readonly PlannedImage[]): Refusal[] {
  if (bundle === undefined) return [];
  return images.flatMap((image, at): Refusal[] => {
    const routes = planned[at]?.layers ?? [];
    const lost = image.layers.filter((layer, n) => layer.absent === true && routes[n]?.route === 'send');
    if (lost.length === 0) return [];
    const layers = lost.map((layer) => layer.diffId);
    return [refusal('BUNDLE_BASE_MISSING', { host: target.host, image: image.name, layers, bundle })];
  });
}

function findRefusals(input: PlanInput, images: readonly PlannedImage[], disk: Plan['disk']): Refusal[] {
  const { target } = input;
  const host = target.host;
  const refusals: Refusal[] = [];
  const spool = disk.find(({ where }) => where === 'spool');
  const there = disk.filter(({ where }) => where !== 'spool');
  for (const { path, neededBytes, freeBytes } of byFileSystem(input, there)) {
    if (freeBytes === undefined || neededBytes <= freeBytes) continue;
    refusals.push(refusal('TARGET_FULL', { host, path, neededBytes, freeBytes, engine: target.engine.name }));
  }
  if (spool?.freeBytes !== undefined && spool.neededBytes > spool.freeBytes) {
    const { path, neededBytes, freeBytes } = spool;
    refusals.push(refusal('SPOOL_FULL', { path, neededBytes, freeBytes }));
  }
  for (const image of input.images) {
    if (
      input.platformAsked ||
      image.platformAsked === true ||
      platformFits(image.platform, target.engine.platform)
    )
      continue;
    refusals.push(
      refusal('TARGET_PLATFORM', {
        host,
        image: image.name,
        imagePlatform: formatPlatform(image.platform),
        hostPlatform: formatPlatform(target.engine.platform),
      }),
    );
  }
  const { codec } = input;
  const travels = images.some((image) => image.layers.some((layer) => layer.route === 'send'));
  if (codec !== undefined && codec !== 'none' && travels && !target.tools.has(codec)) {
    refusals.push(refusal('FAR_TOOL_MISSING', { host, tool: codec }));
  }
  if (input.registry !== undefined && !storeRules[target.engine.storeKind].isEngine)
    refusals.push(
      refusal('FAR_ENGINE_UNSUPPORTED', {
        host,
        engine: target.engine.name,
        problem: text().words.push.pullsNothing,
      }),
    );
  refusals.push(...missingBases(input, images));
  for (const image of images) {
    if (input.noClobber && image.movesFrom !== undefined) {
      refusals.push(refusal('NAME_TAKEN', { host, name: image.name }));
    }
  }
  return refusals;
}

/** Of a layout, where nothing is ever present, what the names stand for that belong to another image. */
function storedOthers({ target, images }: PlanInput): ReadonlyMap<PlanImage, Digest> {
  const others = new Map<PlanImage, Digest>();
  if (target.held.index === undefined) return others;
  const names = namesInIndex(target.held.index);
  for (const image of images) {
    const digest = names.get(formatReference(parseReference(image.name)));
    const isOwn =
      digest === image.manifest?.digest ||
      target.knownManifests.some((known) => known.digest === digest && known.imageId === image.imageId);
    if (digest !== undefined && !isOwn) others.set(image, digest);
  }
  return others;
}

function refusal<C extends Refusal['code'] & ErrorCode>(code: C, facts: ErrorFacts[C]): Refusal {
  const { message, hint } = new AirgapError(code, facts);
  return { code, facts, message, hint };
}
