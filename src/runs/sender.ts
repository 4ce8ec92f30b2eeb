// Carries segments to one host over several channels of one connection: as they come out of the spool, from where an
// earlier run stopped, and no faster than asked. Fewer channels where the host allows fewer, down to one.
import { setTimeout as sleep } from 'node:timers/promises';
import { isAirgapError } from '../errors.js';
import type { Far, PutChannel, StagedSegment } from '../far/facts.js';
import type { Digest } from '../oci/digest.js';
import type { RateLimit } from '../streams/rate-limit.js';
import type { Segment, SegmentReader } from '../streams/spool-types.js';
import type { Arrivals } from './arrivals.js';
import { createDeferred } from './deferred.js';

export interface SenderOptions {
  readonly far: Far;
  readonly channels: number;
  readonly staged: readonly StagedSegment[];
  readonly arrivals: Arrivals;
  readonly rateLimit: RateLimit | undefined;
  readonly onSent: (segment: Segment, bytes: number) => void;
  readonly onResumed: (segment: Segment, bytes: number) => void;
  /** Bytes handed over and the milliseconds during which at least one channel was busy. */
  readonly onDrained: (bytes: number, busyMs: number) => void;
  readonly signal: AbortSignal;
}

export interface Sender {
  /** Puts a layer's segments in line as the reader gives them. Resolves when all are in line. */
  addLayer(reader: SegmentReader): Promise<void>;
  /** Puts headers and metadata of an archive in line, ahead of everything else. They arrive as (digest, 0). */
  addFrame(digest: Digest, bytes: Uint8Array): void;
  /** Gives one channel's session to something else and does with one fewer from then on. False if only one is open. */
  yieldChannel(): Promise<boolean>;
  /** Resolves when at least one channel is open, opening one if there is none: what is opened next comes beside it. */
  warm(): Promise<void>;
  /** Resolves when the line is empty and every channel has closed. Work added later opens channels again. */
  quiesce(): Promise<void>;
  /** No more layers will be added: channels close when the line is empty. */
  end(): void;
  /** Settles when every channel has closed. Rejects with what broke. */
  readonly done: Promise<void>;
  abort(): void;
}

const limitedPieceBytes = 256 * 1024;
// ssh2's receive window of a channel; OpenSSH's is the same (docs/runtime.md).
const windowBytes = 2 * 1024 * 1024;
// A minute in all: no short call takes longer, and no play is begun that takes the only session for itself.
const patienceMs = 250;
const patienceAttempts = 240;

interface Job {
  readonly segment: Segment;
  readonly reader: SegmentReader;
}

interface Frame {
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

/** Starts with no channel open; each is opened when there is work for it. */
export function startSender(options: SenderOptions): Sender {
  const { far, arrivals, signal } = options;
  const whole = new Map<string, StagedSegment>();
  for (const staged of options.staged) whole.set(`${staged.diffId} ${staged.index} ${staged.digest}`, staged);
  const line: Job[] = [];
  const frames: Frame[] = [];
  const done = createDeferred<void>();
  const open = new Set<PutChannel>();
  /** Told to go, and not yet gone: their sessions come free by themselves. */
  const leaving = new Set<PutChannel>();
  let limit = Math.max(1, options.channels);
  let workers = 0;
  let ended = false;
  let quiet = false;
  let failed = false;
  let wake: (() => void)[] = [];
  let idle: (() => void)[] = [];
  let busy = 0;
  let busySince = 0;
  let drainedBytes = 0;
  let toFill = limit * windowBytes;

  const rouse = (): void => {
    for (const resolve of wake) resolve();
    wake = [];
  };
  const fail = (error: unknown): void => {
    if (failed) return;
    failed = true;
    arrivals.fail(error);
    for (const channel of open) channel.abort();
    rouse();
    settle();
    done.reject(error);
  };
  const settle = (): void => {
    for (const resolve of idle) resolve();
    idle = [];
    if (ended && workers === 0 && line.length === 0 && frames.length === 0 && !failed) done.resolve();
  };
  const nextSettle = (): Promise<void> => new Promise((resolve) => idle.push(resolve));
  const enlist = (): void => {
    const wanted = Math.min(limit, line.length + frames.length);
    while (!failed && workers < wanted) {
      workers += 1;
      void work();
    }
    rouse();
    settle();
  };

  async function work(): Promise<void> {
    let channel: PutChannel | undefined;
    try {
      channel = await openPatiently();
      open.add(channel);
      settle();
      // Everything was stopped while this one knocked: nobody else knows of it.
      if (failed) return channel.abort();
      channel.onStored((diffId, index) => arrivals.arrived(diffId, index));
      channel.closed.catch(fail);
      for (;;) {
        if (failed) break;
        // More channels than may be: this one's session is wanted for something else.
        if (open.size - leaving.size > limit) {
          leaving.add(channel);
          break;
        }
        const frame = frames.shift();
        const job = frame === undefined ? line.shift() : undefined;
        if (frame !== undefined) await channel.writeFrame(frame.digest, frame.bytes);
        else if (job !== undefined) await carry(channel, job);
        else if (ended || quiet) break;
        else await new Promise<void>((resolve) => wake.push(resolve));
      }
      if (!failed) await channel.finish();
    } catch (error) {
      // One session fewer than hoped for: the others carry on. Without any other, it is the end.
      if (channel === undefined && isAirgapError(error, 'CHANNEL_REFUSED') && workers > 1)
        limit = workers - 1;
      else fail(error);
    } finally {
      if (channel !== undefined) {
        open.delete(channel);
        leaving.delete(channel);
      }
      workers -= 1;
      settle();
      if (!failed && (line.length > 0 || frames.length > 0)) enlist();
    }
  }

  /** The only session may be taken by a short call just now; a host without any for long is an error. */
  async function openPatiently(): Promise<PutChannel> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await far.openPut();
      } catch (error) {
        const alone = open.size === 0 && isAirgapError(error, 'CHANNEL_REFUSED');
        if (!alone || failed || attempt >= patienceAttempts) throw error;
        await sleep(patienceMs);
      }
    }
  }

  async function carry(channel: PutChannel, { segment, reader }: Job): Promise<void> {
    const part = whole.get(`${segment.diffId} ${segment.index} ${segment.digest}`);
    const offset = part === undefined || part.bytes > segment.bytes ? 0 : part.bytes;
    const bytes = await reader.read(segment);
    if (offset > 0) options.onResumed(segment, offset);
    // Without a limit the rest goes in one piece; with one, in pieces small enough to keep an even pace.
    const step = options.rateLimit === undefined ? bytes.byteLength : limitedPieceBytes;
    for (let from = offset; from < bytes.byteLength || from === offset; from += step) {
      const piece = bytes.subarray(from, from + step);
      await options.rateLimit?.take(piece.byteLength, signal);
      if (busy === 0) busySince = Date.now();
      busy += 1;
      try {
        await channel.write(segment, from, piece);
      } finally {
        busy -= 1;
      }
      if (toFill > 0) {
        // These only filled the channels' windows: they went at the speed of memory.
        toFill -= piece.byteLength;
        busySince = Date.now();
      } else drainedBytes += piece.byteLength;
      options.onSent(segment, piece.byteLength);
      if (step === 0) break;
    }
    // Lent by the spool: without giving them back, large buffers pile up faster than they are collected.
    reader.release?.(bytes);
    if (drainedBytes > 0 && (busy === 0 || Date.now() - busySince > 500)) {
      options.onDrained(drainedBytes, Math.max(1, Date.now() - busySince));
      drainedBytes = 0;
      busySince = Date.now();
    }
  }

  signal.addEventListener('abort', () => fail(signal.reason), { once: true });

  return {
    async addLayer(reader) {
      for await (const segment of reader.segments({ signal })) {
        const staged = whole.get(`${segment.diffId} ${segment.index} ${segment.digest}`);
        if (staged?.whole === true) {
          options.onResumed(segment, segment.bytes);
          arrivals.arrived(segment.diffId, segment.index);
          continue;
        }
        line.push({ segment, reader });
        enlist();
      }
    },
    addFrame(digest, bytes) {
      frames.push({ digest, bytes });
      enlist();
    },
    async yieldChannel() {
      // Whoever still knocks knows by then whether there is a session for it.
      while (workers > open.size && !failed) await nextSettle();
      const staying = open.size - leaving.size;
      if (staying < 2) return false;
      limit = staying - 1;
      rouse();
      while (open.size > limit && !failed) await nextSettle();
      return true;
    },
    async warm() {
      if (workers === 0) {
        workers += 1;
        void work();
      }
      while (open.size === 0 && workers > 0 && !failed) await nextSettle();
      if (failed) await done.promise;
    },
    async quiesce() {
      quiet = true;
      rouse();
      while (workers > 0 && !failed) await nextSettle();
      quiet = false;
      if (failed) await done.promise;
    },
    end() {
      ended = true;
      rouse();
      settle();
    },
    done: done.promise,
    abort() {
      fail(signal.reason ?? new Error('sender stopped'));
    },
  };
}
