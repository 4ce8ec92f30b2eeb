// The list of the screen that is shown: which it is, what rows it has, and what happens to it.
import type { AppState } from './app-state.js';
import { shownEntries } from './extras.js';
import { runRows } from './jobs.js';
import { shownLayers } from './layers.js';
import { type ListEvent, type ListState, reduceList } from './list.js';
import { shownOptions } from './options.js';
import { shownExtras, shownReceipts, shownSources, shownTargets } from './rows.js';
import { localName } from './targets.js';

const listNames = {
  images: 'imageRows',
  targets: 'targetRows',
  extras: 'extraRows',
  history: 'historyRows',
  inspect: 'layerRows',
  options: 'optionRows',
  run: 'runRows',
} as const;

/** The list of the screen that is shown, if it has one. */
export function listOf(state: AppState): ListState | undefined {
  const { screen } = state;
  if (screen === 'inspect' && state.showsConfig) return undefined;
  if (isBrowsing(state)) return state.browser?.rows;
  return screen in listNames ? state[listNames[screen as keyof typeof listNames]] : undefined;
}

/** Whether a folder is looked through on the screen that is shown. */
export const isBrowsing = ({ screen, browser }: AppState): boolean =>
  screen === 'extras' && browser !== undefined;

/** Ids of the rows that the screen's list shows. */
export function shownIds(state: AppState): readonly string[] {
  switch (state.screen) {
    case 'images':
      return shownSources(state).map(({ id }) => id);
    case 'targets':
      return shownTargets(state).map(({ id }) => id);
    case 'extras':
      if (isBrowsing(state)) return shownEntries(state).map(({ name }) => name);
      return shownExtras(state).map(({ id }) => id);
    case 'history':
      return shownReceipts(state).map(({ id }) => id);
    case 'options':
      return shownOptions(state).map(({ flag }) => flag);
    case 'run':
      return runRows(state).map(({ id }) => id);
    case 'inspect':
      return shownLayers(state).map(({ diffId }, at) => `${at} ${diffId}`);
    default:
      return [];
  }
}

/** What "all" chooses: what a filter shows; else of targets the other hosts, for nobody means every drive and this machine. */
export function allIds(state: AppState): readonly string[] {
  if (state.screen !== 'targets') return shownIds(state);
  const isFiltered = state.targetRows.filter !== '';
  return shownTargets(state)
    .filter(({ kind, name }) => (isFiltered ? kind !== 'passport' : kind === 'host' && name !== localName))
    .map(({ id }) => id);
}

/** The state after something has happened to the list that is shown. `ids`: of its rows that it happens to. */
export function withList(state: AppState, event: ListEvent, ids = shownIds(state)): AppState {
  const list = listOf(state);
  if (list === undefined) return state;
  const next = reduceList(list, event, ids);
  if (state.browser !== undefined && isBrowsing(state))
    return { ...state, browser: { ...state.browser, rows: next } };
  return { ...state, [listNames[state.screen as keyof typeof listNames]]: next };
}
