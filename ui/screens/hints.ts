// What the keys do: the lines at the bottom, and help. Made from the registry. Pure.
import { text } from '../../src/text/text.js';
import { displayWidth, padEnd } from '../../src/text/width.js';
import { type Line, span } from '../../src/views/line.js';
import { type ActionId, type Binding, bindingsOn, keyLabel, type ScreenName } from '../keys.js';
import type { AppState } from '../state/app-state.js';
import { isBrowsing } from '../state/lists.js';
import { tabs } from '../state/tabs.js';
import type { Frame } from './layout.js';

interface Hint {
  readonly key: string;
  readonly does: string;
}

// The way out, and to all the others.
const kept: ReadonlySet<ActionId> = new Set(['app.back', 'app.quit', 'app.help']);
const between = 2;
// From this height on a second row is worth more than a row of the list.
const tall = 20;

/**
 * The keys of a screen in the order of the registry, as many as fit; what leaves and what tells more stands at the end and always
 * has its room.
 */
export function hintLines(state: AppState, { columns, rows, ascii }: Frame): Line[] {
  const { screen } = state;
  // What no tab leads out of is left by Esc.
  const isInside = tabs.every((tab) => tab !== screen) || isBrowsing(state);
  const hinted = bindingsOn(screen).filter(
    ({ id, quiet }) => quiet !== true || (isInside && id === 'app.back'),
  );
  const hint = ({ id, keys }: Binding & { readonly id: ActionId }): Hint => ({
    key: keyLabel(keys[0] ?? '', ascii),
    does: shortLabel(id),
  });
  const isKept = ({ id }: { readonly id: ActionId }): boolean => kept.has(id);
  const always = hinted.filter(isKept).map(hint);
  const own = hinted.filter((one) => !isKept(one)).map(hint);
  const lines: Hint[][] = [[]];
  const most = rows >= tall ? 2 : 1;
  for (const [at, one] of own.entries()) {
    // The last row keeps room for what always stands there, and so does one that all the others fit into.
    const rest = [...(lines.at(-1) ?? []), ...own.slice(at), ...always];
    const tail = lines.length === most || widthOf(rest) <= columns ? always : [];
    if (widthOf([...(lines.at(-1) ?? []), one, ...tail]) <= columns) lines.at(-1)?.push(one);
    else if (lines.length < most) lines.push([one]);
  }
  if (widthOf([...(lines.at(-1) ?? []), ...always]) > columns && lines.length < most) lines.push([]);
  lines.at(-1)?.push(...always);
  return lines.map(hintLine);
}

/** What ends a line that is typed. */
export function typingHints(): Line {
  const { typing } = text().words.screen;
  return hintLine([
    { key: keyLabel('enter'), does: typing.take },
    { key: keyLabel('esc'), does: typing.leave },
  ]);
}

const widthOf = (hints: readonly Hint[]): number =>
  hints.reduce((sum, { key, does }) => sum + displayWidth(`${key} ${does}`) + between, -between);

const hintLine = (hints: readonly Hint[]): Line =>
  hints.flatMap(({ key, does }, at) => [
    ...(at === 0 ? [] : [' '.repeat(between)]),
    span('strong', key),
    ' ',
    span('dim', does),
  ]);

/** A word or two where help has a sentence. */
function shortLabel(id: ActionId): string {
  const { actions, short } = text().words.screen;
  return Object.entries(short).find(([key]) => key === id)?.[1] ?? actions[id];
}

const screens = [
  'images',
  'inspect',
  'targets',
  'extras',
  'plan',
  'options',
  'run',
  'history',
  'proof',
] as const;

/** Every key there is, made from the registry: those of the screen that is shown first. */
export function helpLines(here: ScreenName, { ascii }: Pick<Frame, 'ascii'>): Line[] {
  const words = text().words.screen;
  const label = (key: string): string => keyLabel(key, ascii);
  const shown = ({ id, keys }: Binding & { readonly id: ActionId }): Line => [
    '  ',
    span('strong', padEnd(keys.map(label).join(' '), keysWidth)),
    ' ',
    words.actions[id],
  ];
  const titleOf = (screen: ScreenName): string => ({ ...words.tabs, ...words.titles })[screen];
  const isMove = ({ id }: { readonly id: string }): boolean => /^list\.(?:up|down|page|first|last)/.test(id);
  const own = (screen: ScreenName) =>
    bindingsOn(screen).filter((one) => one.on !== 'everywhere' && !isMove(one));
  const everywhere = bindingsOn(here).filter(({ on }) => on === 'everywhere');
  const group = (title: string, bindings: ReturnType<typeof own>): Line[] =>
    bindings.length === 0 ? [] : ['', [span('dim', title)], ...bindings.map(shown)];
  return [
    [span('strong', words.help.title), '  ', span('dim', words.help.close)],
    ...group(titleOf(here), own(here)),
    ...group(words.keys.everywhere, [...bindingsOn('images').filter(isMove), ...everywhere]),
    ...screens.filter((screen) => screen !== here).flatMap((screen) => group(titleOf(screen), own(screen))),
  ];
}

const keysWidth = 20;
