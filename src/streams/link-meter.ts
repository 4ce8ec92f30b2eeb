// The rate of one link, from bytes drained and the time there was something to drain. Recent time weighs most.

export interface LinkMeter {
  /** So many bytes in so many milliseconds of busy link. */
  add(bytes: number, busyMs: number): void;
  /** Bytes a second; undefined while nothing can be said. */
  rate(): number | undefined;
}

// A change of the link is believed after about this much busy time.
const memoryMs = 1000;
// The first bytes fill buffers on the way (an SSH window is 2 MiB) and come back at the speed of memory.
const bufferedBytes = 2 * 1024 * 1024;

/** A meter; an earlier rate counts like one second of this link. */
export function createLinkMeter(earlierRate?: number): LinkMeter {
  let ms = earlierRate === undefined ? 0 : 1000;
  let bytes = earlierRate ?? 0;
  let toSkip = bufferedBytes;
  return {
    add(more, busyMs) {
      const skipped = Math.min(toSkip, more);
      toSkip -= skipped;
      const counted = more - skipped;
      const countedMs = more === 0 ? busyMs : (busyMs * counted) / more;
      if (countedMs <= 0) return;
      const keep = Math.exp(-countedMs / memoryMs);
      bytes = bytes * keep + counted;
      ms = ms * keep + countedMs;
    },
    rate() {
      return ms < 1 ? undefined : (bytes / ms) * 1000;
    },
  };
}
