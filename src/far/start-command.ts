// Starts a command on a host, and gives up on a host that neither starts it nor says no.
import type { AirgapError } from '../errors.js';
import type { Exec, Host } from '../hosts/host.js';

export interface StartOptions {
  readonly host: Host;
  readonly argv: readonly string[];
  readonly silenceMs: number;
  /** What is thrown when it has not started by then. */
  readonly silent: () => AirgapError;
  readonly signal?: AbortSignal;
}

/**
 * Login scripts and a ForceCommand of the far sshd run before the command does, and may never end. An abort ends the
 * command also later. @throws {AirgapError} what `silent` makes, CHANNEL_REFUSED, SSH_LOST, the signal's reason
 */
export async function startCommand(options: StartOptions): Promise<Exec> {
  const { host, argv, silenceMs, silent, signal } = options;
  const patience = new AbortController();
  const either = AbortSignal.any([patience.signal, ...(signal === undefined ? [] : [signal])]);
  const timer = setTimeout(() => patience.abort(silent()), silenceMs);
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(either.reason);
  either.addEventListener('abort', abort, { once: true });
  const starting = host.exec(argv, { signal: either });
  try {
    return await Promise.race([starting, aborted.promise]);
  } catch (error) {
    // One that starts after all has nobody who would end it.
    starting.then(
      (exec) => exec.kill(),
      () => undefined,
    );
    throw error;
  } finally {
    clearTimeout(timer);
    either.removeEventListener('abort', abort);
  }
}
