// Reads a stream of chunks as bytes: look ahead, take, pass on an exact number. Nothing is copied that need not be.

/** A position in a stream of bytes. One reader at a time. */
export interface BytesCursor {
  /** Bytes taken so far. */
  readonly position: number;
  /** The next `count` bytes without taking them; fewer only at the end. */
  peek(count: number): Promise<Buffer>;
  /** The next `count` bytes; fewer only at the end. */
  take(count: number): Promise<Buffer>;
  /** Passes over `count` bytes. @returns how many there were */
  skip(count: number): Promise<number>;
  /** The next bytes as they come, at most `count` altogether; ends early only at the end of the stream. */
  chunks(count: number): AsyncGenerator<Buffer, void, undefined>;
  /** Ends the stream below; what was not read is lost. */
  close(): Promise<void>;
}

/** A cursor over chunks as they come, from a Readable or a generator. */
export function createCursor(chunks: AsyncIterable<Buffer>): BytesCursor {
  const source = chunks[Symbol.asyncIterator]();
  const nothing: Buffer = Buffer.alloc(0);
  let ahead = nothing;
  let ended = false;
  let position = 0;

  const pull = async (): Promise<Buffer | undefined> => {
    if (ended) return undefined;
    const next = await source.next();
    if (next.done !== true) return next.value;
    ended = true;
    return undefined;
  };
  const peek = async (count: number): Promise<Buffer> => {
    while (ahead.byteLength < count) {
      const chunk = await pull();
      if (chunk === undefined) break;
      ahead = ahead.byteLength === 0 ? chunk : Buffer.concat([ahead, chunk]);
    }
    return ahead.subarray(0, count);
  };
  const pass = (count: number): void => {
    // What was given out whole is let go of: its reader may free the buffer.
    ahead = count === ahead.byteLength ? nothing : ahead.subarray(count);
    position += count;
  };
  const some = async (count: number): Promise<Buffer | undefined> => {
    while (ahead.byteLength === 0) {
      const chunk = await pull();
      if (chunk === undefined) return undefined;
      ahead = chunk;
    }
    const part = ahead.subarray(0, count);
    pass(part.byteLength);
    return part;
  };

  return {
    get position() {
      return position;
    },
    peek,
    async take(count) {
      const bytes = await peek(count);
      pass(bytes.byteLength);
      return bytes;
    },
    async skip(count) {
      let left = count;
      while (left > 0) {
        const part = await some(left);
        if (part === undefined) break;
        left -= part.byteLength;
      }
      return count - left;
    },
    async *chunks(count) {
      let left = count;
      while (left > 0) {
        const part = await some(left);
        if (part === undefined) return;
        left -= part.byteLength;
        yield part;
      }
    },
    async close() {
      ended = true;
      await source.return?.();
    },
  };
}
