// Opens a host by the name a user gave it, with the SSH client asked for.
import type { Ask } from '../events.js';
import type { ConnectOptions } from '../runs/api.js';
import { checkOptions } from './check-options.js';
import type { Host } from './host.js';
import { createLocalHost, localHostName } from './local.js';
import { openOpenSshHost } from './openssh.js';
import { resolveTarget } from './resolve-target.js';
import { openSsh2Host } from './ssh2.js';
import type { ResolvedTarget } from './target.js';

export interface OpenHostContext {
  readonly ask: Ask;
  readonly signal?: AbortSignal;
  readonly env: NodeJS.ProcessEnv;
  /**
   * Whether the system's ssh may ask its own questions on the terminal (openssh only; the built-in SSH asks through `ask`).
   * Without it: whether standard input is a terminal.
   */
  readonly hasTerminal?: boolean;
}

/**
 * What can be said of a host and the options to reach it without a connection.
 * @throws {AirgapError} HOST_INVALID, SSH_CONFIG_INVALID, SSH_KEY_UNREADABLE
 */
export async function checkHost(
  input: string,
  connect: ConnectOptions,
  env: NodeJS.ProcessEnv,
): Promise<ResolvedTarget> {
  const target = await resolveTarget(input, connect, env);
  await checkOptions(target, connect);
  return target;
}

/**
 * Connects to `input`: `local:`, or whatever ssh takes. The built-in SSH unless `client` says `openssh`; where the built-in
 * one meets what it cannot do, SSH_UNSUPPORTED and SSH_AUTH_FAILED name the other, but nothing is switched behind
 * the user's back.
 * @throws {AirgapError} HOST_INVALID, SSH_CONFIG_INVALID, and what openSsh2Host and openOpenSshHost throw
 */
export async function openHost(
  input: string,
  connect: ConnectOptions,
  { ask, signal, env, hasTerminal }: OpenHostContext,
): Promise<Host> {
  signal?.throwIfAborted();
  if (input === localHostName) return createLocalHost(env);
  const cancelling = signal === undefined ? {} : { signal };
  const target = await checkHost(input, connect, env);
  if (connect.client === 'openssh') {
    const canAsk = hasTerminal ?? process.stdin.isTTY === true;
    return await openOpenSshHost({ target, connect, env, canAsk, ...cancelling });
  }
  const acceptNewHostKey = connect.acceptNewHostKey ?? false;
  return await openSsh2Host({ target, ask, acceptNewHostKey, ...cancelling });
}
