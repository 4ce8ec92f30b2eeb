// Makes a folder and those above it, one by one. Node's own way to do that (`recursive`, as of 24) never comes back where
// the kernel says "no such file" to a name below a folder that is there, as it does in /proc.
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { hasCode } from './fs-errors.js';

/** Makes what is missing, for this user alone unless the mode says otherwise. @throws what the system says of the first folder that cannot be made */
export async function makeFolder(folder: string, { mode = 0o700 } = {}): Promise<void> {
  const missing: string[] = [];
  let at = path.resolve(folder);
  while (!(await isThere(at))) {
    missing.push(at);
    at = path.dirname(at);
  }
  for (const next of missing.reverse()) {
    try {
      await mkdir(next, { mode });
    } catch (error) {
      // Somebody else made it at the same moment.
      if (!hasCode(error, 'EEXIST') || !(await stat(next)).isDirectory()) throw error;
    }
  }
}

async function isThere(folder: string): Promise<boolean> {
  try {
    const isFolder = (await stat(folder)).isDirectory();
    // A file in its place: the system says it best.
    if (!isFolder) await mkdir(folder);
    return true;
  } catch (error) {
    if (!hasCode(error, 'ENOENT') || folder === path.dirname(folder)) throw error;
    return false;
  }
}
