// The few segments made or read last, in memory: several senders ask for the same one within moments. Their buffers
// are freed by hand, since the collector lets hundreds of megabytes of such large pieces pile up.

/** Bytes lent to readers; whoever says that it is done with them lets them be used again. */
export interface SegmentMemory {
  /** Lends it, if it is there. */
  get(key: string): Buffer | undefined;
  /** Takes over a buffer, and with it the right to overwrite it once nobody has it. */
  put(key: string, bytes: Buffer): void;
  /** The same, but only if there is room beside all that is kept or lent: false leaves the buffer where it was. */
  offer(key: string, bytes: Buffer): boolean;
  /** One borrower is done. Bytes that were never given back are left to the collector. */
  release(bytes: Buffer): void;
  /** Forgets everything whose key begins so. */
  drop(prefix: string): void;
}

export interface SegmentMemoryOptions {
  readonly maxCount: number;
  readonly maxBytes: number;
  /** Nobody has these bytes any more. */
  readonly free: (bytes: Buffer) => void;
}

interface Held {
  readonly bytes: Buffer;
  loans: number;
  isKept: boolean;
}

/** Keeps at most so many entries, and so many bytes; the ones not asked for go first. */
export function createSegmentMemory({ maxCount, maxBytes, free }: SegmentMemoryOptions): SegmentMemory {
  const kept = new Map<string, Held>();
  const lent = new WeakMap<Buffer, Held>();
  let sum = 0;
  // Kept or lent: what is lent to slow readers is memory, too.
  let live = 0;

  const remove = (key: string): void => {
    const held = kept.get(key);
    if (held === undefined) return;
    kept.delete(key);
    sum -= held.bytes.length;
    held.isKept = false;
    if (held.loans === 0) letGo(held);
  };
  const letGo = ({ bytes }: Held): void => {
    live -= bytes.length;
    free(bytes);
  };
  return {
    get(key) {
      const held = kept.get(key);
      if (held === undefined) return undefined;
      kept.delete(key);
      kept.set(key, held);
      held.loans += 1;
      lent.set(held.bytes, held);
      return held.bytes;
    },
    put(key, bytes) {
      remove(key);
      kept.set(key, { bytes, loans: 0, isKept: true });
      sum += bytes.length;
      live += bytes.length;
      for (const oldest of kept.keys()) {
        if (oldest === key || (kept.size <= maxCount && sum <= maxBytes)) break;
        remove(oldest);
      }
    },
    offer(key, bytes) {
      const isFull = (): boolean => live + bytes.length > maxBytes;
      // What nobody reads just now makes room for what is new.
      for (const [oldest, held] of kept) if (isFull() && held.loans === 0) remove(oldest);
      if (isFull()) return false;
      this.put(key, bytes);
      return true;
    },
    release(bytes) {
      const held = lent.get(bytes);
      if (held === undefined || held.loans === 0) return;
      held.loans -= 1;
      if (held.loans > 0) return;
      lent.delete(bytes);
      if (!held.isKept) letGo(held);
    },
    drop(prefix) {
      for (const key of [...kept.keys()]) if (key.startsWith(prefix)) remove(key);
    },
  };
}
