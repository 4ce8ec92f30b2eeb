// How many requests a registry will still take, where it tells. @see Docker Hub "Usage and limits"; draft-ietf-httpapi-ratelimit-headers
import type { IncomingHttpHeaders } from 'node:http';
import type { NoticeListener } from './notices.js';

const lowShare = 0.1;
const lowCount = 10;

/** Tells it where few are left. */
export function tellLimit(registry: string, headers: IncomingHttpHeaders, notify: NoticeListener): void {
  const remaining = first(headers['ratelimit-remaining']);
  if (remaining === undefined) return;
  const limit = first(headers['ratelimit-limit']);
  if (remaining > Math.max(lowCount, (limit ?? 0) * lowShare)) return;
  notify({ kind: 'limit', registry, remaining, limit });
}

/** `76;w=21600` */
function first(header: string | string[] | undefined): number | undefined {
  const digits = typeof header === 'string' ? /^\s*(\d{1,9})\b/.exec(header)?.[1] : undefined;
  return digits === undefined ? undefined : Number(digits);
}
