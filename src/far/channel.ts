// One call of the far side: starts it, reads its answer line by line under limits, and tells in one error why it failed.
import { AirgapError } from '../errors.js';
import type { Exec, Host } from '../hosts/host.js';
import { readAnswer, TooLong } from './answer-reader.js';
import { answerError, type FarWhat, type FarWhere, farError } from './far-errors.js';
import { maxAnswerBytes, maxDetailBytes, maxLineBytes } from './limits.js';
import { startCommand } from './start-command.js';
import { createWatchdog, type Watchdog } from './watchdog.js';
import { cleanText } from './words.js';

// On a slow line a whole segment takes minutes: each piece that is taken shows that the line lives. With 64 KiB ssh2 was a tenth slower.
const pieceBytes = 256 * 1024;

export interface ChannelOptions {
  readonly host: Host;
  readonly argv: readonly string[];
  readonly where: FarWhere;
  readonly what: FarWhat;
  readonly silenceMs: number;
  /** Bytes of the whole answer. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
  /** An abort ends it only when it has told nothing but beats for so long: it tidies up. */
  readonly graceMs?: number;
}

export interface FarChannel {
  /** The next fact; beats are passed over; undefined once the far side has said `done` and has ended well. */
  line(): Promise<string | undefined>;
  /** Raw bytes that the line before announced. */
  block(bytes: number): Promise<Buffer>;
  /**
   * Hands bytes over, piece by piece; `onTaken` is told of each. Resolves when the channel has taken them all. Rejects with
   * why the far side ended.
   */
  write(bytes: Uint8Array | string, onTaken?: (bytes: number) => void): Promise<void>;
  /** There is no more stdin. */
  end(): void;
  readonly watchdog: Watchdog;
  /** The error for an answer that the grammar does not know. */
  unexpected(line: string): AirgapError;
  /** Ends it now; what is awaited rejects with this. */
  abort(error: unknown): void;
}

/** @throws {AirgapError} CHANNEL_REFUSED, SSH_LOST, FAR_SILENT when it cannot start; the methods throw FAR_* and what far.sh names */
export async function openChannel(options: ChannelOptions): Promise<FarChannel> {
  const { host, argv, where, what, graceMs } = options;
  const { command } = what;
  const { silenceMs } = options;
  const signal = graceMs === undefined ? options.signal : undefined;
  const silent = (ms: number): AirgapError =>
    new AirgapError('FAR_SILENT', { host: where.hostName, command, seconds: Math.round(ms / 1000) });
  const exec = await startCommand({
    host,
    argv,
    silenceMs,
    silent: () => silent(silenceMs),
    ...(signal === undefined ? {} : { signal }),
  });
  let broken: { readonly error: unknown } | undefined;
  let stopWaiting: (error: unknown) => void = () => undefined;
  const stopped = new Promise<never>((_, reject) => {
    stopWaiting = reject;
  });
  stopped.catch(() => undefined);
  const abort = (error: unknown): void => {
    if (broken !== undefined) return;
    broken = { error };
    stopWatching();
    stopWaiting(error);
    exec.kill();
  };
  const watchdog = createWatchdog(silenceMs, (ms) => abort(silent(ms)));
  const grace = createWatchdog(graceMs ?? 0, () => abort(new AirgapError('CANCELLED', { resumable: true })));
  const hurry = (): void => grace.setActive(true);
  const stopWatching = (): void => {
    watchdog.stop();
    grace.stop();
    options.signal?.removeEventListener('abort', hurry);
  };
  const stderr = keepEnd(exec);
  const limits = { maxLineBytes, maxBytes: options.maxBytes ?? maxAnswerBytes };
  const reader = readAnswer(exec.stdout, limits, watchdog.touch);
  let finish: Promise<undefined> | undefined;
  let saidDone = false;

  /** After the last line: `done` and a clean exit, or the reason why not. */
  const conclude = async (): Promise<undefined> => {
    const status = await exec.exit;
    stopWatching();
    if (saidDone && status.exitCode === 0) return undefined;
    if (status.exitCode === 0) throw answerError(where.hostName, command, 'it ended too early');
    const detail = stderr() || (status.signal ?? '');
    throw new AirgapError('FAR_FAILED', {
      host: where.hostName,
      command,
      exitCode: status.exitCode ?? 0,
      detail,
    });
  };
  const fail = async (error: AirgapError): Promise<never> => {
    // What it has to tidy up is done when it ends; only then is the failure told. It ends only if it is read.
    while ((await reader.line()) !== undefined);
    await exec.exit.catch(() => undefined);
    stopWatching();
    throw error;
  };
  const guard = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await Promise.race([work, stopped]);
    } catch (error) {
      if (broken !== undefined) throw broken.error;
      if (signal?.aborted) broken = { error: new AirgapError('CANCELLED', { resumable: true }) };
      else if (error instanceof TooLong)
        broken = { error: answerError(where.hostName, command, 'the answer is too long') };
      else if (error instanceof AirgapError) broken = { error };
      else
        broken = {
          error: await conclude().then(
            () => error,
            (why: unknown) => why,
          ),
        };
      stopWatching();
      exec.kill();
      throw broken.error;
    }
  };
  const next = async (): Promise<string | undefined> => {
    for (;;) {
      const line = await reader.line();
      if (line === undefined) {
        finish ??= conclude();
        return await finish;
      }
      if (saidDone) throw unexpected(line);
      if (line !== 'beat') grace.touch();
      if (line === 'done') saidDone = true;
      else if (line.startsWith('error '))
        return await fail(farError(where, what, cleanText(line, 3000).slice(6)));
      else if (line !== 'beat') return line;
    }
  };
  const unexpected = (line: string): AirgapError =>
    answerError(where.hostName, command, cleanText(line.slice(0, 200), 200) || 'an empty line');

  let lastWrite: Promise<void> = Promise.resolve();
  const writePieces = async (
    bytes: Uint8Array | string,
    onTaken?: (bytes: number) => void,
  ): Promise<void> => {
    const whole = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
    for (let from = 0; from < whole.byteLength; from += pieceBytes) {
      if (broken !== undefined) throw broken.error;
      const piece = whole.subarray(from, from + pieceBytes);
      await new Promise<void>((resolve, reject) => {
        exec.stdin.write(piece, (error) => (error ? reject(error) : resolve()));
      });
      watchdog.touch();
      onTaken?.(piece.byteLength);
    }
  };

  exec.stdin.on('error', () => undefined);
  watchdog.setActive(true);
  if (graceMs !== undefined) {
    options.signal?.addEventListener('abort', hurry);
    if (options.signal?.aborted === true) hurry();
  }
  return {
    line: () => guard(next()),
    async block(bytes) {
      const block = await guard(reader.block(bytes));
      if (block === undefined) return await guard(Promise.reject(unexpected('a cut answer')));
      return block;
    },
    write(bytes, onTaken) {
      const before = lastWrite;
      const done = Promise.race([before.then(() => writePieces(bytes, onTaken)), stopped]);
      lastWrite = done.catch(() => undefined);
      return done;
    },
    // Behind what is still to be written, as on any stream.
    end: () => void lastWrite.then(() => exec.stdin.end()),
    watchdog,
    unexpected,
    abort,
  };
}

/** Drains stderr and keeps its end, as one line. */
function keepEnd(exec: Exec): () => string {
  let text = '';
  exec.stderr.on('data', (chunk: Buffer) => {
    text = (text + chunk.toString('utf8')).slice(-maxDetailBytes);
  });
  exec.stderr.on('error', () => undefined);
  return () => cleanText(text, maxDetailBytes);
}
