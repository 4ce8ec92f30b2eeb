// One writer per layer and codec: a lock file with its owner's name, taken over when the owner is gone.
import { randomUUID } from 'node:crypto';
import { constants, copyFile, link, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AirgapError } from '../errors.js';
import { hasCode, spoolError } from './fs-errors.js';
import { formatOwner, isAlive, parseOwner, thisOwner } from './owner.js';

export interface Lock {
  /** Removes it, if it is still ours. Safe to call twice. */
  release(): Promise<void>;
}

// Each round either takes the lock, finds a live owner, or removes one dead owner's file.
const maxRounds = 20;

/** Takes the lock at this path, whose folder exists. @throws {AirgapError} SPOOL_BUSY with the owner's pid, SPOOL_FULL, SPOOL_DENIED, SPOOL_DAMAGED */
export async function takeLock(path: string): Promise<Lock> {
  const line = formatOwner(thisOwner());
  const own = `${path}.${randomUUID()}`;
  try {
    await writeFile(own, line, { flag: 'wx', mode: 0o600 });
    for (let round = 0; round < maxRounds; round++) {
      if (await linkIfFree(own, path)) return { release: () => removeIf(path, line) };
      await removeDead(path);
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

async function removeDead(path: string): Promise<void> {
  const held = await heldBy(path);
  if (held === undefined) return;
  if (held.alive) throw new AirgapError('SPOOL_BUSY', { path, pid: held.pid });
  await removeIf(path, held.line);
}

/** Moved aside before it is judged: between reading and removing, another process may have put its own there. */
async function removeIf(path: string, line: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  try {
    if ((await readFile(aside, 'latin1')) !== line) await linkIfFree(aside, path);
  } finally {
    await rm(aside, { force: true });
  }
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
