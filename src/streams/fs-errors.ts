// What the file system says, plainly and in the spool's own errors.
import { stat, statfs } from 'node:fs/promises';
import { getSystemErrorMessage } from 'node:util';
import { AirgapError, isAirgapError } from '../errors.js';

/** True for a system error with that code, such as ENOENT. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

// What people meet on drives; what is not here has the system's own words.
const plain: Readonly<Record<string, string>> = {
  EROFS: 'it is read-only',
  EACCES: 'this user may not use it',
  EPERM: 'this user may not use it',
  ENOENT: 'it is not there',
  ENOTDIR: 'a file stands where a folder must be',
  EEXIST: 'something else stands there already',
  EISDIR: 'a folder stands where a file must be',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'its name is too long',
  EIO: 'the drive cannot read or write at that place',
};

/** What the system says, in words: without its code, its call and the path, which stands in the message already. */
export function plainly(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : '';
  if (Object.hasOwn(plain, code)) return plain[code] ?? error.message;
  const isSystem = 'errno' in error && typeof error.errno === 'number';
  return isSystem ? getSystemErrorMessage(Number(error.errno)) : error.message;
}

/** Whether something stands at that path, as far as this user can see. */
export async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

/** Bytes that this user may still write on the disk of this folder. */
export async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

// A folder that this user cannot use as it is: no damage, so nothing to remove would help.
const denied = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ELOOP', 'ENAMETOOLONG'];

/** What an error of the file system says of the spool: SPOOL_DENIED where it may not be used, SPOOL_DAMAGED else. */
export function brokenSpool(cause: unknown, path: string): AirgapError<'SPOOL_DENIED' | 'SPOOL_DAMAGED'> {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (!denied.some((code) => hasCode(cause, code))) {
    return new AirgapError('SPOOL_DAMAGED', { path, problem: message }, { cause });
  }
  const known = cause instanceof Error && 'errno' in cause && typeof cause.errno === 'number';
  const problem = known ? getSystemErrorMessage(Number(cause.errno)) : message;
  return new AirgapError('SPOOL_DENIED', { path, problem }, { cause });
}

/** An error of writing to the spool: SPOOL_FULL where the disk or the quota is full, else as `brokenSpool`. */
export async function spoolError(error: unknown, path: string, neededBytes: number): Promise<AirgapError> {
  if (isAirgapError(error)) return error;
  const cause = error;
  if (hasCode(error, 'ENOSPC') || hasCode(error, 'EDQUOT') || hasCode(error, 'EFBIG')) {
    const free = await freeBytes(path).catch(() => 0);
    return new AirgapError('SPOOL_FULL', { path, neededBytes, freeBytes: free }, { cause });
  }
  return brokenSpool(cause, path);
}
