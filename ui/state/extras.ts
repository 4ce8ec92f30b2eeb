// What can go along beside images: files, repo config, daemon settings and packages, as words of a command; and the folder that
// is looked through for them. Pure.
import { fileWordPattern } from '../../src/oci/host-file.js';
import type { FolderEntry, FolderListing } from '../../src/runs/local-api.js';
import type { AppState, Extra } from './app-state.js';
import { type ListState, passes } from './list.js';

/** A folder that is looked through for something to choose. */
export interface Browser {
  readonly path: string;
  /** Undefined while it is read. */
  readonly listing: FolderListing | undefined;
  readonly rows: ListState;
}

/** What was typed, as words of a command; undefined for a file whose place is not said yet. */
export function extraWords(typed: string): readonly string[] | undefined {
  if (isDaemonKey(typed)) return ['--daemon-key', typed];
  if (/.\/+$/.test(typed)) return ['--packages', typed.replace(/\/+$/, '')];
  if (isRepoFile(typed)) return ['--repo', typed];
  return /:\//.test(typed) ? ['--file', typed] : undefined;
}

/** What was chosen of a folder; undefined for a file whose place must be asked. */
export function chosenWords(path: string, kind: FolderEntry['kind']): readonly string[] | undefined {
  if (kind === 'folder') return ['--packages', path];
  return isRepoFile(path) ? ['--repo', path] : undefined;
}

const isRepoFile = (path: string): boolean => /\.(?:repo|list|sources)$/.test(path);

/** `KEY=JSON`. A JSON value may hold `:/`, as an address does; else that is the place of a file. */
function isDaemonKey(typed: string): boolean {
  const value = /^[a-z][a-z0-9-]{0,63}=(.*)$/s.exec(typed)?.[1];
  if (value === undefined) return false;
  try {
    JSON.parse(value);
    return true;
  } catch {
    return !value.includes(':/');
  }
}

/** The parts of `--file SOURCE:/TARGET[:MODE]`. */
export function fileParts(word: string): { from: string; to: string; mode: string | undefined } {
  const [, from = word, to = '', mode] = fileWordPattern.exec(word) ?? [];
  return { from, to, mode };
}

export function chosenExtras(state: AppState): readonly Extra[] {
  return state.extras.filter(({ id }) => state.extraRows.chosen.includes(id));
}

/** Packages become a repository inside of a bundle: over a cable they do not go. */
export const isForBundlesOnly = ({ words: [flag] }: Extra): boolean => flag === '--packages';

/** The folder above comes first, unless there is none. */
export function shownEntries({ browser }: AppState): readonly FolderEntry[] {
  if (browser?.listing === undefined) return [];
  const { listing, rows } = browser;
  const up: readonly FolderEntry[] =
    listing.path === '/' ? [] : [{ name: '..', kind: 'folder', bytes: undefined }];
  return [...up, ...listing.entries.filter(({ name }) => passes(rows.filter, name))];
}

/** Whether both set one key of daemon.json: the later one counts, two would contradict each other. */
export function isSameKey(
  [flag, word = '']: readonly string[],
  [other, otherWord = '']: readonly string[],
): boolean {
  if (flag !== '--daemon-key' || other !== '--daemon-key') return false;
  return word.slice(0, word.indexOf('=')) === otherWord.slice(0, otherWord.indexOf('='));
}
