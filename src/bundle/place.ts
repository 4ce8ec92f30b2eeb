// Where an export writes: a folder with the bundle's name in DEST, or DEST itself where it ends in .tar; split or whole.
import { access, constants, lstat, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { AirgapError } from '../errors.js';
import { isThere } from '../streams/fs-errors.js';
import { makeFolder } from '../streams/make-folder.js';
import { text } from '../text/text.js';
import type { Container } from './container.js';
import { onDrive } from './drive-errors.js';
import { journalName, openFolderContainer, temporaryPrefix } from './folder-container.js';
import { filesOf, isIntact, type Made, type PlacedLayer, readJournal } from './journal.js';
import { outerFiles } from './manifest.js';
import { volumeName } from './paths.js';
import { resumeTars } from './resume-tars.js';
import { readSealedLayers, type SealedBundle } from './sealed-layers.js';
import { emptyTarBytes, openTarContainer, tarCost } from './tar-container.js';

export interface PlaceOptions {
  /** A folder, or a file that ends in `.tar`. */
  readonly destination: string;
  readonly name: string;
  readonly isSplit: boolean;
}

export interface Place {
  readonly form: 'folder' | 'tar';
  readonly isSplit: boolean;
  /** Where the journal lies, and where volumes lie side by side. */
  readonly folder: string;
  /** The folder or tar of a volume. */
  volume(number: number): string;
  /** What people are told: the bundle, or the first of its volumes. */
  readonly shown: string;
}

/** What is written to such a destination. */
export function formOf(destination: string): Place['form'] {
  return /\.tar$/i.test(destination) ? 'tar' : 'folder';
}

/** Works out the paths; touches nothing. */
export function choosePlace({ destination, name, isSplit }: PlaceOptions): Place {
  const form = formOf(destination);
  const isTar = form === 'tar';
  const folder = path.resolve(isTar ? path.dirname(destination) : destination);
  // As it was typed: `.TAR` is one, too.
  const extension = isTar ? path.extname(destination) : '';
  const stem = isTar ? path.basename(destination, extension) : name;
  const volume = (number: number): string => {
    const base = isSplit ? volumeName(stem, number) : stem;
    return path.join(folder, `${base}${extension}`);
  };
  return { form, isSplit, folder, volume, shown: volume(1) };
}

/**
 * Writes nothing, and tells what would stop a write before anything is planned.
 * @throws {AirgapError} DRIVE_FAILED where something else stands there, where this user cannot write, and where not even the parent
 * is there: a drive that is not mounted, which mkdir would hide
 */
export async function checkDrive(place: Place): Promise<void> {
  const { folder } = place;
  const say = text().words.export;
  const fail = (detail: string, at = folder): AirgapError =>
    new AirgapError('DRIVE_FAILED', { path: at, detail });
  if (await isThere(folder)) {
    await checkFolder(folder);
    // Where a bundle's own folder is there, it is written to, too.
    const volume = place.volume(1);
    if (place.form === 'folder' && (await hasEntry(volume))) await checkFolder(volume);
    return;
  }
  if (await hasEntry(folder)) throw fail(say.leadsNowhere);
  const parent = path.dirname(folder);
  if (!(await isThere(parent))) {
    const above = path.dirname(parent);
    throw (await isThere(above)) && !(await stat(above)).isDirectory()
      ? fail(say.notFolder, above)
      : fail(say.noParent);
  }
  await checkFolder(parent);
}

/** A link that leads nowhere counts. */
async function hasEntry(at: string): Promise<boolean> {
  return await lstat(at).then(
    () => true,
    () => false,
  );
}

async function checkFolder(at: string): Promise<void> {
  const fail = (detail: string): AirgapError => new AirgapError('DRIVE_FAILED', { path: at, detail });
  if (!(await isThere(at))) throw fail(text().words.export.leadsNowhere);
  if (!(await stat(at)).isDirectory()) throw fail(text().words.export.notFolder);
  await onDrive(at, () => access(at, constants.W_OK));
}

/** Opens one volume to write into. `usedBytes`: of files that an earlier try has left and that stay. */
export async function openContainer(place: Place, number: number, usedBytes = 0): Promise<Container> {
  await onDrive(place.folder, () => makeFolder(place.folder, { mode: 0o777 }));
  return place.form === 'tar'
    ? await openTarContainer(place.volume(number), usedBytes)
    : await openFolderContainer(place.volume(number), usedBytes);
}

/** What an empty container takes, with the header of a first file. */
export function overheadOf({ form }: Place): number {
  return form === 'tar' ? emptyTarBytes : 0;
}

/** What these layers take of each volume, by its number. */
export function usedBytesOf(place: Place, placed: readonly PlacedLayer[]): ReadonlyMap<number, number> {
  const used = new Map<number, number>();
  for (const { bytes, volume } of placed.flatMap(filesOf)) {
    const cost = place.form === 'tar' ? tarCost(bytes) : bytes;
    used.set(volume, (used.get(volume) ?? 0) + cost);
  }
  return used;
}

export interface TakenOptions {
  /** Whether a bundle that is there is this one, made by an earlier run. */
  readonly isSame: (sealed: SealedBundle) => boolean;
  readonly replace: boolean;
}

/** Whether another bundle lies there that nobody said to replace. Only looks. */
export async function isTaken(place: Place, { isSame, replace }: TakenOptions): Promise<boolean> {
  if (replace) return false;
  if (place.form === 'tar') return await isThere(place.shown);
  const sealed = await readSealedLayers(place);
  return sealed !== undefined && !isSame(sealed);
}

/**
 * The layers of an earlier try, or of the same bundle in a folder, that are there unharmed: every byte is hashed again. Of a tar
 * only an earlier try of the same work counts, and what was torn of it goes.
 */
export async function findReusable(place: Place, options: Made): Promise<PlacedLayer[]> {
  if (place.form === 'tar') return await resumeTars(place, options);
  const sealed = await readSealedLayers(place);
  const made = { codec: options.codec, level: options.level };
  const fits = sealed !== undefined && sealed.codec === made.codec && sealed.level === made.level;
  const known = [...(fits ? sealed.layers : []), ...(await readJournal(journalFile(place), made))];
  const found = new Map<string, PlacedLayer>();
  for (const placed of known) {
    const files = filesOf(placed).map(async (file) =>
      isIntact(path.join(place.volume(file.volume), file.path), file),
    );
    if ((await Promise.all(files)).every(Boolean)) found.set(placed.layer.diffId, placed);
  }
  return [...found.values()];
}

/** Where an export's journal lies: beside volumes and tars, inside a whole bundle. */
export function journalFile(place: Place): string {
  if (place.form === 'tar')
    return path.join(place.folder, `${temporaryPrefix}${path.basename(place.shown)}.journal`);
  return path.join(place.isSplit ? place.folder : place.shown, journalName);
}

/** Removes from a bundle's folders whatever is not to be in them any more: what an earlier, other bundle has left. */
export async function removeOthers(place: Place, volumes: number, keep: ReadonlySet<string>): Promise<void> {
  if (place.form === 'tar') return;
  await onDrive(place.folder, async () => {
    for (let number = 1; number <= volumes; number += 1) {
      const root = place.volume(number);
      const names = await readdir(root, { recursive: true, withFileTypes: true });
      for (const entry of names) {
        if (entry.isDirectory()) continue;
        const inside = path.relative(root, path.join(entry.parentPath, entry.name)).split(path.sep).join('/');
        if (!keep.has(`${number} ${inside}`) && !isOuter(inside))
          await rm(path.join(root, inside), { force: true });
      }
      await removeEmpty(root, root);
    }
    await rm(journalFile(place), { force: true });
  });
}

function isOuter(file: string): boolean {
  return Object.values(outerFiles).some((name) => name === file);
}

async function removeEmpty(folder: string, root: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries)
    if (entry.isDirectory()) await removeEmpty(path.join(folder, entry.name), root);
  if (folder !== root && (await readdir(folder)).length === 0) await rm(folder, { recursive: true });
}
