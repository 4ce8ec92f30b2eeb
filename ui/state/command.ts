// What was chosen, as command lines: one for all hosts, one for each folder. The very lines that are shown, copied and run.
import type { AppState, Extra } from './app-state.js';
import { chosenSources, chosenTargets } from './rows.js';
import { chosenPassports } from './targets.js';

/** Words of each command, without `airgap`. Empty while nothing, or nowhere to, is chosen. */
export function commandsOf(state: AppState): readonly (readonly string[])[] {
  const images = chosenSources(state).map(({ id }) => id);
  const extras = chosenExtras(state).flatMap(({ words }) => words);
  if (images.length + extras.length === 0) return [];
  const targets = chosenTargets(state);
  const hosts = targets.filter(({ kind }) => kind === 'host').map(({ name }) => name);
  const folders = targets.filter(({ kind }) => kind === 'folder');
  const { compress, limit, platform, sign } = state.options;
  const shared = [
    ...extras,
    ...(compress === 'auto' ? [] : ['--compress', compress]),
    ...(platform === '' ? [] : ['--platform', platform]),
  ];
  const send = [...shared, ...(limit === '' ? [] : ['--limit', limit])];
  return [
    ...(hosts.length === 0 ? [] : [['send', hosts.join(','), ...images, ...send]]),
    ...folders.map((folder) => [
      'export',
      folder.name,
      ...images,
      ...shared,
      ...chosenPassports(state, folder).flatMap((file) => ['--for', file]),
      ...(sign === '' ? [] : ['--sign', sign]),
    ]),
  ];
}

function chosenExtras(state: AppState): readonly Extra[] {
  return state.extras.filter(({ id }) => state.extraRows.chosen.includes(id));
}

/** One line to paste into any POSIX shell. */
export function commandLine(words: readonly string[]): string {
  return ['airgap', ...words].map(quoteWord).join(' ');
}

function quoteWord(word: string): string {
  return /^[A-Za-z0-9_./:=@,%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A file that was typed or found, as words of a command: `--repo FILE` or `--file SOURCE:/TARGET[:MODE]`. */
export function extraWords(typed: string): readonly string[] {
  return /\.(?:repo|list|sources)$/.test(typed) ? ['--repo', typed] : ['--file', typed];
}
