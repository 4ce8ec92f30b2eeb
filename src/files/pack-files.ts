// Files on their way into a bundle: what can be found wrong with them before anybody knows the host. Pure.
import type { Refusal } from '../plan/plan.js';
import { text } from '../text/text.js';
import { mergeDaemon, parseDaemon } from './daemon-json.js';
import { baseName, invalid, joinDaemon, knownKind, problemOf, textOf } from './plan-files.js';
import type { WantedFile, WantedKind } from './planned-file.js';
import { repoFolders, repoForm } from './repo-file.js';

/** A file as the bundle holds it. */
export interface PackedFile {
  readonly kind: WantedKind;
  readonly from: string;
  /** For a repo file the folder of one family; whoever imports chooses that of the host. */
  readonly to: string;
  readonly mode: string;
  /** Of daemon.json: the keys to merge. */
  readonly content: Uint8Array;
}

export interface PackedFiles {
  /** daemon.json last: what it may need is there before it. */
  readonly files: readonly PackedFile[];
  readonly refusals: readonly Refusal[];
}

/** @returns what goes into the bundle; what must stop it is in `refusals`, nothing is thrown */
export function packFiles(wanted: readonly WantedFile[], allow: readonly string[]): PackedFiles {
  const host = text().files.anyHost;
  const files: PackedFile[] = [];
  const refusals: Refusal[] = [];
  for (const file of joinDaemon(wanted.map(knownKind))) {
    const to = file.to ?? repoHome(file.from);
    const twice = files.find((one) => one.to === to);
    const problem = problemOf(host, file, to, { allow });
    if (problem !== undefined) refusals.push(problem);
    else if (twice === undefined) files.push(packed(file, to));
    // One key may be that of several repositories.
    else if (file.kind !== 'key' || Buffer.compare(twice.content, file.content) !== 0)
      refusals.push(invalid(host, to, text().files.twice));
  }
  return { files: files.toSorted((a, b) => rank(a) - rank(b)), refusals };
}

function packed({ kind, from, mode = '0644', content }: WantedFile, to: string): PackedFile {
  if (kind !== 'daemon') return { kind, from, to, mode, content };
  // Laid out as a person would: where there is no daemon.json, this becomes it.
  const keys = mergeDaemon(undefined, parseDaemon(textOf(content) ?? '') ?? {});
  return { kind, from, to, mode, content: Buffer.from(keys?.text ?? '{}\n') };
}

function repoHome(from: string): string {
  const form = repoForm(from);
  return `${form === undefined ? '' : (repoFolders(form)[0] ?? '')}/${baseName(from)}`;
}

function rank({ kind }: PackedFile): number {
  return kind === 'daemon' ? 1 : 0;
}
