// One call of the far side: starts it, reads its answer line by line under limits, and tells in one error why it failed.
import { AirgapError } from '../errors.js';
import type { Exec, Host } from '../hosts/host.js';
import { readAnswer, TooLong } from './answer-reader.js';
import { answerError, type FarWhat, type FarWhere, farError } from './far-errors.js';
import { maxAnswerBytes, maxDetailBytes, maxLineBytes } from './limits.js';
import { createWatchdog, type Watchdog } from './watchdog.js';
import { cleanText } from './words.js';

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
  /** Hands bytes over; resolves when the channel has taken them. Rejects with why the far side ended. */
  write(bytes: Uint8Array | string): Promise<void>;
  /** There is no more stdin. */
  end(): void;
  readonly watchdog: Watchdog;
  /** The error for an answer that the grammar does not know. */
  unexpected(line: string): AirgapError;
  /** Ends it now; what is awaited rejects with this. */
  abort(error: unknown): void;
}

/** @throws {AirgapError} CHANNEL_REFUSED, SSH_LOST when it cannot start; the methods throw FAR_* and what far.sh names */
export async function openChannel(options: ChannelOptions): Promise<FarChannel> {
  const { host, argv, where, what, graceMs } = options;
  const { command } = what;
  const signal = graceMs === undefined ? options.signal : undefined;
  const exec = await host.exec(argv, signal === undefined ? {} : { signal });
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
  const watchdog = createWatchdog(options.silenceMs, () => {
    const seconds = Math.round(options.silenceMs / 1000);
    abort(new AirgapError('FAR_SILENT', { host: where.hostName, command, seconds }));
  });
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
    write(bytes) {
      if (broken !== undefined) return Promise.reject(broken.error);
      const taken = new Promise<void>((resolve, reject) => {
        exec.stdin.write(bytes, (error) => (error ? reject(error) : resolve()));
      });
      const heard = taken.then(watchdog.touch);
      return Promise.race([heard, stopped]);
    },
    end: () => void exec.stdin.end(),
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
