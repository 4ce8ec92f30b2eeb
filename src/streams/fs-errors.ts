// What the file system says, in the spool's own errors.
import { statfs } from 'node:fs/promises';
import { AirgapError, isAirgapError } from '../errors.js';

/** True for a system error with that code, such as ENOENT. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** Bytes that this user may still write on the disk of this folder. */
export async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

/** An error of writing to the spool: SPOOL_FULL where the disk or the quota is full, SPOOL_DAMAGED else. */
export async function spoolError(error: unknown, path: string, neededBytes: number): Promise<AirgapError> {
  if (isAirgapError(error)) return error;
  const cause = error;
  if (hasCode(error, 'ENOSPC') || hasCode(error, 'EDQUOT') || hasCode(error, 'EFBIG')) {
    const free = await freeBytes(path).catch(() => 0);
    return new AirgapError('SPOOL_FULL', { path, neededBytes, freeBytes: free }, { cause });
  }
  const problem = error instanceof Error ? error.message : String(error);
  return new AirgapError('SPOOL_DAMAGED', { path, problem }, { cause });
}
