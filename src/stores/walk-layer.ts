// Walks a layer's tar to look at what is in it. Nothing of it is unpacked, and no more than one entry is in memory.
import { createCursor } from '../image/bytes-cursor.js';
import { type TarEntry, walkTar } from './tar-walk.js';

/**
 * Its entries in their order, to the last byte of the stream, so that a reader who hashes has seen all of it.
 * @param what the layer, for messages @throws {AirgapError} ARCHIVE_*
 */
export async function* walkLayer(
  chunks: AsyncIterable<Buffer>,
  what: string,
): AsyncGenerator<Pick<TarEntry, 'path' | 'kind' | 'size'>, void, undefined> {
  const cursor = createCursor(chunks);
  try {
    yield* walkTar(cursor, { path: what, isLayer: true });
    await cursor.skip(Number.POSITIVE_INFINITY);
  } finally {
    await cursor.close();
  }
}
