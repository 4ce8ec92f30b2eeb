// Lines as data: spans of text with a style by meaning. Text is made printable when a line becomes bytes, and only
// there, so a name that holds escape codes cannot reach a terminal by any road.
import { printable } from '../text/format.js';
import { breakParts, cutEnd, displayWidth } from '../text/width.js';

/** What a span means; colours are chosen below. */
export type Style = 'strong' | 'dim' | 'ok' | 'warn' | 'error' | 'busy';

export interface Span {
  readonly text: string;
  readonly style: Style;
}

/** One line without its end. */
export type Line = string | readonly (string | Span)[];

/** A styled span. */
export const span = (style: Style, text: string): Span => ({ style, text });

// SGR parameters; the 16 colours every terminal has, as the user themed them.
const sgr: Readonly<Record<Style, string>> = {
  strong: '1',
  dim: '2',
  ok: '32',
  warn: '33',
  error: '31',
  busy: '36',
};

/** The text of a line, printable, without colour. */
export function plainLine(line: Line): string {
  return spansOf(line)
    .map((part) => printable(part.text))
    .join('')
    .trimEnd();
}

export interface RenderOptions {
  readonly color: boolean;
  /** Bold and faint also without colour, as NO_COLOR allows: for a screen, where they tell keys from words. */
  readonly weight?: boolean;
  /** Cut there, so that it never takes two rows. */
  readonly columns?: number;
}

/** The bytes of a line. */
export function renderLine(line: Line, options: RenderOptions): string {
  const isPainted = (style: Style): boolean =>
    options.color || (options.weight === true && (style === 'strong' || style === 'dim'));
  let left = options.columns ?? Number.POSITIVE_INFINITY;
  let out = '';
  for (const part of spansOf(line)) {
    const text = cutEnd(printable(part.text), left);
    left -= displayWidth(text);
    if (text === '') continue;
    out +=
      part.style !== undefined && isPainted(part.style) ? `\x1b[${sgr[part.style]}m${text}\x1b[0m` : text;
  }
  return options.color || options.weight === true ? out : out.trimEnd();
}

/** The line in at most so many columns; what was cut is told by `…`. */
export function cutLine(line: Line, columns: number): Line {
  if (displayWidth(plainLine(line)) <= columns) return line;
  let left = columns;
  const kept: (string | Span)[] = [];
  for (const { text, style } of spansOf(line)) {
    const whole = printable(text);
    // The last column is for the sign.
    const shown = displayWidth(whole) < left ? whole : cutEnd(`${whole}  `, left).replace(/ +…$/, '…');
    kept.push(style === undefined ? shown : span(style, shown));
    left -= displayWidth(shown);
    if (shown !== whole) break;
  }
  return kept;
}

/**
 * The line as lines of at most `columns`, broken as `wrap` breaks; what follows stands a little to the right of the first. A word
 * longer than a line is not cut: it is a path or a name that somebody will copy.
 */
export function wrapLine(line: Line, columns: number): Line[] {
  const parts = spansOf(line).map((part) => ({ ...part, text: printable(part.text) }));
  const whole = parts.map((part) => part.text).join('');
  if (displayWidth(whole.trimEnd()) <= columns) return [line];
  const hang = ' '.repeat(Math.min(/^ */.exec(whole)?.[0].length ?? 0, columns >> 1) + 2);
  const lines: (string | Span)[][] = [];
  let current: (string | Span)[] = [];
  let width = 0;
  let isEmpty = true;
  for (const { blank, word } of wordsOf(parts)) {
    const wordWidth = word.reduce((sum, piece) => sum + displayWidth(piece.text), 0);
    const fits = width + blank.length + wordWidth <= columns;
    if (!fits && !isEmpty) {
      lines.push(current);
      current = [hang];
      width = hang.length;
    } else {
      current.push(blank);
      width += blank.length;
    }
    current.push(
      ...word.map((piece) => (piece.style === undefined ? piece.text : span(piece.style, piece.text))),
    );
    width += wordWidth;
    isEmpty = false;
  }
  return [...lines, current];
}

interface Piece {
  readonly text: string;
  readonly style?: Style;
}

/** Words, or what may be parted of them, with the blanks before them; a word may be made of pieces of several styles. */
function wordsOf(parts: readonly Piece[]): { blank: string; word: Piece[] }[] {
  const words: { blank: string; word: Piece[] }[] = [];
  for (const { text, style } of parts) {
    for (const piece of text.match(/ +|[^ ]+/g) ?? []) {
      const isBlank = piece.startsWith(' ');
      let last = words.at(-1);
      if (last === undefined || (isBlank && last.word.length > 0)) {
        last = { blank: '', word: [] };
        words.push(last);
      }
      if (isBlank) {
        last.blank += piece;
        continue;
      }
      for (const [at, part] of breakParts(piece).entries()) {
        if (at > 0) {
          last = { blank: '', word: [] };
          words.push(last);
        }
        last.word.push(style === undefined ? { text: part } : { text: part, style });
      }
    }
  }
  return words;
}

function spansOf(line: Line): readonly { readonly text: string; readonly style?: Style }[] {
  if (typeof line === 'string') return [{ text: line }];
  return line.map((part) => (typeof part === 'string' ? { text: part } : part));
}
