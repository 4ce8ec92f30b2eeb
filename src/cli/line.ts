// Lines as data: spans of text with a style by meaning. Text is made printable when a line becomes bytes, and only
// there, so a name that holds escape codes cannot reach a terminal by any road.
import { printable } from '../text/format.js';
import { cutEnd, displayWidth } from '../text/width.js';

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

/** The bytes of a line. `columns`: cut there, so that it never takes two rows. */
export function renderLine(
  line: Line,
  options: { readonly color: boolean; readonly columns?: number },
): string {
  let left = options.columns ?? Number.POSITIVE_INFINITY;
  let out = '';
  for (const part of spansOf(line)) {
    const text = cutEnd(printable(part.text), left);
    left -= displayWidth(text);
    if (text === '') continue;
    out += options.color && part.style !== undefined ? `\x1b[${sgr[part.style]}m${text}\x1b[0m` : text;
  }
  return options.color ? out : out.trimEnd();
}

function spansOf(line: Line): readonly { readonly text: string; readonly style?: Style }[] {
  if (typeof line === 'string') return [{ text: line }];
  return line.map((part) => (typeof part === 'string' ? { text: part } : part));
}
