// A host over the built-in SSH (the ssh2 library): one connection, many channels, jump hosts on the way.
import type { Duplex } from 'node:stream';
import { AirgapError } from '../errors.js';
import type { Ask } from '../events.js';
import type { Host } from './host.js';
import { quoteArgv } from './quote.js';
import { type Connection, connectClient } from './ssh2-connect.js';
import { forwardError, timeoutError, translateForwardError } from './ssh2-errors.js';
import { execOnChannel } from './ssh2-exec.js';
import type { ResolvedTarget } from './target.js';

export interface Ssh2HostOptions {
  readonly target: ResolvedTarget;
  readonly ask: Ask;
  readonly signal?: AbortSignal;
  readonly acceptNewHostKey?: boolean;
}

/**
 * Connects, hop by hop; every hop shows its own host key and is logged in to. Nothing stays open on failure.
 * @throws {AirgapError} HOST_UNKNOWN, HOST_REFUSED, HOST_TIMEOUT, HOST_KEY_UNKNOWN, HOST_KEY_CHANGED, HOST_KEY_REVOKED,
 * SSH_AUTH_FAILED, SSH_KEY_UNREADABLE, SSH_UNSUPPORTED, SSH_LOST, CANCELLED
 */
export async function openSsh2Host(options: Ssh2HostOptions): Promise<Host> {
  const { target, ask, signal, acceptNewHostKey = false } = options;
  const chain = [...target.jumps, target];
  for (const { name: host, unsupported } of chain) {
    if (unsupported.length > 0) {
      throw new AirgapError('SSH_UNSUPPORTED', { host, problem: unsupported.join(', ') });
    }
  }
  const connections: Connection[] = [];
  const closeAll = async (): Promise<void> => {
    for (const connection of connections.toReversed()) await connection.close();
  };
  try {
    for (const hop of chain) {
      const before = connections.at(-1);
      const through = before === undefined ? undefined : await forward(before, hop, signal);
      connections.push(await connectClient({ target: hop, ask, acceptNewHostKey, signal, through }));
    }
  } catch (error) {
    await closeAll();
    throw error;
  }
  const connection = connections.at(-1);
  if (connection === undefined) throw new Error('a chain has at least one host');
  let handedBytes = 0;
  return {
    name: target.name,
    address: target.address,
    get handedBytes() {
      return handedBytes;
    },
    exec: async (argv, execOptions = {}) =>
      await execOnChannel({
        connection,
        command: quoteArgv(argv),
        host: target.name,
        onHanded: (bytes) => {
          handedBytes += bytes;
        },
        signal: execOptions.signal,
      }),
    forward: async ({ hostName, port }) => {
      const lost = connection.lostBy();
      if (lost !== undefined) throw lost;
      return await new Promise<Duplex>((resolve, reject) => {
        // The address we come from is only for the other side's log.
        connection.client.forwardOut('127.0.0.1', 0, hostName, port, (error, channel) => {
          if (error === undefined) return resolve(channel);
          reject(forwardError(error, target.name));
        });
      });
    },
    close: closeAll,
  };
}

/** A stream through a jump host to the next one's sshd, within the time that the next one has to answer. */
async function forward(
  { client, lostBy, onLost }: Connection,
  next: ResolvedTarget,
  signal: AbortSignal | undefined,
): Promise<Duplex> {
  const lost = lostBy();
  if (lost !== undefined) throw lost;
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<Duplex>();
  const forget = onLost(reject);
  const abort = (): void => reject(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  // The jump host's sshd says nothing while it tries an address that nobody answers from: minutes, by its system's rules.
  const expire = (): void => reject(timeoutError(next, 'connect'));
  const timer = setTimeout(expire, next.connectTimeoutSeconds * 1000);
  // The address we come from is only for the other side's log.
  client.forwardOut('127.0.0.1', 0, next.hostName, next.port, (error, channel) => {
    if (error === undefined) resolve(channel);
    else reject(translateForwardError(error, next));
  });
  try {
    return await promise;
  } finally {
    forget();
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}
