// What a cut export has left of its tars: the layers that are whole, from the first on, each hashed again. A tar grows at its end
// only, so the first that is not as it was written ends what is of use.
import { constants } from 'node:fs';
import { type FileHandle, open, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { readAt } from '../streams/file-at.js';
import { hasCode } from '../streams/fs-errors.js';
import { hashBytes } from '../streams/hash-bytes.js';
import { onDrive } from './drive-errors.js';
import { filesOf, isOfWork, type Made, type PlacedLayer, readJournal } from './journal.js';
import { journalFile, type Place } from './place.js';
import { encodeHeader, paddingOf, partialTar, tarCost } from './tar-container.js';

/** As it was at the end of the last whole layer: what came after it is cut off, so its room is free again. */
export async function resumeTars(place: Place, made: Made): Promise<PlacedLayer[]> {
  return await onDrive(place.folder, async () => {
    const journal = journalFile(place);
    const told = (await isOfWork(journal, made)) ? await readJournal(journal, made) : [];
    const tars = new Map<number, OpenTar | undefined>();
    const whole: PlacedLayer[] = [];
    try {
      for (const placed of told) {
        if (!(await isWhole(placed, place, tars))) break;
        whole.push(placed);
      }
      for (const tar of tars.values()) await tar?.handle.truncate(tar.end);
    } finally {
      for (const tar of tars.values()) await tar?.handle.close();
    }
    await removePartials(
      place,
      new Set(whole.flatMap((placed) => filesOf(placed).map((file) => file.volume))),
    );
    if (whole.length === 0) await rm(journal, { force: true });
    return whole;
  });
}

interface OpenTar {
  readonly handle: FileHandle;
  /** Behind the last whole layer. */
  end: number;
}

async function isWhole(
  placed: PlacedLayer,
  place: Place,
  tars: Map<number, OpenTar | undefined>,
): Promise<boolean> {
  const files = filesOf(placed);
  const ends = new Map<OpenTar, number>();
  for (const file of files) {
    if (!tars.has(file.volume)) tars.set(file.volume, await openTar(place, file.volume));
    const tar = tars.get(file.volume);
    if (tar === undefined) return false;
    const at = ends.get(tar) ?? tar.end;
    if (!(await isFileAt(tar.handle, at, file))) return false;
    ends.set(tar, at + tarCost(file.bytes));
  }
  for (const [tar, end] of ends) tar.end = end;
  return true;
}

async function isFileAt(
  handle: FileHandle,
  at: number,
  file: ReturnType<typeof filesOf>[number],
): Promise<boolean> {
  const header = encodeHeader(file.path, file.bytes);
  if (!(await readAt(handle, at, header.byteLength)).equals(header)) return false;
  const start = at + header.byteLength;
  const padding = Buffer.alloc(paddingOf(file.bytes));
  if (!(await readAt(handle, start + file.bytes, padding.byteLength)).equals(padding)) return false;
  if (file.bytes === 0) return true;
  const stream = handle.createReadStream({
    start,
    end: start + file.bytes - 1,
    autoClose: false,
    highWaterMark: readBytes,
  });
  const read = await hashBytes(stream);
  return read.bytes === file.bytes && read.digest === file.digest;
}

const readBytes = 1024 * 1024;

/** Undefined where there is none, or what is there is no plain file. */
async function openTar(place: Place, volume: number): Promise<OpenTar | undefined> {
  const file = partialTar(place.volume(volume));
  try {
    const handle = await open(file, flags).catch(async (error: unknown) => {
      // Later volumes get their names first, and are nothing without the first one.
      if (volume === 1 || !hasCode(error, 'ENOENT')) throw error;
      await rename(place.volume(volume), file);
      return await open(file, flags);
    });
    if ((await handle.stat()).isFile()) return { handle, end: 0 };
    await handle.close();
    return undefined;
  } catch {
    return undefined;
  }
}

const flags = constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Those of volumes that nothing is kept of, of whatever work they were. */
async function removePartials(place: Place, keep: ReadonlySet<number>): Promise<void> {
  const kept = new Set([...keep].map((volume) => partialTar(place.volume(volume))));
  const first = path.basename(partialTar(place.volume(1)));
  const stem = first.slice(0, -'001.tar'.length);
  for (const name of await readdir(place.folder).catch((): string[] => [])) {
    const isOurs = place.isSplit
      ? name.startsWith(stem) && /^\d{3,}\.tar$/i.test(name.slice(stem.length))
      : name === first;
    const file = path.join(place.folder, name);
    if (isOurs && !kept.has(file)) await rm(file, { force: true });
  }
}
