// Holds compression back until the link has been seen: a slow one gains a lot from a high level, and a source is read far
// faster than any link drains.
import { setTimeout as sleep } from 'node:timers/promises';

export interface LinkWaitOptions {
  readonly knowsLink: () => boolean;
  readonly signal: AbortSignal;
  /** Segments that are made on a guess: two for each channel keep them all busy. */
  readonly guessedSegments?: number;
  /** In all, not per segment: where nothing drains (all is on the stage already), nothing will ever be seen. */
  readonly longestMs?: number;
}

const pauseMs = 20;

/** @returns a function to be awaited before each segment's level is chosen; it resolves, whatever happens */
export function createLinkWait(options: LinkWaitOptions): () => Promise<void> {
  const { knowsLink, signal, guessedSegments = 8, longestMs = 5000 } = options;
  let asked = 0;
  let waiting: Promise<void> | undefined;
  const wait = async (): Promise<void> => {
    const until = Date.now() + longestMs;
    while (Date.now() < until && !knowsLink() && !signal.aborted) await sleep(pauseMs);
  };
  return async () => {
    asked += 1;
    if (asked <= guessedSegments) return;
    waiting ??= wait();
    await waiting;
  };
}
