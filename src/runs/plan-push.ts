// The near half of a push: asks the registry what it has of each image, and decides for every blob how it gets there. Nothing is
// changed over there.
import type { Image, Layer } from '../image/image.js';
import { type Codec, type Descriptor, layerTypes } from '../oci/descriptor.js';
import type { DiffId, Digest } from '../oci/digest.js';
import { formatPlatform } from '../oci/platform.js';
import type { Reference } from '../oci/reference.js';
import { estimate, estimateWire, exact } from '../plan/estimate.js';
import type { Figure, Refusal } from '../plan/plan.js';
import type { PlannedBlob, PlannedPush, PushRoute } from '../plan/push-plan.js';
import type { PushRepository } from '../registry/push-repository.js';
import { asStored, builtDigest, canKeep, configSize } from './push-manifest.js';
import { toldName } from './push-names.js';
import { nameTaken, refusal } from './push-refusals.js';

/** An image and where it goes. */
export interface PushItem {
  readonly image: Image;
  readonly source: string;
  readonly reference: Reference;
  readonly repository: PushRepository;
  /** Of the bundle it came from. */
  readonly bundle?: string;
  /** What names it over there: then it goes under its digest alone. */
  readonly index?: PushIndex;
}

/** A name for several platforms. */
export interface PushIndex {
  readonly reference: Reference;
  readonly raw: Uint8Array;
  readonly descriptor: Descriptor;
}

/** A blob that has to get there, once, and the repositories that need it. */
export interface BlobTask {
  readonly image: Image;
  /** Undefined for a config. */
  readonly diffId: DiffId | undefined;
  /** Undefined where it has to be made. */
  readonly digest: Digest | undefined;
  readonly size: Figure;
  /** Of a blob that another repository has, where the source does not tell. */
  readonly storedAs?: string;
  readonly places: { readonly repository: PushRepository; readonly from?: string | undefined }[];
  /** What it has become, once it is there. */
  result: Descriptor | undefined;
}

/** A planned image: each layer is there, or is a task. */
export interface ReadyItem {
  readonly item: PushItem;
  readonly layers: readonly (Descriptor | BlobTask)[];
  readonly plan: PlannedPush;
  /** What the tag stood for when it was asked. */
  readonly before: Digest | undefined;
}

/** What is known of one blob at the registry. */
interface Found {
  readonly there?: Descriptor;
  readonly mount?: { readonly blob: Descriptor; readonly from: string };
}

export interface PlanPushOptions {
  readonly registry: string;
  readonly items: readonly PushItem[];
  readonly noClobber: boolean;
  /** What a layer is known to have become, newest first. */
  blobsOf(diffId: DiffId): Promise<readonly { digest: Digest; size: number; codec: Codec }[]>;
  readonly holders: ReadonlyMap<Digest, ReadonlySet<string>>;
  openRepository(name: string): PushRepository;
  /** Layers of images that the repository has, by diffID: for those that a bundle leaves out. */
  layersIn(item: PushItem): Promise<ReadonlyMap<DiffId, Descriptor>>;
  readonly signal: AbortSignal;
}

export interface Planned {
  readonly items: readonly ReadyItem[];
  readonly tasks: readonly BlobTask[];
  readonly refusals: readonly Refusal[];
}

/** @throws {AirgapError} REGISTRY_* */
export async function planPush(options: PlanPushOptions): Promise<Planned> {
  const asker = createAsker(options);
  const looks = await Promise.all(options.items.map((item) => lookAt(item, asker, options)));
  const tasks = new Map<string, BlobTask>();
  const items: ReadyItem[] = [];
  const refusals: Refusal[] = [];
  for (const [at, item] of options.items.entries()) {
    const look = looks[at];
    if (look === undefined) continue;
    const ready = makeReady(item, look, tasks);
    items.push(ready);
    const { absent } = look;
    if (absent.length > 0)
      refusals.push(
        refusal('PUSH_BASE_MISSING', {
          registry: options.registry,
          image: ready.plan.name,
          layers: absent,
          bundle: item.bundle ?? '',
        }),
      );
    if (options.noClobber && ready.plan.movesFrom !== undefined)
      refusals.push(nameTaken(options.registry, ready.plan.name, item.bundle));
  }
  return { items, tasks: [...tasks.values()], refusals };
}

/** Bytes of a blob there. */
type Asker = (repository: PushRepository, digest: Digest) => Promise<number | undefined>;

/** Asks for each blob of a repository once; several at a time is what the registry's connections are for. */
function createAsker({ signal }: PlanPushOptions): Asker {
  const asked = new Map<string, Promise<number | undefined>>();
  return (repository, digest) => {
    const key = `${repository.name} ${digest}`;
    const known = asked.get(key) ?? repository.blobBytes(digest, signal);
    asked.set(key, known);
    return known;
  };
}

interface Look {
  readonly layers: readonly Found[];
  /** Bytes of the config there. */
  readonly configBytes: number | undefined;
  /** Another repository that has it. */
  readonly configFrom: string | undefined;
  readonly before: Digest | undefined;
  /** Layers that nobody has. */
  readonly absent: readonly DiffId[];
}

async function lookAt(item: PushItem, asker: Asker, options: PlanPushOptions): Promise<Look> {
  const { image, repository, index } = item;
  const { tag } = (index ?? item).reference;
  const [layers, configBytes, before] = await Promise.all([
    Promise.all(image.layers.map((layer) => findLayer(layer, item, asker, options))),
    asker(repository, image.imageId),
    tag === undefined ? undefined : repository.manifestDigest(tag, options.signal),
  ]);
  const absent = image.layers
    .filter(
      (layer, at) =>
        layer.absent === true && layers[at]?.there === undefined && layers[at]?.mount === undefined,
    )
    .map((layer) => layer.diffId);
  const configFrom =
    configBytes === undefined ? await holderOf(image.imageId, item, asker, options) : undefined;
  return { layers, configBytes, configFrom, before, absent };
}

/** Another repository of the registry that has a blob, of those that receipts or this run's sources name. */
async function holderOf(
  digest: Digest,
  { image, repository }: PushItem,
  asker: Asker,
  { holders, registry, openRepository }: PlanPushOptions,
): Promise<string | undefined> {
  const { reference, source } = image;
  const own =
    source.startsWith('docker://') && reference?.registry === registry ? [reference.repository] : [];
  for (const name of new Set([...own, ...(holders.get(digest) ?? [])])) {
    if (name === repository.name) continue;
    // Where this user may not look nothing can be taken from.
    const bytes = await asker(openRepository(name), digest).catch(() => undefined);
    if (bytes !== undefined) return name;
  }
  return undefined;
}

async function findLayer(
  layer: Layer,
  item: PushItem,
  asker: Asker,
  options: PlanPushOptions,
): Promise<Found> {
  const { repository } = item;
  const known = (await options.blobsOf(layer.diffId)).map(
    ({ digest, size, codec }): Descriptor => ({ mediaType: layerTypes[codec], digest, size }),
  );
  const own = item.image.manifest === undefined ? undefined : asStored(layer);
  // What keeps the digest comes before what saves bytes.
  const candidates = own === undefined ? known : [own];
  const isThere = async ({ digest, size }: Descriptor): Promise<boolean> =>
    (await asker(repository, digest)) === size;
  for (const blob of candidates) if (await isThere(blob)) return { there: blob };
  for (const blob of candidates) {
    const from = await holderOf(blob.digest, item, asker, options);
    if (from !== undefined) return { mount: { blob, from } };
  }
  if (layer.absent !== true) return {};
  const blob = (await options.layersIn(item)).get(layer.diffId);
  return blob !== undefined && (await isThere(blob)) ? { there: blob } : {};
}

// Of a config that nobody has read yet: build history and labels.
const usualConfigBytes = 4096;

function makeReady(item: PushItem, look: Look, tasks: Map<string, BlobTask>): ReadyItem {
  const { image, reference, repository } = item;
  const blobs: PlannedBlob[] = [];
  const plan = (kind: PlannedBlob['kind'], blob: Omit<PlannedBlob, 'kind'>): void =>
    void blobs.push({ kind, ...blob });
  const need = (
    key: string,
    kind: PlannedBlob['kind'],
    made: Omit<BlobTask, 'places' | 'result'>,
    from?: string,
  ): BlobTask => {
    const route: PushRoute = made.digest === undefined ? 'make' : 'upload';
    const { digest, size } = made;
    const known = tasks.get(key);
    const first = known?.places[0]?.repository.name;
    if (known === undefined) {
      plan(kind, {
        digest,
        size,
        route: from === undefined ? route : 'mount',
        ...(from === undefined ? {} : { from }),
      });
      const task: BlobTask = { ...made, places: [{ repository, from }], result: undefined };
      tasks.set(key, task);
      return task;
    }
    if (known.places.some((place) => place.repository.name === repository.name)) {
      plan(kind, { digest, size, route, shared: true });
      return known;
    }
    known.places.push({ repository, from: first });
    plan(kind, { digest, size, route: 'mount', ...(first === undefined ? {} : { from: first }) });
    return known;
  };

  const layers = image.layers.map((layer, at): Descriptor | BlobTask => {
    const { there, mount } = look.layers[at] ?? {};
    const { diffId } = layer;
    if (there !== undefined) {
      plan('layer', { digest: there.digest, size: exact(there.size), route: 'there' });
      return there;
    }
    if (mount !== undefined) {
      const { digest, size, mediaType } = mount.blob;
      return need(
        digest,
        'layer',
        { image, diffId, digest, size: exact(size), storedAs: mediaType },
        mount.from,
      );
    }
    const blob = asStored(layer);
    if (blob !== undefined)
      return need(blob.digest, 'layer', { image, diffId, digest: blob.digest, size: exact(blob.size) });
    const raw = layer.uncompressedBytes ?? layer.estimatedBytes ?? 0;
    return need(`make ${diffId}`, 'layer', {
      image,
      diffId,
      digest: undefined,
      size: estimateWire(raw, 'gzip'),
    });
  });
  const configBytes = look.configBytes ?? configSize(image);
  const size = configBytes === undefined ? estimate(usualConfigBytes) : exact(configBytes);
  if (look.configBytes !== undefined) plan('config', { digest: image.imageId, size, route: 'there' });
  else
    need(image.imageId, 'config', { image, diffId: undefined, digest: image.imageId, size }, look.configFrom);

  const keepsDigest = canKeep(image, layers);
  const known = keepsDigest ? image.manifest?.descriptor.digest : builtDigest(image, layers, configBytes);
  const { before } = look;
  const named = item.index?.descriptor.digest ?? known;
  const isNamed = before !== undefined && before === named;
  return {
    item,
    layers,
    before,
    plan: {
      source: item.source,
      imageId: image.imageId,
      platform: formatPlatform(image.platform),
      name: toldName(item.index?.reference ?? reference),
      ...(item.index === undefined ? {} : { index: item.index.descriptor.digest }),
      manifest: known,
      keepsDigest,
      ...(before === undefined || isNamed ? {} : { movesFrom: before }),
      named: isNamed,
      blobs,
    },
  };
}
