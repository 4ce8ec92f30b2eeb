// Runs one command for the demo server: sh, its three streams over one channel, its exit status.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { ServerChannel } from 'ssh2';

export interface CommandOptions {
  readonly command: string;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Called once, when the command has ended. */
  readonly onEnd: () => void;
}

/** Starts `sh -c COMMAND` on the channel. @returns what ends it and its children; safe to call later, too */
export function serveCommand(
  channel: ServerChannel,
  { command, env, cwd, onEnd }: CommandOptions,
): () => void {
  // A process group of its own, so that what the shell has started can be ended with it.
  const child = spawn('sh', ['-c', command], { env, cwd, stdio: 'pipe', detached: true });
  let hasEnded = false;
  const end = (): void => {
    if (!hasEnded) signalGroup(child, 'SIGHUP');
  };
  channel.once('close', end);
  channel.on('error', end);
  feedInput(channel, child);
  const output = sendOutput(channel, child);
  child.once('error', () => {
    hasEnded = true;
    onEnd();
    channel.exit(127);
    channel.end();
  });
  child.once('close', (code, signal) => {
    hasEnded = true;
    onEnd();
    void output.then(() => {
      if (code !== null) channel.exit(code);
      else channel.exit((signal ?? 'SIGKILL').replace(/^SIG/, ''), false, '');
      channel.end();
    });
  });
  return end;
}

/** A command that stops reading must not stall the sender: the rest is taken and thrown away, as sshd does. */
function feedInput(channel: ServerChannel, { stdin }: ChildProcessWithoutNullStreams): void {
  stdin.on('error', () => {
    channel.unpipe(stdin);
    channel.resume();
  });
  channel.pipe(stdin);
}

/** Both outputs, one write at a time. */
async function sendOutput(
  channel: ServerChannel,
  { stdout, stderr }: ChildProcessWithoutNullStreams,
): Promise<void> {
  const closed = new Promise<'closed'>((resolve) => channel.once('close', () => resolve('closed')));
  let turn: Promise<unknown> = Promise.resolve();
  const send = async (stream: Writable, chunk: Buffer): Promise<void> => {
    const mine = turn.then(async () => {
      // ssh2 1.17 keeps a chunk that once waited for window and sends it again when the other stream waits: it has to
      // forget. (Test: both outputs of a command that fill the window arrive unharmed.)
      Object.assign(channel, { _chunk: undefined, _chunkcb: undefined });
      Object.assign(channel, { _chunkErr: undefined, _chunkcbErr: undefined });
      const written = new Promise<void>((resolve) => stream.write(chunk, () => resolve()));
      await Promise.race([written, closed]);
    });
    turn = mine;
    await mine;
  };
  const pump = async (source: Readable, stream: Writable): Promise<void> => {
    for await (const chunk of source) await send(stream, chunk);
  };
  await Promise.allSettled([pump(stdout, channel), pump(stderr, channel.stderr)]);
}

function signalGroup({ pid }: ChildProcessWithoutNullStreams, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}
