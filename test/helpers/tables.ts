// Tables of documents that are made from code: what stands between `<!-- name -->` and `<!-- /name -->` must equal these.
// To bring a document up to date: node --import=tsx test/helpers/tables.ts README.md
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { completionTree } from '../../src/cli/completion/tree.js';
import { stopExitCodes } from '../../src/cli/stop.js';
import { type ErrorCode, errorCodes } from '../../src/errors.js';
import { text } from '../../src/text/text.js';
import { bindings, keyLabel } from '../../ui/keys.js';
import { farHeads, farRows } from '../contract/far-differences.js';
import { storeHeads, storeRows } from '../contract/store-differences.js';

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(heads), row(heads.map(() => '---')), ...rows.map(row)].join('\n');

// Ends that are no errors of the table.
const also: Readonly<Record<number, readonly string[]>> = { 3: ['or `airgap doctor` found a problem'] };

/** Exit codes with the error codes that end in them. */
function errors(): string {
  const byExit = new Map<number, string[]>();
  for (const code of Object.keys(errorCodes) as ErrorCode[]) {
    const { exitCode } = errorCodes[code];
    byExit.set(exitCode, [...(byExit.get(exitCode) ?? []), `\`${code}\``]);
  }
  const signals = [
    [stopExitCodes.SIGHUP, 'stopped by SIGHUP'],
    [stopExitCodes.SIGTERM, 'stopped by SIGTERM'],
  ] as const;
  const rows: (readonly [number, string])[] = [
    [0, 'done'],
    [1, 'a bug in airgap'],
    ...[...byExit].map(
      ([exitCode, codes]) => [exitCode, [...codes, ...(also[exitCode] ?? [])].join(', ')] as const,
    ),
    ...signals,
    [141, 'the reader of its output went away (SIGPIPE)'],
  ];
  return table(
    ['exit code', 'why'],
    rows.sort(([a], [b]) => a - b).map(([exitCode, why]) => [String(exitCode), why]),
  );
}

/** Every command in one line. */
function commands(): string {
  const rows = completionTree()
    .filter(({ path }) => path.length > 0)
    .map(({ path, summary }) => [`\`airgap ${path.join(' ')}\``, summary]);
  return table(['command', 'does'], rows);
}

/** The keys of the screen. */
function keys(): string {
  const words = text().words.screen;
  const names = { ...words.tabs, ...words.titles };
  const rows = bindings.map(({ id, keys: bound, on }) => [
    bound.map((key) => `\`${keyLabel(key)}\``).join(' '),
    words.actions[id],
    on === 'everywhere' ? words.keys.everywhere : on.map((screen) => names[screen]).join(', '),
  ]);
  return table([words.keys.key, words.keys.does, words.keys.on], rows);
}

/** Where images are loaded into, and in what these places differ. */
function farEngines(): string {
  return table(farHeads, farRows());
}

/** Where images are read from, and in what these places differ. */
function stores(): string {
  return table(storeHeads, storeRows());
}

/** By document, and by name of the markers. */
export const tables = {
  'README.md': { errors, commands, keys },
  'docs/engines.md': { 'far-engines': farEngines, stores },
} as const;

/** What stands between the markers of that name, or undefined if they are not there. */
export function tableIn(markdown: string, name: string): string | undefined {
  return new RegExp(`<!-- ${name} -->\\n+([\\s\\S]*?)\\n+<!-- /${name} -->`).exec(markdown)?.[1];
}

/** The same text with every table made anew. */
export function withTables(markdown: string): string {
  return Object.values(tables)
    .flatMap((each) => Object.entries(each))
    .reduce(
      (text, [name, make]) =>
        text.replace(
          new RegExp(`(<!-- ${name} -->\\n)[\\s\\S]*?(<!-- /${name} -->)`),
          (_, open: string, close: string) => `${open}\n${make()}\n\n${close}`,
        ),
      markdown,
    );
}

const [, script, file] = process.argv;
if (script === fileURLToPath(import.meta.url) && file !== undefined) {
  writeFileSync(file, withTables(readFileSync(file, 'utf8')));
}
