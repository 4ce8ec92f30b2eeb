// The keyboard as Ink reads it: the terminal's input without what the mouse reports, and word of a terminal that is gone.
import { PassThrough } from 'node:stream';
import { createKeySplitter } from './key-splitter.js';
import { createMouseSplitter, type Mouse } from './mouse.js';

interface KeyboardOptions {
  readonly onMouse: (mouse: Mouse) => void;
  /** The terminal has hung up. */
  readonly onGone: () => void;
}

export interface Keyboard {
  /** For Ink, in place of the terminal's own stream. */
  readonly stream: NodeJS.ReadableStream;
  close(): void;
}

// Longer than the gap between two reads of one report over a slow line, shorter than a person waits for Esc.
const keyWaitMs = 40;

/** Reads the terminal until it is closed. */
export function openKeyboard(terminal: NodeJS.ReadStream, { onMouse, onGone }: KeyboardOptions): Keyboard {
  const splitter = createMouseSplitter();
  let waiting: NodeJS.Timeout | undefined;
  const split = createKeySplitter();
  // Object mode: what is written as one key is read as one.
  const keys = new PassThrough({ objectMode: true });
  const write = (typed: string): void => {
    for (const key of split(typed)) keys.write(key);
  };
  const stream = Object.assign(keys, {
    isTTY: true,
    setEncoding: () => stream,
    setRawMode(isRaw: boolean) {
      terminal.setRawMode(isRaw);
      // While a shell has the terminal, what is typed is the shell's.
      if (isRaw) terminal.resume();
      else terminal.pause();
      return stream;
    },
    ref: () => terminal.ref(),
    unref: () => terminal.unref(),
  });
  const read = (chunk: string | Buffer): void => {
    clearTimeout(waiting);
    const { keys: typed, mice } = splitter.push(String(chunk));
    write(typed);
    for (const mouse of mice) onMouse(mouse);
    if (splitter.hasKeys()) waiting = setTimeout(() => write(splitter.flush()), keyWaitMs);
  };
  // A terminal that hangs up is an end to some systems and EIO to others.
  const gone = (): void => onGone();
  terminal.setEncoding('utf8');
  terminal.on('data', read).on('end', gone).on('error', gone);
  return {
    stream,
    close() {
      clearTimeout(waiting);
      // `error` keeps its listener: giving the terminal back may fail as well, and nobody is there to be told.
      terminal.off('data', read).off('end', gone);
      terminal.pause();
    },
  };
}
