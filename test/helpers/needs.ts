// Decides whether a test can run here: what is absent skips it with the reason in its title, or fails it where CI requires it.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import anyTest, { type TestFn } from 'ava';
import { isChrootComplete } from '../rig/chroot.js';

/** Answers with the reason why a thing is absent, or undefined where it is there. */
type Probe = () => string | undefined;

const probes: Readonly<Record<string, Probe>> = {
  root: () => (process.getuid?.() === 0 ? undefined : 'not root'),
  linux: () => (process.platform === 'linux' ? undefined : `this is ${process.platform}`),
  docker: () => missing('docker') ?? missing('dockerd') ?? missing('containerd') ?? missing('runc'),
  sshd: () => missing('sshd') ?? missing('ssh') ?? missing('ssh-keygen'),
  namespaces: () => missing('nsenter') ?? missing('flock') ?? unshareFails(),
  busybox: () => missing('busybox') ?? staticBusybox(),
  podman: () => missing('podman'),
  rootless: () => missing('newuidmap') ?? missing('newgidmap'),
  registry: () => missing('docker-registry') ?? missing('openssl'),
  gpg: () => missing('gpg'),
  skopeo: () => missing('skopeo'),
  shellcheck: () => missing('shellcheck'),
  sudo: () => missing('sudo') ?? missing('visudo'),
  tcsh: () => missing('tcsh'),
  fish: () => missing('fish'),
  dash: () => missing('dash'),
  bash: () => missing('bash'),
  tmux: () => missing('tmux'),
  zstd: () => missing('zstd'),
  gzip: () => missing('gzip'),
  script: () => missing('script'),
  ip: () => missing('ip'),
  'dpkg-deb': () => missing('dpkg-deb'),
  createrepo_c: () => missing('createrepo_c'),
  rpmbuild: () => missing('rpmbuild'),
  'apt-mirror': () => missing('apt-get') ?? mirrorFails(),
  'chroot:trixie': () => chroot('trixie'),
  'chroot:forky': () => chroot('forky'),
};

/** Every word that needing() knows. */
export const needWords: readonly string[] = Object.keys(probes);

/**
 * Gives the reasons why these needs are not met here, none where all are. A word that has no probe of its own
 * is a mistake in the test. Each probe runs once per process.
 */
export function unmetNeeds(needs: readonly string[]): readonly string[] {
  return needs.map((need) => unmet(need)).filter((reason) => reason !== undefined);
}

/** Whether AIRGAP_TEST_REQUIRE (`all`, or words with commas; `chroot` stands for every chroot) forbids a skip for any of these. */
export function isRequired(
  needs: readonly string[],
  setting = process.env.AIRGAP_TEST_REQUIRE ?? '',
): boolean {
  const words = setting.split(',').map((word) => word.trim());
  return (
    words.includes('all') ||
    needs.some((need) => words.includes(need) || words.includes(need.split(':')[0] ?? ''))
  );
}

/**
 * Gives ava's test function where every need is met. Elsewhere a stand-in with the same shape: its tests are
 * skipped with the reason in the title, its hooks do nothing; where a need is required, its tests fail instead.
 */
export function needing(...needs: readonly string[]): TestFn {
  const unmetOnes = needs.filter((need) => unmet(need) !== undefined);
  if (unmetOnes.length === 0) return anyTest;
  const reason = unmetNeeds(unmetOnes).join(', ');
  return standIn(isRequired(unmetOnes) ? failing(reason) : skipping(reason));
}

type Declare = (title: string, ...rest: unknown[]) => void;

function skipping(reason: string): Declare {
  return (title) => anyTest.skip(`${title} (skipped: ${reason})`, () => {});
}

function failing(reason: string): Declare {
  return (title) => anyTest(title, (t) => t.fail(`required by AIRGAP_TEST_REQUIRE, but absent: ${reason}`));
}

function standIn(declare: Declare): TestFn {
  const test = (first: unknown, ...rest: unknown[]): void => declare(titleOf(first, rest), ...rest);
  const nothing = Object.assign(() => {}, {
    skip: () => {},
    always: Object.assign(() => {}, { skip: () => {} }),
  });
  const shape = Object.assign(test, {
    before: nothing,
    after: nothing,
    beforeEach: nothing,
    afterEach: nothing,
    only: test,
    failing: test,
    skip: anyTest.skip,
    todo: anyTest.todo,
    macro: anyTest.macro,
    meta: anyTest.meta,
  });
  // ava's own type has overloads that no plain object can show; every member that tests use is above
  return Object.assign(shape, { serial: shape }) as unknown as TestFn;
}

function titleOf(first: unknown, rest: readonly unknown[]): string {
  if (typeof first === 'string') return first;
  if (typeof first === 'object' && first !== null && 'title' in first && typeof first.title === 'function') {
    return String(first.title(undefined, ...rest));
  }
  return 'a test without a title';
}

const known = new Map<string, string | undefined>();

function unmet(need: string): string | undefined {
  if (!known.has(need)) {
    const probe = probes[need];
    if (probe === undefined) throw new Error(`unknown need "${need}": add a probe to test/helpers/needs.ts`);
    known.set(need, probe());
  }
  return known.get(need);
}

function missing(program: string): string | undefined {
  // Debian keeps daemons out of the PATH of plain users
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  for (const folder of folders) {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return undefined;
    } catch {}
  }
  return `no ${program}`;
}

function unshareFails(): string | undefined {
  const argv = ['--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private', 'true'];
  const tried = spawnSync('unshare', argv, { stdio: 'ignore', timeout: 20_000 });
  return tried.status === 0 ? undefined : 'no mount namespaces for this user';
}

// In an image from scratch there is no loader: an ELF file with a PT_INTERP header would not start. (64-bit, little-endian.)
function staticBusybox(): string | undefined {
  const file = readFileSync(spawnSync('sh', ['-c', 'command -v busybox']).stdout.toString().trim());
  const headersAt = Number(file.readBigUInt64LE(0x20));
  const headerBytes = file.readUInt16LE(0x36);
  const count = file.readUInt16LE(0x38);
  const types = Array.from({ length: count }, (_, index) =>
    file.readUInt32LE(headersAt + index * headerBytes),
  );
  return types.includes(3) ? 'busybox is not static' : undefined;
}

function mirrorFails(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'airgap-apt-'));
  const tried = spawnSync('apt-get', ['download', 'hello'], {
    cwd: folder,
    stdio: 'ignore',
    timeout: 60_000,
  });
  rmSync(folder, { recursive: true, force: true });
  return tried.status === 0 ? undefined : 'no package mirror within reach';
}

function chroot(suite: 'trixie' | 'forky'): string | undefined {
  if (isChrootComplete(suite)) return undefined;
  return missing('mmdebstrap') === undefined ? undefined : `no chroot of ${suite} and no mmdebstrap`;
}
