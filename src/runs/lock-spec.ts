// The lock of an export: compared before anything is written, written after all is sealed.
import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { formatLock, type Lock, lockFiles, lockPath, readLock, refuseDrift } from '../bundle/lock.js';
import type { Spec } from '../bundle/spec.js';
import type { Emit } from '../events.js';
import { formatPlatform } from '../oci/platform.js';
import { text } from '../text/text.js';
import type { OpenedChoice } from './choose-images.js';
import { fullName } from './far-names.js';

/** What the words of the spec stand for now. Images that only the command line names are none of its. */
export async function lockOf(
  spec: Spec,
  images: readonly OpenedChoice[],
  signal: AbortSignal,
): Promise<Lock> {
  return {
    images: images
      .filter(({ chosen }) => chosen.inSpec)
      .map(({ image, name, chosen }) => ({
        source: chosen.source,
        reference: fullName(name),
        platform: formatPlatform(image.platform),
        imageId: image.imageId,
        ...(image.manifest === undefined ? {} : { manifest: image.manifest.descriptor.digest }),
      })),
    files: await lockFiles(spec, signal),
  };
}

/** @throws {AirgapError} LOCK_DRIFT, SPEC_INVALID where there is no lock */
export async function compareLock(spec: Spec, now: Lock): Promise<void> {
  const file = lockPath(spec.path);
  refuseDrift(file, await readLock(file), now);
}

/** Writes it beside the spec, whole or not at all. The bundle is good without it, so that it cannot be is a warning. */
export async function saveLock(spec: Spec, lock: Lock, emit: Emit): Promise<void> {
  const file = lockPath(spec.path);
  const written = formatLock(lock);
  const before = await readFile(file, 'utf8').catch(() => undefined);
  if (before === written) return;
  const temporary = path.join(path.dirname(file), `.airgap-${randomBytes(6).toString('hex')}`);
  try {
    await writeFile(temporary, written, { flag: 'wx' });
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    const detail = error instanceof Error ? error.message : String(error);
    emit({ type: 'warning', code: 'LOCK_NOT_WRITTEN', message: text().words.export.noLock(file, detail) });
  }
}
