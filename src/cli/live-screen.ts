// A few lines at the bottom of a terminal, redrawn in place. Between frames the cursor stands in the first column of
// the row below them, hidden; every road out shows it again.
import { displayWidth } from '../text/width.js';
import { type Line, plainLine, renderLine, wrapLine } from '../views/line.js';
import type { Output } from './output.js';

export interface LiveScreen {
  /** Draws these lines instead of the last ones; what does not fit in the terminal is for the caller to leave out. */
  draw(lines: readonly Line[]): void;
  /** Lines that stay, above the live ones. */
  print(lines: readonly Line[]): void;
  /** Removes the live lines and shows the cursor, until the next draw. */
  clear(): void;
}

const hideCursor = '\x1b[?25l';
const showCursor = '\x1b[?25h';

/** @param output a live one (a TTY that is not dumb). */
export function createLiveScreen(output: Output): LiveScreen {
  let shown: readonly Line[] = [];
  let frame = '';
  let hidden = false;

  // After the terminal has become narrower, the old lines take more rows than they were (terminals re-wrap them).
  const rowsShown = (): number => {
    const columns = output.columns();
    const rows = shown.reduce(
      (sum, line) =>
        sum + Math.max(1, Math.ceil(Math.min(displayWidth(plainLine(line)), drawnColumns) / columns)),
      0,
    );
    return Math.min(rows, output.rows() - 1);
  };
  let drawnColumns = output.columns();

  const upToFirst = (): string => {
    const rows = rowsShown();
    return rows === 0 ? '' : `\x1b[${rows}A`;
  };
  const render = (lines: readonly Line[]): string => {
    // One column is left free: a full last column makes some terminals wrap, others not.
    const columns = output.columns() - 1;
    return lines.map((line) => `${renderLine(line, { color: output.color, columns })}\x1b[K\n`).join('');
  };

  return {
    draw(lines) {
      const next = render(lines);
      if (next === frame && drawnColumns === output.columns() - 1) return;
      output.raw(`${hidden ? '' : hideCursor}${upToFirst()}\r${next}\x1b[J`);
      hidden = true;
      shown = lines;
      frame = next;
      drawnColumns = output.columns() - 1;
    },
    print(lines) {
      if (lines.length === 0) return;
      const fitting = lines.flatMap((line) => wrapLine(line, output.columns() - 1));
      const kept = fitting.map((line) => `${renderLine(line, { color: output.color })}\x1b[K\n`).join('');
      output.raw(`${upToFirst()}\r${kept}${render(shown)}\x1b[J`);
      drawnColumns = output.columns() - 1;
    },
    clear() {
      if (shown.length > 0) output.raw(`${upToFirst()}\r\x1b[J`);
      if (hidden) output.raw(showCursor);
      hidden = false;
      shown = [];
      frame = '';
    },
  };
}
