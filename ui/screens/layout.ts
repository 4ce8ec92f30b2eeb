// What all screens share: a list in a window with a cursor and marks, the part of a text that is scrolled to, a bar.
import { formatBytes, printable } from '../../src/text/format.js';
import { text } from '../../src/text/text.js';
import { cutEnd, cutMiddle, displayWidth, padEnd, padStart } from '../../src/text/width.js';
import { type Line, type Style, span, wrapLine } from '../../src/views/line.js';
import { type ListState, windowOf } from '../state/list.js';

/** What a screen may fill, and the signs that the terminal can show. */
export interface Frame {
  readonly columns: number;
  readonly rows: number;
  readonly ascii: boolean;
}

/** Where the rows of a list stand in what is drawn. */
export interface ListPlace {
  /** The line in which the first of them stands. */
  readonly top: number;
  /** Which row of the list that is. */
  readonly first: number;
  readonly count: number;
  /** The row at the cursor in words, for who hears it. */
  readonly told: Line;
}

/** What stands between the tabs and the status. */
export interface Body {
  readonly lines: readonly Line[];
  /** Of a text: the last row that may stand on top. */
  readonly last?: number;
  readonly list?: ListPlace;
}

export interface ListColumn<Row> {
  readonly title: string;
  /** Columns of the terminal; `rest` takes what the others leave, once per list. */
  readonly width: number | 'rest';
  readonly right?: boolean;
  /** A sentence, which is cut at its end; names and paths are told apart by both ends. */
  readonly isSentence?: boolean;
  /** Of `rest`: what others give way for. */
  readonly least?: number;
  /** Left out first where the terminal is narrow; 1 goes before 2. */
  readonly gives?: number;
  cell(row: Row): string;
  style?(row: Row): Style | undefined;
}

const gap = 2;
const markWidth = 6;
const leastRest = 16;
// Names are told apart by their ends: a column more is worth less than a name that is seen whole, up to this.
const wantedRest = 36;
const mostMeasured = 500;

/** What the names of a list need, whatever the filter shows of it: a table does not jump while somebody types. */
export function roomFor(names: readonly string[]): number {
  return Math.min(wantedRest, Math.max(0, ...names.slice(0, mostMeasured).map(displayWidth)));
}

/** Heading, rows in the window, and where the window stands if not all are seen. At most `frame.rows` lines. */
export function listLines<Row>(
  list: {
    readonly rows: readonly Row[];
    readonly columns: readonly ListColumn<Row>[];
    readonly state: ListState;
    readonly idOf: (row: Row) => string;
    /** Rows can be chosen; else there is no room for marks. */
    readonly choosable: boolean;
  },
  frame: Frame,
): Body & { readonly list: ListPlace } {
  const { rows, state, choosable } = list;
  const columns = fitting(list.columns, frame.columns - (choosable ? markWidth : 2));
  const chosen = new Set(state.chosen);
  const head = cells(columns.map((column) => ({ ...column, text: column.title, style: 'dim' as const })));
  const cursor = Math.max(0, Math.min(rows.length - 1, state.cursor));
  const isWhole = rows.length <= frame.rows - 1;
  const { from, to } = windowOf(rows.length, cursor, frame.rows - (isWhole ? 1 : 2));
  const lines = rows.slice(from, to).map((row, at): Line => {
    const isCursor = from + at === cursor;
    const isChosen = chosen.has(list.idOf(row));
    const sign = isCursor ? '>' : ' ';
    const mark = choosable ? ` ${isChosen ? '[x]' : '[ ]'} ` : ' ';
    const body = cells(
      columns.map((column) => {
        const style = column.style?.(row) ?? (isCursor ? ('strong' as const) : undefined);
        return { ...column, text: column.cell(row), style };
      }),
    );
    // The cursor is told by its sign as well as by weight: colour and weight may not be seen.
    return [isCursor ? span('strong', sign) : sign, isChosen ? span('ok', mark) : mark, ...body];
  });
  const where: Line[] = isWhole
    ? []
    : [[span('dim', `  ${text().words.screen.window(from + 1, to, rows.length)}`)]];
  return {
    lines: [[choosable ? ' '.repeat(markWidth) : '  ', ...head], ...lines, ...where],
    list: { top: 1, first: from, count: lines.length, told: toldRow(list, cursor) },
  };
}

function toldRow<Row>(
  { rows, columns, state, idOf }: Parameters<typeof listLines<Row>>[0],
  cursor: number,
): Line {
  const row = rows[cursor];
  if (row === undefined) return '';
  const words = text().words.screen.linear;
  const cells = columns.map((column) => `${column.title.toLowerCase()} ${printable(column.cell(row))}`);
  const chosen = state.chosen.includes(idOf(row)) ? [words.chosen] : [];
  return [...chosen, ...cells, words.row(cursor + 1, rows.length)].join(', ');
}

type Laid = {
  readonly width: number;
  readonly right?: boolean;
  readonly isSentence?: boolean;
  readonly text: string;
  readonly style: Style | undefined;
};

function cells(columns: readonly Laid[]): (string | ReturnType<typeof span>)[] {
  return columns.flatMap(({ width, right, isSentence, text: value, style }, at) => {
    const cut = (isSentence === true ? cutEnd : cutMiddle)(printable(value), width);
    const padded = right === true ? padStart(cut, width) : padEnd(cut, width);
    const shown = style === undefined ? padded : span(style, padded);
    return at === 0 ? [shown] : [' '.repeat(gap), shown];
  });
}

function fitting<Row>(
  columns: readonly ListColumn<Row>[],
  room: number,
): (Omit<ListColumn<Row>, 'width'> & { readonly width: number })[] {
  const fixed = (kept: readonly ListColumn<Row>[]): number =>
    kept.reduce((sum, { width }) => sum + (width === 'rest' ? 0 : width), 0) + gap * (kept.length - 1);
  const wanted = Math.max(leastRest, ...columns.map(({ least = 0 }) => least));
  let kept = [...columns];
  while (room - fixed(kept) < wanted) {
    const giving = kept.filter(({ gives }) => gives !== undefined);
    const first = giving.toSorted((a, b) => (a.gives ?? 0) - (b.gives ?? 0))[0];
    if (first === undefined) break;
    kept = kept.filter((column) => column !== first);
  }
  // Nothing more to leave out: what is fixed gives way as well.
  const over = Math.max(0, leastRest - (room - fixed(kept)));
  const widest = Math.max(...kept.map(({ width }) => (width === 'rest' ? 0 : width)));
  const narrowed = kept.map((column) =>
    column.width === widest ? { ...column, width: Math.max(leastRest, widest - over) } : column,
  );
  const rest = Math.max(1, room - fixed(narrowed));
  return narrowed.map((column) => ({ ...column, width: column.width === 'rest' ? rest : column.width }));
}

/** Lines broken to the width, and the part of them from `scroll` on. */
export function scrolled(
  lines: readonly Line[],
  scroll: number,
  frame: Frame,
): { readonly lines: readonly Line[]; readonly last: number } {
  const broken = lines.flatMap((line) => wrapLine(line, frame.columns));
  const last = Math.max(0, broken.length - frame.rows);
  if (last === 0) return { lines: broken, last };
  // The line that tells where this is takes one from the text: to see the end of it, one more must be gone.
  const from = Math.min(scroll, last + 1);
  const seen = broken.slice(from, from + frame.rows - 1);
  const where = text().words.screen.window(from + 1, from + seen.length, broken.length);
  return { lines: [...seen, [span('dim', where)]], last: last + 1 };
}

/** Bytes, `~` in front; `…` while nobody knows. */
export function aboutBytes(bytes: number | undefined): string {
  return bytes === undefined ? '…' : formatBytes(bytes, true);
}
