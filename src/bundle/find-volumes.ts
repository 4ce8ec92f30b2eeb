// Where the volumes of a bundle lie: a path is a bundle's folder, its tar, or a folder that holds volumes.
import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { AirgapError } from '../errors.js';
import { hasCode } from '../streams/fs-errors.js';
import { onDrive } from './drive-errors.js';
import { listFolder } from './list-folder.js';
import { listTar } from './list-tar.js';
import { outerFiles } from './manifest.js';
import type { VolumeFiles } from './stored-file.js';

/** The top of a drive may hold anything; more than this is not looked through. */
const maxEntries = 10_000;

/** The sealed volumes at a path the user named; of a folder it may be none. @throws {AirgapError} BUNDLE_INVALID, BUNDLE_DAMAGED, DRIVE_FAILED */
export async function findVolumes(named: string): Promise<readonly VolumeFiles[]> {
  const kind = await kindOf(named);
  if (kind === undefined) throw invalid(named, 'not-found');
  const place = await realpath(named);
  if (kind === 'file') {
    const tar = await listTar(place);
    if (tar === undefined) throw invalid(named, 'not-a-bundle');
    if (!isSealed(tar)) throw invalid(named, 'no-seal');
    return [tar];
  }
  const names = await onDrive(place, () => readdir(place));
  if (names.includes(outerFiles.seal)) return [await listFolder(place)];
  if (looksUnfinished(names)) throw invalid(named, 'no-seal');
  const { volumes, unfinished } = await lookInside(place, names.slice(0, maxEntries));
  if (volumes.length === 0 && unfinished) throw invalid(named, 'no-seal');
  return volumes;
}

async function lookInside(
  place: string,
  names: readonly string[],
): Promise<{ readonly volumes: readonly VolumeFiles[]; readonly unfinished: boolean }> {
  const volumes: VolumeFiles[] = [];
  let unfinished = false;
  for (const name of names.toSorted()) {
    const inside = path.join(place, name);
    if (await isKind(inside, 'folder')) {
      const within = await readdir(inside).catch((): string[] => []);
      if (within.includes(outerFiles.seal) && within.includes(outerFiles.manifest))
        volumes.push(await listFolder(await realpath(inside)));
      else unfinished ||= looksUnfinished(within);
    } else if (/\.tar$/i.test(name) && (await isKind(inside, 'file'))) {
      const tar = await listTar(await realpath(inside));
      if (tar !== undefined && isSealed(tar)) volumes.push(tar);
      else unfinished ||= tar !== undefined;
    }
  }
  return { volumes, unfinished };
}

/** A folder into which an export wrote and did not finish. A layout of another tool has an index and none of ours. */
function looksUnfinished(names: readonly string[]): boolean {
  const has = (name: string): boolean => names.includes(name);
  return has(outerFiles.manifest) || has('recipes') || (has('blobs') && !has('index.json'));
}

const isSealed = (volume: VolumeFiles): boolean => volume.files.has(outerFiles.seal);

async function kindOf(place: string): Promise<'folder' | 'file' | undefined> {
  try {
    const found = await stat(place);
    return found.isDirectory() ? 'folder' : found.isFile() ? 'file' : undefined;
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return undefined;
    return await onDrive(place, () => Promise.reject(error));
  }
}

async function isKind(place: string, kind: 'folder' | 'file'): Promise<boolean> {
  return (await kindOf(place).catch(() => undefined)) === kind;
}

function invalid(place: string, problem: 'no-seal' | 'not-found' | 'not-a-bundle'): AirgapError {
  return new AirgapError('BUNDLE_INVALID', { path: place, problem });
}
