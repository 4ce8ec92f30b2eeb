// What was chosen, as command lines: one for all hosts, one for each folder. The very lines that are shown, copied and run.
import type { AppState } from './app-state.js';
import { chosenExtras, isForBundlesOnly } from './extras.js';
import { chosenSources, chosenTargets } from './rows.js';
import { chosenPassports } from './targets.js';

/** Words of each command, without `airgap`. Empty while nothing, or nowhere to, is chosen. */
export function commandsOf(state: AppState): readonly (readonly string[])[] {
  const images = chosenSources(state).map(({ id }) => id);
  const chosen = chosenExtras(state);
  const extras = chosen.flatMap(({ words }) => words);
  if (images.length + extras.length === 0) return [];
  const overCable = chosen.filter((extra) => !isForBundlesOnly(extra)).flatMap(({ words }) => words);
  const targets = chosenTargets(state);
  const hosts = targets.filter(({ kind }) => kind === 'host').map(({ name }) => name);
  const folders = targets.filter(({ kind }) => kind === 'folder');
  const { compress, limit, platform, split, sign } = state.options;
  const shared = [
    ...(compress === 'auto' ? [] : ['--compress', compress]),
    ...(platform === '' ? [] : ['--platform', platform]),
  ];
  const send = [...overCable, ...shared, ...(limit === '' ? [] : ['--limit', limit])];
  return [
    ...(hosts.length === 0 || images.length + overCable.length === 0
      ? []
      : [['send', hosts.join(','), ...images, ...send]]),
    ...folders.map((folder) => [
      'export',
      folder.name,
      ...images,
      ...extras,
      ...shared,
      ...chosenPassports(state, folder).flatMap((file) => ['--for', file]),
      ...(split === '' ? [] : ['--split', split]),
      ...(sign === '' ? [] : ['--sign', sign]),
    ]),
  ];
}

/** One line to paste into any POSIX shell. */
export function commandLine(words: readonly string[]): string {
  return ['airgap', ...words].map(quoteWord).join(' ');
}

function quoteWord(word: string): string {
  return /^[A-Za-z0-9_./:=@,%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
