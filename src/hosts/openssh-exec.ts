// One command over a running ssh master: a child ssh whose output begins with a mark that says the command has started.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { PassThrough, Writable } from 'node:stream';
import { AirgapError } from '../errors.js';
import type { Exec, ExitStatus } from './host.js';
import type { Master } from './openssh.js';
import { lastLine, stderrLimit } from './openssh-errors.js';

export interface MasterExecOptions {
  /** The words of the local ssh, for a remote command string. */
  readonly argv: (remote: string) => readonly string[];
  readonly command: string;
  readonly host: string;
  readonly env: NodeJS.ProcessEnv;
  readonly master: Master;
  readonly onHanded: (bytes: number) => void;
  readonly signal: AbortSignal | undefined;
}

// ssh itself does not tell that a session was given; every login shell can echo. Login scripts may print before it.
const startMark = 'airgap-started';
// What login scripts may print before the mark; a machine that prints more than this runs something else than our command.
const noiseLimitBytes = 256 * 1024;

/** @throws {AirgapError} CHANNEL_REFUSED, SSH_LOST, the signal's reason */
export async function execOverMaster(options: MasterExecOptions): Promise<Exec> {
  const { argv, command, host, env, master, onHanded, signal } = options;
  signal?.throwIfAborted();
  const [program = 'ssh', ...words] = argv(`echo ${startMark}; ${command}`);
  const child = spawn(program, words, { env, stdio: 'pipe' });
  const stderr = new PassThrough();
  // Whoever does not look at a stream need not handle its errors.
  for (const stream of [child.stdin, child.stdout, child.stderr, stderr]) stream.on('error', () => undefined);
  const ended = endOf(child);
  ended.catch(() => undefined);
  const judged = judgedEnd(child, master);
  const early = collectEarly(child);
  // Until the mark is there, a login script or a ForceCommand may be what runs, and it may never end.
  const giveUp = (): boolean => child.kill('SIGKILL');
  signal?.addEventListener('abort', giveUp, { once: true });
  try {
    await startOf(child);
  } catch (cause) {
    giveUp();
    signal?.throwIfAborted();
    if (cause instanceof AirgapError) throw cause;
    await new Promise((resolve) => setImmediate(resolve));
    if (/session request failed|Session open refused|open failed/i.test(early.text())) {
      throw new AirgapError('CHANNEL_REFUSED', { host }, { cause });
    }
    throw new AirgapError('SSH_LOST', { host, detail: lastLine(early.text()) }, { cause });
  } finally {
    signal?.removeEventListener('abort', giveUp);
  }
  onHanded(Buffer.byteLength(command));
  early.passTo(stderr);
  const stdin = countingInput(child, onHanded);
  const stdout = new PassThrough();
  stdout.on('error', () => undefined);
  child.stdout.pipe(stdout, { end: false });
  stdout.once('close', () => child.stdout.destroy());

  let failure: Error | undefined;
  let killed = false;
  const endStreams = (error?: Error): void => {
    for (const stream of [stdin, stdout, child.stdout, stderr, child.stderr]) stream.destroy(error);
  };
  const kill = (): void => {
    if (killed) return;
    killed = true;
    // Its end takes the channel away from the command.
    child.kill('SIGTERM');
    endStreams();
  };
  const forget = master.onLost((error) => {
    failure = error;
    child.kill('SIGKILL');
    endStreams(error);
  });
  signal?.addEventListener('abort', kill, { once: true });
  // The output of a client that died with its master ends like that of a command which has said all.
  child.stdout.once('end', async () => {
    await judged;
    stdout.end();
  });
  const exit = ended.then(async (status): Promise<ExitStatus> => {
    await judged;
    forget();
    signal?.removeEventListener('abort', kill);
    stdin.destroy(failure);
    if (failure !== undefined) throw failure;
    return killed ? { exitCode: undefined, signal: 'SIGTERM' } : status;
  });
  exit.catch(() => undefined);
  if (signal?.aborted) kill();
  return { stdin, stdout, stderr, exit, kill };
}

/** Resolves when the process has ended and, if it may have died with its master, the master has been looked at. */
async function judgedEnd(child: ChildProcessWithoutNullStreams, master: Master): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    await new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.once('error', () => resolve());
    });
  }
  // 255 is a command's own, or ssh's when its master is gone.
  if (child.exitCode === 255) await master.check();
}

/** Reads up to the mark and puts back what came after it; rejects if ssh ends before. */
async function startOf(child: ChildProcessWithoutNullStreams): Promise<void> {
  const { stdout } = child;
  let seen = Buffer.alloc(0);
  const marked = new Promise<void>((resolve, reject) => {
    const look = (): void => {
      for (let chunk = stdout.read(); chunk !== null; chunk = stdout.read()) {
        seen = Buffer.concat([seen, chunk]);
        const at = seen.indexOf(`${startMark}\n`);
        if (at !== -1) {
          stdout.off('readable', look);
          const rest = seen.subarray(at + startMark.length + 1);
          if (rest.length > 0) stdout.unshift(rest);
          resolve();
          return;
        }
        if (seen.length > noiseLimitBytes) reject(new Error('no mark'));
      }
    };
    stdout.on('readable', look);
  });
  const over = new Promise<never>((_resolve, reject) => {
    child.once('error', reject);
    // Not `exit`: what it wrote last may still be in the pipe.
    child.once('close', () => reject(new Error('ssh ended')));
  });
  await Promise.race([marked, over]);
}

/** ssh's own words before the command starts, the command's stderr after. */
function collectEarly({ stderr }: ChildProcessWithoutNullStreams): {
  text(): string;
  passTo(target: PassThrough): void;
} {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const collect = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes <= stderrLimit) chunks.push(chunk);
  };
  stderr.on('data', collect);
  return {
    text: () => Buffer.concat(chunks).toString('utf8'),
    passTo(target) {
      stderr.off('data', collect);
      // The two outputs race each other: what came before the mark may already be the command's.
      for (const chunk of chunks) target.write(chunk);
      stderr.pipe(target);
    },
  };
}

function countingInput(
  { stdin }: ChildProcessWithoutNullStreams,
  onHanded: (bytes: number) => void,
): Writable {
  const counted = new Writable({
    highWaterMark: 1,
    write(chunk: Buffer, _encoding, callback) {
      onHanded(chunk.length);
      stdin.write(chunk, callback);
    },
    final(callback) {
      stdin.end(callback);
    },
    destroy(error, callback) {
      stdin.destroy();
      callback(error);
    },
  });
  counted.on('error', () => undefined);
  return counted;
}

function endOf(child: ChildProcessWithoutNullStreams): Promise<ExitStatus> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve(signal === null ? { exitCode: code ?? undefined } : { exitCode: undefined, signal });
    });
  });
}
