// Tables for terminals: columns as wide as what they hold, one column that gives way when the line is too narrow.
import { printable } from '../text/format.js';
import { cutMiddle, displayWidth, padEnd, padStart } from '../text/width.js';
import { type Line, type Span, type Style, span } from './line.js';

export interface Column {
  readonly title: string;
  /** Numbers stand to the right. */
  readonly right?: boolean;
  /** Gives way when the table is too wide; what is cut is cut from the middle. */
  readonly shrinks?: boolean;
  /** Left out where even a shrunken table is too wide; 1 goes before 2. */
  readonly gives?: number;
}

/** A cell: text, or text with a style. */
export type Cell = string | Span;

const gap = 2;
const leastShrunk = 12;

/** Lines of a table with its heading, at most `columns` wide where a shrinking column allows. */
export function table(
  wanted: readonly Column[],
  rows: readonly (readonly Cell[])[],
  options: { readonly columns: number; readonly indent?: number },
): Line[] {
  const indent = options.indent ?? 0;
  const all = rows.map((row) => row.map((cell) => ({ text: printable(textOf(cell)), style: styleOf(cell) })));
  const widthOf = (at: number): number =>
    Math.max(displayWidth(wanted[at]?.title ?? ''), ...all.map((row) => displayWidth(row[at]?.text ?? '')));
  const kept = fitting(wanted, widthOf, options.columns - indent);
  const columns = kept.flatMap((at) => wanted[at] ?? []);
  const clean = all.map((row) => kept.flatMap((at) => row[at] ?? []));
  const widths = kept.map(widthOf);
  narrow(columns, widths, options.columns - indent);
  const layOut = (cells: readonly { text: string; style: Style | undefined }[]): Line => {
    const spans = cells.flatMap((cell, at): (string | Span)[] => {
      const width = widths[at] ?? 0;
      const text = cutMiddle(cell.text, width);
      const last = at === cells.length - 1;
      const padded = columns[at]?.right ? padStart(text, width) : last ? text : padEnd(text, width);
      return [
        at === 0 ? ' '.repeat(indent) : ' '.repeat(gap),
        cell.style ? span(cell.style, padded) : padded,
      ];
    });
    return spans;
  };
  return [
    layOut(columns.map((column) => ({ text: column.title, style: 'dim' as const }))),
    ...clean.map((row) => layOut(row)),
  ];
}

/** Lines of `label  value`, labels equally wide. */
export function fields(rows: readonly (readonly [label: string, value: Line])[], indent = 0): Line[] {
  const width = Math.max(0, ...rows.map(([label]) => displayWidth(label)));
  return rows.map(([label, value]) => [
    ' '.repeat(indent),
    span('dim', padEnd(label, width)),
    '  ',
    ...(typeof value === 'string' ? [value] : value),
  ]);
}

const textOf = (cell: Cell): string => (typeof cell === 'string' ? cell : cell.text);
const styleOf = (cell: Cell): Style | undefined => (typeof cell === 'string' ? undefined : cell.style);

/** The places of the columns that there is room for. */
function fitting(columns: readonly Column[], widthOf: (at: number) => number, room: number): number[] {
  let kept = columns.map((_, at) => at);
  const least = (): number =>
    kept.reduce((sum, at) => {
      const width = widthOf(at);
      return sum + (columns[at]?.shrinks === true ? Math.min(leastShrunk, width) : width);
    }, 0) +
    gap * (kept.length - 1);
  const rank = (at: number): number => columns[at]?.gives ?? Number.POSITIVE_INFINITY;
  while (least() > room) {
    const first = kept.toSorted((a, b) => rank(a) - rank(b))[0];
    if (first === undefined || rank(first) === Number.POSITIVE_INFINITY) break;
    kept = kept.filter((at) => at !== first);
  }
  return kept;
}

function narrow(columns: readonly Column[], widths: number[], room: number): void {
  const total = (): number => widths.reduce((sum, width) => sum + width, 0) + gap * (widths.length - 1);
  for (const [at, column] of columns.entries()) {
    const over = total() - room;
    if (column.shrinks && over > 0) widths[at] = Math.max(leastShrunk, (widths[at] ?? 0) - over);
  }
}
