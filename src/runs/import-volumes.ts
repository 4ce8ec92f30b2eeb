// The volumes of a bundle that lie on several drives: found under what was named, else asked for; those of a drive that will
// leave are copied first, and the copies stay until the bundle has been imported.
import { cp, mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { type Bundle, openBundle } from '../bundle/reader.js';
import { verifyBundle } from '../bundle/verifier.js';
import { AirgapError, isAirgapError } from '../errors.js';
import { type Digest, hexOf } from '../oci/digest.js';
import { isThere } from '../streams/fs-errors.js';
import { makeFolder } from '../streams/make-folder.js';
import { text } from '../text/text.js';
import type { RunContext } from './run.js';

export interface FindVolumesOptions {
  readonly paths: readonly string[];
  readonly volumesDirectory: string;
  readonly context: RunContext;
}

/** Where all volumes of a bundle lie, and whether some of these are copies of ours. @throws {AirgapError} BUNDLE_* */
export async function findVolumes(options: FindVolumesOptions): Promise<{
  readonly paths: readonly string[];
  readonly kept: boolean;
}> {
  const { paths, volumesDirectory, context } = options;
  const first = await openBundle(paths);
  if (first.missing.length === 0) return { paths, kept: false };
  const copies = path.join(volumesDirectory, hexOf(first.digest));
  let bundle = await openBundle(await withCopies(paths, copies));
  while (bundle.missing.length > 0) {
    const { manifest, missing } = bundle;
    const lost = new AirgapError('BUNDLE_VOLUME_MISSING', {
      name: manifest.name,
      missing,
      of: manifest.volumes,
    });
    const question = text().words.import.insert(missing, copies);
    if ((await context.ask({ kind: 'confirm', question })) !== 'yes') throw lost;
    await keep(bundle, copies, context);
    const next = await openBundle(await withCopies(await there(paths), copies));
    // Whoever says yes without a drive would be asked for ever.
    if (next.missing.length === missing.length) throw lost;
    bundle = next;
  }
  return { paths: await withCopies(await there(paths), copies), kept: true };
}

/** The bundle is imported. */
export async function forgetVolumes(volumesDirectory: string, bundle: Digest): Promise<void> {
  await rm(path.join(volumesDirectory, hexOf(bundle)), { recursive: true, force: true });
}

async function withCopies(paths: readonly string[], copies: string): Promise<readonly string[]> {
  return (await isThere(copies)) ? [...paths, copies] : paths;
}

/** Of what was named: what has not left with its drive. */
async function there(paths: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const one of paths) {
    if (!(await isThere(one))) continue;
    // A drive's folder that holds no volume just now is no error between two drives.
    const opens = await openBundle([one]).then(
      () => true,
      (error: unknown) => {
        if (isAirgapError(error, 'BUNDLE_INVALID')) return false;
        throw error;
      },
    );
    if (opens) found.push(one);
  }
  return found;
}

/** Copies what is not a copy yet; only proved volumes, and each under its name when it is whole. */
async function keep(bundle: Bundle, copies: string, { signal, emit }: RunContext): Promise<void> {
  const { findings } = await verifyBundle(bundle, { signal });
  const damage = findings.find((finding) => finding.code === 'BUNDLE_DAMAGED');
  if (damage !== undefined)
    throw new AirgapError('BUNDLE_DAMAGED', {
      path: bundle.path,
      file: damage.file,
      problem: damage.problem ?? 'digest',
    });
  await makeFolder(copies);
  for (const { place, number } of bundle.volumes) {
    if (path.dirname(place) === copies) continue;
    const target = path.join(copies, path.basename(place));
    if (await isThere(target)) continue;
    emit({ type: 'note', message: text().words.import.keeping(number, copies) });
    const part = `${target}.part`;
    await rm(part, { recursive: true, force: true });
    await mkdir(path.dirname(part), { recursive: true });
    await cp(place, part, { recursive: true });
    await rename(part, target);
  }
}
