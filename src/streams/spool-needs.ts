// What a run needs must outlive the run if it was cut: a file a run that names its layers, honoured for seven days.
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DiffId, hexOf } from '../oci/digest.js';
import { hasCode, spoolError } from './fs-errors.js';
import { formatOwner, isAlive, parseOwner, thisOwner } from './owner.js';

/** How long the data of an unfinished run waits for it to be run again. */
export const unfinishedMs = 7 * 24 * 60 * 60 * 1000;

// 100,000 layers; more is not a run of ours.
const maxNeedsBytes = 8 * 1024 * 1024;

export interface Needs {
  /** Adds layers. @throws SPOOL_FULL */
  add(diffIds: Iterable<DiffId>): Promise<void>;
  /** The run is done: its layers may go when room is wanted. */
  remove(): Promise<void>;
}

/** The needs of one run; nothing is written before the first `add`. */
export function createNeeds(spoolDirectory: string): Needs {
  const directory = join(spoolDirectory, 'needs');
  const path = join(directory, randomUUID());
  const named = new Set<string>();
  return {
    async add(diffIds) {
      const more = [...diffIds].map(hexOf).filter((hex) => !named.has(hex));
      if (more.length === 0) return;
      try {
        await mkdir(directory, { recursive: true, mode: 0o700 });
        const head = named.size === 0 ? formatOwner(thisOwner()) : '';
        await writeFile(path, `${head}${more.join('\n')}\n`, { flag: 'a', mode: 0o600 });
      } catch (error) {
        throw await spoolError(error, spoolDirectory, 0);
      }
      for (const hex of more) named.add(hex);
    },
    remove: () => rm(path, { force: true }),
  };
}

/** The hex digits of all layers that runs need: of live runs only, or of those cut in the last seven days, too. */
export async function neededLayers(
  spoolDirectory: string,
  { now, onlyLive }: { readonly now: number; readonly onlyLive: boolean },
): Promise<Set<string>> {
  const directory = join(spoolDirectory, 'needs');
  const needed = new Set<string>();
  for (const name of await namesIn(directory)) {
    const path = join(directory, name);
    try {
      const { mtimeMs, size } = await stat(path);
      const [head = '', ...lines] = size > maxNeedsBytes ? [] : (await readFile(path, 'latin1')).split('\n');
      const owner = parseOwner(head);
      const alive = owner !== undefined && isAlive(owner, now - mtimeMs);
      if (!alive && now - mtimeMs > unfinishedMs) await rm(path, { force: true });
      else if (alive || !onlyLive) for (const line of lines) needed.add(line);
    } catch (error) {
      // Its run has just ended.
      if (!hasCode(error, 'ENOENT')) throw error;
    }
  }
  return needed;
}

/** The names in a folder; none if there is no folder. */
export async function namesIn(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).sort();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}
