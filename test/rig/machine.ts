// A remote machine: a box with sshd, in which whatever engine is wanted starts.
import { type Box, openBox } from './box.js';
import { ensureChroot, type Suite } from './chroot.js';
import { accessVia } from './ssh-access.js';
import { startSshd } from './sshd.js';
import type { RigMachine, RigOptions } from './types.js';
import { addUser } from './users.js';

export type MachineOptions = RigOptions & {
  /** What its folder and its SSH alias are called. */
  readonly name: string;
  /** The chroot it runs in; this system's own programs where there is none. */
  readonly suite: Suite | undefined;
};

/** Opens the box, starts sshd, then the engine. Nothing is left of either if one does not start. */
export async function openMachine<T>(
  { name, suite, dataBytes, sshd: settings }: MachineOptions,
  startEngine: (box: Box, machine: RigMachine) => Promise<T>,
): Promise<T> {
  const chroot = suite === undefined ? { root: '/' } : await ensureChroot(suite);
  const box = await openBox({ name, ...chroot, ...(dataBytes === undefined ? {} : { dataBytes }) });
  try {
    const sshd = await startSshd(box, name, settings);
    const ssh = await sshd.access('root');
    return await startEngine(box, {
      ssh,
      home: `${box.work}/root`,
      inside: box.run,
      enter: box.enter,
      sshVia: (port, user = ssh) => accessVia(user, port),
      addUser: (userOptions) => addUser(box, sshd, userOptions),
      setSshd: sshd.configure,
      changeHostKey: sshd.changeHostKey,
      killSessions: sshd.killSessions,
      forget: async () => {
        await box.run(['sh', '-c', 'rm -rf /root/.cache /root/.local /root/.config']);
      },
      stop: box.stop,
    });
  } catch (cause) {
    await box.stop();
    throw cause;
  }
}
