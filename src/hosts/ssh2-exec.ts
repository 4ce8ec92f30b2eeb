// One command on one channel of an ssh2 connection, with streams that end or fail as those of a local process do.
import { Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { ClientChannel } from 'ssh2';
import { AirgapError } from '../errors.js';
import type { Exec, ExitStatus } from './host.js';
import type { Connection } from './ssh2-connect.js';

export interface ChannelOptions {
  readonly connection: Connection;
  readonly command: string;
  /** Name for messages. */
  readonly host: string;
  /** Told every byte count that was accepted for sending. */
  readonly onHanded: (bytes: number) => void;
  readonly signal: AbortSignal | undefined;
}

/** @throws {AirgapError} CHANNEL_REFUSED, SSH_LOST, the signal's reason */
export async function execOnChannel(options: ChannelOptions): Promise<Exec> {
  const { connection, command, onHanded, signal } = options;
  signal?.throwIfAborted();
  const exec = await openChannel(options);
  onHanded(Buffer.byteLength(command));
  signal?.addEventListener('abort', exec.kill, { once: true });
  const unlisten = (): void => signal?.removeEventListener('abort', exec.kill);
  exec.exit.then(unlisten, unlisten);
  if (signal?.aborted) exec.kill();
  const forget = connection.onLost(exec.lose);
  exec.exit.then(forget, forget);
  return exec;
}

function openChannel(options: ChannelOptions): Promise<ChannelExec> {
  const { connection, command, host, signal } = options;
  return new Promise((resolve, reject) => {
    const lost = connection.lostBy();
    if (lost !== undefined) {
      reject(lost);
      return;
    }
    const forgetLoss = connection.onLost(reject);
    // The other side may never answer; a channel that it opens later is closed then.
    const abort = (): void => {
      forgetLoss();
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', abort, { once: true });
    const forget = (): void => {
      forgetLoss();
      signal?.removeEventListener('abort', abort);
    };
    try {
      connection.client.exec(command, (error, channel) => {
        forget();
        // ssh2 tells a lost connection by the same callback, but onLost came first: what is left is a refusal.
        if (error === undefined && signal?.aborted) channel.close();
        // Before this call is over: a command may have ended already, and all that it said lie in the bytes that are read now.
        if (error === undefined) resolve(wrapChannel(channel, options));
        else reject(new AirgapError('CHANNEL_REFUSED', { host }, { cause: error }));
      });
    } catch (cause) {
      forget();
      // "Not connected": the socket is down and its close not told yet.
      reject(new AirgapError('SSH_LOST', { host, detail: 'not connected' }, { cause }));
    }
  });
}

interface ChannelExec extends Exec {
  lose(error: AirgapError): void;
}

/**
 * ssh2's channel streams are not handed out as they are: a write to a channel that the other side has closed never calls
 * back, and a connection that breaks looks like the orderly end of stdout. These streams fail instead.
 */
function wrapChannel(channel: ClientChannel, { host, onHanded }: ChannelOptions): ChannelExec {
  let status: ExitStatus | undefined;
  let failure: Error | undefined;
  let isOver = false;
  const closed = Promise.withResolvers<void>();

  let pendingWrite: ((error: Error) => void) | undefined;
  const stdin = new Writable({
    // One segment at a time waits here; ssh2 cuts it into packets as the window of the other side opens.
    highWaterMark: 1,
    write(chunk: Buffer, _encoding, callback) {
      onHanded(chunk.length);
      pendingWrite = callback;
      channel.write(chunk, () => {
        if (pendingWrite !== callback) return;
        pendingWrite = undefined;
        callback();
      });
    },
    final(callback) {
      channel.end();
      callback();
    },
  });
  const stdout = readableOf(channel);
  const stderr = readableOf(channel.stderr);
  // Whoever does not look at a stream need not handle its errors.
  for (const stream of [stdin, stdout, stderr]) stream.on('error', () => undefined);

  channel.on('exit', (code: number | null, signal?: string) => {
    status = code === null ? { exitCode: undefined, signal: signal ?? 'UNKNOWN' } : { exitCode: code };
  });
  const over = (): void => {
    isOver = true;
    const write = pendingWrite;
    pendingWrite = undefined;
    const pipe = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
    write?.(failure ?? pipe);
    stdin.destroy(failure);
    closed.resolve();
  };
  channel.on('close', over);
  const cutOff = (error: Error | undefined): void => {
    if (isOver) return;
    failure = error;
    over();
    for (const stream of [stdout, stderr]) stream.destroy(error);
  };

  const exit = (async (): Promise<ExitStatus> => {
    await closed.promise;
    await Promise.allSettled([stdout, stderr].map((stream) => finished(stream, { writable: false })));
    if (failure !== undefined) throw failure;
    if (status !== undefined) return status;
    // RFC 4254 §6.10 makes the exit status optional, but every sshd sends it: without one the command was cut off.
    throw new AirgapError('SSH_LOST', { host, detail: 'the command ended without an exit status' });
  })();
  exit.catch(() => undefined);

  return {
    stdin,
    stdout,
    stderr,
    exit,
    lose: cutOff,
    kill: () => {
      if (isOver) return;
      // sshd passes signals on where it may (not to root's sessions); closing the channel takes its pipes away.
      channel.signal('TERM');
      channel.close();
      status ??= { exitCode: undefined, signal: 'SIGTERM' };
      cutOff(undefined);
    },
  };
}

/** The same bytes, with an end of its own: destroying it throws the rest away, so the channel never stalls for it. */
function readableOf(source: Readable): Readable {
  const readable = new Readable({
    read() {
      source.resume();
    },
    destroy(error, callback) {
      source.removeListener('data', onData);
      source.resume();
      callback(error);
    },
  });
  const onData = (chunk: Buffer): void => {
    if (!readable.push(chunk)) source.pause();
  };
  source.on('data', onData);
  source.on('end', () => {
    readable.push(null);
    // Nobody may ever read an empty stream: it ends all the same.
    readable.read(0);
  });
  return readable;
}
