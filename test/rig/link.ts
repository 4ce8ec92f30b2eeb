// A TCP proxy on loopback that counts, delays, limits, cuts or swallows what passes: a bad cable, in user space.
import { createConnection, createServer, type Socket } from 'node:net';
import { createLane, type Lane, type LaneRules } from './link-lane.js';
import { resetSocket } from './reset.js';

export type LinkOptions = {
  readonly to: { readonly host: string; readonly port: number };
  /** Round-trip time added; half of it each way. Default 0. */
  readonly rttMs?: number;
  /** Bytes a second each way, shared by all connections. Default: no limit. */
  readonly bytesPerSecond?: number;
};

export type CutAfter = {
  /** Cut when this many bytes in all came from clients (`up`) or from the far side (`down`), counted from now. */
  readonly upBytes?: number;
  readonly downBytes?: number;
};

export type Link = {
  readonly port: number;
  /** Bytes taken from clients, and from the far side, since the link was opened: the bytes on the wire. */
  readonly upBytes: number;
  readonly downBytes: number;
  /** Connections made so far. */
  readonly connectionCount: number;
  /** Kills every open connection, what is in flight is lost. `close` ends them with FIN instead of RST. New ones are served. */
  cut(how?: 'reset' | 'close'): void;
  /** Cuts once, by itself, as soon as that many more bytes passed. Resolves then. One at a time: the last call counts. */
  cutAfter(when: CutAfter, how?: 'reset' | 'close'): Promise<void>;
  /** Forwards nothing any more, either way, and keeps connections open (new ones as well), until heal(). */
  blackhole(): void;
  heal(): void;
  /** Limits every connection from now on, as `bytesPerSecond` does. */
  slow(bytesPerSecond: number): void;
  /** Turned away at once: a machine that is not there any more. */
  refuse(refused: boolean): void;
  close(): Promise<void>;
};

/** Opens a link on a port of 127.0.0.1 chosen by the system. */
export async function openLink(options: LinkOptions): Promise<Link> {
  const rules: LaneRules = { delayMs: (options.rttMs ?? 0) / 2, blocked: false };
  if (options.bytesPerSecond !== undefined) rules.bytesPerSecond = options.bytesPerSecond;
  const clocks = { up: { freeAt: 0 }, down: { freeAt: 0 } };
  const pairs = new Set<Pair>();
  let upBytes = 0;
  let downBytes = 0;
  let connectionCount = 0;
  let refused = false;
  let pending: { upBytes: number; downBytes: number; cut: () => void } | undefined;

  const cut = (how: 'reset' | 'close' = 'reset'): void => {
    for (const pair of pairs) pair.end(how);
  };
  const watch = (): void => {
    if (pending === undefined || (upBytes < pending.upBytes && downBytes < pending.downBytes)) return;
    const { cut: now } = pending;
    pending = undefined;
    now();
  };
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    if (refused) {
      resetSocket(client);
      return;
    }
    connectionCount += 1;
    const far = createConnection({ ...options.to, allowHalfOpen: true, noDelay: true });
    const count = {
      up: (bytes: number): void => {
        upBytes += bytes;
        watch();
      },
      down: (bytes: number): void => {
        downBytes += bytes;
        watch();
      },
    };
    const lanes = [
      createLane({ from: client, to: far, rules, clock: clocks.up, onBytes: count.up }),
      createLane({ from: far, to: client, rules, clock: clocks.down, onBytes: count.down }),
    ];
    const pair = createPair(client, far, lanes, () => pairs.delete(pair));
    pairs.add(pair);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');

  return {
    port: address.port,
    get upBytes() {
      return upBytes;
    },
    get downBytes() {
      return downBytes;
    },
    get connectionCount() {
      return connectionCount;
    },
    cut,
    cutAfter: (when, how) =>
      new Promise((resolve) => {
        pending = {
          upBytes: when.upBytes === undefined ? Number.POSITIVE_INFINITY : upBytes + when.upBytes,
          downBytes: when.downBytes === undefined ? Number.POSITIVE_INFINITY : downBytes + when.downBytes,
          cut: () => {
            cut(how);
            resolve();
          },
        };
      }),
    blackhole: () => {
      rules.blocked = true;
    },
    heal: () => {
      rules.blocked = false;
      for (const pair of pairs) pair.wake();
    },
    slow: (bytesPerSecond) => {
      rules.bytesPerSecond = bytesPerSecond;
    },
    refuse: (value) => {
      refused = value;
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      cut();
      await closed;
    },
  };
}

type Pair = { end(how: 'reset' | 'close'): void; wake(): void };

function createPair(client: Socket, far: Socket, lanes: readonly Lane[], onGone: () => void): Pair {
  const sockets = [client, far];
  const gone = (): void => {
    if (!sockets.every((socket) => socket.destroyed)) return;
    for (const lane of lanes) lane.stop();
    onGone();
  };
  for (const socket of sockets) {
    const other = socket === client ? far : client;
    // an end that was not announced by FIN is passed on as what it is
    socket.on('error', () => resetSocket(other));
    socket.on('close', gone);
  }
  return {
    end: (how) => {
      for (const lane of lanes) lane.stop();
      for (const socket of sockets) {
        if (how === 'reset') resetSocket(socket);
        else socket.destroy();
      }
    },
    wake: () => {
      for (const lane of lanes) lane.wake();
    },
  };
}
