// What lies in a folder of this machine, for a screen that lets a person choose. Names are as the system has them, and hostile.
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { getSystemErrorMessage } from 'node:util';
import { AirgapError } from '../errors.js';
import type { FolderEntry, FolderListing } from './local-api.js';

// Nobody scrolls through more; a filter finds among these.
const maxEntries = 2000;

/** @throws {AirgapError} DRIVE_FAILED where it cannot be read */
export async function listFolder(folder: string): Promise<FolderListing> {
  const whole = path.resolve(folder);
  const found = await readdir(whole).catch((cause: NodeJS.ErrnoException) => {
    const detail = cause.errno === undefined ? cause.message : getSystemErrorMessage(cause.errno);
    throw new AirgapError('DRIVE_FAILED', { path: whole, detail }, { cause });
  });
  const names = found.toSorted((a, b) => a.localeCompare(b)).slice(0, maxEntries);
  const entries = await Promise.all(names.map((name) => entryOf(whole, name)));
  const known = entries.filter((entry) => entry !== undefined);
  return {
    path: whole,
    entries: [
      ...known.filter(({ kind }) => kind === 'folder'),
      ...known.filter(({ kind }) => kind === 'file'),
    ],
    isCut: found.length > maxEntries,
  };
}

/** Undefined for what is neither: devices, pipes, links that lead nowhere. */
async function entryOf(folder: string, name: string): Promise<FolderEntry | undefined> {
  const found = await stat(path.join(folder, name)).catch(() => undefined);
  if (found?.isDirectory()) return { name, kind: 'folder', bytes: undefined };
  return found?.isFile() ? { name, kind: 'file', bytes: found.size } : undefined;
}
