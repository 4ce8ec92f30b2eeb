// sshd inside a box: on 127.0.0.1, own host key, one throw-away client key that opens every user.
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Box } from './box.js';
import { until } from './command.js';
import { type Daemon, startDaemon } from './daemon.js';
import { makeKey, writeAccess } from './ssh-access.js';
import type { SshAccess, SshdSettings } from './types.js';

export type Sshd = {
  readonly port: number;
  /** Config and known_hosts for one user of the box, by the client key. */
  access(user: string): Promise<SshAccess>;
  configure(settings: SshdSettings): Promise<void>;
  changeHostKey(): Promise<void>;
  killSessions(): Promise<number>;
};

/** Starts sshd. alias names it in the client configs. */
export async function startSshd(box: Box, alias: string, settings: SshdSettings = {}): Promise<Sshd> {
  const folder = join(box.work, 'ssh');
  await mkdir(folder, { mode: 0o755 });
  await makeKey(join(folder, 'host_key'));
  await makeKey(join(folder, 'client_key'));
  await copyFile(join(folder, 'client_key.pub'), join(folder, 'authorized_keys'));

  const pidFile = join(folder, 'sshd.pid');
  let current = settings;
  let port = 0;
  let daemon: Daemon | undefined;
  const start = async (wantedPort?: number): Promise<void> => {
    // sshd cannot be asked for "any port", so one that was free a moment ago is tried, and another if it is taken
    for (let attempt = 0; attempt < 40; attempt += 1) {
      port = wantedPort ?? (await freePort());
      await writeFile(join(folder, 'sshd_config'), await configText(box, folder, port, current));
      const argv = ['/usr/sbin/sshd', '-D', '-e', '-f', join(folder, 'sshd_config')];
      await rm(pidFile, { force: true });
      const started = startDaemon(box, argv, join(folder, 'sshd.log'));
      const state = await until('sshd', async () => {
        const log = await started.log();
        // the PID file is written after that line
        if (log.includes(`Server listening on 127.0.0.1 port ${port}`) && existsSync(pidFile)) return 'up';
        if (started.isRunning()) return undefined;
        if (log.includes('Address already in use')) return 'taken';
        throw new Error(`sshd ended at once: ${log.slice(-2000)}`);
      });
      daemon = started;
      if (state === 'up') return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error('sshd found no free port');
  };
  const restart = async (): Promise<void> => {
    const pid = (await readFile(pidFile, 'utf8')).trim();
    await box.run(['kill', '-KILL', pid]);
    await daemon?.ended(20_000);
    await start(port);
  };
  await start();
  return {
    get port() {
      return port;
    },
    access: (user) =>
      writeAccess({
        alias,
        port,
        user,
        identityFile: join(folder, 'client_key'),
        hostKeyFile: join(folder, 'host_key.pub'),
        folder,
      }),
    configure: async (next) => {
      current = next;
      await restart();
    },
    changeHostKey: async () => {
      // known_hosts files written before keep the old key: that is the point
      await rm(join(folder, 'host_key'));
      await rm(join(folder, 'host_key.pub'));
      await makeKey(join(folder, 'host_key'));
      await restart();
    },
    killSessions: async () => Number((await box.run(['sh', '-c', endSessions, 'sh', folder])).stdout.trim()),
  };
}

// Session processes of sshd but not the listener, and not what runs for the user: that sees its pipes close, as after a cut.
const endSessions = `listener=$(cat "$1/sshd.pid"); n=0
for status in /proc/[0-9]*/status; do
  pid=\${status#/proc/}; pid=\${pid%/status}
  [ "$pid" = "$listener" ] && continue
  read -r _ name <"$status" 2>/dev/null || continue
  case $name in sshd|sshd-session|sshd-auth) kill -KILL "$pid" 2>/dev/null && n=$((n + 1));; esac
done
echo "$n"`;

async function configText(box: Box, folder: string, port: number, settings: SshdSettings): Promise<string> {
  const lines = [
    ...(settings.lines ?? []),
    'ListenAddress 127.0.0.1',
    `Port ${port}`,
    `HostKey ${join(folder, 'host_key')}`,
    `PidFile ${join(folder, 'sshd.pid')}`,
    `AuthorizedKeysFile ${join(folder, 'authorized_keys')}`,
    // the keys lie in a folder that the machine's users could not make strict themselves
    'StrictModes no',
    'UsePAM no',
    'PermitRootLogin yes',
    `PasswordAuthentication ${settings.passwordLogin === true ? 'yes' : 'no'}`,
    'KbdInteractiveAuthentication no',
    `MaxSessions ${settings.maxSessions ?? 10}`,
    'MaxStartups 100:30:200',
    'UseDNS no',
    'PrintMotd no',
    'PrintLastLog no',
    // the hybrid with a lattice, which comes first by default, is most of what a connection costs
    'KexAlgorithms curve25519-sha256',
  ];
  // OpenSSH >= 9.8 locks an address out after a few failed logins, and here all tests are one address
  const penalties = ['PerSourcePenalties no'];
  const probe = [
    '/usr/sbin/sshd',
    '-T',
    '-f',
    '/dev/null',
    '-o',
    'PerSourcePenalties=no',
    '-h',
    join(folder, 'host_key'),
  ];
  const known = await box.run(probe, { mayFail: true });
  return `${[...lines, ...(known.exitCode === 0 ? penalties : [])].join('\n')}\n`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}
