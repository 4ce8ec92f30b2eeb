// Throw-away users of a box: with or without the right to run docker, with any login shell, in the box's own /etc.
import { randomBytes, randomInt } from 'node:crypto';
import type { Box } from './box.js';
import type { Sshd } from './sshd.js';
import type { RigUser, RigUserOptions } from './types.js';

/** Makes a user named `agt…`. Sudo needs the sudo package inside, which the chroots do not have. */
export async function addUser(box: Box, sshd: Sshd, options: RigUserOptions = {}): Promise<RigUser> {
  const name = `agt${randomBytes(4).toString('hex')}`;
  const { shell = '/bin/sh', docker = 'none' } = options;
  const groups = docker === 'group' ? ['--groups', 'docker'] : [];
  await box.run(['test', '-x', shell]);
  // A number of its own: in /tmp, which boxes share, podman keeps the process of a user's namespace by that number.
  const uid = String(randomInt(20_000, 60_000));
  // no-log-init: lastlog and faillog are not the box's own
  await box.run([
    ...['useradd', '--no-log-init', '--create-home', '--uid', uid, '--shell', shell],
    ...groups,
    name,
  ]);
  const password =
    options.password ?? (docker === 'sudo-password' ? randomBytes(9).toString('base64url') : undefined);
  if (password === undefined) {
    // '*': no password fits, but the account is not locked, which sshd would refuse
    await box.run(['usermod', '--password', '*', name]);
  } else {
    await box.run(['chpasswd'], { input: `${name}:${password}\n` });
  }
  if (docker === 'sudo' || docker === 'sudo-password') {
    const tag = docker === 'sudo' ? 'NOPASSWD: ' : '';
    const rule = `${name} ALL=(root) ${tag}/usr/bin/docker, /usr/local/bin/docker, /usr/bin/ctr\n`;
    await box.run(['sh', '-c', 'umask 0227; cat >"$1"', 'sh', `/etc/sudoers.d/${name}`], { input: rule });
    await box.run(['visudo', '--check', '--quiet']);
  }
  return {
    name,
    home: `${box.work}/home/${name}`,
    ...(password === undefined ? {} : { password }),
    ssh: await sshd.access(name),
  };
}
