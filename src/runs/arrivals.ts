// Which segments the far side has: told by its answers, waited for by whoever plays them.
import type { Digest } from '../oci/digest.js';

export interface Arrivals {
  /** The far side has stored this segment whole. A frame counts as segment 0 of its own digest. */
  arrived(layer: Digest, index: number): void;
  /** Resolves when it has; rejects when sending has failed. */
  waitFor(layer: Digest, index: number): Promise<void>;
  /** A segment turned out bad and was removed there: it must arrive again. */
  lost(layer: Digest, index: number): void;
  /** Nothing more will arrive: every waiter is told why. */
  fail(error: unknown): void;
}

/** An empty board. */
export function createArrivals(): Arrivals {
  const there = new Set<string>();
  const waiting = new Map<string, { resolve: () => void; reject: (error: unknown) => void }[]>();
  let broken: { readonly error: unknown } | undefined;
  const key = (layer: Digest, index: number): string => `${layer} ${index}`;
  return {
    arrived(layer, index) {
      const name = key(layer, index);
      there.add(name);
      for (const waiter of waiting.get(name) ?? []) waiter.resolve();
      waiting.delete(name);
    },
    waitFor(layer, index) {
      const name = key(layer, index);
      if (there.has(name)) return Promise.resolve();
      if (broken !== undefined) return Promise.reject(broken.error);
      return new Promise((resolve, reject) => {
        const waiters = waiting.get(name) ?? [];
        waiters.push({ resolve, reject });
        waiting.set(name, waiters);
      });
    },
    lost(layer, index) {
      there.delete(key(layer, index));
    },
    fail(error) {
      broken = { error };
      for (const waiter of [...waiting.values()].flat()) waiter.reject(error);
      waiting.clear();
    },
  };
}
