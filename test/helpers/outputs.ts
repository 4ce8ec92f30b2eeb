// A stand-in for a terminal or a pipe: keeps what was written, and plays the escape codes that airgap uses on a grid.
import { Writable } from 'node:stream';
import { createOutput, type Output } from '../../src/cli/output.js';

export interface Recorded {
  readonly output: Output;
  /** Everything written, as it was. */
  text(): string;
  clear(): void;
}

interface RecorderOptions {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: NodeJS.ProcessEnv;
}

export function record(options: RecorderOptions = {}): Recorded {
  let text = '';
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      text += chunk;
      done();
    },
  });
  const { isTTY = false, columns = 80, rows = 24, env = { TERM: 'xterm', NO_COLOR: '1' } } = options;
  const terminal = Object.assign(stream, isTTY ? { isTTY, columns, rows } : {});
  return {
    output: createOutput(terminal, env),
    text: () => text,
    clear: () => {
      text = '';
    },
  };
}

/** The rows a terminal would show after these bytes. Fails on any code that it does not know. */
export function play(text: string, columns = 80): string[] {
  const grid: string[][] = [[]];
  let [x, y] = [0, 0];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape codes are what is read here
  const pattern = /\x1b\[(\?25[lh]|\d*A|K|J|[\d;]*m)|\r|\n|([^\x1b\r\n])/gu;
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index !== end)
      throw new Error(`unknown bytes: ${JSON.stringify(text.slice(end, match.index + 5))}`);
    end = match.index + match[0].length;
    const code = match[1] ?? '';
    if (match[0] === '\r') x = 0;
    else if (match[0] === '\n') {
      y += 1;
      x = 0;
    } else if (code.endsWith('A')) y -= Number(code.slice(0, -1) || '1');
    else if (code === 'K') grid[y] = (grid[y] ?? []).slice(0, x);
    else if (code === 'J') {
      grid[y] = (grid[y] ?? []).slice(0, x);
      grid.length = y + 1;
    } else if (match[2] !== undefined) {
      if (x >= columns) throw new Error(`a line is wider than ${columns} columns`);
      const row = grid[y] ?? [];
      row[x] = match[2];
      grid[y] = row;
      x += 1;
    }
    if (y < 0) throw new Error('the cursor left the screen at the top');
    for (let row = grid.length; row <= y; row += 1) grid.push([]);
  }
  if (end !== text.length) throw new Error(`unknown bytes: ${JSON.stringify(text.slice(end, end + 10))}`);
  return grid.map((row) =>
    Array.from(row, (cell) => cell ?? ' ')
      .join('')
      .trimEnd(),
  );
}
