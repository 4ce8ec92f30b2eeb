// One writer per layer and codec: a lock file with its owner's name, taken over when the owner is gone.
import { createHash, randomUUID } from 'node:crypto';
import { constants, copyFile, link, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AirgapError } from '../errors.js';
import { hasCode, spoolError } from './fs-errors.js';
import { formatOwner, isAlive, parseOwner, thisOwner } from './owner.js';

export interface Lock {
  /** Removes it, if it is still ours. Safe to call twice. */
  release(): Promise<void>;
}

// Each round either takes the lock, finds a live owner, removes one dead owner's file, or waits while somebody else does.
const maxRounds = 50;
const pauseMs = 10;

/** Takes the lock at this path, whose folder exists. @throws {AirgapError} SPOOL_BUSY with the owner's pid, SPOOL_FULL, SPOOL_DENIED, SPOOL_DAMAGED */
export async function takeLock(path: string): Promise<Lock> {
  const line = formatOwner(thisOwner());
  const own = `${path}.${randomUUID()}`;
  try {
    await writeFile(own, line, { flag: 'wx', mode: 0o600 });
    for (let round = 0; round < maxRounds; round++) {
      if (await linkIfFree(own, path)) return { release: () => removeIf(path, line) };
      if (!(await removeDead(own, path))) await sleep(pauseMs);
    }
    throw new AirgapError('SPOOL_BUSY', { path, pid: (await heldBy(path))?.pid ?? 0 });
  } catch (error) {
    throw await spoolError(error, dirname(path), line.length);
  } finally {
    await rm(own, { force: true });
  }
}

/** The live owner of a lock, or undefined if it is free or its owner is gone. */
export async function lockOwner(path: string): Promise<number | undefined> {
  const held = await heldBy(path);
  return held?.alive ? held.pid : undefined;
}

async function linkIfFree(own: string, path: string): Promise<boolean> {
  try {
    await link(own, path);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    if (!hasCode(error, 'EPERM') && !hasCode(error, 'ENOTSUP')) throw error;
  }
  // A disk without hard links (FAT): made in place. A torn line there counts as a dead owner's.
  try {
    await copyFile(own, path, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/**
 * Removes a dead owner's file. Only whoever holds the claim on that very line may do so: between reading it and removing it,
 * the path may else have come to be somebody's who lives. False if another is at it just now.
 */
async function removeDead(own: string, path: string): Promise<boolean> {
  const held = await heldBy(path);
  if (held === undefined) return true;
  if (held.alive) throw new AirgapError('SPOOL_BUSY', { path, pid: held.pid });
  const claim = `${path}.${createHash('sha256').update(held.line).digest('hex').slice(0, 16)}`;
  if (!(await linkIfFree(own, claim))) {
    // A claim whose owner died is removed like a lock whose owner died; its line is another one.
    const claimed = await heldBy(claim);
    if (claimed !== undefined && !claimed.alive) await removeDead(own, claim);
    return false;
  }
  try {
    await removeIf(path, held.line);
    return true;
  } finally {
    await rm(claim, { force: true });
  }
}

/** The caller alone may remove that line: it is its own, or it holds the claim. */
async function removeIf(path: string, line: string): Promise<void> {
  const now = await readFile(path, 'latin1').catch(() => undefined);
  if (now === line) await rm(path, { force: true });
}

async function heldBy(path: string): Promise<{ line: string; pid: number; alive: boolean } | undefined> {
  try {
    const line = await readFile(path, 'latin1');
    const owner = parseOwner(line);
    const { mtimeMs } = await stat(path);
    const alive = owner !== undefined && isAlive(owner, Date.now() - mtimeMs);
    return { line, pid: owner?.pid ?? 0, alive };
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
