// What the spool holds, and what goes when room is wanted: the layers not used for longest, but nothing in use.
import { rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { isAirgapError } from '../errors.js';
import type { Codec } from '../oci/descriptor.js';
import { type DiffId, hexOf, parseDiffId } from '../oci/digest.js';
import { hasCode } from './fs-errors.js';
import { readFacts } from './spool-facts.js';
import { isWhole, readIndex, sumOf } from './spool-index.js';
import { lockOwner, takeLock } from './spool-lock.js';
import { namesIn, neededLayers, unfinishedMs } from './spool-needs.js';
import type { SpoolRow } from './spool-types.js';
import { type SpoolFiles, spoolFiles } from './spool-writer.js';

export const codecs = ['none', 'gzip', 'zstd'] as const satisfies readonly Codec[];

// The spool is a convenience: it must not fill the disk of a machine that has other work.
const defaultLimitBytes = 10 * 1024 ** 3;

/** The files of a layer and codec in this spool. */
export function layerFiles(spoolDirectory: string, diffId: DiffId, codec: Codec): SpoolFiles {
  return spoolFiles(join(spoolDirectory, 'layers', hexOf(diffId)), codec);
}

/** How many bytes of finished layers are kept by default: 10 GiB, or a tenth of the disk if that is less. */
export async function defaultLimit(directory: string): Promise<number> {
  const { blocks, bsize } = await statfs(directory);
  return Math.min(defaultLimitBytes, Math.floor((blocks * bsize) / 10));
}

/** Everything that has data here, by last use, the oldest first. */
export async function spoolRows(directory: string): Promise<SpoolRow[]> {
  const rows: SpoolRow[] = [];
  for (const hex of await namesIn(join(directory, 'layers'))) {
    if (!/^[0-9a-f]{64}$/.test(hex)) continue;
    const diffId = parseDiffId(`sha256:${hex}`, directory);
    for (const codec of codecs) {
      const found = await rowOf(layerFiles(directory, diffId, codec), diffId);
      if (found !== undefined) rows.push(found);
    }
  }
  return rows.sort((a, b) => a.usedAt - b.usedAt);
}

export interface PruneOptions {
  readonly directory: string;
  readonly limitBytes: number;
  /** Everything not in use by a run that lives; else only what is beyond the limit or older than it is useful. */
  readonly all: boolean;
  /** Layers that this process is using. */
  readonly inUse: (diffId: DiffId) => boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Evicts; facts stay. Returns the bytes freed. */
export async function pruneSpool(options: PruneOptions): Promise<number> {
  const { directory, limitBytes, all, inUse, now } = options;
  const needed = await neededLayers(directory, { now, onlyLive: all });
  const free: SpoolRow[] = [];
  for (const row of await spoolRows(directory)) {
    const busy = inUse(row.diffId) || needed.has(hexOf(row.diffId));
    const fresh = !row.finished && !all && now - row.usedAt < unfinishedMs;
    if (!busy && !fresh) free.push(row);
  }
  let kept = free.reduce((sum, { bytes }) => sum + bytes, 0);
  let freed = await removeLeftFills(directory);
  for (const row of free) {
    // Oldest first. Unfinished data as old as that is of no use to anyone.
    if (!all && row.finished && kept <= limitBytes) continue;
    if (!(await evict(layerFiles(directory, row.diffId, row.codec)))) continue;
    kept -= row.bytes;
    freed += row.bytes;
  }
  return freed;
}

/** Removes the data of one layer and codec; false if another process is writing it. */
async function evict(files: SpoolFiles): Promise<boolean> {
  try {
    const lock = await takeLock(files.lockPath);
    try {
      await rm(files.indexPath, { force: true });
      await rm(files.dataPath, { force: true });
    } finally {
      await lock.release();
    }
    return true;
  } catch (error) {
    if (isAirgapError(error, 'SPOOL_BUSY')) return false;
    throw error;
  }
}

async function rowOf(files: SpoolFiles, diffId: DiffId): Promise<SpoolRow | undefined> {
  const { codec } = files;
  try {
    const { size, mtimeMs } = await stat(files.dataPath);
    const segments = readIndex(files);
    const finished = isWhole(segments, diffId);
    const rawBytes = finished ? sumOf(segments).rawBytes : readFacts(files, diffId)?.rawBytes;
    return { diffId, codec, bytes: size, rawBytes, finished, usedAt: mtimeMs };
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Fills of layers whose digest was not known yet can't be continued: they go when their process is gone. */
async function removeLeftFills(directory: string): Promise<number> {
  const fills = join(directory, 'fills');
  let freed = 0;
  for (const name of await namesIn(fills)) {
    const path = join(fills, name);
    if ((await lockOwner(join(path, 'lock'))) !== undefined) continue;
    for (const codec of codecs) {
      freed += await stat(spoolFiles(path, codec).dataPath).then(
        ({ size }) => size,
        () => 0,
      );
    }
    await rm(path, { recursive: true, force: true });
  }
  return freed;
}
