// Names inside an archive: what is refused, and where links lead. An honest image archive has neither `..` nor absolute names.
import path from 'node:path';

/** Why an entry's name is refused, as a key of text/en-source-problems; undefined if it is fine. */
export function hostileName(name: string): 'absolute' | 'path-escape' | undefined {
  if (name.startsWith('/')) return 'absolute';
  return name.split('/').includes('..') || name.includes('\0') ? 'path-escape' : undefined;
}

/** The name without `.` words, doubled and trailing slashes. Empty for the root. */
export function plainPath(name: string): string {
  return name
    .split('/')
    .filter((word) => word !== '' && word !== '.')
    .join('/');
}

/** Where a link leads, from the archive's root; undefined if it leads out of it. Hard links are told from the root. */
export function linkTarget(from: string, kind: 'symlink' | 'hardlink', link: string): string | undefined {
  if (link === '' || link.startsWith('/') || link.includes('\0')) return undefined;
  const base = kind === 'symlink' ? path.posix.dirname(from) : '.';
  const target = path.posix.normalize(path.posix.join(base, link));
  return target === '..' || target.startsWith('../') ? undefined : plainPath(target);
}
