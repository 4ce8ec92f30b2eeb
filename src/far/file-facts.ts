// What the far side says about files that are installed there, typed. far-files.ts parses its lines; docs/far-side.md has them.
import type { Digest } from '../oci/digest.js';

/** How far.sh gets the right to write system files: as it is, or started again by sudo. */
export interface RootCall {
  readonly sudo: 'no' | 'n' | 'ask';
  /** Only with sudo `ask`. Never logged, never in argv. */
  readonly password?: string;
}

/** What must be done to have that right; `none`: there is no way. */
export type RootWay = 'no' | 'n' | 'password' | 'none';

/** Why a target cannot be written. */
export type TargetProblem = 'folder' | 'symlink' | 'not-a-file' | 'owner';

/** What a file is for: it decides how it is checked. */
export type FileKind = 'file' | 'repo' | 'key' | 'compose' | 'daemon';

/** What lies at a target today. */
export type FoundFile =
  | { readonly state: 'absent'; readonly path: string }
  | { readonly state: 'refused'; readonly path: string; readonly problem: TargetProblem }
  | {
      readonly state: 'file';
      readonly path: string;
      /** Four octal digits. */
      readonly mode: string;
      readonly uid: number;
      readonly gid: number;
      readonly bytes: number;
      readonly digest: Digest;
      /** Undefined above 1 MiB. */
      readonly content: Uint8Array | undefined;
    };

/** An answer to `files`. Without the right to look there are no `files`, and `root` says how it is had. */
export interface FilesLook {
  readonly family: string;
  /** What the distribution calls itself. */
  readonly distribution: string;
  /** Undefined when asked with sudo. */
  readonly root: RootWay | undefined;
  readonly files: readonly FoundFile[];
}

/** One file of an installation. */
export interface InstallFile {
  readonly kind: FileKind;
  readonly mode: string;
  readonly content: Uint8Array;
  readonly digest: Digest;
  /** What must still lie there; undefined: nothing. */
  readonly was: Digest | undefined;
  readonly target: string;
}

/** What a rollback did. Without the right to do it there are no `files`. */
export interface RolledBack {
  readonly root: RootWay | undefined;
  readonly receipt: string;
  readonly files: readonly { readonly path: string; readonly done: 'restored' | 'removed' | 'kept' }[];
}

/** Who has changed files last, and the receipt of that. */
export interface NewestChange {
  readonly client: string;
  readonly receipt: string;
}

/** The calls for files. All of an installation is done, or nothing. */
export interface FarFiles {
  /** @throws FAR_SUDO_DENIED, FAR_* */
  files(
    call: RootCall,
    asked: { readonly allow: readonly string[]; readonly targets: readonly string[] },
  ): Promise<FilesLook>;
  /** @throws FILE_CHANGED, FILE_REFUSED, FILE_INVALID, INSTALL_FAILED, TARGET_FULL, FAR_*: every file is then as it was */
  install(
    call: RootCall,
    plan: {
      readonly receipt: string;
      readonly allow: readonly string[];
      readonly files: readonly InstallFile[];
    },
  ): Promise<void>;
  /** `receipt`: an ID, its beginning, or `newest`. @throws ROLLBACK_UNKNOWN, FILE_CHANGED, INSTALL_FAILED, TARGET_FULL, FAR_* */
  rollback(
    call: RootCall,
    wanted: { readonly receipt: string; readonly force: boolean },
  ): Promise<RolledBack>;
  /** The newest change of files there, by this client or by import.sh. @throws ROLLBACK_UNKNOWN, FAR_* */
  newest(): Promise<NewestChange>;
  /** SIGHUP to dockerd. Whether it took its new settings is for the caller to ask. */
  reload(call: RootCall): Promise<void>;
}
