// A folder as a Tree: every read opens the file anew, so nothing is held between them.
import { constants } from 'node:fs';
import { type FileHandle, open, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { AirgapError } from '../errors.js';
import { detectBytes, detectCompression } from '../image/partial.js';
import { readAt } from '../streams/file-at.js';
import { withRange } from './file-bytes.js';
import { hostileName } from './tar-names.js';
import type { Tree, TreeFile } from './tree.js';

/** Opens a folder. @throws {AirgapError} LAYOUT_INVALID */
export async function openFolderTree(folder: string): Promise<Tree> {
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory() !== true)
    throw new AirgapError('LAYOUT_INVALID', { path: folder, problem: 'no-folder' });
  const root = await realpath(folder);

  const withFile = async <T>(name: string, use: (handle: FileHandle, size: number) => Promise<T>) => {
    if (hostileName(name) !== undefined) return undefined;
    let handle: FileHandle;
    try {
      // O_NONBLOCK: a fifo in place of a blob must not hang the run.
      handle = await open(path.join(root, name), constants.O_RDONLY | constants.O_NONBLOCK);
    } catch (cause) {
      const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
      if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') return undefined;
      throw new AirgapError(
        'LAYOUT_INVALID',
        { path: path.join(folder, name), problem: `unreadable: ${code}` },
        { cause },
      );
    }
    try {
      const facts = await handle.stat();
      if (!facts.isFile()) {
        throw new AirgapError('LAYOUT_INVALID', { path: path.join(folder, name), problem: 'not-a-file' });
      }
      return await use(handle, facts.size);
    } finally {
      await handle.close();
    }
  };

  return {
    path: folder,
    key: root,
    find: (name) => withFile(name, (handle, size) => describe(handle, name, size)),
    document: (name, { limitBytes, what }) =>
      withFile(name, async (handle, size) => {
        if (size > limitBytes) throw new AirgapError('DOCUMENT_TOO_LARGE', { what, limitBytes });
        return await readAt(handle, 0, size);
      }),
    async read(names, { visit, signal }) {
      for (const name of names) {
        signal?.throwIfAborted();
        await withFile(name, async (handle, size) => {
          const file = await describe(handle, name, size);
          const range = { start: 0, length: size, ...(signal === undefined ? {} : { signal }) };
          await withRange(handle, range, (stream, fill) => visit(file, stream, fill));
        });
      }
    },
    async close() {},
  };
}

async function describe(handle: FileHandle, name: string, size: number): Promise<TreeFile> {
  const codec = detectCompression(await readAt(handle, 0, Math.min(size, detectBytes)));
  return { name, size, codec: codec === 'xz' || codec === 'bzip2' ? undefined : codec };
}
