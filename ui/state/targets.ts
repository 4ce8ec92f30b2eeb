// Targets as the screen makes them of what the core knows, and the passports that lie on those that are folders. Pure.
import type { Receipt } from '../../src/receipt/receipt.js';
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

export function registryTarget(name: string, from: Target['from'], lastSend?: string): Target {
  return {
    ...hostTarget(name, from),
    id: `registry:${name}`,
    kind: 'registry',
    lastSend,
    reach: { is: 'none' },
  };
}

/** One that a person has added. */
export function savedTarget({ kind, name }: SavedTarget): Target {
  if (kind === 'registry') return registryTarget(name, 'typed');
  return kind === 'folder' ? folderTarget(name, 'typed', undefined) : hostTarget(name, 'typed');
}

/** As a person types it: a slash tells a registry from a host. */
export const typedName = ({ kind, name }: Pick<Target, 'kind' | 'name'>): string =>
  kind === 'registry' && !name.includes('/') ? `${name}/` : name;

/** Registries that things were pushed to, and those that were added. Newest receipt first. */
export function registryTargets(saved: readonly Target[], receipts: readonly Receipt[]): readonly Target[] {
  const pushes = receipts.filter(({ target }) => target === 'registry');
  const lastOf = (name: string): string | undefined => pushes.find(({ host }) => host === name)?.startedAt;
  const added = saved.filter(({ kind }) => kind === 'registry');
  const known = new Set(added.map(({ name }) => name));
  const pushed = [...new Set(pushes.map(({ host }) => host))].filter((name) => !known.has(name));
  return [
    ...added.map((target) => ({ ...target, lastSend: lastOf(target.name) })),
    ...pushed.map((name) => registryTarget(name, 'receipt', lastOf(name))),
  ];
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
