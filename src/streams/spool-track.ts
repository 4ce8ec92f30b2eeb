// One layer in one codec as this process knows it: its segments so far, and everyone who waits for the next.

import type { Codec } from '../oci/descriptor.js';
import type { DiffId } from '../oci/digest.js';
import type { StoredSegment } from './spool-index.js';
import { isWhole, sumOf } from './spool-index.js';

type State =
  | { readonly is: 'waiting' }
  | { readonly is: 'filling' }
  | { readonly is: 'finished'; readonly rawBytes: number }
  | { readonly is: 'failed'; readonly error: unknown };

export interface Track {
  readonly diffId: DiffId;
  readonly codec: Codec;
  readonly state: State;
  readonly segments: readonly StoredSegment[];
  /** Readers that may still ask: while there are any, made segments are kept in memory for a while. */
  readerCount: number;
  /** The size of the tar: as its source told it, else with the end; or what broke it before. */
  readonly rawBytes: Promise<number>;
  /** A fill begins, of so many bytes where its source tells: it fails if they are not. */
  start(rawBytes?: number): void;
  add(segment: StoredSegment): void;
  /** All segments are there, and the diffID was right. */
  finish(): void;
  /** The same for a layer made elsewhere. */
  adopt(segments: readonly StoredSegment[]): void;
  fail(error: unknown): void;
  /** Resolves at the next change; rejects with the signal's reason. */
  changed(signal?: AbortSignal): Promise<void>;
}

/** A track that nothing is known of yet. */
export function createTrack(diffId: DiffId, codec: Codec): Track {
  let state: State = { is: 'waiting' };
  const segments: StoredSegment[] = [];
  const waiting = new Set<() => void>();
  const size = Promise.withResolvers<number>();
  // Nobody need be waiting for it.
  size.promise.catch(() => undefined);

  const wake = (): void => {
    for (const resolve of waiting) resolve();
    waiting.clear();
  };
  const isOver = (): boolean => state.is === 'finished' || state.is === 'failed';
  const track: Track = {
    diffId,
    codec,
    get state() {
      return state;
    },
    segments,
    readerCount: 0,
    rawBytes: size.promise,
    start(rawBytes) {
      if (isOver()) return;
      state = { is: 'filling' };
      if (rawBytes !== undefined) size.resolve(rawBytes);
    },
    add(segment) {
      segments.push(segment);
      wake();
    },
    finish() {
      if (isOver() || !isWhole(segments, diffId)) return;
      const { rawBytes } = sumOf(segments);
      state = { is: 'finished', rawBytes };
      size.resolve(rawBytes);
      wake();
    },
    adopt(made) {
      segments.push(...made.slice(segments.length));
      track.finish();
    },
    fail(error) {
      if (isOver()) return;
      state = { is: 'failed', error };
      size.reject(error);
      wake();
    },
    changed(signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const stop = (): void => {
          waiting.delete(go);
          reject(signal?.reason);
        };
        const go = (): void => {
          signal?.removeEventListener('abort', stop);
          resolve();
        };
        signal?.addEventListener('abort', stop, { once: true });
        waiting.add(go);
      });
    },
  };
  return track;
}
