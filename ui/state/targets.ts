// Targets as the screen makes them of what the core knows, and the passports that lie on those that are folders. Pure.
import type { KnownHost } from '../../src/runs/api.js';
import type { FoundPassport, SavedTarget } from '../../src/runs/local-api.js';
import { text } from '../../src/text/text.js';
import type { AppState, Target } from './app-state.js';

/** This machine, as the core calls it. */
export const localName = 'local:';

/** A target as people know it. */
export const targetLabel = (name: string): string => (name === localName ? text().words.thisMachine : name);

/** This machine's own engine. */
export const localTarget = (): Target => hostTarget(localName, 'here');

export function hostTarget(name: string, from: Target['from']): Target {
  return {
    id: `host:${name}`,
    kind: 'host',
    name,
    address: undefined,
    from,
    lastSend: undefined,
    freeBytes: undefined,
    probe: { is: 'none' },
  };
}

export function folderTarget(path: string, from: Target['from'], freeBytes: number | undefined): Target {
  return { ...hostTarget(path, from), id: `folder:${path}`, kind: 'folder', freeBytes };
}

/** One that a person has added. */
export function savedTarget({ kind, name }: SavedTarget): Target {
  return kind === 'folder' ? folderTarget(name, 'typed', undefined) : hostTarget(name, 'typed');
}

export function knownTarget({ name, address, from, lastReceipt }: KnownHost): Target {
  const known = hostTarget(name, from === 'added' ? 'typed' : from);
  return { ...known, address, lastSend: lastReceipt?.startedAt };
}

/** Rows of the passports on a folder: chosen, each is a `--for` of the folder's export. */
export function passportRows(
  { folderLooks }: Pick<AppState, 'folderLooks'>,
  folder: Target,
): readonly Target[] {
  return (folderLooks.get(folder.id)?.passports ?? []).map((passport) => ({
    ...hostTarget(passport.host, 'drive'),
    id: passportId(passport),
    kind: 'passport',
    passport,
  }));
}

/** The files of those that are chosen. */
export function chosenPassports(state: AppState, folder: Target): readonly string[] {
  const found = state.folderLooks.get(folder.id)?.passports ?? [];
  return found.filter((one) => state.targetRows.chosen.includes(passportId(one))).map(({ path }) => path);
}

/** Whether a row is that of a passport. */
export const isPassportId = (id: string): boolean => id.startsWith('passport:');
const passportId = ({ path }: FoundPassport): string => `passport:${path}`;
