// Every key of the screen, once: what it is called, on which screens it means something, and what it does. Help, the hint
// line and the README's table are made from here.
import type { Key } from 'ink';

export type ScreenName =
  | 'images'
  | 'inspect'
  | 'targets'
  | 'extras'
  | 'plan'
  | 'options'
  | 'run'
  | 'history'
  | 'proof';

/** What a key does. The label of each is `words.screen.actions[id]`. */
export type ActionId = (typeof bindings)[number]['id'];

export interface Binding {
  readonly id: string;
  /** As `keyName` tells them. The first is the one that hints name. */
  readonly keys: readonly string[];
  /** Where it means something. */
  readonly on: readonly ScreenName[] | 'everywhere';
  /** What everybody tries, or sees in the tabs: only help names it. */
  readonly quiet?: true;
}

const lists = ['images', 'targets', 'extras', 'options', 'history'] as const;
const scrolled = ['inspect', 'plan', 'run', 'proof'] as const;

/** The most useful first: so the bottom lines name them, as far as there is room. A key means one thing on one screen: a test looks. */
export const bindings = [
  { id: 'list.toggle', keys: ['space'], on: ['images', 'targets', 'extras', 'options'] },
  { id: 'plan.start', keys: ['enter'], on: ['plan'] },
  { id: 'inspect.files', keys: ['enter'], on: ['inspect'] },
  { id: 'list.open', keys: ['enter'], on: lists },
  { id: 'targets.add', keys: ['+', 'n'], on: ['targets'] },
  { id: 'extras.add', keys: ['+', 'n'], on: ['extras'] },
  { id: 'extras.browse', keys: ['o'], on: ['extras'] },
  { id: 'list.filter', keys: ['/'], on: lists },
  { id: 'list.all', keys: ['a'], on: ['images', 'targets'] },
  { id: 'images.kind', keys: ['t'], on: ['images'] },
  { id: 'images.bundle', keys: ['+', 'n'], on: ['images'] },
  { id: 'images.running', keys: ['R'], on: ['images'] },
  { id: 'list.sort', keys: ['s'], on: ['images'] },
  { id: 'images.again', keys: ['r'], on: ['images'] },
  { id: 'inspect.config', keys: ['v'], on: ['inspect'] },
  { id: 'targets.probe', keys: ['r'], on: ['targets'] },
  { id: 'targets.engine', keys: ['E'], on: ['targets'] },
  { id: 'targets.login', keys: ['L'], on: ['targets'] },
  { id: 'targets.logout', keys: ['O'], on: ['targets'], quiet: true },
  { id: 'targets.edit', keys: ['e'], on: ['targets'] },
  { id: 'targets.forget', keys: ['d', 'delete'], on: ['targets'] },
  { id: 'extras.edit', keys: ['e'], on: ['extras'] },
  { id: 'extras.remove', keys: ['d', 'delete'], on: ['extras'] },
  { id: 'extras.mode', keys: ['m'], on: ['extras'] },
  { id: 'plan.options', keys: ['o'], on: ['plan'] },
  { id: 'plan.copy', keys: ['c'], on: ['plan'] },
  { id: 'plan.save', keys: ['w'], on: ['plan'] },
  { id: 'plan.again', keys: ['r'], on: ['plan'] },
  { id: 'options.clear', keys: ['d', 'delete'], on: ['options'] },
  { id: 'run.pause', keys: ['p'], on: ['run'] },
  { id: 'run.cancel', keys: ['x'], on: ['run'] },
  { id: 'run.retry', keys: ['r'], on: ['run'] },
  { id: 'run.retryAll', keys: ['R'], on: ['run'] },
  { id: 'run.pauseAll', keys: ['P'], on: ['run'] },
  { id: 'run.cancelAll', keys: ['X'], on: ['run'] },
  { id: 'history.repeat', keys: ['r'], on: ['history', 'proof'] },
  { id: 'proof.json', keys: ['w'], on: ['proof'] },
  { id: 'proof.html', keys: ['m'], on: ['proof'] },
  { id: 'list.up', keys: ['up', 'k'], on: [...lists, ...scrolled], quiet: true },
  { id: 'list.down', keys: ['down', 'j'], on: [...lists, ...scrolled], quiet: true },
  { id: 'list.pageUp', keys: ['pageup', 'ctrl+b', 'ctrl+u'], on: [...lists, ...scrolled], quiet: true },
  { id: 'list.pageDown', keys: ['pagedown', 'ctrl+f', 'ctrl+d'], on: [...lists, ...scrolled], quiet: true },
  { id: 'list.first', keys: ['home', 'g'], on: [...lists, ...scrolled], quiet: true },
  { id: 'list.last', keys: ['end', 'G'], on: [...lists, ...scrolled], quiet: true },
  { id: 'app.next', keys: ['tab', 'right', 'l'], on: 'everywhere' },
  { id: 'app.previous', keys: ['shift+tab', 'left', 'h'], on: 'everywhere', quiet: true },
  { id: 'app.images', keys: ['1'], on: 'everywhere', quiet: true },
  { id: 'app.targets', keys: ['2'], on: 'everywhere', quiet: true },
  { id: 'app.extras', keys: ['3'], on: 'everywhere', quiet: true },
  { id: 'app.plan', keys: ['4'], on: 'everywhere', quiet: true },
  { id: 'app.run', keys: ['5'], on: 'everywhere', quiet: true },
  { id: 'app.history', keys: ['6'], on: 'everywhere', quiet: true },
  { id: 'app.back', keys: ['esc'], on: 'everywhere', quiet: true },
  { id: 'app.quit', keys: ['q'], on: 'everywhere' },
  { id: 'app.help', keys: ['?'], on: 'everywhere' },
  { id: 'app.stop', keys: ['ctrl+c'], on: 'everywhere', quiet: true },
  { id: 'app.suspend', keys: ['ctrl+z'], on: 'everywhere', quiet: true },
] as const satisfies readonly Binding[];

/** One name for each key, whatever the terminal sent. */
export function keyName(input: string, key: Key): string {
  const special = specialKeys.find((name) => key[name]);
  if (special !== undefined) {
    const name = special
      .replace('Arrow', '')
      .replace('return', 'enter')
      .replace('escape', 'esc')
      .toLowerCase();
    return name === 'tab' && key.shift ? 'shift+tab' : name;
  }
  if (input === ' ') return 'space';
  return key.ctrl ? `ctrl+${input}` : input;
}

const specialKeys = [
  'upArrow',
  'downArrow',
  'leftArrow',
  'rightArrow',
  'pageUp',
  'pageDown',
  'home',
  'end',
  'return',
  'escape',
  'tab',
  'backspace',
  'delete',
] as const;

/** What this key does on this screen. */
export function actionOf(name: string, screen: ScreenName): ActionId | undefined {
  return bindingsOn(screen).find((binding) => binding.keys.some((key) => key === name))?.id;
}

/** The keys of a screen, in order. */
export function bindingsOn(screen: ScreenName): readonly (Binding & { readonly id: ActionId })[] {
  const all: readonly (Binding & { readonly id: ActionId })[] = bindings;
  return all.filter(({ on }) => on === 'everywhere' || on.includes(screen));
}

const shown: Readonly<Record<string, string>> = {
  up: '↑',
  down: '↓',
  left: '←',
  right: '→',
  pageup: 'PgUp',
  pagedown: 'PgDn',
  home: 'Home',
  end: 'End',
  enter: 'Enter',
  esc: 'Esc',
  tab: 'Tab',
  'shift+tab': 'Shift-Tab',
  space: 'Space',
  delete: 'Del',
  'ctrl+b': 'Ctrl-B',
  'ctrl+c': 'Ctrl-C',
  'ctrl+d': 'Ctrl-D',
  'ctrl+f': 'Ctrl-F',
  'ctrl+u': 'Ctrl-U',
  'ctrl+z': 'Ctrl-Z',
};
const shownAscii: Readonly<Record<string, string>> = { up: 'Up', down: 'Down', left: 'Left', right: 'Right' };

/** A key as people know it. */
export function keyLabel(name: string, ascii = false): string {
  return (ascii ? shownAscii[name] : undefined) ?? shown[name] ?? name;
}
