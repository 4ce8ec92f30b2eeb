// Gives the memory of large short-lived buffers back by hand: the collector lets a hundred megabytes of them pile up.

// Smaller ones cost nothing to speak of.
const minFreedBytes = 32 * 1024;

/** Gives the memory back to the system now; the bytes are gone for everyone. A buffer cut from Node's shared slab stays. */
export function freeNow({ buffer, byteLength }: Buffer): void {
  if (buffer.byteLength < minFreedBytes) return;
  // Of that size it may be the slab; what is cut from it never fills it.
  if (buffer.byteLength === Buffer.poolSize && byteLength < buffer.byteLength) return;
  if (!(buffer instanceof ArrayBuffer)) return;
  try {
    buffer.transfer(0);
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
