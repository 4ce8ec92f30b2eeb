// Bytes of an open file: at a place, or as a stream that leaves the file open (Node's own streams close what they were given).
import type { Hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { type Fill, fillFrom, readInto } from '../streams/file-at.js';
import { chunkBytes, freeing, takeChunk } from '../streams/free-bytes.js';

export interface RangeOptions {
  readonly start: number;
  readonly length: number;
  readonly signal?: AbortSignal;
}

/** A range of a file as a stream; ends early at the end of the file, fails with the signal's reason. */
export function readRange(handle: FileHandle, options: RangeOptions): Readable {
  return Readable.from(rangeChunks(handle, options), { objectMode: false, highWaterMark: chunkBytes });
}

async function* rangeChunks(
  handle: FileHandle,
  { start, length, signal }: RangeOptions,
): AsyncGenerator<Buffer, void, undefined> {
  for (let position = start, left = length; left > 0; ) {
    signal?.throwIfAborted();
    const bytes = await readInto(
      handle,
      position,
      left < chunkBytes ? Buffer.allocUnsafe(left) : takeChunk(),
    );
    if (bytes.byteLength === 0) return;
    position += bytes.byteLength;
    left -= bytes.byteLength;
    yield bytes;
  }
}

/** Feeds a range of a file to `hash`; its chunks are nobody else's. */
export async function hashRange(hash: Hash, handle: FileHandle, range: RangeOptions): Promise<void> {
  for await (const chunk of freeing(readRange(handle, range) as AsyncIterable<Buffer>)) hash.update(chunk);
}

/** Lends a range of a file, as a stream and as what fills a buffer from it. */
export async function withRange(
  handle: FileHandle,
  range: RangeOptions,
  use: (stream: Readable, fill: Fill) => Promise<void>,
): Promise<void> {
  await withStream(readRange(handle, range), (stream) => use(stream, fillFrom(handle, range)));
}

/** Lends a stream and ends it afterwards. Its errors are seen by whoever reads it; here they must only not be fatal. */
export async function withStream(stream: Readable, use: (stream: Readable) => Promise<void>): Promise<void> {
  stream.on('error', () => undefined);
  try {
    await use(stream);
  } finally {
    stream.destroy();
    if (!stream.closed) await new Promise<void>((resolve) => stream.once('close', resolve));
  }
}
