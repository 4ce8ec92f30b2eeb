// What commands are told beside images and targets: a form made of the command line's own options. Pure.
import type { KnownOption } from '../../src/cli/known-options.js';
import type { AppState, Options } from './app-state.js';
import { commandsOf } from './command.js';
import { passes } from './list.js';

/** Chosen on other screens, asked in place, or of use to who reads a terminal line by line. */
const elsewhere = [
  ...['--file', '--repo', '--daemon-key', '--packages'],
  ...['--for', '--to', '--dry-run', '--yes'],
  ...['--json', '--quiet', '--lang'],
];

/** What people ask for most stands on top. */
const usual = [
  ...['--compress', '--limit', '--platform', '--name', '--replace', '--split', '--sign'],
  ...['--no-clobber', '--no-pause', '--reload', '--install-packages', '--allow-dir', '-f'],
];

/** What the form has of all that the command line knows. */
export function offeredOptions(known: readonly KnownOption[]): readonly KnownOption[] {
  const rank = ({ flag }: KnownOption): number => {
    const at = usual.indexOf(flag);
    return at < 0 ? usual.length : at;
  };
  return known.filter(({ flag }) => !elsewhere.includes(flag)).toSorted((a, b) => rank(a) - rank(b));
}

/** The rows of the form: what the commands of the choice understand; all while nothing is chosen. */
export function shownOptions(state: AppState): readonly KnownOption[] {
  const kinds = new Set(commandsOf(state).map(({ kind }) => kind));
  return state.knownOptions.filter(
    ({ flag, about, of }) =>
      (kinds.size === 0 || of.some((kind) => kinds.has(kind))) &&
      passes(state.optionRows.filter, `${flag} ${about}`),
  );
}

/** The row at the cursor. */
export function optionHere(state: AppState): KnownOption | undefined {
  const rows = shownOptions(state);
  return rows[Math.max(0, Math.min(rows.length - 1, state.optionRows.cursor))];
}

/** Values of one that is set, in words. */
export const optionValue = (options: Options, flag: string): string => (options.get(flag) ?? []).join(', ');

/** After one has been set, or taken back. */
export function withOption(state: AppState, flag: string, values: readonly string[] | undefined): AppState {
  const options = new Map(state.options);
  if (values === undefined) options.delete(flag);
  else options.set(flag, values);
  return { ...state, options, planning: { is: 'none' } };
}
