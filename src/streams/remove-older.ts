// Clears a folder of what earlier runs have left in it and no run goes on with any more.
import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';

/** Removes what is older than that, by its time of change, and by its name ours. @throws what the file system says */
export async function removeOlder(
  folder: string,
  maxAgeMs: number,
  isOurs: (name: string) => boolean = () => true,
): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!isOurs(name)) continue;
    const place = path.join(folder, name);
    const at = (await stat(place).catch(() => undefined))?.mtimeMs ?? Number.POSITIVE_INFINITY;
    if (Date.now() - at > maxAgeMs) await rm(place, { recursive: true, force: true });
  }
}
