// Cuts a channel's stdout into lines and, where a line announces them, blocks of raw bytes. Pulled, and bounded.
import type { Readable } from 'node:stream';

export interface AnswerReader {
  /** The next line without its newline; undefined at the end. A last line without newline counts as cut and is left out. */
  line(): Promise<string | undefined>;
  /** Exactly this many bytes, and the newline after them; undefined if they do not come. */
  block(bytes: number): Promise<Buffer | undefined>;
}

export interface AnswerLimits {
  readonly maxLineBytes: number;
  readonly maxBytes: number;
}

/** Thrown past the limits; translated by the channel. */
export class TooLong extends Error {}

/** @throws {TooLong} from both methods */
export function readAnswer(stdout: Readable, limits: AnswerLimits, onBytes: () => void): AnswerReader {
  const chunks: AsyncIterator<Buffer> = stdout[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);
  let total = 0;

  async function more(): Promise<boolean> {
    const next = await chunks.next();
    if (next.done === true) return false;
    onBytes();
    total += next.value.byteLength;
    if (total > limits.maxBytes) throw new TooLong();
    held = held.byteLength === 0 ? next.value : Buffer.concat([held, next.value]);
    return true;
  }

  return {
    async line() {
      let searched = 0;
      for (;;) {
        const end = held.indexOf(10, searched);
        if (end > limits.maxLineBytes || (end < 0 && held.byteLength > limits.maxLineBytes))
          throw new TooLong();
        if (end >= 0) {
          const line = held.subarray(0, end).toString('utf8');
          held = held.subarray(end + 1);
          return line;
        }
        searched = held.byteLength;
        if (!(await more())) return undefined;
      }
    },
    async block(bytes) {
      while (held.byteLength < bytes + 1) if (!(await more())) return undefined;
      if (held[bytes] !== 10) return undefined;
      const block = held.subarray(0, bytes);
      held = held.subarray(bytes + 1);
      return block;
    },
  };
}
