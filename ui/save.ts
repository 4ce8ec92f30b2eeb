// What the screen writes to files: the choice as a bundle.yaml, and the names it offers for receipts.
import type { Receipt } from '../src/receipt/receipt.js';
import type { AppState } from './state/app-state.js';
import { chosenSources, chosenTargets } from './state/rows.js';

/** The choice as a bundle.yaml. @see docs/bundle-yaml.md */
export function specText(state: AppState): string {
  const sources = chosenSources(state);
  const compose = sources
    .filter(({ kind }) => kind === 'compose')
    .map(({ id }) => id.slice('compose:'.length));
  const images = sources.filter(({ kind }) => kind !== 'compose').map(({ id }) => id);
  const extras = state.extras.filter(({ id }) => state.extraRows.chosen.includes(id));
  const repos = extras.flatMap(({ words: [flag, from = ''] }) => (flag === '--repo' ? [{ from }] : []));
  const files = extras.flatMap(({ words: [flag, word = ''] }) => (flag === '--file' ? [fileOf(word)] : []));
  const hosts = chosenTargets(state).filter(({ kind }) => kind === 'host');
  const { platform } = state.options;
  const image = (from: string): unknown => (platform === '' ? from : { from, platform });
  const list = (key: string, entries: readonly unknown[]): string[] =>
    entries.length === 0 ? [] : [`${key}:`, ...entries.map((entry) => `  - ${JSON.stringify(entry)}`)];
  // JSON is YAML: nothing that was typed can mean anything else.
  return [
    'name: bundle',
    ...list('images', images.map(image)),
    ...list('compose', compose),
    ...list('files', files),
    ...list('repos', repos),
    ...list(
      'targets',
      hosts.map(({ name }) => name),
    ),
    '',
  ].join('\n');
}

function fileOf(word: string): { from: string; to: string; mode?: string } {
  const [, from = '', to = '', mode] = /^(.+):(\/[^:]*)(?::([^:]*))?$/.exec(word) ?? [];
  return { from, to, ...(mode === undefined ? {} : { mode: mode.padStart(4, '0') }) };
}

/** A name for the file of a receipt. */
export function saveField(receipt: Receipt | undefined, ending: 'json' | 'html'): string {
  const host = (receipt?.host ?? 'host').replace(/[^A-Za-z0-9._-]+/g, '-');
  return `receipt-${host}-${(receipt?.startedAt ?? '').slice(0, 10)}.${ending}`;
}
