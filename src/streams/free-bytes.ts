// Gives the memory of large short-lived buffers back by hand: the collector lets a hundred megabytes of them pile up, and is
// called ever and again by those that come and go.

// Smaller ones cost nothing to speak of.
const minFreedBytes = 32 * 1024;

/** What a source should read at once: large enough that the system call does not show. Such memory is used again. */
export const chunkBytes = 1024 * 1024;
// One being read into, one being looked at.
const maxSpareChunks = 2;
const spareChunks: ArrayBuffer[] = [];

/** A buffer of chunkBytes with anything in it: one that was freed, since fresh memory costs more than filling it. */
export function takeChunk(): Buffer {
  const spare = spareChunks.pop();
  return spare === undefined ? Buffer.allocUnsafeSlow(chunkBytes) : Buffer.from(spare);
}

/** Gives the memory back now; the bytes are gone for everyone. A buffer cut from Node's shared slab stays. */
export function freeNow({ buffer, byteLength }: Buffer): void {
  if (buffer.byteLength < minFreedBytes) return;
  // Of that size it may be the slab; what is cut from it never fills it.
  if (buffer.byteLength === Buffer.poolSize && byteLength < buffer.byteLength) return;
  if (!(buffer instanceof ArrayBuffer)) return;
  try {
    if (buffer.byteLength === chunkBytes && spareChunks.length < maxSpareChunks)
      spareChunks.push(buffer.transfer());
    else buffer.transfer(0);
  } catch {
    // Memory of a native addon cannot be taken from it: the collector will see to it.
  }
}

/**
 * Passes chunks on that nobody else has, and frees each once the reader asks for the next: it must not keep any. Several
 * chunks may be parts of one buffer, in their order; that goes with the last of them.
 */
export async function* freeing(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  for await (const chunk of chunks) {
    yield chunk;
    freeRead(chunk);
  }
}

/** The same for one chunk that was read: frees its buffer if these were its last bytes, and nothing if more follow. */
export function freeRead(chunk: Buffer): void {
  if (chunk.byteOffset + chunk.byteLength === chunk.buffer.byteLength) freeNow(chunk);
}

/** The same bytes in memory of their size, for who keeps them: the rest of a much larger buffer is given back at once. */
export function fitted(bytes: Buffer): Buffer {
  if (bytes.length > bytes.buffer.byteLength / 2) return bytes;
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  freeNow(bytes);
  return copy;
}
