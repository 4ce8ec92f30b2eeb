// A line that is typed: its letters as people see them, the place where the next one goes, and what the keys of every shell do to
// it. Pure.
import { printable } from '../../src/text/format.js';
import { letters } from '../../src/text/width.js';

export interface Typed {
  readonly value: string;
  /** Letters behind the cursor; absent: it stands at the end. */
  readonly behind?: number;
}

export const nothingTyped: Typed = { value: '' };

export type Edit =
  | { readonly does: 'insert'; readonly text: string }
  | {
      readonly does:
        | 'left'
        | 'right'
        | 'start'
        | 'end'
        | 'erase'
        | 'delete'
        | 'erase-word'
        | 'erase-before'
        | 'erase-behind';
    };

// As readline has them, which every shell uses.
const editKeys: Readonly<Record<string, Exclude<Edit['does'], 'insert'>>> = {
  left: 'left',
  right: 'right',
  home: 'start',
  end: 'end',
  backspace: 'erase',
  delete: 'delete',
  'ctrl+b': 'left',
  'ctrl+f': 'right',
  'ctrl+a': 'start',
  'ctrl+e': 'end',
  'ctrl+h': 'erase',
  'ctrl+d': 'delete',
  'ctrl+w': 'erase-word',
  'ctrl+u': 'erase-before',
  'ctrl+k': 'erase-behind',
};

/** What a key does to a line, beside those that write. */
export function editOf(key: string): Edit | undefined {
  const does = Object.hasOwn(editKeys, key) ? editKeys[key] : undefined;
  return does && { does };
}

/** The line after the edit. */
export function edited(typed: Typed, edit: Edit): Required<Typed> {
  const { before, after } = parted(typed);
  const line = (left: readonly string[], right: readonly string[]): Required<Typed> => ({
    value: [...left, ...right].join(''),
    behind: right.length,
  });
  switch (edit.does) {
    case 'insert':
      return line([...before, edit.text], after);
    case 'left':
      return line(before.slice(0, -1), [...before.slice(-1), ...after]);
    case 'right':
      return line([...before, ...after.slice(0, 1)], after.slice(1));
    case 'start':
      return line([], [...before, ...after]);
    case 'end':
      return line([...before, ...after], []);
    case 'erase':
      return line(before.slice(0, -1), after);
    case 'delete':
      return line(before, after.slice(1));
    case 'erase-word':
      return line(letters(before.join('').replace(/\S+\s*$|\s+$/u, '')), after);
    case 'erase-before':
      return line([], after);
    case 'erase-behind':
      return line(before, []);
  }
}

/** The letters before the cursor, and those behind it. */
export function parted({ value, behind = 0 }: Typed): {
  readonly before: readonly string[];
  readonly after: readonly string[];
} {
  const all = letters(value);
  const at = Math.max(0, all.length - behind);
  return { before: all.slice(0, at), after: all.slice(at) };
}

/** What of a paste goes into one line, and what of it was left out. */
export function pastedLine(text: string): {
  readonly line: string;
  readonly lines: number;
  /** Something in that line cannot be seen, and so was not meant to be typed. */
  readonly isCleaned: boolean;
} {
  const parts = text.split(/\r\n?|\n/);
  const lines = parts.filter((line) => line.trim() !== '');
  const [first = text] = parts.length === 1 ? parts : lines;
  const line = visible(first);
  return { line, lines: Math.max(1, lines.length), isCleaned: line !== first };
}

/** A secret may hold anything that can be typed; what cannot be seen was not typed. */
export const visible = (text: string): string =>
  [...text].filter((sign) => printable(sign) === sign).join('');
