// A file on its way to a host: what was asked for, and what will be done with it there. Plain types, safe for JSON.
import type { Digest } from '../oci/digest.js';

/** What a file is for: it decides where it goes and how it is checked. */
export type WantedKind = 'file' | 'repo' | 'key' | 'compose' | 'daemon';

/** One file as the user or a bundle wants it. */
export interface WantedFile {
  /** `daemon`: its content are keys to merge into daemon.json. */
  readonly kind: WantedKind;
  /** Where it comes from, for people. */
  readonly from: string;
  /** The whole path of the file on this machine that it is; absent where it is none. */
  readonly source?: string;
  /** Undefined for a repo file: its folder depends on the distribution. */
  readonly to: string | undefined;
  /** Four octal digits; undefined: what the file has there, else 0644. */
  readonly mode: string | undefined;
  readonly content: Uint8Array;
  /** Of keys for daemon.json out of a bundle.yaml: where each is written, for people (`bundle.yaml:7`). */
  readonly keyPlaces?: ReadonlyMap<string, string>;
}

/** What will be done with it, as a plan shows it. */
export interface PlannedFile {
  readonly kind: WantedKind;
  readonly from: string;
  /** As of the wanted file. */
  readonly source?: string;
  readonly to: string;
  readonly state: 'new' | 'same' | 'change';
  readonly mode: string;
  readonly bytes: number;
  readonly digest: Digest;
  /** What lies there today. Its owner is kept. */
  readonly previous?: {
    readonly digest: Digest;
    readonly mode: string;
    readonly uid: number;
    readonly gid: number;
  };
  /** As `diff -u` has it; absent where it is no text, too long, or not for everybody to read. Secrets in it are masked. */
  readonly diff?: string;
  /** Of daemon.json: keys that take effect by a reload, and those that wait for a restart of the engine. */
  readonly reload?: readonly string[];
  readonly restart?: readonly string[];
}
