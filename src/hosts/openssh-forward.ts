// A connection from a host to another machine over a running ssh master: a child `ssh -W` whose input and output it is.
import { spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import { ForwardError } from './host.js';
import { stderrLimit } from './openssh-errors.js';

export interface MasterForwardOptions {
  /** The words of the local ssh, for `HOST:PORT`. */
  readonly argv: (place: string) => readonly string[];
  readonly hostName: string;
  readonly port: number;
  readonly env: NodeJS.ProcessEnv;
}

/** It is there at once; one that cannot be made fails when it is read or written. */
export function forwardOverMaster({ argv, hostName, port, env }: MasterForwardOptions): Duplex {
  const address = hostName.includes(':') && !hostName.startsWith('[') ? `[${hostName}]` : hostName;
  const [program = 'ssh', ...words] = argv(`${address}:${port}`);
  const child = spawn(program, words, { env, stdio: 'pipe' });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(0, stderrLimit);
  });
  const duplex = Duplex.from({ writable: child.stdin, readable: child.stdout });
  child.once('error', (error) => duplex.destroy(error));
  child.once('exit', (code) => {
    if (code === 0 || duplex.destroyed) return;
    const isRefused = /administratively prohibited/i.test(said);
    const cause = new Error(said.trim().split('\n').at(-1) ?? 'ssh ended');
    duplex.destroy(new ForwardError(isRefused ? 'ERR_FORWARD_REFUSED' : 'ECONNREFUSED', cause));
  });
  duplex.once('close', () => child.kill());
  return duplex;
}
