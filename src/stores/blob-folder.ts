// The folder of blobs on their way from a registry: one process at a time keeps what a cut left there, so that the next run goes on
// with it; another that runs meanwhile has a folder of its own, which goes with it.
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { isAirgapError } from '../errors.js';
import { makeFolder } from '../streams/make-folder.js';
import { removeOlder } from '../streams/remove-older.js';
import { takeLock } from '../streams/spool-lock.js';

export interface BlobFolder {
  readonly path: string;
  release(): Promise<void>;
}

/** What nobody came back for. */
const maxAgeMs = 7 * 24 * 60 * 60 * 1000;
const ownPrefix = 'run-';

/** Takes it. @throws {AirgapError} those of `takeLock` but SPOOL_BUSY; what the system says of a folder that cannot be made */
export async function openBlobFolder(directory: string): Promise<BlobFolder> {
  await makeFolder(directory);
  try {
    const lock = await takeLock(path.join(directory, 'lock'));
    await removeOlder(directory, maxAgeMs, (name) => name.endsWith('.part') || name.startsWith(ownPrefix));
    return { path: directory, release: () => lock.release() };
  } catch (error) {
    if (!isAirgapError(error, 'SPOOL_BUSY')) throw error;
    const own = await mkdtemp(path.join(directory, ownPrefix));
    return { path: own, release: () => rm(own, { recursive: true, force: true }) };
  }
}
