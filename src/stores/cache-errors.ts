// What the file system says of the folder of blobs on their way.
import { AirgapError, isAirgapError } from '../errors.js';
import { freeBytes, hasCode, plainly } from '../streams/fs-errors.js';

/** CACHE_FULL where the disk or the quota is full, else CACHE_DENIED. Of the lock there the spool's own errors are known. */
export async function cacheError(cause: unknown, path: string, neededBytes: number): Promise<AirgapError> {
  const isFull = ['ENOSPC', 'EDQUOT', 'EFBIG'].some((code) => hasCode(cause, code));
  if (isFull || isAirgapError(cause, 'SPOOL_FULL')) {
    const free = await freeBytes(path).catch(() => 0);
    return new AirgapError('CACHE_FULL', { path, neededBytes, freeBytes: free }, { cause });
  }
  const isLock = isAirgapError(cause, 'SPOOL_DENIED') || isAirgapError(cause, 'SPOOL_DAMAGED');
  if (isAirgapError(cause) && !isLock) return cause;
  return new AirgapError(
    'CACHE_DENIED',
    { path, problem: isLock ? cause.facts.problem : plainly(cause) },
    { cause },
  );
}
