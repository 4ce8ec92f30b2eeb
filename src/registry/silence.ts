// Notices that an exchange has fallen silent, whatever carries it: a socket of this machine, TLS, or a stream that somebody else
// has opened. Node's own timer knows sockets only, and begins anew where a TLS handshake has queued a request.
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/** So often it is looked within the limit: the end comes late by no more than one look, and a machine that slept is no silence. */
const looks = 12;

export interface SilenceLimits {
  /** While bytes should go or come. */
  readonly silenceMs: number;
  /** While all of the request is written, and the other side works on it. */
  readonly workMs: number;
}

/** Ends it with `error` when no byte went or came for so long. The time for which the request waits for a socket does not count. */
export function limitSilence(request: ClientRequest, limits: SilenceLimits, error: () => Error): void {
  const lookMs = limits.silenceMs / looks;
  let answer: IncomingMessage | undefined;
  request.once('response', (response: IncomingMessage) => {
    answer = response;
  });
  request.once('socket', (socket) => {
    let seen = trafficOf(socket);
    let quietMs = 0;
    const timer = setInterval(() => {
      // What has come whole keeps nobody waiting.
      if (answer?.complete === true) return clearInterval(timer);
      const now = trafficOf(socket);
      const isOurs = answer !== undefined && answer.readableLength >= answer.readableHighWaterMark;
      quietMs = now === seen && !isOurs ? quietMs + lookMs : 0;
      seen = now;
      const isTheirs = answer === undefined && request.writableFinished;
      // Half a look: sums of parts miss the whole by a little.
      if (quietMs + lookMs / 2 < (isTheirs ? limits.workMs : limits.silenceMs)) return;
      clearInterval(timer);
      // Who reads the answer already is told why it ends, too.
      (answer ?? request).destroy(error());
    }, lookMs);
    request.once('close', () => clearInterval(timer));
  });
}

/** Another one after each byte that has come, or that was taken from us. */
function trafficOf(socket: Duplex): string {
  const count = (of: object, name: string): number => {
    const value: unknown = Reflect.get(of, name);
    return typeof value === 'number' ? value : 0;
  };
  const handle: unknown = Reflect.get(socket, '_handle');
  // Of a large write node:net knows only here how much the system has taken already.
  const queued = typeof handle === 'object' && handle !== null ? count(handle, 'writeQueueSize') : 0;
  return `${count(socket, 'bytesRead')} ${count(socket, 'bytesWritten')} ${socket.writableLength} ${queued}`;
}
