// What the far side says and does about local repositories, typed. far-packages.ts parses its lines; docs/far-side.md has them.
import type { Digest } from '../oci/digest.js';
import type { RootCall, RootWay } from './file-facts.js';

export type PackageKind = 'deb' | 'rpm';

/** Which set it is: of a bundle, and within it. */
export interface SetName {
  readonly bundle: string;
  readonly set: string;
}

/** One file of a repository. */
export interface SetFile {
  /** Below the set's own folder. */
  readonly path: string;
  readonly bytes: number;
  readonly digest: Digest;
  /** Its bytes, just so many. */
  open(): Promise<AsyncIterable<Uint8Array>>;
}

/** An answer to `packages`. Without the right to install there are no `managers`. */
export interface PackagesLook {
  /** Undefined when asked with sudo. */
  readonly root: RootWay | undefined;
  /** The program that installs such packages there. */
  readonly managers: ReadonlyMap<PackageKind, string>;
  /** Where repositories lie; undefined where `df` does not say. */
  readonly room?: { readonly freeBytes: number; readonly device: string };
}

/** The calls for packages. */
export interface FarPackages {
  /** @throws FAR_SUDO_DENIED, FAR_* */
  packages(call: RootCall): Promise<PackagesLook>;
  /**
   * Puts a repository at its place, whole or not at all. Nothing is installed.
   * @returns the folder there. @throws INSTALL_FAILED, TARGET_FULL, FAR_*, and what opening a file throws
   */
  putSet(call: RootCall, name: SetName, files: readonly SetFile[]): Promise<string>;
  /**
   * Installs out of a repository that is at its place; no abort stops it, since a package manager must not be.
   * @throws PACKAGES_FAILED, FAR_*
   */
  setUp(
    call: RootCall,
    name: SetName,
    wanted: { readonly kind: PackageKind; readonly names: readonly string[] },
  ): Promise<void>;
}
