// A folder of .deb or .rpm files as a repository that a package manager can use offline. The same files give the same bytes: nothing
// in it tells the time. @see https://wiki.debian.org/DebianRepository/Format
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { AirgapError } from '../errors.js';
import type { Host } from '../hosts/host.js';
import { type Digest, digestOf } from '../oci/digest.js';
import { hasCode, plainly } from '../streams/fs-errors.js';
import { hashFile } from '../streams/hash-bytes.js';
import { text } from '../text/text.js';
import { debMetadata } from './packages-deb.js';
import { rpmMetadata } from './packages-rpm.js';
import { isBundlePath } from './paths.js';
import { fitsTar } from './tar-container.js';

/** A file of a repository: copied from here, or made. */
export type RepositoryFile = {
  /** In the bundle. */
  readonly path: string;
  readonly bytes: number;
  readonly digest: Digest;
} & ({ readonly from: string } | { readonly content: Buffer });

export interface Repository {
  readonly set: string;
  readonly kind: 'deb' | 'rpm';
  /** What is installed when it is asked for: every package of the folder. */
  readonly names: readonly string[];
  /** Sorted by path. */
  readonly files: readonly RepositoryFile[];
}

/** A package file of the folder. */
export interface PackageFile {
  readonly file: string;
  readonly bytes: number;
  readonly digest: Digest;
}

/** What a kind of repository makes of package files. */
export interface Metadata {
  readonly names: readonly string[];
  /** By the package file: the name that it has in the repository. */
  readonly placed: ReadonlyMap<PackageFile, string>;
  /** By its path in the repository. */
  readonly made: ReadonlyMap<string, Buffer>;
}

export interface BuildOptions {
  readonly folder: string;
  /** Name of the set: the repository lies in `packages/<set>/`. */
  readonly set: string;
  /** This machine: dpkg-deb or createrepo_c run there. */
  readonly host: Host;
  /** Whether the bundle is to be a tar, which has less room for names. */
  readonly inTar?: boolean;
  readonly signal?: AbortSignal;
}

// A set with all of an office is some thousands.
const maxPackageCount = 20_000;

/** Packages that other files lie beside are taken; other files are not. @throws {AirgapError} PACKAGES_INVALID, PROGRAM_MISSING */
export async function buildRepository(options: BuildOptions): Promise<Repository> {
  const { folder, set, host, inTar = false, signal } = options;
  const say = text().words.packages;
  const fail = (problem: string): AirgapError =>
    new AirgapError('PACKAGES_INVALID', { path: folder, problem });
  const entries = await readdir(folder).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) throw fail(say.noFolder);
    throw fail(hasCode(error, 'ENOTDIR') ? say.notFolder : plainly(error));
  });
  entries.sort();
  const debs = entries.filter((name) => name.endsWith('.deb'));
  const rpms = entries.filter((name) => name.endsWith('.rpm'));
  if (debs.length > 0 && rpms.length > 0) throw fail(say.mixed);
  const names = [...debs, ...rpms];
  if (names.length === 0) throw fail(say.none);
  if (names.length > maxPackageCount) throw fail(say.tooMany(maxPackageCount));
  const files: PackageFile[] = [];
  for (const name of names) {
    const file = path.join(folder, name);
    // A link could lead to anything of this machine.
    if (!(await lstat(file)).isFile()) throw fail(say.notFile(name));
    files.push({ file, ...(await hashFile(file, { signal })) });
  }
  const kind = debs.length > 0 ? 'deb' : 'rpm';
  const make = kind === 'deb' ? debMetadata : rpmMetadata;
  const metadata = await make(files, { host, fail, ...(signal === undefined ? {} : { signal }) });
  const inBundle = (name: string): string => `packages/${set}/${name}`;
  const placed = [...metadata.placed].map(
    ([{ file, bytes, digest }, name]): RepositoryFile => ({
      path: inBundle(name),
      bytes,
      digest,
      from: file,
    }),
  );
  const made = [...metadata.made].map(
    ([name, content]): RepositoryFile => ({
      path: inBundle(name),
      bytes: content.byteLength,
      digest: digestOf(content),
      content,
    }),
  );
  const all = [...placed, ...made].sort((a, b) => (a.path < b.path ? -1 : 1));
  const seen = new Set<string>();
  for (const { path: at } of all) {
    if (!isBundlePath(at)) throw fail(say.name(at));
    if (inTar && !fitsTar(at)) throw fail(say.nameInTar(path.basename(at)));
    // Drives do not tell case apart.
    if (seen.has(at.toLowerCase())) throw fail(say.twice(path.basename(at)));
    seen.add(at.toLowerCase());
  }
  return { set, kind, names: [...new Set(metadata.names)].toSorted(), files: all };
}
