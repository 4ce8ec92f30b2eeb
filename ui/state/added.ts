// What a person adds to a list, and takes out again: it is chosen, and the cursor goes to it. Pure.
import type { InspectedImage } from '../../src/runs/api.js';
import type { FoundBundle } from '../../src/runs/local-api.js';
import type { AppState, Extra, Source, Target } from './app-state.js';
import { bundleId } from './bundles.js';
import { isSameKey } from './extras.js';
import type { ListState } from './list.js';
import { shownExtras, shownSources, shownTargets } from './rows.js';

/** A host or folder; `instead` of another. */
export function withTarget(state: AppState, target: Target, instead: string | undefined): AppState {
  const { id } = target;
  const targets = [...state.targets.filter((one) => one.id !== id && one.id !== instead), target];
  const list = chosenIn(state.targetRows, id, instead === undefined ? [] : [instead]);
  const targetRows = pointedAt(list, id, (rows) => shownTargets({ ...state, targets, targetRows: rows }));
  return { ...state, targets, targetRows, planning: { is: 'none' } };
}

/** What goes along. Two settings of one key would contradict each other: the later one counts. */
export function withExtra(
  state: AppState,
  { words, from }: Pick<Extra, 'words' | 'from'>,
  instead: string | undefined,
): AppState {
  const id = words.join(' ');
  const isOver = (one: Extra): boolean => one.id === id || one.id === instead || isSameKey(one.words, words);
  const gone = state.extras.filter(isOver).map((one) => one.id);
  const extras = [...state.extras.filter((one) => !gone.includes(one.id)), { id, words, from }];
  const list = chosenIn(state.extraRows, id, gone);
  const extraRows = pointedAt(list, id, (rows) => shownExtras({ ...state, extras, extraRows: rows }));
  return { ...state, extras, extraRows, planning: { is: 'none' } };
}

export function withoutExtra(state: AppState, id: string): AppState {
  const { extras, extraRows } = state;
  const chosen = extraRows.chosen.filter((one) => one !== id);
  return {
    ...state,
    extras: extras.filter((one) => one.id !== id),
    extraRows: { ...extraRows, chosen },
    planning: { is: 'none' },
  };
}

/** An image that was named, and has been opened. */
export function withImage(state: AppState, id: string, image: InspectedImage): AppState {
  const source = typedImage(id, image);
  const next: AppState = {
    ...state,
    imageTab: 'image',
    typedImages: [...state.typedImages.filter((one) => one.id !== id), source],
    inspected: new Map(state.inspected).set(id, { is: 'ready', value: image }),
  };
  const list = chosenIn(state.imageRows, id, []);
  const imageRows = pointedAt(list, id, (rows) => shownSources({ ...next, imageRows: rows }));
  return { ...next, imageRows, planning: { is: 'none' } };
}

/** As the images that stores list, but for the store: that stands in its name, and the platform is worth more. */
function typedImage(id: string, { image, layers }: InspectedImage): Source {
  const { os, architecture, variant } = image.platform;
  const known = layers.every(({ bytes }) => bytes !== undefined);
  return {
    id,
    kind: 'image',
    label: id,
    bytes: known ? layers.reduce((sum, { bytes = 0 }) => sum + bytes, 0) : undefined,
    layers: layers.length,
    createdAt: image.config.created,
    about: [os, architecture, ...(variant === undefined ? [] : [variant])].join('/'),
  };
}

/** A bundle that was named. */
export function withBundle(state: AppState, bundle: FoundBundle): AppState {
  const id = bundleId(bundle.paths[0] ?? '');
  const next: AppState = { ...state, imageTab: 'bundle', bundles: [...state.bundles, bundle] };
  const list = chosenIn(state.imageRows, id, []);
  const imageRows = pointedAt(list, id, (rows) => shownSources({ ...next, imageRows: rows }));
  return { ...next, imageRows, planning: { is: 'none' } };
}

const chosenIn = (list: ListState, id: string, gone: readonly string[]): ListState => ({
  ...list,
  chosen: [...new Set([...list.chosen.filter((one) => !gone.includes(one)), id])],
});

/** The list with its cursor on a row; a filter that would hide it goes. */
function pointedAt(
  list: ListState,
  id: string,
  rowsOf: (list: ListState) => readonly { readonly id: string }[],
): ListState {
  const rowIn = (one: ListState): number => rowsOf(one).findIndex((row) => row.id === id);
  const shown = rowIn(list) < 0 ? { ...list, filter: '' } : list;
  return { ...shown, cursor: Math.max(0, rowIn(shown)) };
}
