// Brings blobs from far away to this machine's disk, several at a time and a few ahead of who reads them: each is whole and has its
// digest before anybody sees it, and goes when it has been read. What was cut goes on where it was, also in the next run.
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { AirgapError } from '../errors.js';
import { type Digest, digestFromHex, hexOf } from '../oci/digest.js';
import { parallelDownloads } from '../registry/limits.js';
import { writeAt } from '../streams/file-at.js';
import { createGate } from '../streams/gate.js';
import { openBlobFolder } from './blob-folder.js';
import { cacheError } from './cache-errors.js';
import { hashRange } from './file-bytes.js';

export interface FarBlob {
  readonly digest: Digest;
  readonly size: number;
  /** For messages. */
  readonly what: string;
  /** Its bytes from `offset` on. */
  open(offset: number, signal: AbortSignal): Promise<Readable>;
}

export interface DownloadOptions<T extends FarBlob> {
  /** Where they lie meanwhile. */
  readonly directory: string;
  /** One after the other, as they get whole. */
  readonly visit: (blob: T, file: FileHandle) => Promise<void>;
  readonly signal?: AbortSignal | undefined;
}

/** On the disk at once: those that come, and some that wait. */
const ahead = 12;

/**
 * Each blob once. @throws {AirgapError} DIGEST_MISMATCH, SIZE_MISMATCH, CACHE_FULL, CACHE_DENIED; what `open` and `visit` throw; the
 * signal's reason. Whatever it throws, nothing is being downloaded any more
 */
export async function downloadBlobs<T extends FarBlob>(
  blobs: Iterable<T>,
  options: DownloadOptions<T>,
): Promise<void> {
  const waiting = blobs[Symbol.iterator]();
  const folder = await openBlobFolder(options.directory).catch(async (error: unknown) => {
    throw await cacheError(error, options.directory, 0);
  });
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  const room = createGate(ahead);
  const visits = createGate(1);
  let failure: { readonly error: unknown } | undefined;

  const reads = new Set<Promise<void>>();
  const fail = (error: unknown): void => {
    failure ??= { error };
    stop.abort(error);
  };
  const read = async (blob: T, file: string, handle: FileHandle): Promise<void> => {
    const leave = await visits.enter();
    try {
      if (signal.aborted) return;
      await options.visit(blob, handle);
      await rm(file, { force: true });
    } catch (error) {
      // Before the next one's turn.
      fail(error);
    } finally {
      leave();
      await handle.close();
    }
  };
  const work = async (): Promise<void> => {
    while (!signal.aborted) {
      const leave = await room.enter();
      const { value: blob, done } = waiting.next();
      if (done === true || signal.aborted) return leave();
      const file = path.join(folder.path, `${hexOf(blob.digest)}.part`);
      try {
        const handle = await openPart(file, blob, signal);
        // Not waited for: this worker brings the next one.
        const reading = read(blob, file, handle).catch(fail).finally(leave);
        reads.add(reading);
        void reading.then(() => reads.delete(reading));
      } catch (error) {
        leave();
        throw error;
      }
    }
  };

  try {
    await Promise.all(Array.from({ length: parallelDownloads }, () => work().catch(fail)));
    await Promise.all(reads);
    options.signal?.throwIfAborted();
    if (failure !== undefined) throw failure.error;
  } finally {
    await folder.release();
  }
}

/** The file with the whole blob in it, proved. */
async function openPart(file: string, blob: FarBlob, signal: AbortSignal): Promise<FileHandle> {
  const { digest, size, what } = blob;
  const onDisk = async (error: unknown): Promise<never> => {
    throw await cacheError(error, path.dirname(file), size);
  };
  const handle = await open(file, constants.O_RDWR | constants.O_CREAT, 0o600).catch(onDisk);
  const write = (position: number, bytes: Buffer): Promise<void> =>
    writeAt(handle, position, bytes).catch(onDisk);
  try {
    const there = Math.min((await handle.stat()).size, size);
    await handle.truncate(there);
    let found = await fill({ handle, write, blob, there, signal });
    if (there > 0 && found.digest !== digest) {
      // What an earlier run left was no beginning of it.
      await handle.truncate(0);
      found = await fill({ handle, write, blob, there: 0, signal });
    }
    if (found.size === size && found.digest === digest) return handle;
    await handle.truncate(0);
    if (found.size !== size) throw new AirgapError('SIZE_MISMATCH', { what, got: found.size, want: size });
    throw new AirgapError('DIGEST_MISMATCH', { what, got: found.digest, want: digest });
  } catch (error) {
    await handle.close();
    throw error;
  }
}

interface FillOptions {
  readonly handle: FileHandle;
  readonly write: (position: number, bytes: Buffer) => Promise<void>;
  readonly blob: FarBlob;
  readonly there: number;
  readonly signal: AbortSignal;
}

/** Adds what is missing. @returns what the file holds then */
async function fill({
  handle,
  write,
  blob,
  there,
  signal,
}: FillOptions): Promise<{ digest: Digest; size: number }> {
  const hash = createHash('sha256');
  await hashRange(hash, handle, { start: 0, length: there, signal });
  let position = there;
  if (position < blob.size) {
    for await (const chunk of (await blob.open(position, signal)) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      await write(position, chunk);
      position += chunk.byteLength;
    }
  }
  return { digest: digestFromHex(hash.digest('hex'), blob.what), size: position };
}
