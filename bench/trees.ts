// Tars of real trees: what the layers of the corpus are made of. Made by the system's tar, in a stable order.
import { lstat, readdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { run } from './command.js';

export interface TreeOptions {
  /** The folder whose files are taken; names in the tar are relative to it. */
  readonly root: string;
  /** Folders or files below the root, in the order in which they are taken. */
  readonly parts: readonly string[];
  /** Stops when this many bytes are taken. */
  readonly maxBytes: number;
  /** This many bytes are passed over first: several tars of one tree share nothing. */
  readonly skipBytes?: number;
  readonly exclude?: (path: string) => boolean;
}

/** Files of a tree by name, up to a budget. Stays on one file system; what cannot be read is left out. */
export async function takeFiles(options: TreeOptions): Promise<{ files: string[]; bytes: number }> {
  const { root, parts, maxBytes, skipBytes = 0, exclude } = options;
  const files: string[] = [];
  let passed = 0;
  let bytes = 0;
  const device = (await lstat(root)).dev;

  const walk = async (path: string): Promise<void> => {
    if (bytes >= maxBytes || exclude?.(path) === true) return;
    const stat = await lstat(path).catch(() => undefined);
    if (stat === undefined || stat.dev !== device) return;
    if (stat.isDirectory()) {
      const names = await readdir(path).catch(() => []);
      for (const name of names.sort()) await walk(join(path, name));
    } else if (stat.isFile() || stat.isSymbolicLink()) {
      if (passed < skipBytes) {
        passed += stat.size;
      } else if (bytes + stat.size <= maxBytes + 2 ** 20) {
        files.push(relative(root, path));
        bytes += stat.size;
      }
    }
  };
  for (const part of parts) await walk(join(root, part));
  return { files, bytes };
}

/** Writes the files as a tar below `prefix`. */
export async function writeTar(
  tarPath: string,
  tree: { readonly root: string; readonly files: readonly string[]; readonly prefix: string },
): Promise<void> {
  const listPath = `${tarPath}.list`;
  await writeFile(listPath, tree.files.map((file) => `${file}\0`).join(''));
  await run('tar', [
    `--create`,
    `--file=${tarPath}`,
    '--no-recursion',
    '--numeric-owner',
    '--owner=0',
    '--group=0',
    // names of files and hard links move, targets of symlinks stay
    `--transform=flags=rh;s,^,${tree.prefix}/,`,
    '--null',
    `--directory=${tree.root}`,
    `--files-from=${listPath}`,
  ]);
}
