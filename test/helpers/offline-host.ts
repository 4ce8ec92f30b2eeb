// A Debian machine whose network is cut off, reached over SSH all the same: sshd answers on the pipe of a ProxyCommand.
import { spawn } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Box, openBox } from '../rig/box.js';
import { ensureChroot } from '../rig/chroot.js';
import { until } from '../rig/command.js';
import { type Ran, run } from '../rig/rig.js';
import { makeKey } from '../rig/ssh-access.js';
import { makeOfflineRoot } from './offline-root.js';

export interface OfflineHost {
  readonly alias: string;
  /** For `-F`; needs `--ssh openssh`. */
  readonly configFile: string;
  /** Runs a script as root there. */
  inside(script: string): Promise<Ran>;
  /** A folder that is put there. */
  put(folder: string, target: string): Promise<void>;
  stop(): Promise<void>;
}

const hold = `${makeOfflineRoot}
mount -t tmpfs tmpfs "$1/over/root/run"
mkdir -p "$1/over/root/run/sshd" "$1/over/root$1"
mount --bind "$1" "$1/over/root$1"
read -r pid _ </proc/self/stat
exec chroot "$1/over/root" sh -c 'echo "ready $1"; while read -r _; do :; done' sh "$pid"`;

/** Opens one. Needs `root`, `namespaces`, `chroot:trixie`, `sshd`. */
export async function openOfflineHost(): Promise<OfflineHost> {
  const box = await openBox({ name: 'offline', ...(await ensureChroot('trixie')) });
  try {
    const words = [
      'unshare',
      '--net',
      '--mount',
      '--propagation',
      'private',
      'sh',
      '-c',
      hold,
      'sh',
      box.work,
    ];
    const [program = '', ...rest] = box.enter(words);
    const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const pid = await until('an offline host', () => /^ready (\d+)$/m.exec(said)?.[1]);
    const enter = (argv: readonly string[]): readonly string[] =>
      box.enter(['nsenter', '--target', pid, '--mount', '--net', '--root', '--wd', ...argv]);
    const configFile = await writeConfig(box, enter);
    const inside = (script: string): Promise<Ran> =>
      run(enter(['env', 'HOME=/root', 'LC_ALL=C', 'sh', '-c', script]), { mayFail: true });
    return {
      alias: 'offline',
      configFile,
      inside,
      put: async (folder, target) => {
        const tar = path.join(box.work, 'put.tar');
        await run(['tar', '-C', folder, '-cf', tar, '.']);
        await inside(`rm -rf ${target}; mkdir -p ${target}; tar -C ${target} --no-same-owner -xf ${tar}`);
      },
      stop: async () => {
        child.stdin.end();
        await box.stop();
      },
    };
  } catch (error) {
    await box.stop();
    throw error;
  }
}

/** Keys and configuration of both sides. */
async function writeConfig(box: Box, enter: (argv: readonly string[]) => readonly string[]): Promise<string> {
  const folder = path.join(box.work, 'ssh');
  await mkdir(folder);
  await chmod(folder, 0o755);
  const at = (name: string): string => path.join(folder, name);
  await makeKey(at('host_key'));
  await makeKey(at('client_key'));
  await writeFile(
    at('sshd_config'),
    [
      `HostKey ${at('host_key')}`,
      `AuthorizedKeysFile ${at('client_key.pub')}`,
      'StrictModes no',
      'UsePAM no',
      'PermitRootLogin yes',
      'PidFile none',
      '',
    ].join('\n'),
  );
  await writeFile(at('known_hosts'), `offline ${await readFile(at('host_key.pub'), 'utf8')}`);
  const proxy = enter(['/usr/sbin/sshd', '-i', '-f', at('sshd_config')]);
  const lines = [
    'Host offline',
    '  User root',
    `  IdentityFile ${at('client_key')}`,
    '  IdentitiesOnly yes',
    `  UserKnownHostsFile ${at('known_hosts')}`,
    '  GlobalKnownHostsFile none',
    `  ProxyCommand ${proxy.join(' ')}`,
    '',
  ];
  const configFile = at('config');
  await writeFile(configFile, lines.join('\n'));
  return configFile;
}
