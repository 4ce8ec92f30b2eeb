// What the lists show: rows out of the state, filtered and sorted. Pure.
import { formatBytes } from '../../src/text/format.js';
import { text } from '../../src/text/text.js';
import { receiptName } from '../../src/views/receipt.js';
import type { AppState, Extra, ImageList, Loaded, Source, Target } from './app-state.js';
import { bundleSources } from './bundles.js';
import { passes } from './list.js';
import { remembering } from './remember.js';
import { passportRows } from './targets.js';

type Sources = Pick<AppState, 'images' | 'places' | 'repeated' | 'typedImages' | 'bundles' | 'folderLooks'>;

/** Everything of one kind that can be sent. */
export function sourcesOf(state: Sources, kind: Source['kind']): readonly Source[] {
  return allSources(state).byKind[kind];
}

/** All of all kinds: thousands, the same at almost every picture. Words are of the language that is spoken. */
function allSources(state: Sources): AllSources {
  const { images, places, repeated, typedImages, bundles, folderLooks } = state;
  return makeAll(images, places, repeated, typedImages, bundles, folderLooks, text());
}

interface AllSources {
  readonly byKind: Readonly<Record<Source['kind'], readonly Source[]>>;
  readonly byId: ReadonlyMap<string, Source>;
}

const makeAll = remembering(
  (
    images: Sources['images'],
    places: Sources['places'],
    repeated: Sources['repeated'],
    typedImages: Sources['typedImages'],
    bundles: Sources['bundles'],
    folderLooks: Sources['folderLooks'],
    _words: unknown,
  ): AllSources => {
    const state = { images, places, repeated, typedImages, bundles, folderLooks };
    const of = (kind: Source['kind']): readonly Source[] => sourcesOfKind(state, kind);
    const byKind = {
      image: of('image'),
      container: of('container'),
      compose: of('compose'),
      bundle: of('bundle'),
    };
    const all = Object.values(byKind).flat();
    return { byKind, byId: new Map(all.map((source) => [source.id, source])) };
  },
);

function sourcesOfKind(state: Sources, kind: Source['kind']): readonly Source[] {
  const found = foundSources(state, kind);
  const known = new Set(found.map(({ id }) => id));
  const others = [...state.typedImages, ...state.repeated].filter(
    (one) => one.kind === kind && !known.has(one.id),
  );
  return [...found, ...new Map(others.toReversed().map((one) => [one.id, one])).values()];
}

function foundSources(
  state: Pick<AppState, 'images' | 'places' | 'bundles' | 'folderLooks'>,
  kind: Source['kind'],
): readonly Source[] {
  const { images, places } = state;
  if (kind === 'bundle') return bundleSources(state);
  if (kind === 'image') return images.is === 'ready' ? images.value.images.map(imageSource) : [];
  if (kind === 'container') {
    return places.containers.map(({ name, image, state, createdAt }) => ({
      id: `container:${name}`,
      kind,
      label: `${name} (${image})`,
      bytes: undefined,
      layers: undefined,
      createdAt,
      about: state,
    }));
  }
  const words = text().words.screen.images;
  return places.composeFiles.map(({ path, images: named, problem }) => ({
    id: `compose:${path}`,
    kind,
    label: path,
    bytes: undefined,
    layers: undefined,
    createdAt: undefined,
    about: problem ?? words.composeLacks(named.length, missingOf(named, images)),
  }));
}

function imageSource(image: ImageList['images'][number]): Source {
  return {
    id: image.name,
    kind: 'image',
    label: image.name,
    bytes: image.sizeBytes,
    layers: image.diffIds.length,
    createdAt: image.createdAt,
    about: image.store,
  };
}

/** Of the images that a compose file names, those that no store here has. */
function missingOf(named: readonly string[], images: Loaded<ImageList>): string[] {
  if (images.is !== 'ready') return [];
  const here = new Set(images.value.images.map(({ name }) => name));
  return named.filter((name) => !here.has(name) && !here.has(`${name}:latest`));
}

/** The rows of the images screen, as filtered and sorted. */
export function shownSources(state: AppState): readonly Source[] {
  const rows = sourcesOf(state, state.imageTab).filter((row) =>
    passes(state.imageRows.filter, `${row.label} ${row.about}`),
  );
  const { sort } = state;
  if (sort === 'size') return rows.toSorted((a, b) => (b.bytes ?? 0) - (a.bytes ?? 0));
  if (sort === 'age') return rows.toSorted((a, b) => (b.createdAt ?? '').localeCompare(a.createdAt ?? ''));
  return rows;
}

/** Hosts and folders, and below a folder the passports that lie on it. */
export function shownTargets(state: AppState): readonly Target[] {
  return state.targets
    .flatMap((target) => [target, ...passportRows(state, target)])
    .filter(({ name, address, passport }) =>
      passes(state.targetRows.filter, `${name} ${address ?? ''} ${passport?.path ?? ''}`),
    );
}

export function shownExtras(state: AppState): readonly Extra[] {
  return state.extras.filter(({ words }) => passes(state.extraRows.filter, words.join(' ')));
}

type Receipts = Extract<AppState['receipts'], { is: 'ready' }>['value'];

/** Newest first; with those that drives have brought home. */
export function shownReceipts(state: AppState): Receipts {
  if (state.receipts.is !== 'ready') return [];
  const returned = [...state.folderLooks.values()].flatMap(({ receipts }) => receipts);
  const all = [...state.receipts.value, ...returned];
  const once = [...new Map(all.toReversed().map((receipt) => [receipt.id, receipt])).values()];
  return once
    .toSorted((a, b) => b.startedAt.localeCompare(a.startedAt))
    .filter((receipt) => passes(state.historyRows.filter, receiptRow(receipt)));
}

function receiptRow({ host, bundle, images, files = [] }: Receipts[number]): string {
  const names = [...images.map(receiptName), ...files.map(({ to }) => to)];
  return [host, bundle?.name ?? '', ...names].join(' ');
}

/** What was chosen of the images screen, in the order of choosing; what is gone by now is left out. */
export function chosenSources(state: AppState): readonly Source[] {
  const { byId } = allSources(state);
  return state.imageRows.chosen.flatMap((id) => byId.get(id) ?? []);
}

export function chosenTargets(state: AppState): readonly Target[] {
  return state.targets.filter(({ id }) => state.targetRows.chosen.includes(id));
}

/** What the chosen images weigh unpacked, each layer once; undefined until all of them have been looked at. */
export function distinctBytes(state: AppState): number | undefined {
  return sumOf(chosenLayers(state));
}

/** How many layers the chosen images have in common; undefined until all of them have been looked at. */
export function sharedLayers(state: AppState): number | undefined {
  if (chosenLayers(state) === undefined) return undefined;
  const seen = new Map<string, number>();
  for (const { id } of chosenSources(state)) {
    const image = state.inspected.get(id);
    if (image?.is !== 'ready') continue;
    for (const diffId of new Set(image.value.layers.map((layer) => layer.diffId)))
      seen.set(diffId, (seen.get(diffId) ?? 0) + 1);
  }
  return [...seen.values()].filter((times) => times > 1).length;
}

/** What of it a target has not, as its passport tells; undefined until both are known. */
export function lackedBytes(state: AppState, target: Target): number | undefined {
  if (target.probe.is !== 'ready') return undefined;
  const held = heldLayers(target);
  const layers = chosenLayers(state);
  return layers && sumOf(new Map([...layers].filter(([diffId]) => !held.has(diffId))));
}

/** The layers that a target has, by their diffIDs, as its passport tells; none while it has not been looked at. */
export function heldLayers({ probe }: Pick<Target, 'probe'>): ReadonlySet<string> {
  if (probe.is !== 'ready') return new Set();
  const { images, blobs } = probe.value;
  return new Set<string>([
    ...images.flatMap(({ diffIds }) => diffIds),
    ...blobs.flatMap(({ diffId }) => diffId ?? []),
  ]);
}

/** How many of the chosen images a target has already, under whatever name. */
export function heldImages(state: AppState, target: Target): number {
  if (target.probe.is !== 'ready' || state.images.is !== 'ready') return 0;
  const stacks = new Set(target.probe.value.images.map(({ diffIds }) => diffIds.join()));
  const chosen = state.images.value.images.filter(({ name }) => state.imageRows.chosen.includes(name));
  return chosen.filter(({ diffIds }) => stacks.has(diffIds.join())).length;
}

function chosenLayers(state: AppState): ReadonlyMap<string, number> | undefined {
  const layers = new Map<string, number>();
  for (const source of chosenSources(state)) {
    const seen = state.inspected.get(source.id);
    if (source.kind !== 'image' || seen?.is !== 'ready') return undefined;
    for (const { diffId, bytes } of seen.value.layers) layers.set(diffId, bytes ?? 0);
  }
  return layers;
}

const sumOf = (layers: ReadonlyMap<string, number> | undefined): number | undefined =>
  layers === undefined ? undefined : [...layers.values()].reduce((sum, bytes) => sum + bytes, 0);

/** Free room in words; undefined if nobody told. */
export function freeOf(target: Target): string | undefined {
  if (target.kind === 'folder')
    return target.freeBytes === undefined ? undefined : formatBytes(target.freeBytes);
  if (target.probe.is !== 'ready') return undefined;
  const rooms = Object.values(target.probe.value.free);
  return rooms.length === 0 ? undefined : formatBytes(Math.min(...rooms));
}
