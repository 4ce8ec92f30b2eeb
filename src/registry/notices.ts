// What is worth telling about registries while a run goes on, and the event that tells it.
import type { EventBody } from '../events.js';
import { text } from '../text/text.js';

export type RegistryNotice =
  /** `registry` is read from a mirror. */
  | { readonly kind: 'mirror'; readonly registry: string; readonly endpoint: string }
  | { readonly kind: 'mirror-failed'; readonly endpoint: string; readonly why: string }
  /** Nobody vouches for who answers. */
  | { readonly kind: 'insecure'; readonly endpoint: string }
  | {
      readonly kind: 'limit';
      readonly registry: string;
      readonly remaining: number;
      readonly limit: number | undefined;
    }
  | { readonly kind: 'waiting'; readonly registry: string; readonly ms: number; readonly why: string };

export type NoticeListener = (notice: RegistryNotice) => void;

/** As a run tells it. */
export function eventOf(notice: RegistryNotice): EventBody {
  const words = text().words.registry;
  switch (notice.kind) {
    case 'mirror':
      return { type: 'note', message: words.mirror(notice.registry, notice.endpoint) };
    case 'waiting':
      return { type: 'note', message: words.waiting(notice.registry, notice.ms, notice.why) };
    case 'mirror-failed':
      return warning('MIRROR_FAILED', words.mirrorFailed(notice.endpoint, notice.why));
    case 'insecure':
      return warning('REGISTRY_INSECURE', words.insecure(notice.endpoint));
    case 'limit':
      return warning('REGISTRY_LIMIT_LOW', words.lowLimit(notice.registry, notice.remaining, notice.limit));
  }
}

/** Tells waits of uploads to this registry, which no listener of it hears. */
export function tellWaits(
  registry: string,
  emit: (event: EventBody) => void,
): (ms: number, why: string) => void {
  return (ms, why) => emit(eventOf({ kind: 'waiting', registry, ms, why }));
}

const warning = (code: string, message: string): EventBody => ({ type: 'warning', code, message });
