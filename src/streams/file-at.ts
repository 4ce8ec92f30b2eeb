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

/** Writes all of it from `position`. */
export async function writeAt(handle: FileHandle, position: number, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.byteLength; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.byteLength - done, position + done);
    done += bytesWritten;
  }
}
