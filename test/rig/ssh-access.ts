// Keys and client settings that let a test in, whatever SSH client it uses; nothing of the user's own is read.
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { run } from './command.js';
import type { SshAccess } from './types.js';

/** Makes an ed25519 key pair without a passphrase: `file` and `file.pub`. */
export async function makeKey(file: string): Promise<void> {
  await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'airgap-rig', '-f', file]);
}

export type AccessOptions = {
  readonly alias: string;
  readonly port: number;
  readonly user: string;
  readonly identityFile: string;
  /** The `.pub` file of the host key that is expected behind the port. */
  readonly hostKeyFile: string;
  readonly folder: string;
};

/** Writes config and known_hosts for one user behind one port. */
export async function writeAccess(options: AccessOptions): Promise<SshAccess> {
  const { alias, port, user, identityFile } = options;
  const base = join(options.folder, `${alias}-${user}-${port}`);
  const knownHostsFile = `${base}.known_hosts`;
  const configFile = `${base}.config`;
  const [type = '', key = ''] = (await readFile(options.hostKeyFile, 'utf8')).split(' ');
  await writeFile(knownHostsFile, `[127.0.0.1]:${port} ${type} ${key.trim()}\n`);
  const lines = [
    `Host ${alias}`,
    '  HostName 127.0.0.1',
    `  Port ${port}`,
    `  User ${user}`,
    `  IdentityFile ${identityFile}`,
    '  IdentitiesOnly yes',
    `  UserKnownHostsFile ${knownHostsFile}`,
    '  GlobalKnownHostsFile /dev/null',
    '  StrictHostKeyChecking yes',
    '  ConnectTimeout 20',
  ];
  await writeFile(configFile, `${lines.join('\n')}\n`);
  return { alias, host: '127.0.0.1', port, user, identityFile, knownHostsFile, configFile };
}

/** The same user and host key behind another port, such as a link's. */
export async function accessVia(access: SshAccess, port: number): Promise<SshAccess> {
  const hostKeyFile = join(dirname(access.knownHostsFile), 'host_key.pub');
  return writeAccess({ ...access, port, hostKeyFile, folder: dirname(access.knownHostsFile) });
}

/** argv of the system's ssh for this access, to be followed by the remote command. */
export function sshArgv(access: SshAccess): readonly string[] {
  return ['ssh', '-F', access.configFile, '-o', 'BatchMode=yes', access.alias];
}
