// A volume as a folder. Each file is written under a temporary name, synced, and renamed; the seal comes last.
// @see docs/format.md B-2
import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { writeAt } from '../streams/file-at.js';
import type { Container, NamelessFile, Output } from './container.js';
import { onDrive } from './drive-errors.js';
import { outerFiles } from './manifest.js';

/** What temporary files begin with. */
export const temporaryPrefix = '.airgap-';

/** Opens a folder to write a volume into; a seal that is there is broken first. `usedBytes`: of files that stay. */
export async function openFolderContainer(place: string, usedBytes = 0): Promise<Container> {
  const folders = new Set<string>();
  let used = usedBytes;
  let count = 0;
  const makeFolder = async (folder: string): Promise<void> => {
    if (folders.has(folder)) return;
    await mkdir(folder, { recursive: true });
    folders.add(folder);
  };
  await onDrive(place, async () => {
    await makeFolder(place);
    await rm(path.join(place, outerFiles.seal), { force: true });
    for (const name of await readdir(place)) {
      if (name.startsWith(temporaryPrefix) && name !== journalName)
        await rm(path.join(place, name), { force: true });
    }
    await syncFolder(place);
  });

  const begin = async (): Promise<{ readonly file: string; readonly handle: FileHandle }> => {
    count += 1;
    const file = path.join(place, `${temporaryPrefix}${process.pid}-${count}`);
    return { file, handle: await open(file, 'wx', 0o644) };
  };
  const finish = async (file: string, to: string): Promise<void> => {
    const target = path.join(place, to);
    await makeFolder(path.dirname(target));
    await rename(file, target);
  };

  return {
    place,
    usedBytes: () => used,
    costOf: (bytes) => bytes,
    open: () =>
      onDrive(place, async (): Promise<Output> => {
        const { file, handle } = await begin();
        let bytes = 0;
        return {
          write: (chunk) =>
            onDrive(place, async () => {
              await writeAt(handle, bytes, chunk);
              bytes += chunk.byteLength;
            }),
          end: () =>
            onDrive(place, async (): Promise<NamelessFile> => {
              await handle.sync();
              await handle.close();
              used += bytes;
              return {
                bytes,
                name: (to) => onDrive(place, () => finish(file, to)),
                async discard() {
                  await rm(file, { force: true });
                  used -= bytes;
                },
              };
            }),
          async discard() {
            await handle.close().catch(() => undefined);
            await rm(file, { force: true });
          },
        };
      }),
    seal: (sums) =>
      onDrive(place, async () => {
        const { file, handle } = await begin();
        await writeAt(handle, 0, sums);
        await handle.sync();
        await handle.close();
        for (const folder of folders) await syncFolder(folder);
        await rename(file, path.join(place, outerFiles.seal));
        await syncFolder(place);
      }),
    close: () => Promise.resolve(),
  };
}

/** The journal of an export under way; it lies in the first volume. */
export const journalName = `${temporaryPrefix}journal`;

/** Makes renames in a folder last. FAT and some network drives cannot sync folders: there it is tried and left. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync().catch(() => undefined);
  } finally {
    await handle.close();
  }
}
