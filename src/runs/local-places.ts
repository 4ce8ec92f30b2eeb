// What else of this machine can be sent or written to: containers, compose files of this folder, drives, repo config. For a
// screen that offers them; whatever cannot be read is not offered.
import { readdir, readFile, statfs } from 'node:fs/promises';
import path from 'node:path';
import { readCompose } from '../bundle/compose.js';
import type { ContainerSummary } from '../stores/docker-containers.js';
import { toolFolder } from '../version.js';

/** What else of this machine a screen can offer. */
export interface LocalPlaces {
  readonly containers: readonly ContainerSummary[];
  /** Of the folder where airgap was started; `problem` tells why one cannot be read. */
  readonly composeFiles: readonly {
    readonly path: string;
    readonly images: readonly string[];
    readonly problem?: string;
  }[];
  readonly drives: readonly { readonly path: string; readonly freeBytes: number | undefined }[];
  /** Repo config of this machine. */
  readonly files: readonly string[];
  /** Repo config of the bundles that come with airgap. */
  readonly readyFiles: readonly string[];
}

export interface LocalPlacesOptions {
  readonly containers: () => Promise<LocalPlaces['containers']>;
  /** Where compose files are looked for. */
  readonly folder: string;
  /** The bundles that come with airgap, some with repo config of their own. */
  readonly bundlesFolder?: string;
  /** `/proc/self/mountinfo`; elsewhere there are no drives. */
  readonly mounts?: string;
}

// Compose's own order. @see compose-spec 03-compose-file.md
const composeNames = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];
/** Where desktops and people mount drives. */
const driveFolders = ['/media/', '/run/media/', '/mnt/'];
// What does not keep what is written to it, or is no place for files: memory, layers of containers, what the kernel tells.
const notKept: ReadonlySet<string> = new Set([
  'tmpfs',
  'ramfs',
  'devtmpfs',
  'overlay',
  'squashfs',
  'iso9660',
  'proc',
  'sysfs',
  'cgroup',
  'cgroup2',
  'autofs',
  'nsfs',
  'debugfs',
  'tracefs',
  'fuse.portal',
  'fuse.gvfsd-fuse',
]);
// No image fits into less, and mounts of single files and of configuration are that small.
const leastDriveBytes = 32_000_000;
const repoFolders = [
  { folder: '/etc/yum.repos.d', pattern: /\.repo$/ },
  { folder: '/etc/apt/sources.list.d', pattern: /\.(?:list|sources)$/ },
];

/** Never rejects. */
export async function findLocalPlaces(options: LocalPlacesOptions): Promise<LocalPlaces> {
  const [containers, composeFiles, drives, files, readyFiles] = await Promise.all([
    options.containers().catch(() => []),
    findComposeFiles(options.folder),
    findDrives(options.mounts ?? '/proc/self/mountinfo'),
    findSystemFiles(),
    findReadyFiles(options.bundlesFolder ?? path.join(toolFolder(), 'bundles')),
  ]);
  return { containers, composeFiles, drives, files, readyFiles };
}

async function findComposeFiles(folder: string): Promise<LocalPlaces['composeFiles']> {
  const found: { path: string; images: string[]; problem?: string }[] = [];
  const there = new Set(await readdir(folder).catch(() => []));
  for (const name of composeNames.filter((one) => there.has(one))) {
    const file = path.join(folder, name);
    try {
      const images = (await readCompose(file)).map(({ image }) => image);
      found.push({ path: file, images: [...new Set(images)] });
    } catch (error) {
      found.push({ path: file, images: [], problem: error instanceof Error ? error.message : String(error) });
    }
  }
  return found;
}

async function findDrives(mounts: string): Promise<LocalPlaces['drives']> {
  const table = await readFile(mounts, 'utf8').catch(() => '');
  const all = table.split('\n').flatMap((line) => parseMount(line) ?? []);
  const drives = [...new Set(all.filter(isDrive).map(({ point }) => point))];
  const looks = await Promise.all(
    drives.map(async (drive) => {
      const room = await statfs(drive).catch(() => undefined);
      // A drive that does not answer is offered all the same: it is told when it is chosen.
      if (room === undefined) return { path: drive, freeBytes: undefined };
      const isTiny = room.blocks * room.bsize < leastDriveBytes;
      return isTiny ? undefined : { path: drive, freeBytes: room.bavail * room.bsize };
    }),
  );
  return looks.flatMap((one) => one ?? []);
}

interface Mount {
  readonly point: string;
  readonly isReadOnly: boolean;
  /** Of the file system: `ext4`, `vfat`, `tmpfs`. */
  readonly type: string;
}

/** One line of mountinfo. @see proc(5) */
function parseMount(line: string): Mount | undefined {
  const [before = '', after = ''] = line.split(' - ');
  const [, , , , point = '', options = ''] = before.split(' ');
  const [type = '', , superOptions = ''] = after.split(' ');
  const isReadOnly = [options, superOptions].some((words) => words.split(',').includes('ro'));
  return point === '' ? undefined : { point: unescapeMount(point), isReadOnly, type };
}

const isDrive = ({ point, isReadOnly, type }: Mount): boolean =>
  !isReadOnly && !notKept.has(type) && driveFolders.some((folder) => point.startsWith(folder));

// proc(5): space, tab, newline and backslash are written as octal.
function unescapeMount(word: string): string {
  return word.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

async function findSystemFiles(): Promise<readonly string[]> {
  return (await Promise.all(repoFolders.map(({ folder, pattern }) => listFiles(folder, pattern)))).flat();
}

async function findReadyFiles(bundlesFolder: string): Promise<readonly string[]> {
  const ready = (await readdir(bundlesFolder).catch(() => [])).map((name) =>
    listFiles(path.join(bundlesFolder, name), /\.(?:repo|list|sources)$/),
  );
  return (await Promise.all(ready)).flat();
}

async function listFiles(folder: string, pattern: RegExp): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => path.join(folder, name));
}
