// A connection from a host to another machine over a running ssh master: a child `ssh -W` whose input and output it is.
import { spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import { stderrLimit } from './openssh-errors.js';

export interface MasterForwardOptions {
  /** The words of the local ssh, for `HOST:PORT`. */
  readonly argv: (place: string) => readonly string[];
  readonly hostName: string;
  readonly port: number;
  readonly env: NodeJS.ProcessEnv;
  /** Why an ssh that has failed did so, by what it wrote itself. */
  readonly reasonOf: (stderr: string) => Promise<Error>;
}

/** It is there at once; one that cannot be made fails when it is read or written. */
export function forwardOverMaster({ argv, hostName, port, env, reasonOf }: MasterForwardOptions): Duplex {
  const address = hostName.includes(':') && !hostName.startsWith('[') ? `[${hostName}]` : hostName;
  const [program = 'ssh', ...words] = argv(`${address}:${port}`);
  const child = spawn(program, words, { env, stdio: 'pipe' });
  const { stdin, stdout, stderr } = child;
  let said = '';
  stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(0, stderrLimit);
  });
  // Each write is told of its own error, which comes of ssh's end: `ended` knows why that is.
  stdin.on('error', () => undefined);
  const ended = new Promise<Error | undefined>((resolve) => {
    child.once('error', resolve);
    // Not `exit`: what it wrote last may still be in the pipe.
    child.once('close', (code) => resolve(code === 0 || duplex.destroyed ? undefined : reasonOf(said)));
  });
  const after = (done: (error?: Error | null) => void) => (error?: Error | null) =>
    error ? void ended.then((reason) => done(reason ?? error)) : done();
  const duplex = new Duplex({
    read: () => void stdout.resume(),
    write: (chunk: Buffer, _encoding, done) => void stdin.write(chunk, after(done)),
    final: (done) => void stdin.end(after(done)),
    destroy(error, done) {
      child.kill();
      done(error);
    },
  });
  let isUsed = false;
  stdout.on('data', (chunk: Buffer) => {
    isUsed = true;
    if (!duplex.push(chunk)) stdout.pause();
  });
  // One that was never made ends like one that the other side closes, only ssh's own end tells them apart. Where bytes have come
  // it was made, and ssh may live on for what is still written; where none have, ssh is told that nothing more will be.
  stdout.once('end', () => (isUsed ? duplex.push(null) : stdin.end()));
  void ended.then((reason) => {
    if (reason !== undefined) duplex.destroy(reason);
    else if (!isUsed) duplex.push(null);
  });
  return duplex;
}
