// What a terminal shows, as a picture: SVG text with the colours that its rows have.
import { displayWidth, letters } from '../../src/text/width.js';

const cellWidth = 8.4;
const cellHeight = 18;
const margin = 12;
/** The 16 colours as a terminal has them; numbers are SGR. */
interface Theme {
  readonly paper: string;
  readonly ink: string;
  readonly colours: Readonly<Record<string, string>>;
}
const themes: Readonly<Record<'dark' | 'light', Theme>> = {
  dark: {
    paper: '#1b1e26',
    ink: '#d9dce3',
    colours: { 31: '#f28779', 32: '#a6cc70', 33: '#ffcc66', 34: '#73a8ff', 35: '#d4a0ff', 36: '#5ccfe6' },
  },
  light: {
    paper: '#ffffff',
    ink: '#1f2328',
    colours: { 31: '#cd3131', 32: '#00bc00', 33: '#949800', 34: '#0451a5', 35: '#bc05bc', 36: '#0598bc' },
  },
};

interface Run {
  readonly text: string;
  readonly column: number;
  readonly sgr: ReadonlySet<string>;
}

/** Pieces of each row that look the same, with the column each begins in. What is set in one row holds in the next. */
function runsOf(rows: readonly string[]): Run[][] {
  let sgr: ReadonlySet<string> = new Set<string>();
  return rows.map((row) => {
    const runs = rowRuns(row, sgr);
    sgr = runs.sgr;
    return runs.runs;
  });
}

function rowRuns(
  row: string,
  before: ReadonlySet<string>,
): { readonly runs: Run[]; readonly sgr: ReadonlySet<string> } {
  const runs: Run[] = [];
  let sgr = before;
  let column = 0;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal tells of its rows
  for (const [, codes, text] of row.matchAll(/(?:\x1b\[([\d;]*)m)|([^\x1b]+)/g)) {
    if (text !== undefined) {
      for (const part of evenParts(text)) {
        runs.push({ text: part, column, sgr });
        column += displayWidth(part);
      }
    } else {
      for (const code of (codes === '' ? '0' : (codes ?? '0')).split(';')) sgr = withSgr(sgr, code);
    }
  }
  return { runs, sgr };
}

/** Letters of one column and of two apart: what a picture spreads over so many columns must be of one kind. */
function evenParts(text: string): string[] {
  const parts: string[] = [];
  let wide: boolean | undefined;
  for (const letter of letters(text)) {
    const isWide = displayWidth(letter) > 1;
    if (isWide === wide) parts.push(`${parts.pop() ?? ''}${letter}`);
    else parts.push(letter);
    wide = isWide;
  }
  return parts;
}

/** tmux takes back what it has set piece by piece: 22 is neither bold nor faint, 39 is the colour of all text. */
function withSgr(sgr: ReadonlySet<string>, code: string): Set<string> {
  if (code === '0') return new Set();
  const gone: Readonly<Record<string, RegExp>> = { 22: /^[12]$/, 27: /^7$/, 39: /^3[0-7]$/ };
  const ends = gone[code];
  return new Set(ends === undefined ? [...sgr, code] : [...sgr].filter((one) => !ends.test(one)));
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function tspan({ text, column, sgr }: Run, { colours }: Theme): string {
  if (text.trim() === '') return '';
  const begin = text.length - text.trimStart().length;
  const x = (margin + (column + begin) * cellWidth).toFixed(1);
  const shown = text.trim();
  const colour = [...sgr].map((code) => colours[code]).find((one) => one !== undefined);
  const styles = [
    ...(colour === undefined ? [] : [`fill="${colour}"`]),
    ...(sgr.has('1') ? ['font-weight="bold"'] : []),
    ...(sgr.has('2') ? ['fill-opacity=".6"'] : []),
  ];
  // Whatever font there is, columns stay columns.
  const length = (displayWidth(shown) * cellWidth).toFixed(1);
  return `<tspan x="${x}" textLength="${length}" ${styles.join(' ')}>${escaped(shown)}</tspan>`;
}

export interface PictureOptions {
  readonly columns: number;
  readonly title: string;
  readonly theme?: 'dark' | 'light';
}

/** Rows of a terminal, with their colours, as one picture. */
export function terminalPicture(
  rows: readonly string[],
  { columns, title, theme = 'dark' }: PictureOptions,
): string {
  const { paper, ink } = themes[theme];
  const width = Math.ceil(2 * margin + columns * cellWidth);
  const height = 2 * margin + rows.length * cellHeight;
  const lines = runsOf(rows).map((runs, at) => {
    const inside = runs.map((run) => tspan(run, themes[theme])).join('');
    const y = margin + (at + 0.75) * cellHeight;
    return inside === '' ? '' : `<text y="${y}" xml:space="preserve">${inside}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14" fill="${ink}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="8" fill="${paper}"/>`,
    ...lines.filter((line) => line !== ''),
    '</svg>',
    '',
  ].join('\n');
}
