// Notices that an exchange has fallen silent, whatever carries it: a socket of this machine, TLS, or a stream that somebody else
// has opened. Node's own timer knows sockets only, and begins anew where a TLS handshake has queued a request.
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { leastBytesPerSecond, mostBufferedBytes } from './limits.js';

/** So often it is looked within the limit: the end comes late by no more than one look, and a machine that slept is no silence. */
const looks = 12;

export interface SilenceLimits {
  /** While bytes should go or come. */
  readonly silenceMs: number;
  /** While all of the request is written, and the other side works on it; the longest that is waited at all. */
  readonly workMs: number;
  /** Asked while the other side works, once each `silenceMs`: whether it can still be reached, on a connection of its own. */
  readonly isThere?: () => Promise<boolean>;
}

/** A link that is full may let one question starve; two in a row say that it is cut. */
const lostQuestions = 2;

export interface Handed {
  /** Of this request, to the system. */
  readonly bytes: number;
  /** From its first byte to its latest. */
  readonly withinMs: number;
}

/**
 * How long nothing may move while a body is being sent. On a thin link the system takes no more bytes until a good part of those that
 * it has are acknowledged, which nobody here sees; so it gets time for all that it may still have, at the pace that it has shown.
 */
export function patienceFor({ bytes, withinMs }: Handed, { silenceMs, workMs }: SilenceLimits): number {
  const buffered = Math.min(bytes, mostBufferedBytes);
  // What is more than it can keep has left.
  const pace = Math.max(leastBytesPerSecond, ((bytes - buffered) / withinMs) * 1000);
  return Math.min(Math.max(silenceMs, workMs), silenceMs + (buffered / pace) * 1000);
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
    // Not by the clock: a machine that slept has sent nothing meanwhile.
    let passedMs = 0;
    let withinMs = lookMs;
    const before = countOf(socket, 'bytesWritten');
    let nextAskMs = limits.silenceMs;
    let lost = 0;
    const end = (): void => {
      clearInterval(timer);
      // Who reads the answer already is told why it ends, too.
      (answer ?? request).destroy(error());
    };
    const ask = async (): Promise<void> => {
      const isThere = (await limits.isThere?.()) ?? true;
      lost = isThere ? 0 : lost + 1;
      if (lost >= lostQuestions && answer === undefined && !request.destroyed) end();
    };
    const timer = setInterval(() => {
      // What has come whole keeps nobody waiting.
      if (answer?.complete === true) return clearInterval(timer);
      const now = trafficOf(socket);
      const isOurs = answer !== undefined && answer.readableLength >= answer.readableHighWaterMark;
      passedMs += lookMs;
      if (now !== seen) withinMs = passedMs;
      quietMs = now === seen && !isOurs ? quietMs + lookMs : 0;
      if (quietMs === 0) nextAskMs = limits.silenceMs;
      seen = now;
      const limitMs = (): number => {
        if (answer !== undefined) return limits.silenceMs;
        if (request.writableFinished) return limits.workMs;
        return patienceFor({ bytes: countOf(socket, 'bytesWritten') - before, withinMs }, limits);
      };
      // Half a look: sums of parts miss the whole by a little.
      if (quietMs + lookMs / 2 >= limitMs()) return end();
      // A cable that is cut says nothing either, and nobody should wait a quarter of an hour to hear that.
      if (answer !== undefined || !request.writableFinished || quietMs + lookMs / 2 < nextAskMs) return;
      nextAskMs += limits.silenceMs;
      void ask();
    }, lookMs);
    request.once('close', () => clearInterval(timer));
  });
}

/** Another one after each byte that has come, or that was taken from us. */
function trafficOf(socket: Duplex): string {
  const handle: unknown = Reflect.get(socket, '_handle');
  // Of a large write node:net knows only here how much the system has taken already.
  const queued = typeof handle === 'object' && handle !== null ? countOf(handle, 'writeQueueSize') : 0;
  return `${countOf(socket, 'bytesRead')} ${countOf(socket, 'bytesWritten')} ${socket.writableLength} ${queued}`;
}

function countOf(of: object, name: string): number {
  const value: unknown = Reflect.get(of, name);
  return typeof value === 'number' ? value : 0;
}
