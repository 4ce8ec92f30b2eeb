// A volume as a tar: files are appended as they come, and each header is written into the place kept for it once the name is
// known. A tar without its seal has no end, so no tool takes it for whole. @see docs/format.md "The tar form"; POSIX.1-1988 ustar
import { constants } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { Header } from 'tar';
import { writeAt } from '../streams/file-at.js';
import type { Container, NamelessFile, Output } from './container.js';
import { onDrive } from './drive-errors.js';
import { syncFolder, temporaryPrefix } from './folder-container.js';
import { outerFiles } from './manifest.js';

const blockBytes = 512;
/** Two zero blocks end a tar. */
const endBytes = 2 * blockBytes;

/** Of a tar in which one file begins. */
export const emptyTarBytes = blockBytes + endBytes;

/** Where a tar lies until it is sealed. */
export function partialTar(place: string): string {
  return path.join(path.dirname(place), `${temporaryPrefix}${path.basename(place)}`);
}

/** What a file of so many bytes takes in a tar, its header and what fills its last block included. */
export function tarCost(bytes: number): number {
  return blockBytes + bytes + paddingOf(bytes);
}

/** Zeros up to the next whole block. */
export function paddingOf(bytes: number): number {
  return (blockBytes - (bytes % blockBytes)) % blockBytes;
}

/**
 * Opens a tar to write a volume into. It has its name only once it is sealed; until then it stays under another, so that the next
 * try can go on with it. `usedBytes`: of whole files that an earlier try has left and that stay; the rest is cut off.
 */
export async function openTarContainer(place: string, usedBytes = 0): Promise<Container> {
  const temporary = partialTar(place);
  const handle = await onDrive(place, () => openPartial(temporary, usedBytes));
  let at = usedBytes;
  let sealed = false;
  const append = async (bytes: Uint8Array): Promise<void> => {
    await writeAt(handle, at, bytes);
    at += bytes.byteLength;
  };
  const header = async (name: string, size: number, headerAt: number): Promise<void> => {
    await writeAt(handle, headerAt, encodeHeader(name, size));
  };
  return {
    place,
    usedBytes: () => at + endBytes,
    costOf: tarCost,
    open: () =>
      onDrive(place, async (): Promise<Output> => {
        const headerAt = at;
        await append(Buffer.alloc(blockBytes));
        let bytes = 0;
        const discard = async (): Promise<void> => {
          await handle.truncate(headerAt).catch(() => undefined);
          at = headerAt;
        };
        return {
          write: (chunk) =>
            onDrive(place, async () => {
              await append(chunk);
              bytes += chunk.byteLength;
            }),
          end: () =>
            onDrive(place, async (): Promise<NamelessFile> => {
              await append(Buffer.alloc(paddingOf(bytes)));
              return { bytes, name: (to) => onDrive(place, () => header(to, bytes, headerAt)), discard };
            }),
          discard,
        };
      }),
    seal: (sums) =>
      onDrive(place, async () => {
        await append(encodeHeader(outerFiles.seal, sums.byteLength));
        await append(sums);
        await append(Buffer.alloc(paddingOf(sums.byteLength) + endBytes));
        await handle.sync();
        await rename(temporary, place);
        await syncFolder(path.dirname(place));
        sealed = true;
      }),
    async close({ keep = false } = {}) {
      await handle.close().catch(() => undefined);
      if (!sealed && !keep) await rm(temporary, { force: true });
    },
  };
}

// Whatever lies there is not followed: a drive may bring links.
async function openPartial(file: string, usedBytes: number): Promise<FileHandle> {
  if (usedBytes === 0) {
    await rm(file, { force: true });
    return await open(file, 'wx', 0o644);
  }
  const handle = await open(file, constants.O_RDWR | constants.O_NOFOLLOW);
  await handle.truncate(usedBytes);
  return handle;
}

/** Whether a tar header has room for the path: 100 bytes for its last part, 155 for the folders. */
export function fitsTar(name: string): boolean {
  return !makeHeader(name, 0).needsMore;
}

/** The header of a file in a bundle’s tar: nothing but its path and size makes a difference. */
export function encodeHeader(name: string, size: number): Buffer {
  const { block, needsMore } = makeHeader(name, size);
  // Paths of a bundle are short, and those of packages were asked about before.
  if (needsMore) throw new Error(`no room for the path of ${name} in a tar header`);
  return block;
}

function makeHeader(name: string, size: number): { readonly block: Buffer; readonly needsMore: boolean } {
  const block = Buffer.alloc(blockBytes);
  const header = new Header({
    path: name,
    size,
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: new Date(0),
    type: 'File',
  });
  return { block, needsMore: header.encode(block, 0) };
}
