// What lies in a volume that is a tar. Every header must be, byte for byte, the one that is written for its path and size, so no
// two tools can read two different bundles out of it. @see docs/format.md "The tar form"; POSIX.1-1988 ustar
import { type FileHandle, open } from 'node:fs/promises';
import { readAt } from '../streams/file-at.js';
import { onDrive } from './drive-errors.js';
import { outerFiles } from './manifest.js';
import { openFlags } from './open-flags.js';
import { isBundlePath } from './paths.js';
import { maxVolumeFiles, type StoredFile, type Stray, type VolumeFiles } from './stored-file.js';
import { encodeHeader } from './tar-container.js';

const blockBytes = 512;
const endBytes = 2 * blockBytes;

/** Lists a tar by its headers. `place` is a real path. Undefined for what does not begin as a bundle's tar. @throws {AirgapError} DRIVE_FAILED */
export async function listTar(place: string): Promise<VolumeFiles | undefined> {
  return await onDrive(place, async () => {
    const handle = await open(place, openFlags);
    try {
      const found = await handle.stat();
      return found.isFile() ? await listEntries(handle, place, found.size) : undefined;
    } finally {
      await handle.close();
    }
  });
}

async function listEntries(
  handle: FileHandle,
  place: string,
  size: number,
): Promise<VolumeFiles | undefined> {
  const files = new Map<string, StoredFile>();
  const names = new Set<string>();
  const strays: Stray[] = [];
  let last = '';
  // `padding`: bytes behind the file before this header.
  for (let at = 0, padding = 0; ; ) {
    const block = await readAt(handle, at, padding + blockBytes);
    const header = block.subarray(padding);
    const clean = isZero(block.subarray(0, padding));
    const entry = clean ? readEntry(header) : undefined;
    if (entry === undefined) {
      if (files.size === 0) return undefined;
      // Two blocks of zeros behind the seal are the end, and nothing comes after them.
      const end = await readAt(handle, at + padding, endBytes + 1);
      const isEnd = clean && end.byteLength === endBytes && isZero(end) && last === outerFiles.seal;
      if (!isEnd) strays.push({ path: last, problem: 'form' });
      return { place, form: 'tar', files, strays };
    }
    const offset = at + padding + blockBytes;
    const name = entry.path.toLowerCase();
    if (names.has(name) || names.size >= maxVolumeFiles) strays.push({ path: entry.path, problem: 'name' });
    else if (entry.bytes > size - offset) strays.push({ path: entry.path, problem: 'size' });
    else files.set(entry.path, { ...entry, place, file: place, offset, isWhole: false });
    names.add(name);
    if (strays.length > 0) return { place, form: 'tar', files, strays };
    last = entry.path;
    at = offset + entry.bytes;
    padding = (blockBytes - (entry.bytes % blockBytes)) % blockBytes;
  }
}

function readEntry(header: Buffer): { readonly path: string; readonly bytes: number } | undefined {
  if (header.byteLength < blockBytes) return undefined;
  const prefix = textAt(header, 345, 155);
  const name = textAt(header, 0, 100);
  const path = prefix === '' ? name : `${prefix}/${name}`;
  const bytes = sizeOf(header.subarray(124, 136));
  if (bytes === undefined || !isBundlePath(path)) return undefined;
  // All other fields follow from these two.
  return header.equals(encodeHeader(path, bytes)) ? { path, bytes } : undefined;
}

function sizeOf(field: Buffer): number | undefined {
  if (field[0] === 0x80) {
    const value = field.readBigUInt64BE(4);
    return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : undefined;
  }
  const [digits] = /^[0-7]{1,11}/.exec(field.toString('latin1').trimStart()) ?? [];
  return digits === undefined ? undefined : Number.parseInt(digits, 8);
}

function textAt(header: Buffer, at: number, length: number): string {
  const field = header.subarray(at, at + length);
  const end = field.indexOf(0);
  return field.subarray(0, end < 0 ? length : end).toString('latin1');
}

function isZero(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0);
}
