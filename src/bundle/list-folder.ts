// What lies in a volume that is a folder: plain files under names that a bundle may have, and all that has no business there.
// @see docs/format.md B-4, B-5
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { AirgapError } from '../errors.js';
import { onDrive } from './drive-errors.js';
import { isBundlePath } from './paths.js';
import { maxVolumeFiles, type StoredFile, type Stray, type VolumeFiles } from './stored-file.js';

/** `packages/<set>/` and what repositories put below it; nothing honest is deeper. */
const maxDepth = 12;

/** Lists a folder. `place` is a real path. @throws {AirgapError} DRIVE_FAILED, BUNDLE_DAMAGED for more files than any bundle has */
export async function listFolder(place: string): Promise<VolumeFiles> {
  const files = new Map<string, StoredFile>();
  const strays: Stray[] = [];
  const names = new Map<string, string>();
  const walk = async (folder: string, depth: number): Promise<void> => {
    const entries = await readdir(path.join(place, folder), { withFileTypes: true });
    if (entries.length === 0 && folder !== '') strays.push({ path: folder, problem: 'unknown' });
    for (const entry of entries) {
      const inside = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (files.size + strays.length > maxVolumeFiles)
        throw new AirgapError('BUNDLE_DAMAGED', { path: place, file: inside, problem: 'unknown' });
      const folded = inside.toLowerCase();
      // On exFAT and FAT two names that differ only in case would be one file.
      if (!isBundlePath(inside) || names.has(folded) || depth > maxDepth) {
        strays.push({ path: inside, problem: 'name' });
        continue;
      }
      names.set(folded, inside);
      if (entry.isDirectory()) await walk(inside, depth + 1);
      else if (entry.isFile()) files.set(inside, await fileAt(place, inside));
      else strays.push({ path: inside, problem: 'not-a-file' });
    }
  };
  await onDrive(place, () => walk('', 0));
  return { place, form: 'folder', files, strays };
}

async function fileAt(place: string, inside: string): Promise<StoredFile> {
  const file = path.join(place, inside);
  const { size } = await lstat(file);
  return { path: inside, place, file, offset: 0, bytes: size, isWhole: true };
}
