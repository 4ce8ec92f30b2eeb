// What the file system of a drive says, in our codes.
import { statfs } from 'node:fs/promises';
import path from 'node:path';
import { AirgapError, isAirgapError } from '../errors.js';
import { plainly } from '../streams/fs-errors.js';

const full = new Set(['ENOSPC', 'EDQUOT']);

/** An error of writing to or reading from a drive. `place`: the folder or file. */
export async function driveError(error: unknown, place: string): Promise<AirgapError> {
  if (isAirgapError(error)) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (full.has(code)) {
    const { free } = await driveRoom(place).catch(() => ({ free: 0 }));
    return new AirgapError(
      'DRIVE_FULL',
      { path: place, neededBytes: undefined, freeBytes: free },
      { cause: error },
    );
  }
  if (code === 'EFBIG') return new AirgapError('DRIVE_FILE_LIMIT', { path: place }, { cause: error });
  return new AirgapError('DRIVE_FAILED', { path: place, detail: plainly(error) }, { cause: error });
}

/** Runs work on a drive; what the system says comes out in our codes. */
export async function onDrive<T>(place: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw await driveError(error, place);
  }
}

export interface DriveRoom {
  readonly free: number;
  readonly total: number;
  /** Most bytes that a file may have there; undefined where there is no limit worth the name. */
  readonly maxFileBytes: number | undefined;
}

// statfs(2): MSDOS_SUPER_MAGIC, which is FAT12, FAT16 and FAT32. exFAT (0x2011bab0) has no limit of 4 GiB.
const fatType = 0x4d44;
const fatMaxFileBytes = 4 * 1024 ** 3 - 1;

/** The drive that holds this path, or the nearest folder above it that is there. */
export async function driveRoom(place: string): Promise<DriveRoom> {
  for (let folder = path.resolve(place); ; folder = path.dirname(folder)) {
    try {
      const { bavail, blocks, bsize, type } = await statfs(folder);
      const maxFileBytes = type === fatType ? fatMaxFileBytes : undefined;
      return { free: bavail * bsize, total: blocks * bsize, maxFileBytes };
    } catch (error) {
      if (folder === path.dirname(folder)) throw error;
    }
  }
}
