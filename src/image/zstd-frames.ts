// Decompresses zstd frame by frame. node:zlib's zstd stream ends at the first frame that ends inside a chunk and loses what
// follows without an error (Node 24.21), and layers are made of many frames; so the frames are told apart here, each
// gets a decoder of its own, and a stream that ends inside a frame is an error.
// @see RFC 8878 section 3.1
import { pipeline, Readable } from 'node:stream';
import { createZstdDecompress } from 'node:zlib';
import { type BytesCursor, createCursor } from './bytes-cursor.js';

/** Thrown where a zstd stream is not one, or ends too early. Translated by whoever knows what was read. */
export class ZstdFormatError extends Error {
  override readonly name = 'ZstdFormatError';
  readonly truncated: boolean;
  constructor(message: string, truncated: boolean) {
    super(message);
    this.truncated = truncated;
  }
}

const frameMagic = 0xfd2fb528;
// 16 magics for frames that decoders pass over.
const skippableMagic = 0x184d2a50;
const outputChunkBytes = 1024 * 1024;

/** The uncompressed bytes of all frames. @throws {ZstdFormatError} and zlib's own errors */
export async function* decompressZstd(
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer, void, undefined> {
  const cursor = createCursor(chunks);
  try {
    for (;;) {
      const magic = await cursor.peek(4);
      if (magic.byteLength === 0) return;
      const word = (await exactly(cursor, 4, true)).readUInt32LE();
      if ((word & 0xfffffff0) >>> 0 === skippableMagic) {
        await skipFrame(cursor);
      } else if (word === frameMagic) {
        const decoder = createZstdDecompress({ chunkSize: outputChunkBytes });
        pipeline(Readable.from(frameBytes(cursor), { objectMode: false }), decoder, ignore);
        yield* decoder as AsyncIterable<Buffer>;
      } else {
        throw new ZstdFormatError('bytes after the last frame', false);
      }
    }
  } finally {
    await cursor.close();
  }
}

/** Passes on one frame, from its magic to its last byte. The cursor stands at the magic. */
async function* frameBytes(cursor: BytesCursor): AsyncGenerator<Buffer, void, undefined> {
  yield await exactly(cursor, 4);
  const descriptor = (await exactly(cursor, 1, true))[0] ?? 0;
  yield await exactly(cursor, frameHeaderBytes(descriptor));
  for (let last = false; !last; ) {
    const header = await exactly(cursor, 3);
    yield header;
    const word = header.readUIntLE(0, 3);
    last = (word & 1) === 1;
    const type = (word >> 1) & 3;
    if (type === 3) throw new ZstdFormatError('reserved block type', false);
    // A run-length block holds one byte however long it is.
    const size = type === 1 ? 1 : word >> 3;
    let seen = 0;
    for await (const chunk of cursor.chunks(size)) {
      seen += chunk.byteLength;
      yield chunk;
    }
    if (seen < size) throw new ZstdFormatError('ends inside a block', true);
  }
  if ((descriptor & 4) !== 0) yield await exactly(cursor, 4);
}

function frameHeaderBytes(descriptor: number): number {
  const singleSegment = (descriptor & 0x20) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const sizeBytes = [singleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  return 1 + (singleSegment ? 0 : 1) + dictionaryBytes + sizeBytes;
}

async function skipFrame(cursor: BytesCursor): Promise<void> {
  const size = (await exactly(cursor, 8)).readUInt32LE(4);
  if ((await cursor.skip(size)) < size) throw new ZstdFormatError('ends inside a skippable frame', true);
}

async function exactly(cursor: BytesCursor, count: number, peeked = false): Promise<Buffer> {
  const bytes = await (peeked ? cursor.peek(count) : cursor.take(count));
  if (bytes.byteLength < count) throw new ZstdFormatError('ends inside a frame', true);
  return bytes;
}

// The decoder is read by the generator above, which sees its errors there.
function ignore(): void {}
