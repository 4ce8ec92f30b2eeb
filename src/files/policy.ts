// Where files may be put on a host, and with which modes. far.sh knows the same (files-folders.sh) and has the last word.

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

/** A path that needs no quotes anywhere and goes nowhere but down; what far.sh calls is_target. */
export function isTarget(path: string): boolean {
  if (path.length > 400 || !/^(?:\/[A-Za-z0-9._+@~-]+){2,}$/.test(path)) return false;
  return !path.split('/').some((part) => part === '.' || part === '..' || part.startsWith('.airgap-'));
}

/** Whether a target lies below one of the folders. */
export function isAllowed(target: string, extra: readonly string[]): boolean {
  return [...allowedFolders, ...extra].some((folder) => target.startsWith(`${folder}/`));
}

/** `644`, `0644` as `0644`; undefined for what lets others write, runs as its owner, or is no mode. */
export function parseMode(text: string): string | undefined {
  const digits = /^0?([0-7][0-7][0145])$/.exec(text)?.[1];
  return digits === undefined ? undefined : `0${digits}`;
}

/** The mode that a file keeps: without the bits that no file of ours may have. */
export function keptMode(mode: string): string {
  return `0${(Number.parseInt(mode, 8) & 0o775).toString(8).padStart(3, '0')}`;
}
