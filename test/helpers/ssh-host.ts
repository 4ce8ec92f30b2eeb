// The system's ssh as a host, for users that a rig made: enough for a far side.
import { spawn } from 'node:child_process';
import type { Exec, Host } from '../../src/hosts/host.js';
import { quoteArgv } from '../../src/hosts/quote.js';
import type { RigUser } from '../rig/rig.js';

/** The system's ssh as a host: enough for a far side. */
export function sshHost({ ssh }: Pick<RigUser, 'ssh'>): Host {
  return {
    name: ssh.alias,
    address: ssh.alias,
    handedBytes: 0,
    exec: async (argv): Promise<Exec> => {
      const child = spawn('ssh', ['-F', ssh.configFile, ssh.alias, quoteArgv(argv)], { stdio: 'pipe' });
      const exit = new Promise<{ exitCode: number | undefined }>((resolve, reject) => {
        child.once('error', reject);
        child.once('close', (code) => resolve({ exitCode: code ?? undefined }));
      });
      child.stdin.on('error', () => undefined);
      return {
        stdin: child.stdin,
        stdout: child.stdout,
        stderr: child.stderr,
        exit,
        kill: () => child.kill(),
      };
    },
    close: async () => undefined,
  };
}
