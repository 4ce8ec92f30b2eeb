// One direction of one proxied connection: bytes leave in the order they came, when delay and rate allow.
import type { Socket } from 'node:net';

/** Shared by all lanes of a link; read whenever bytes move, so a change acts at once. */
export type LaneRules = {
  delayMs: number;
  bytesPerSecond?: number;
  blocked: boolean;
};

export type LaneOptions = {
  readonly from: Socket;
  readonly to: Socket;
  readonly rules: LaneRules;
  /** When the cable is free again in this direction; one for all connections, as on a real line. */
  readonly clock: { freeAt: number };
  readonly onBytes: (bytes: number) => void;
};

export type Lane = {
  /** Looks again at the rules. */
  wake(): void;
  /** Drops what is in flight; the sockets are the caller's. */
  stop(): void;
};

// What a lane holds before it stops reading. With a delay this is the line's window: 16 MiB fill 100 MB/s at 160 ms.
const inFlightBytes = 16 * 1024 * 1024;
// Without a delay only the socket buffers' worth, so that a sender feels the reader.
const nearBytes = 256 * 1024;
// A limited line is served in pieces, so that connections share it and no burst passes at once.
const pieceBytes = 16 * 1024;
// A timer that is late by this much may catch up; more would be a burst over the limit.
const lagMs = 20;

type Item = { readonly dueAt: number; readonly bytes: Buffer | 'end' };

/** Couples from to to. Half-closed connections stay half-closed. */
export function createLane(options: LaneOptions): Lane {
  const { from, to, rules, clock, onBytes } = options;
  const queue: Item[] = [];
  let queuedBytes = 0;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let draining = false;

  const put = (bytes: Buffer | 'end'): void => {
    const now = performance.now();
    let leftAt = now;
    if (rules.bytesPerSecond !== undefined && bytes !== 'end') {
      clock.freeAt = Math.max(clock.freeAt, now - lagMs) + (bytes.length / rules.bytesPerSecond) * 1000;
      leftAt = clock.freeAt;
    }
    // never earlier than the one before, even if the delay was made shorter meanwhile
    const dueAt = Math.max(leftAt + rules.delayMs, queue.at(-1)?.dueAt ?? 0);
    queue.push({ dueAt, bytes });
    if (bytes !== 'end') queuedBytes += bytes.length;
  };

  const move = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (stopped || draining || rules.blocked) return;
    while (queue.length > 0) {
      const item = queue[0];
      if (item === undefined) break;
      const waitMs = item.dueAt - performance.now();
      if (waitMs > 0) {
        timer = setTimeout(move, Math.ceil(waitMs));
        break;
      }
      queue.shift();
      if (item.bytes === 'end') {
        to.end();
        break;
      }
      queuedBytes -= item.bytes.length;
      if (!to.write(item.bytes)) {
        draining = true;
        break;
      }
    }
    if (queuedBytes < limit()) from.resume();
  };
  const limit = (): number => (rules.delayMs > 0 ? inFlightBytes : nearBytes);

  to.on('drain', () => {
    draining = false;
    move();
  });
  from.on('data', (chunk: Buffer) => {
    const step = rules.bytesPerSecond === undefined ? chunk.length : pieceBytes;
    for (let at = 0; at < chunk.length; at += step) put(chunk.subarray(at, at + step));
    // counted last: the count may cut the link, and then nothing of this chunk may leave
    if (queuedBytes >= limit() || rules.blocked) from.pause();
    onBytes(chunk.length);
    move();
  });
  from.on('end', () => {
    put('end');
    move();
  });
  return {
    wake: move,
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      queue.length = 0;
    },
  };
}
