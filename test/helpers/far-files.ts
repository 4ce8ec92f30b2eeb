// Files to install, and what lies in a folder afterwards: content, mode, owner, so that "as it was" can be compared.
import { chmod, chown, lstat, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { InstallFile } from '../../src/far/file-facts.js';
import { digestOf } from '../../src/oci/digest.js';

export const plainCall = { sudo: 'no' } as const;
export const receiptId = 'aaaaaaaa-0000-4000-8000-000000000001';

/** A file of an installation; `was` is what the plan saw. */
export function installFile(
  target: string,
  content: string,
  more: Partial<InstallFile> & { readonly wasText?: string } = {},
): InstallFile {
  const { wasText, ...rest } = more;
  const bytes = Buffer.from(content);
  const was = wasText === undefined ? undefined : digestOf(wasText);
  return { kind: 'file', mode: '0644', content: bytes, digest: digestOf(bytes), was, target, ...rest };
}

/** Writes a file that was there before. */
export async function oldFile(
  file: string,
  content: string,
  { mode = 0o640, uid = 0, gid = 0 } = {},
): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, content);
  await chown(file, uid, gid);
  await chmod(file, mode);
}

/** Every file, folder and link below, with what can be told apart. */
export async function treeOf(folder: string): Promise<Record<string, string>> {
  const tree: Record<string, string> = {};
  for (const name of (await readdir(folder, { recursive: true })).toSorted()) {
    const file = path.join(folder, name);
    const found = await lstat(file);
    const what = found.isFile() ? await readFile(file, 'latin1') : found.isDirectory() ? 'folder' : 'link';
    tree[name] = `${(found.mode & 0o7777).toString(8)} ${found.uid}:${found.gid} ${what}`;
  }
  return tree;
}
