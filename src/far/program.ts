// The far-side program as one text: joined from sh/*.sh in the order of their names, so that one exec carries it over.
import { readdirSync, readFileSync } from 'node:fs';
import { type Digest, digestOf, hexOf } from '../oci/digest.js';

export interface FarProgram {
  readonly text: Buffer;
  readonly digest: Digest;
  /** `far-<12 hex>.sh`: another version never overwrites one that runs. */
  readonly name: string;
}

let known: FarProgram | undefined;

/** The program that is uploaded. The build lays it beside this file; run from source, it is joined here. */
export function farProgram(): FarProgram {
  known ??= describe(readJoined() ?? joinParts(new URL('./sh/', import.meta.url)));
  return known;
}

/**
 * Joins the parts. Comment lines and indentation go: they would travel with every run. No part may hold a quoted text
 * of several lines, where that would change its meaning (a test compares what both forms print).
 */
export function joinParts(folder: URL): string {
  const names = readdirSync(folder).filter((name) => name.endsWith('.sh'));
  const lines = names.toSorted().flatMap((name) => readFileSync(new URL(name, folder), 'utf8').split('\n'));
  const kept = lines.map((line) => line.trimStart()).filter((line) => line !== '' && !line.startsWith('#'));
  return `#!/bin/sh\n# airgap, the far side: docs/far-side.md\n${kept.join('\n')}\n`;
}

function readJoined(): string | undefined {
  try {
    return readFileSync(new URL('./far.sh', import.meta.url), 'utf8');
  } catch {
    return undefined;
  }
}

function describe(text: string): FarProgram {
  const digest = digestOf(text);
  return { text: Buffer.from(text), digest, name: `far-${hexOf(digest).slice(0, 12)}.sh` };
}
