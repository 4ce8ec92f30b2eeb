// Chroots of other Debian suites, made with mmdebstrap from this system's own apt sources and kept outside the tree.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rigFolder } from './box.js';
import { run } from './command.js';

export type Suite = 'trixie' | 'forky';

/** What must be installed in a chroot; one that lacks any of it is made anew. */
export const chrootPackages = [
  'docker.io',
  'docker-cli',
  'containerd',
  'runc',
  'openssh-server',
  'zstd',
  'openssl',
  'podman',
] as const;

/** The chroot's folder; `${folder}.lock` is held, shared, by every box that runs in it. */
export function chrootFolder(suite: Suite): string {
  return join(rigFolder, suite);
}

/** Whether the chroot is there with every package of the set. */
export function isChrootComplete(suite: Suite): boolean {
  const status = join(chrootFolder(suite), 'var/lib/dpkg/status');
  if (!existsSync(status)) return false;
  const installed = new Set<string>();
  for (const entry of readFileSync(status, 'utf8').split('\n\n')) {
    const name = /^Package: (\S+)$/m.exec(entry)?.[1];
    if (name !== undefined && /^Status: install ok installed$/m.test(entry)) installed.add(name);
  }
  return chrootPackages.every((name) => installed.has(name));
}

/** Makes the chroot unless it is there; parallel callers wait for the first. Gives its folder and lock file. */
export async function ensureChroot(suite: Suite): Promise<{ root: string; lockFile: string }> {
  const root = chrootFolder(suite);
  const lockFile = `${root}.lock`;
  await mkdir(rigFolder, { recursive: true, mode: 0o755 });
  await run(['touch', lockFile]);
  if (!isChrootComplete(suite)) {
    const args = [suite, root, await debianMirror(), statusOf(root), await aptProxy()];
    const argv = ['flock', '--exclusive', lockFile, 'sh', '-c', build, 'sh', ...args];
    await run(argv, { timeoutMs: 15 * 60_000 });
    if (!isChrootComplete(suite)) throw new Error(`${root}: mmdebstrap ended, but packages are missing`);
  }
  return { root, lockFile };
}

/** Fails unless the engine that answers is the one of the chroot: another would be the machine's own. */
export async function expectChrootEngine(
  suite: Suite,
  program: 'docker.io' | 'podman',
  engineVersion: string,
): Promise<void> {
  const admin = join(chrootFolder(suite), 'var/lib/dpkg');
  // `name<TAB>version`
  const { stdout } = await run(['dpkg-query', `--admindir=${admin}`, '--show', program]);
  const packaged = stdout.trim().split('\t')[1] ?? '';
  if (majorOf(packaged) === majorOf(engineVersion)) return;
  throw new Error(`the engine in ${suite} says it is ${engineVersion}, its package is ${packaged}`);
}

/** name and version of each package of the set, for the test log. */
export async function chrootVersions(suite: Suite): Promise<string> {
  const admin = join(chrootFolder(suite), 'var/lib/dpkg');
  // one `name<TAB>version` a line
  const { stdout } = await run(['dpkg-query', `--admindir=${admin}`, '--show', ...chrootPackages]);
  return `${suite}: ${stdout.trim().replaceAll('\t', ' ').replaceAll('\n', ', ')}`;
}

// Debian adds epochs, `+dfsg` and revisions; engines of one chroot differ from others in their first number.
const majorOf = (version: string): string | undefined => /^(?:\d+:)?(\d+)\./.exec(version.trim())?.[1];

// Whoever waited for the lock finds the chroot made: its dpkg status is then another one than the caller saw.
// Under a temporary name first, so that a chroot with the final name is a complete one.
const build = `set -eu
suite=$1 root=$2 mirror=$3 seen=$4 proxy=$5
now=$(stat -c %Y.%i "$root/var/lib/dpkg/status" 2>/dev/null || echo none)
[ "$now" = "$seen" ] || exit 0
rm -rf --one-file-system "$root.new"
mmdebstrap --quiet --variant=minbase --mode=root \\
  --aptopt='Acquire::Check-Valid-Until "false"' --aptopt='APT::Install-Recommends "false"' \\
  --aptopt="Acquire::http::Proxy \\"$proxy\\"" \\
  --include=${chrootPackages.join(',')} "$suite" "$root.new" "$mirror" >&2
if [ -e "$root" ]; then mv "$root" "$root.old"; fi
mv "$root.new" "$root"
rm -rf --one-file-system "$root.old"`;

// The same text as `stat -c %Y.%i` in the script.
function statusOf(root: string): string {
  const status = statSync(join(root, 'var/lib/dpkg/status'), { throwIfNoEntry: false });
  return status === undefined ? 'none' : `${Math.floor(status.mtimeMs / 1000)}.${status.ino}`;
}

/** The Debian mirror of this system's apt sources, which may be a local or a snapshot one. */
async function debianMirror(): Promise<string> {
  const folder = '/etc/apt/sources.list.d';
  const names = await readdir(folder).catch(() => []);
  const files = ['/etc/apt/sources.list', ...names.map((name) => join(folder, name))];
  const uris: string[] = [];
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => '');
    for (const line of text.split('\n')) {
      const uri = /^URIs:\s*(\S+)/.exec(line)?.[1] ?? /^deb\s+(?:\[[^\]]*\]\s+)?(\S+)/.exec(line)?.[1];
      if (uri !== undefined) uris.push(uri);
    }
  }
  const mirror = uris.find((uri) => /\/debian(\/|$)/.test(uri));
  if (mirror === undefined) throw new Error('the apt sources of this system name no Debian mirror');
  return mirror;
}

/** apt's own proxy setting, which mmdebstrap does not read; empty for none. */
async function aptProxy(): Promise<string> {
  const { stdout } = await run(['apt-config', 'dump', '--format', '%v', 'Acquire::http::Proxy']);
  return stdout.trim();
}
