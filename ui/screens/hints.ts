// What the keys do: the lines at the bottom, and help. Made from the registry. Pure.
import { text } from '../../src/text/text.js';
import { displayWidth, padEnd } from '../../src/text/width.js';
import { type Line, span } from '../../src/views/line.js';
import { type ActionId, type Binding, bindingsOn, keyLabel, type ScreenName } from '../keys.js';
import type { Frame } from './layout.js';

interface Hint {
  readonly key: string;
  readonly does: string;
}

const between = 2;
// From this height on a second row is worth more than a row of the list.
const tall = 20;

/**
 * The keys of a screen in the order of the registry, as many as fit; what moves between screens, leaves and tells more stands at
 * the end and always has its room.
 */
export function hintLines(screen: ScreenName, { columns, rows, ascii }: Frame): Line[] {
  const hinted = bindingsOn(screen).filter(({ quiet }) => quiet !== true);
  const hint = ({ id, keys }: Binding & { readonly id: ActionId }): Hint => ({
    key: keyLabel(keys[0] ?? '', ascii),
    does: shortLabel(id),
  });
  const always = hinted.filter(({ on }) => on === 'everywhere').map(hint);
  const own = hinted.filter(({ on }) => on !== 'everywhere').map(hint);
  const lines: Hint[][] = [[]];
  const most = rows >= tall ? 2 : 1;
  for (const [at, one] of own.entries()) {
    // The last row keeps room for what always stands there, and so does one that all the others fit into.
    const rest = [...(lines.at(-1) ?? []), ...own.slice(at), ...always];
    const tail = lines.length === most || widthOf(rest) <= columns ? always : [];
    if (widthOf([...(lines.at(-1) ?? []), one, ...tail]) <= columns) lines.at(-1)?.push(one);
    else if (lines.length < most) lines.push([one]);
    else break;
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

/** Every key there is, made from the registry. */
export function helpLines({ ascii }: Pick<Frame, 'ascii'>): Line[] {
  const words = text().words.screen;
  const shown = (id: ActionId, keys: readonly string[]): Line => [
    '  ',
    span('strong', padEnd(keys.map((key) => keyLabel(key, ascii)).join(' '), 16)),
    ' ',
    words.actions[id],
  ];
  const groups = (
    ['images', 'inspect', 'targets', 'extras', 'plan', 'options', 'run', 'history', 'proof'] as const
  ).map((screen) => ({
    title: { ...words.tabs, ...words.titles }[screen],
    bindings: bindingsOn(screen).filter(({ on }) => on !== 'everywhere' && on[0] === screen),
  }));
  const everywhere = bindingsOn('images').filter(({ on }) => on === 'everywhere');
  const moving = bindingsOn('images').filter(({ id }) => id.startsWith('list.'));
  return [
    [span('strong', words.help.title), '  ', span('dim', words.help.close)],
    ...[...moving, ...everywhere].map(({ id, keys }) => shown(id, keys)),
    ...groups.flatMap(({ title, bindings }) => {
      const own = bindings.filter(({ id }) => !id.startsWith('list.'));
      return own.length === 0
        ? []
        : ['', [span('dim', title)], ...own.map(({ id, keys }) => shown(id, keys))];
    }),
  ];
}
