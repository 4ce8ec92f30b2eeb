// One image of a docker engine as the rest of airgap sees it, with what its engine does not tell (the raw config, on containerd
// stores the imageId) fetched as late and as seldom as can be.
import { AirgapError } from '../errors.js';
import { type Image, isPacked, type Layer, type ReadLayersOptions } from '../image/image.js';
import type { Descriptor } from '../oci/descriptor.js';
import { chainIds, type DiffId, type Digest, digestOf } from '../oci/digest.js';
import { type ImageConfig, layerCodec, parseConfig, parseManifest } from '../oci/manifest.js';
import { formatPlatform, type Platform } from '../oci/platform.js';
import type { Reference } from '../oci/reference.js';
import { text } from '../text/text.js';
import type { DockerCli } from './docker-cli.js';
import { readSavedDocuments } from './docker-documents.js';
import { type HistoryLine, historyEntries, type InspectedDockerImage, layerLines } from './docker-inspect.js';
import { readSave, type SavedImage } from './docker-save.js';
import type { DocumentCache, ImageDocuments } from './document-cache.js';
import type { FoundImage } from './found-image.js';
import type { Overlay2, Overlay2Layer } from './overlay2.js';

export interface DockerImageOptions {
  readonly cli: DockerCli;
  readonly cache: DocumentCache;
  readonly row: InspectedDockerImage;
  readonly history: readonly HistoryLine[];
  readonly source: string;
  readonly reference: Reference | undefined;
  readonly readGroup: string;
  readonly platform: Platform;
  /** Where they are known already. */
  readonly documents?: ImageDocuments;
  readonly isContainerd: boolean;
  readonly folder: Overlay2 | undefined;
  readonly signal: AbortSignal | undefined;
}

interface State extends SavedImage {
  rawConfig: Uint8Array | undefined;
  /** Keeps a config that a pass came by. */
  keep(raw: Uint8Array): Promise<void>;
}

// What is behind an Image of this file, for passes over several of them.
const states = new WeakMap<Image, State>();

/** The image view. @throws {AirgapError} IMAGE_INCOMPLETE, PLATFORM_MISSING, ENGINE_*, SOURCE_GONE */
export async function createDockerImage(options: DockerImageOptions): Promise<Image> {
  const { cli, cache, row, source, reference } = options;
  const documents = options.documents ?? (await knownDocuments(options));
  const config =
    documents === undefined
      ? inspectedConfig(options)
      : parseConfig(documents.rawConfig, text().parts.config(source));
  const manifest =
    documents?.rawManifest === undefined ? undefined : ownManifest(documents.rawManifest, source);
  const layers = findLayers(options, config, manifest?.layers);
  const state: State = {
    id: row.id,
    source,
    reference,
    platform: config.platform,
    imageId: documents === undefined ? row.id : digestOf(documents.rawConfig),
    diffIds: config.diffIds,
    blobs: layers.map((layer) => layer.blob?.digest ?? layer.diffId),
    packed: layers.filter(isPacked),
    rawConfig: documents?.rawConfig,
    async keep(raw) {
      state.rawConfig = raw;
      if (!options.isContainerd) await cache.write(row.id, { rawConfig: raw });
    },
  };
  const image: Image = {
    source,
    reference,
    platform: config.platform,
    imageId: state.imageId,
    config,
    async rawConfig({ signal } = {}) {
      if (state.rawConfig === undefined) {
        await pass(cli, [state], { wanted: new Set(), sink: async () => undefined, signal });
      }
      if (state.rawConfig === undefined) throw incomplete(state, text().parts.missingConfig(state.imageId));
      return state.rawConfig;
    },
    layers,
    ...(manifest === undefined ? {} : { manifest: { raw: manifest.raw, descriptor: manifest.descriptor } }),
    readGroup: options.readGroup,
    readLayers: (reading) => readLayers({ cli, folder: options.folder }, [image, ...reading.others], reading),
  };
  states.set(image, state);
  return image;
}

/** The same image under another source and name; it still reads in one pass with others of its engine. */
export function dockerImageAs(image: Image, shown: Pick<Image, 'source' | 'reference'>): Image {
  const copy = { ...image, ...shown };
  const state = states.get(image);
  if (state !== undefined) states.set(copy, state);
  return copy;
}

/** The documents, if the cache has them; on containerd stores they are fetched, because the imageId hangs on them. */
async function knownDocuments(options: DockerImageOptions): Promise<ImageDocuments | undefined> {
  const { cli, cache, row, source, reference, platform, isContainerd, folder, signal } = options;
  if (!isContainerd) {
    const rawConfig = await folder?.rawConfig(row.id);
    return rawConfig === undefined ? await cache.read(row.id) : { rawConfig };
  }
  const key = formatPlatform(platform);
  const cached = await cache.read(row.id, key);
  if (cached?.rawManifest !== undefined) return cached;
  const found = await readSavedDocuments(cli, { id: row.id, source, reference, platform, signal });
  const documents = documentsOf(found);
  await cache.write(row.id, documents, key);
  return documents;
}

/** Of an image that was found in a save. */
export function documentsOf({ rawConfig, manifest }: FoundImage): ImageDocuments {
  return { rawConfig, ...(manifest === undefined ? {} : { rawManifest: manifest.raw }) };
}

function inspectedConfig({ row, history, source }: DockerImageOptions): ImageConfig {
  const { platform, created, author, config, diffIds } = row;
  if (diffIds.length === 0 && history.some((line) => line.sizeBytes > 0)) {
    throw new AirgapError('IMAGE_INCOMPLETE', { image: source, missing: text().parts.missingLayer('1') });
  }
  return { platform, created, author, config, diffIds, history: historyEntries(history, diffIds.length) };
}

interface OwnManifest {
  readonly raw: Uint8Array;
  readonly descriptor: Descriptor;
  readonly layers: readonly Descriptor[];
}

function ownManifest(raw: Uint8Array, source: string): OwnManifest {
  const { mediaType, layers } = parseManifest(raw, text().parts.manifest(source));
  return { raw, descriptor: { mediaType, digest: digestOf(raw), size: raw.byteLength }, layers };
}

function findLayers(
  { row, history, source }: DockerImageOptions,
  config: ImageConfig,
  blobs: readonly Descriptor[] | undefined,
): Layer[] {
  const { diffIds } = config;
  const isFilled = config.history.map((entry) => entry.empty_layer !== true);
  // The config's own history tells which lines are empty; the engine's lines tell their sizes, one for each.
  const lines =
    isFilled.length === history.length && isFilled.filter(Boolean).length === diffIds.length
      ? history.filter((_line, at) => isFilled[at])
      : layerLines(history, diffIds.length);
  const share =
    row.sizeBytes === undefined ? undefined : Math.ceil(row.sizeBytes / Math.max(1, diffIds.length));
  return diffIds.map((diffId, at): Layer => {
    const blob = blobs?.[at];
    const codec =
      blob === undefined ? 'none' : layerCodec(blob.mediaType, text().parts.layer(source, at + 1));
    const estimatedBytes = lines?.[at]?.sizeBytes ?? share;
    return {
      diffId,
      codec,
      ...(blob === undefined ? {} : { blob }),
      ...(blob !== undefined && codec === 'none' ? { uncompressedBytes: blob.size } : {}),
      ...(estimatedBytes === undefined ? {} : { estimatedBytes }),
    };
  });
}

async function readLayers(
  { cli, folder }: Pick<DockerImageOptions, 'cli' | 'folder'>,
  images: readonly Image[],
  reading: ReadLayersOptions,
): Promise<void> {
  const group = images.flatMap((image) => states.get(image) ?? []);
  const left = folder === undefined ? reading.wanted : await readFolder(folder, group, reading);
  if (left.size > 0 || folder === undefined) await pass(cli, group, { ...reading, wanted: left });
}

/** Reads what it can from the engine's folder. @returns what is left for a save */
async function readFolder(
  folder: Overlay2,
  group: readonly State[],
  { wanted, sink, signal }: ReadLayersOptions,
): Promise<ReadonlySet<DiffId>> {
  const found = new Map<DiffId, Overlay2Layer>();
  for (const { diffIds } of group) {
    for (const [at, chainId] of chainIds(diffIds).entries()) {
      const diffId = diffIds[at];
      if (diffId === undefined || !wanted.has(diffId) || found.has(diffId)) continue;
      const layer = await folder.find(chainId, diffId);
      if (layer !== undefined) found.set(diffId, layer);
    }
  }
  const left = new Set([...wanted].filter((diffId) => !found.has(diffId)));
  for (const diffId of await folder.read([...found.values()], sink, signal)) left.add(diffId);
  return left;
}

/** One save of the fewest images that have all that is wanted, and of those whose config is not known yet. */
async function pass(
  cli: DockerCli,
  group: readonly State[],
  {
    wanted,
    asStored,
    sink,
    signal,
  }: Pick<ReadLayersOptions, 'wanted' | 'asStored' | 'sink'> & { readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const saved = group.filter((state) => state.rawConfig === undefined);
  const missing = new Set(wanted);
  const cover = (state: State): number => state.diffIds.filter((diffId) => missing.delete(diffId)).length;
  for (const state of saved) cover(state);
  const others = group
    .filter((state) => !saved.includes(state))
    .sort((a, b) => count(b, wanted) - count(a, wanted));
  for (const state of others) if (cover(state) > 0) saved.push(state);
  const [lost] = missing;
  const [first] = group;
  if (lost !== undefined && first !== undefined) throw incomplete(first, text().parts.missingLayer(lost));
  if (saved.length === 0) return;
  const waiting = new Map(
    saved.filter((state) => state.rawConfig === undefined).map((state) => [state.imageId, state]),
  );
  const arrived: Array<{ readonly imageId: Digest; readonly raw: Uint8Array }> = [];
  const reading = readSave(cli, {
    images: saved,
    wanted,
    asStored,
    sink,
    configs: new Set(waiting.keys()),
    onConfig: (imageId, raw) => {
      arrived.push({ imageId, raw });
    },
    signal,
  });
  try {
    await reading;
  } finally {
    for (const { imageId, raw } of arrived) {
      for (const state of group) if (state.imageId === imageId) await state.keep(raw);
    }
  }
}

function count(state: State, wanted: ReadonlySet<DiffId>): number {
  return state.diffIds.filter((diffId) => wanted.has(diffId)).length;
}

function incomplete(state: State, missing: string): AirgapError {
  return new AirgapError('IMAGE_INCOMPLETE', { image: state.source, missing });
}
