// Bytes of an open file at a place: the system may take or give fewer than asked for, and is asked again.
import type { FileHandle } from 'node:fs/promises';

/** Up to `length` bytes from `position`; fewer only at the end of the file. */
export async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  return await readInto(handle, position, Buffer.allocUnsafe(length));
}

/** As `readAt`, into a buffer that is there; all of it, if the file goes so far. @returns its filled part */
export async function readInto(handle: FileHandle, position: number, buffer: Buffer): Promise<Buffer> {
  const { length } = buffer;
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

/** Puts the next bytes into a buffer, as many as fit, and tells how many; 0 at the end. @throws the signal's reason */
export type Fill = (into: Uint8Array) => Promise<number>;

/** A range of a file, from its start on; ends early at the end of the file. */
export function fillFrom(
  handle: FileHandle,
  {
    start,
    length,
    signal,
  }: { readonly start: number; readonly length: number; readonly signal?: AbortSignal },
): Fill {
  let position = start;
  const end = start + length;
  return async (into) => {
    signal?.throwIfAborted();
    const { bytesRead } = await handle.read(into, 0, Math.min(into.byteLength, end - position), position);
    position += bytesRead;
    return bytesRead;
  };
}

/** Writes all of it from `position`. */
export async function writeAt(handle: FileHandle, position: number, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.byteLength; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.byteLength - done, position + done);
    done += bytesWritten;
  }
}
