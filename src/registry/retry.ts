// When a request is sent again: which failures pass by themselves, and how long to wait for that.
import { setTimeout as sleep } from 'node:timers/promises';
import { firstPauseMs, longestPauseMs } from './limits.js';

// 501 and 505: it will not do that later either; 507: somebody must make room first.
const lasting = [501, 505, 507];

/** Answers that the same request, sent later, may not get again. */
export const passingStatuses: readonly number[] = [
  408,
  429,
  ...Array.from({ length: 100 }, (_none, at) => 500 + at).filter((status) => !lasting.includes(status)),
];

export function isPassing(status: number): boolean {
  return passingStatuses.includes(status);
}

const passingCodes = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ECONNABORTED', 'HPE_INVALID_EOF_STATE']);

/** A connection that broke; not one that was never made, or that nobody can trust. */
export function isCut(error: unknown): boolean {
  return error instanceof Error && 'code' in error && passingCodes.has(String(error.code));
}

const absentCodes = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN']);

/** A connection that was not made, as is told at once: of a registry that was there a moment ago, perhaps one that is being started again. */
export function isAbsent(error: unknown): boolean {
  const one: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return one instanceof Error && 'code' in one && absentCodes.has(String(one.code));
}

/** Milliseconds before the next try; `tries` were made. Half of it is chance, so that many clients do not come back at once. */
export function pauseBefore(tries: number, chance = Math.random()): number {
  const full = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.max(0, tries - 1));
  return Math.round(full / 2 + (full / 2) * chance);
}

/** Milliseconds that a Retry-After header asks for: seconds, or a date. @see RFC 9110 section 10.2.3 */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\s*\d{1,9}\s*$/.test(header)) return Number(header) * 1000;
  // Date.parse takes much for a date that is none.
  const at = /^[A-Z][a-z]{2,8}, [\w: -]{1,30} GMT$/.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

/** @throws the signal's reason */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    throw signal?.aborted === true ? signal.reason : error;
  }
}
