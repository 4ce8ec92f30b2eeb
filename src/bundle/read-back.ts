// Reads a bundle back from the drive, past the memory that would answer for it: what a stick has really taken is only known then.
// Node offers neither O_DIRECT nor fadvise, GNU dd does. @see docs/runtime.md "Drives"
import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { Parser } from 'tar';
import { AirgapError, type BundleProblem } from '../errors.js';
import { hashBytes } from '../streams/hash-bytes.js';
import { onDrive } from './drive-errors.js';

const run = promisify(execFile);
const readBytes = 1024 * 1024;

/** A file of the bundle, in a folder or as a member of a tar. */
export interface ReadBackFile {
  readonly path: string;
  readonly bytes: number;
  readonly digest: string;
}

export interface ReadBackOptions {
  /** The volume's folder or tar. */
  readonly place: string;
  readonly form: 'folder' | 'tar';
  readonly files: readonly ReadBackFile[];
  readonly onProgress: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/**
 * Hashes every file of a volume again. @returns whether the memory was bypassed for all of them; if not, only unplugging
 * proves the drive
 * @throws {AirgapError} BUNDLE_DAMAGED, DRIVE_FAILED
 */
export async function readBack(options: ReadBackOptions): Promise<boolean> {
  const { place, form, files } = options;
  if (form === 'tar') {
    const bypassed = await dropCache(place);
    await onDrive(place, () => readTar(options));
    return bypassed;
  }
  let bypassed = true;
  for (const file of files) {
    const on = join(place, file.path);
    bypassed = (await dropCache(on)) && bypassed;
    await onDrive(place, async () => {
      await compare(createReadStream(on, { highWaterMark: readBytes }), file, options);
    });
  }
  return bypassed;
}

async function readTar(options: ReadBackOptions): Promise<void> {
  const left = new Map(options.files.map((file) => [file.path, file]));
  const compared: Promise<void>[] = [];
  const parser = new Parser({
    onReadEntry(entry) {
      const file = left.get(entry.path);
      left.delete(entry.path);
      if (file === undefined) compared.push(Promise.reject(damaged(options, entry.path, 'unknown')));
      else compared.push(compare(entry as unknown as AsyncIterable<Buffer>, file, options));
      compared.at(-1)?.catch(() => undefined);
    },
  });
  await pipeline(createReadStream(options.place, { highWaterMark: readBytes }), parser, {
    signal: options.signal,
  });
  await Promise.all(compared);
  const [lost] = left.keys();
  if (lost !== undefined) throw damaged(options, lost, 'missing');
}

async function compare(
  bytes: AsyncIterable<Buffer>,
  file: ReadBackFile,
  options: ReadBackOptions,
): Promise<void> {
  const { signal, onProgress: onBytes } = options;
  const read = await hashBytes(bytes, { signal, onBytes });
  if (read.bytes !== file.bytes) throw damaged(options, file.path, 'size');
  if (read.digest !== file.digest) throw damaged(options, file.path, 'digest');
}

function damaged({ place }: ReadBackOptions, file: string, problem: BundleProblem): AirgapError {
  return new AirgapError('BUNDLE_DAMAGED', { path: place, file, problem });
}

/** Writes a file's pages out and forgets them: `nocache` with `count=0` is advice for the whole file (GNU coreutils dd). */
async function dropCache(file: string): Promise<boolean> {
  try {
    await run('dd', [`of=${file}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0', 'status=none']);
    return true;
  } catch {
    return false;
  }
}
