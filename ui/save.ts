// What the screen writes to files: the choice as a bundle.yaml, and the names it offers for receipts.
import path from 'node:path';
import type { Receipt } from '../src/receipt/receipt.js';
import type { AppState } from './state/app-state.js';
import { chosenExtras, fileParts } from './state/extras.js';
import { chosenSources, chosenTargets } from './state/rows.js';
import { chosenPassports } from './state/targets.js';

export interface SpecFile {
  readonly document: string;
  /** What does not lie beside the file, and so cannot be named in it. */
  readonly outside: readonly string[];
  /** What was chosen and has no place in such a file, as the command line has it. */
  readonly unsaid: readonly string[];
}

/** The choice as a bundle.yaml in that folder. @see docs/bundle-yaml.md "Paths" */
export function specText(state: AppState, folder: string): SpecFile {
  const outside: string[] = [];
  const inside = (file: string): string[] => {
    const relative = path.relative(folder, path.resolve(file));
    if (relative !== '' && relative !== '..' && !relative.startsWith('../')) return [relative];
    outside.push(file);
    return [];
  };
  const sources = chosenSources(state);
  const compose = sources
    .filter(({ kind }) => kind === 'compose')
    .flatMap(({ id }) => inside(id.slice('compose:'.length)));
  const images = sources.filter(({ kind }) => kind === 'image' || kind === 'container').map(({ id }) => id);
  const of = (wanted: string): readonly string[] =>
    chosenExtras(state).flatMap(({ words: [flag, word = ''] }) => (flag === wanted ? [word] : []));
  const repos = of('--repo').flatMap((file) => inside(file).map((from) => ({ from })));
  const files = of('--file').flatMap((word) => {
    const { from, to, mode } = fileParts(word);
    const known = mode === undefined ? {} : { mode: mode.padStart(4, '0') };
    return inside(from).map((one) => ({ from: one, to, ...known }));
  });
  const hosts = chosenTargets(state).filter(({ kind }) => kind === 'host');
  const [platform = ''] = state.options.get('--platform') ?? [];
  const [name = 'bundle'] = state.options.get('--name') ?? [];
  const image = (id: string): unknown => {
    // As the command line has it: SOURCE=NAME gives it another name there.
    const at = id.lastIndexOf('=');
    const [from, as] = at < 0 ? [id, undefined] : [id.slice(0, at), id.slice(at + 1)];
    const more = { ...(as === undefined ? {} : { as }), ...(platform === '' ? {} : { platform }) };
    return Object.keys(more).length === 0 ? from : { from, ...more };
  };
  const list = (key: string, entries: readonly unknown[]): string[] =>
    entries.length === 0 ? [] : [`${key}:`, ...entries.map((entry) => `  - ${JSON.stringify(entry)}`)];
  const daemon = of('--daemon-key').map((word) => {
    const at = word.indexOf('=');
    return `  ${JSON.stringify(word.slice(0, at))}: ${word.slice(at + 1)}`;
  });
  // JSON is YAML: nothing that was typed can mean anything else.
  const lines = [
    `name: ${name}`,
    ...list('images', images.map(image)),
    ...list('compose', compose),
    ...list('files', files),
    ...list('repos', repos),
    ...list('packages', of('--packages').flatMap(inside)),
    ...(daemon.length === 0 ? [] : ['daemon:', ...daemon]),
    ...list(
      'targets',
      hosts.map(({ name }) => name),
    ),
    '',
  ];
  return { document: lines.join('\n'), outside, unsaid: unsaidOf(state) };
}

const said = new Set(['--platform', '--name']);

function unsaidOf(state: AppState): string[] {
  const folders = chosenTargets(state).filter(({ kind }) => kind === 'folder' || kind === 'registry');
  const options = [...state.options].filter(([flag]) => !said.has(flag));
  const bundles = chosenSources(state).filter(({ kind }) => kind === 'bundle');
  return [
    ...options.map(([flag, values]) => [flag, ...values].join(' ')),
    ...folders.flatMap((folder) => [
      folder.name,
      ...chosenPassports(state, folder).map((file) => `--for ${file}`),
    ]),
    ...bundles.map(({ label }) => label),
  ];
}

/** A name for the file of a receipt. */
export function saveField(receipt: Receipt | undefined, ending: 'json' | 'html'): string {
  const host = (receipt?.host ?? 'host').replace(/[^A-Za-z0-9._-]+/g, '-');
  return `receipt-${host}-${(receipt?.startedAt ?? '').slice(0, 10)}.${ending}`;
}
