// In which folders files may be put on a host, and what of a mode is kept. far.sh knows the same (files-folders.sh) and has the last word.

/** Folders that need no --allow-dir. */
export const allowedFolders: readonly string[] = [
  '/etc/yum.repos.d',
  '/etc/zypp/repos.d',
  '/etc/apt/sources.list.d',
  '/etc/apt/keyrings',
  '/etc/pki/rpm-gpg',
  '/etc/docker',
  '/opt',
  '/srv',
];

/** Whether a target lies below one of the folders. */
export function isAllowed(target: string, extra: readonly string[]): boolean {
  return [...allowedFolders, ...extra].some((folder) => target.startsWith(`${folder}/`));
}

/** The mode that a file keeps: without the bits that no file of ours may have. */
export function keptMode(mode: string): string {
  return `0${(Number.parseInt(mode, 8) & 0o775).toString(8).padStart(3, '0')}`;
}
