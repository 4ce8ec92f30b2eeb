// A file of a bundle where it lies: a file of its own, or a range of a tar. Links are never followed, and a file that is not
// as long as it was when it was listed is not read.
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { AirgapError, type BundleProblem } from '../errors.js';
import { hasCode } from '../streams/fs-errors.js';
import { onDrive } from './drive-errors.js';
import { openFlags } from './open-flags.js';

export interface StoredFile {
  /** In the bundle. */
  readonly path: string;
  /** Of the volume, for messages. */
  readonly place: string;
  /** What to open: the file, or the tar. */
  readonly file: string;
  readonly offset: number;
  readonly bytes: number;
  /** Whether the range is all of `file`. */
  readonly isWhole: boolean;
}

/** Something in a volume that no bundle holds, by the path where it lies. */
export interface Stray {
  readonly path: string;
  readonly problem: BundleProblem;
}

/** What lies in a folder or tar. */
export interface VolumeFiles {
  /** Real path of the folder or tar. */
  readonly place: string;
  readonly form: 'folder' | 'tar';
  readonly files: ReadonlyMap<string, StoredFile>;
  readonly strays: readonly Stray[];
}

/** Most files of a volume, as SHA256SUMS has room for. */
export const maxVolumeFiles = 300_000;

/** All bytes. @throws {AirgapError} BUNDLE_DAMAGED when there are more than `limitBytes`, or not as many as listed; DRIVE_FAILED */
export async function readStored(stored: StoredFile, limitBytes: number): Promise<Buffer> {
  if (stored.bytes > limitBytes) throw damaged(stored, 'size');
  return await withHandle(stored, async (handle) => {
    const bytes = Buffer.allocUnsafe(stored.bytes);
    for (let done = 0; done < bytes.byteLength; ) {
      const { bytesRead } = await handle.read(bytes, done, bytes.byteLength - done, stored.offset + done);
      if (bytesRead === 0) throw damaged(stored, 'size');
      done += bytesRead;
    }
    return bytes;
  });
}

/** The bytes as a stream; whoever reads it checks them. @throws {AirgapError} BUNDLE_DAMAGED, DRIVE_FAILED */
export async function streamStored(stored: StoredFile): Promise<Readable> {
  if (stored.bytes === 0) return Readable.from([]);
  const handle = await openStored(stored);
  const range = { start: stored.offset, end: stored.offset + stored.bytes - 1 };
  return createReadStream(stored.file, { fd: handle, ...range, highWaterMark: 1024 * 1024 });
}

/** A part of a file, to be streamed. */
export function rangeOf(stored: StoredFile, offset: number, bytes: number): StoredFile {
  return { ...stored, offset: stored.offset + offset, bytes, isWhole: false };
}

function damaged({ place, path }: StoredFile, problem: BundleProblem): AirgapError {
  return new AirgapError('BUNDLE_DAMAGED', { path: place, file: path, problem });
}

async function withHandle<T>(stored: StoredFile, use: (handle: FileHandle) => Promise<T>): Promise<T> {
  const handle = await openStored(stored);
  try {
    return await onDrive(stored.place, () => use(handle));
  } finally {
    await handle.close();
  }
}

async function openStored(stored: StoredFile): Promise<FileHandle> {
  let handle: FileHandle;
  try {
    handle = await open(stored.file, openFlags);
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) throw damaged(stored, 'missing');
    if (hasCode(error, 'ELOOP')) throw damaged(stored, 'not-a-file');
    return await onDrive(stored.place, () => Promise.reject(error));
  }
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw damaged(stored, 'not-a-file');
    const end = stored.offset + stored.bytes;
    if (stored.isWhole ? found.size !== end : found.size < end) throw damaged(stored, 'size');
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}
