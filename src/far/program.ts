// The far side's two programs, each joined into one text: far.sh, which a send carries over, from sh/*.sh; import.sh, which
// lies in every bundle, from some of these and import/*.sh.
import { readdirSync, readFileSync } from 'node:fs';
import { type Digest, digestOf, hexOf } from '../oci/digest.js';

export interface FarProgram {
  readonly text: Buffer;
  readonly digest: Digest;
  /** `far-<12 hex>.sh`: another version never overwrites one that runs. */
  readonly name: string;
}

let known: FarProgram | undefined;
let knownImport: Buffer | undefined;

/** What import.sh shares with far.sh, in the order in which it is joined. */
const sharedParts = [
  '00-prelude.sh',
  '10-words.sh',
  '20-stage.sh',
  '21-procs.sh',
  '23-tools.sh',
  '24-lock.sh',
  '30-engine.sh',
  '31-root.sh',
  'docker.sh',
  'docker-held.sh',
  'cmd-passport.sh',
  'cmd-probe.sh',
  'cmd-unpack.sh',
  'files-check.sh',
  'files-folders.sh',
  'files-install.sh',
  'files-reload.sh',
  'files-undo.sh',
  'packages.sh',
];

/** The program that is uploaded. The build lays it beside this file; run from source, it is joined here. */
export function farProgram(): FarProgram {
  known ??= describe(readJoined('far.sh') ?? joinFar(new URL('./', import.meta.url)));
  return known;
}

/** import.sh, as it is put into bundles. */
export function importProgram(): Buffer {
  knownImport ??= Buffer.from(readJoined('import.sh') ?? joinImport(new URL('./', import.meta.url)));
  return knownImport;
}

/** far.sh of the parts in this folder's `sh/`. */
export function joinFar(folder: URL): string {
  return joinParts(partsIn(new URL('./sh/', folder)), 'airgap, the far side: docs/far-side.md');
}

/** import.sh of the parts in this folder's `sh/` and `import/`. The language is seen before the prelude sets another. */
export function joinImport(folder: URL): string {
  const [first, ...own] = partsIn(new URL('./import/', folder));
  const shared = sharedParts.map((name) => new URL(`./sh/${name}`, folder));
  return joinParts(
    [...(first === undefined ? [] : [first]), ...shared, ...own],
    'airgap: loads the bundle that this file lies in; sh import.sh --help',
  );
}

function partsIn(folder: URL): URL[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.sh'));
  return names.toSorted().map((name) => new URL(name, folder));
}

/**
 * Joins the parts. Comment lines and indentation go: they would travel with every run. No part may hold a quoted text
 * of several lines, where that would change its meaning (a test compares what both forms print).
 */
function joinParts(parts: readonly URL[], title: string): string {
  const lines = parts.flatMap((part) => readFileSync(part, 'utf8').split('\n'));
  const kept = lines.map((line) => line.trimStart()).filter((line) => line !== '' && !line.startsWith('#'));
  return `#!/bin/sh\n# ${title}\n${kept.join('\n')}\n`;
}

function readJoined(name: string): string | undefined {
  try {
    return readFileSync(new URL(name, import.meta.url), 'utf8');
  } catch {
    return undefined;
  }
}

function describe(text: string): FarProgram {
  const digest = digestOf(text);
  return { text: Buffer.from(text), digest, name: `far-${hexOf(digest).slice(0, 12)}.sh` };
}
