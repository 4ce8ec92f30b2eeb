// What was chosen, as command lines: one for all hosts of an engine, one for each folder, one for each registry, one for each bundle and host
// that it is imported on. The very lines that are shown, copied and run.
import type { StartedCommand } from '../../src/cli/known-options.js';
import type { AppState } from './app-state.js';
import { pathsOf } from './bundles.js';
import { chosenExtras, isForBundlesOnly } from './extras.js';
import { chosenSources, chosenTargets } from './rows.js';
import { chosenPassports, localName } from './targets.js';

export interface Command {
  readonly kind: StartedCommand;
  /** Hosts, or the one folder or registry. */
  readonly targets: readonly string[];
  /** Without `airgap`. */
  readonly words: readonly string[];
}

/** Empty while nothing, or nowhere to, is chosen. */
export function commandsOf(state: AppState): readonly Command[] {
  const sources = chosenSources(state);
  const bundles = sources.filter(({ kind }) => kind === 'bundle');
  const images = sources.filter(({ kind }) => kind !== 'bundle').map(({ id }) => id);
  const chosen = chosenExtras(state);
  const overCable = chosen.filter((extra) => !isForBundlesOnly(extra)).flatMap(({ words }) => words);
  const extras = chosen.flatMap(({ words }) => words);
  // A bundle.yaml brings images of its own.
  const isSpec = state.options.has('-f');
  const targets = chosenTargets(state);
  const hosts = targets.filter(({ kind }) => kind === 'host');
  // One line names one engine.
  const byEngine = Map.groupBy(hosts, ({ engine }) => engine);
  const folders = targets.filter(({ kind }) => kind === 'folder');
  const registries = targets.filter(({ kind }) => kind === 'registry');
  const pushed = [...images, ...bundles.flatMap(({ id }) => pathsOf(state, id))];
  const hasFor = (words: readonly string[]): boolean => isSpec || images.length + words.length > 0;
  const sends = hosts.length > 0 && hasFor(overCable);
  return [
    ...(sends ? [...byEngine] : []).map(([engine, group]) => {
      const names = group.map(({ name }) => name);
      const words = ['send', names.join(','), ...images, ...overCable, ...optionWords(state, 'send', engine)];
      return { kind: 'send' as const, targets: names, words };
    }),
    ...(hasFor(extras) ? folders : []).map((folder) => ({
      kind: 'export' as const,
      targets: [folder.name],
      words: [
        'export',
        folder.name,
        ...images,
        ...extras,
        ...chosenPassports(state, folder).flatMap((file) => ['--for', file]),
        ...optionWords(state, 'export'),
      ],
    })),
    ...(isSpec || pushed.length > 0 ? registries : []).map(({ name }) => ({
      kind: 'push' as const,
      targets: [name],
      words: ['push', ...pushed, name, ...optionWords(state, 'push')],
    })),
    ...bundles.flatMap((bundle) =>
      hosts.map(({ name, engine }) => ({
        kind: 'import' as const,
        targets: [name],
        words: [
          'import',
          ...pathsOf(state, bundle.id),
          ...(name === localName ? [] : ['--to', name]),
          ...optionWords(state, 'import', engine),
        ],
      })),
    ),
  ];
}

/** What a command is told of the options that it knows. `engine`: the one that was chosen for its targets. */
export function optionWords(
  { knownOptions, options }: Pick<AppState, 'knownOptions' | 'options'>,
  kind: StartedCommand,
  engine?: string,
): readonly string[] {
  const chosen = engine === undefined ? [] : ['--engine', engine];
  const others = knownOptions.filter(({ flag }) => engine === undefined || flag !== '--engine');
  const words = others.flatMap(({ flag, takes, of }) => {
    const values = options.get(flag);
    if (values === undefined || !of.includes(kind)) return [];
    return takes === undefined ? [flag] : values.flatMap((value) => [flag, value]);
  });
  return [...chosen, ...words];
}

/** The command for some of its targets only. */
export function forTargets(command: Command, targets: readonly string[]): Command {
  if (command.kind !== 'send') return command;
  const [word = '', , ...rest] = command.words;
  return { ...command, targets, words: [word, targets.join(','), ...rest] };
}

/** Of a command what it brings: its words without the target and without options of the plan. */
export function broughtBy(
  { kind, words }: Command,
  { knownOptions }: Pick<AppState, 'knownOptions'>,
): readonly string[] {
  const options = new Map(knownOptions.map((option) => [option.flag, option]));
  let isValue = false;
  return words.slice(kind === 'send' ? 2 : 1).filter((word) => {
    if (isValue) {
      isValue = false;
      return false;
    }
    // A bundle.yaml brings images of its own.
    const option = word === '-f' ? undefined : options.get(word);
    isValue = option?.takes !== undefined;
    return option === undefined;
  });
}

/** One line to paste into any POSIX shell. */
export function commandLine({ words }: Pick<Command, 'words'>): string {
  return ['airgap', ...words].map(quoteWord).join(' ');
}

function quoteWord(word: string): string {
  return /^[A-Za-z0-9_./:=@,%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
