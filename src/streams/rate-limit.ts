// A limit in bytes a second for one host, shared by all its channels: a bucket that may run into debt.
import { setTimeout as sleep } from 'node:timers/promises';

/** The arithmetic alone, without a clock. */
export interface Bucket {
  /** Takes the bytes at once; returns how many milliseconds the caller must wait before it sends them. */
  take(bytes: number, nowMs: number): number;
}

/**
 * A bucket that fills with `bytesPerSecond`. Idle time is credited up to `burstBytes` (default: a tenth of a
 * second), so the long-run rate is never above the limit by more than one burst.
 */
export function createBucket(bytesPerSecond: number, burstBytes = bytesPerSecond / 10): Bucket {
  const burstMs = (burstBytes / bytesPerSecond) * 1000;
  // When all that was taken so far will have been paid for.
  let paidAt = Number.NEGATIVE_INFINITY;
  return {
    take(bytes, nowMs) {
      const start = Math.max(paidAt, nowMs - burstMs);
      paidAt = start + (bytes / bytesPerSecond) * 1000;
      return Math.max(0, paidAt - nowMs);
    },
  };
}

export interface RateLimit {
  readonly bytesPerSecond: number;
  /** Resolves when so many bytes may be sent; callers are served in the order they came. @throws the signal's reason */
  take(bytes: number, signal?: AbortSignal): Promise<void>;
}

export interface RateLimitOptions {
  readonly bytesPerSecond: number;
  readonly burstBytes?: number;
  /** Milliseconds that only go forward; tests bring their own. */
  readonly now?: () => number;
  readonly wait?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** A limit for the channels of one host to share. Take small pieces (64 KiB): a piece is sent in one go. */
export function createRateLimit(options: RateLimitOptions): RateLimit {
  const { now = () => performance.now(), wait = waitFor } = options;
  const bucket = createBucket(options.bytesPerSecond, options.burstBytes);
  return {
    bytesPerSecond: options.bytesPerSecond,
    async take(bytes, signal) {
      signal?.throwIfAborted();
      const ms = bucket.take(bytes, now());
      if (ms > 0) await wait(ms, signal);
    },
  };
}

async function waitFor(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  }
}
