// Where text goes: stdout and stderr, what the terminal behind them can do, and what happens when the reader is gone.
import type { Writable } from 'node:stream';
import { type Line, renderLine, wrapLine } from '../views/line.js';

/** The part of a tty stream that is asked for. */
export interface OutputStream extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** One of the two outputs. */
export interface Output {
  /** A terminal that understands cursor movement: a TTY whose TERM is not `dumb`. */
  readonly isLive: boolean;
  readonly color: boolean;
  /** Of the terminal now; 80 where there is none. */
  columns(): number;
  rows(): number;
  /** What lists and reports may take: without a terminal as much as they need, since a name that was cut is another name. */
  reportColumns(): number;
  /** Writes lines, each with its end. Never throws. */
  lines(lines: readonly Line[]): void;
  /** Writes as it is: escape codes of our own, JSON. Never throws. */
  raw(text: string): void;
  /** Resolves when what was written has left the process, or can't. */
  flush(): Promise<void>;
}

/** Called once when a reader has gone away (EPIPE). */
export type OnGone = () => void;

/** Wraps a stream; `env` decides on colour (NO_COLOR, FORCE_COLOR) and on a dumb terminal. */
export function createOutput(stream: OutputStream, env: NodeJS.ProcessEnv, onGone?: OnGone): Output {
  const isTty = stream.isTTY === true;
  const isLive = isTty && env.TERM !== 'dumb' && env.TERM !== '';
  const forced = env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '' && env.FORCE_COLOR !== '0';
  // https://no-color.org: set and not empty.
  const color = !env.NO_COLOR && env.FORCE_COLOR !== '0' && (isLive || forced);
  let gone = false;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // EIO: the terminal has hung up. Whatever else a write can fail with, nobody is there to be told.
    const first = !gone;
    gone = true;
    if (first && error.code === 'EPIPE') onGone?.();
  });
  const raw = (text: string): void => {
    if (!gone && text !== '') stream.write(text);
  };
  const columns = (): number => Math.max(20, stream.columns ?? 80);
  return {
    isLive,
    color,
    columns,
    reportColumns: () => (isTty ? columns() : Number.POSITIVE_INFINITY),
    rows: () => Math.max(4, stream.rows ?? 24),
    lines(lines) {
      const fitting = isTty ? lines.flatMap((line) => wrapLine(line, columns())) : lines;
      raw(fitting.map((line) => `${renderLine(line, { color })}\n`).join(''));
    },
    raw,
    flush: () =>
      new Promise((resolve) => {
        if (gone || stream.destroyed || stream.writableNeedDrain === undefined) return resolve();
        stream.write('', () => resolve());
      }),
  };
}
