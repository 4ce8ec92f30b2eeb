// Makes one SSH connection with the ssh2 library: socket, host key, login, signs of life.
import net from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'ssh2';
import { AirgapError } from '../errors.js';
import type { Ask } from '../events.js';
import { applyAlgorithmList, ciphers, keyExchanges, orderHostKeyAlgorithms } from './algorithms.js';
import { openHostKeyCheck } from './host-key.js';
import { openLogin } from './ssh2-auth.js';
import { authError, type ConnectPhase, timeoutError, translateSsh2Error } from './ssh2-errors.js';
import type { ResolvedTarget } from './target.js';

export interface ConnectClientOptions {
  readonly target: ResolvedTarget;
  readonly ask: Ask;
  readonly acceptNewHostKey: boolean;
  readonly signal: AbortSignal | undefined;
  /** The way through a jump host; a TCP connection of our own without it. */
  readonly through: Duplex | undefined;
}

export interface Connection {
  readonly client: Client;
  /** Why it is gone, if it is; whoever ended it. */
  lostBy(): AirgapError | undefined;
  /** Tells at once, before streams see an end, when it is gone. @returns what stops that */
  onLost(listener: (error: AirgapError) => void): () => void;
  /** Ends it politely; by force if the other side does not follow. */
  close(): Promise<void>;
}

// A polite end takes one round trip; whoever has not followed by then is not there any more.
const closeGraceMs = 2000;

/** @throws {AirgapError} HOST_UNKNOWN, HOST_REFUSED, HOST_TIMEOUT, HOST_KEY_…, SSH_…, the signal's reason */
export async function connectClient(options: ConnectClientOptions): Promise<Connection> {
  const { target, ask, acceptNewHostKey, signal } = options;
  signal?.throwIfAborted();
  const clock = createClock(target.connectTimeoutSeconds * 1000);
  // A person may take longer than a machine: the clock stands still while one is asked.
  const patientAsk: Ask = (prompt) => clock.pause(() => ask(prompt));
  const hostKey = await openHostKeyCheck({ target, ask: patientAsk, acceptNew: acceptNewHostKey });
  const login = await openLogin({
    target,
    ask: patientAsk,
    giveUp: () => lose(authError(target, login.tried)),
  });
  // Files and the agent were read meanwhile; a signal tells its abort once.
  signal?.throwIfAborted();
  const client = new Client();
  let phase: ConnectPhase = 'connect';
  let accepted: Buffer | undefined;
  const listeners = new Set<(error: AirgapError) => void>();
  const ready = Promise.withResolvers<void>();
  ready.promise.catch(() => undefined);
  let lostBy: AirgapError | undefined;
  const lose = (cause: unknown): void => {
    if (lostBy !== undefined) return;
    lostBy = translateSsh2Error(cause, target, { phase, tried: login.tried });
    ready.reject(lostBy);
    for (const listener of listeners) listener(lostBy);
    listeners.clear();
  };
  const closed = new Promise<void>((resolve) => client.once('close', resolve));
  client.on('error', (error: Error & { level?: string }) => {
    // A key of the agent that could not sign: ssh2 goes on with the next one by itself.
    if (error.level === 'agent') return;
    if (/signing (data )?with key/.test(error.message)) return;
    lose(error);
  });
  client.on('close', () => lose(new Error('the other side closed the connection')));
  client.on('ready', () => {
    phase = 'open';
    ready.resolve();
  });
  client.on('handshake', () => {
    if (phase === 'handshake') phase = 'login';
  });
  const abort = (): void => lose(signal?.reason);
  const expire = (): void => lose(timeoutError(target, phase));
  const socket = options.through ?? new net.Socket();
  socket.on('error', () => undefined);
  try {
    signal?.addEventListener('abort', abort, { once: true });
    clock.start(expire);
    if (socket instanceof net.Socket) await connectSocket(socket, target, ready.promise);
    phase = 'handshake';
    client.connect({
      sock: socket,
      username: target.user,
      algorithms: algorithmsOf(target, hostKey.knownTypes),
      authHandler: login.handler,
      // ssh2's own clock does not stand still for a person, and its own count of signs of life takes a full upload queue
      // for a dead line: both are kept here.
      readyTimeout: 0,
      keepaliveInterval: target.keepaliveSeconds * 1000,
      keepaliveCountMax: Number.MAX_SAFE_INTEGER,
      hostVerifier: (key: Buffer, verify: (permitted: boolean) => void) => {
        // After a while both sides agree on new session keys: the machine must still be the same one.
        if (accepted !== undefined) {
          verify(accepted.equals(key));
          return;
        }
        hostKey.accept(key).then(
          () => {
            accepted = Buffer.from(key);
            verify(true);
          },
          (error: unknown) => {
            lose(error);
            verify(false);
          },
        );
      },
    });
    await ready.promise;
  } catch (error) {
    lose(error);
    client.destroy();
    socket.destroy();
    signal?.throwIfAborted();
    throw lostBy ?? error;
  } finally {
    clock.stop();
    signal?.removeEventListener('abort', abort);
  }
  const stopWatching = watchLife(socket, target, (error) => {
    lose(error);
    socket.destroy();
  });
  listeners.add(stopWatching);
  return {
    client,
    lostBy: () => lostBy,
    onLost(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      lose(new Error('closed here'));
      client.end();
      const timer = setTimeout(() => socket.destroy(), closeGraceMs);
      // A channel through a jump host may never tell its close: the timer's word is good enough.
      await Promise.race([closed, delay(closeGraceMs + 100, undefined, { ref: false })]);
      clearTimeout(timer);
      socket.destroy();
    },
  };
}

async function connectSocket(
  socket: net.Socket,
  { hostName: host, port, family }: ResolvedTarget,
  failed: Promise<void>,
): Promise<void> {
  // A short command must not wait for the acknowledgement of the one before (Nagle's algorithm).
  socket.setNoDelay(true);
  const connected = new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve();
    });
  });
  socket.connect({ host, port, ...(family === undefined ? {} : { family }) });
  await Promise.race([connected, failed]);
}

function algorithmsOf(
  target: ResolvedTarget,
  knownTypes: ReadonlySet<string>,
): {
  cipher: (typeof ciphers)[number][];
  kex: (typeof keyExchanges)[number][];
  serverHostKey: ReturnType<typeof orderHostKeyAlgorithms>[number][];
} {
  const { algorithms, name: host } = target;
  const offer = {
    cipher: [...applyAlgorithmList(ciphers, algorithms.ciphers)],
    kex: [...applyAlgorithmList(keyExchanges, algorithms.keyExchanges)],
    serverHostKey: [...orderHostKeyAlgorithms(knownTypes, algorithms.hostKeys)],
  };
  for (const [kind, list] of Object.entries(offer)) {
    // An empty list would mean ssh2's own choice: what the user excluded.
    if (list.length === 0) throw new AirgapError('SSH_UNSUPPORTED', { host, problem: kind });
  }
  return offer;
}

/**
 * Watches for bytes from the other side; ssh2 asks for some every interval. Bytes that we push out count too: behind a full
 * queue on a slow line the question itself arrives late, and its answer later.
 */
function watchLife(
  socket: Duplex,
  { name: host, keepaliveSeconds, keepaliveCount }: ResolvedTarget,
  lose: (error: AirgapError) => void,
): () => void {
  if (keepaliveSeconds === 0) return () => undefined;
  let received = 0;
  socket.on('data', (chunk: Buffer) => {
    received += chunk.length;
  });
  const sent = (): number => (socket instanceof net.Socket ? socket.bytesWritten - socket.writableLength : 0);
  let before = { received, sent: sent() };
  let silent = 0;
  const timer = setInterval(() => {
    const now = { received, sent: sent() };
    const isAlive = now.received > before.received || now.sent - before.sent > questionBytes;
    silent = isAlive ? 0 : silent + 1;
    before = now;
    if (silent <= keepaliveCount) return;
    const seconds = keepaliveSeconds * (keepaliveCount + 1);
    lose(new AirgapError('SSH_LOST', { host, detail: `no sign of life for ${seconds} s` }));
  }, keepaliveSeconds * 1000);
  return () => clearInterval(timer);
}

// A keepalive request and its padding and MAC are below this.
const questionBytes = 256;

interface Clock {
  start(expire: () => void): void;
  stop(): void;
  pause<T>(body: () => Promise<T>): Promise<T>;
}

function createClock(totalMs: number): Clock {
  let timer: NodeJS.Timeout | undefined;
  let onExpire: (() => void) | undefined;
  const run = (): void => {
    clearTimeout(timer);
    if (onExpire !== undefined) timer = setTimeout(onExpire, totalMs);
  };
  return {
    start(expire) {
      onExpire = expire;
      run();
    },
    stop() {
      onExpire = undefined;
      clearTimeout(timer);
    },
    async pause(body) {
      clearTimeout(timer);
      try {
        return await body();
      } finally {
        run();
      }
    },
  };
}
