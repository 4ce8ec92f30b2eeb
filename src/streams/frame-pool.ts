// The 8 MiB buffers that segments are read into: few, used again and again, since fresh memory costs page faults.
import { freeNow } from './free-bytes.js';
import { segmentRawBytes } from './spool-types.js';

export interface FramePool {
  /** A buffer of segmentRawBytes to fill; waits until there are few enough of them. @throws the signal's reason */
  take(signal?: AbortSignal): Promise<Buffer>;
  /** Gives one back. */
  give(buffer: Buffer): void;
  /** One that was taken has a new owner, who may `reuse` it some day. */
  leave(): void;
  /** A buffer for so many bytes, not counted, without waiting. */
  borrow(bytes: number): Buffer;
  /** Nobody has these bytes any more: the memory is used again, or freed at once. */
  reuse(bytes: Buffer): void;
}

interface Waiting {
  resolve(buffer: Buffer): void;
}

// Spare buffers beyond those taken: what the memory of recent raw segments gives back in a moment's time.
const maxSpare = 1;

/** A pool that has at most `count` buffers taken at once; each is made when first needed. */
export function createFramePool(count: number): FramePool {
  const spare: Buffer[] = [];
  const waiting = new Set<Waiting>();
  let taken = 0;

  const serve = (): void => {
    for (const waiter of waiting) {
      if (taken >= count) return;
      taken += 1;
      waiting.delete(waiter);
      waiter.resolve(any());
    }
  };
  const any = (): Buffer => spare.pop() ?? Buffer.allocUnsafeSlow(segmentRawBytes);
  const keep = (buffer: Buffer): void => {
    if (spare.length < maxSpare + count - taken) spare.push(buffer);
    else freeNow(buffer);
  };

  return {
    take(signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const stop = (): void => {
          waiting.delete(waiter);
          reject(signal?.reason);
        };
        const waiter: Waiting = {
          resolve(buffer) {
            signal?.removeEventListener('abort', stop);
            resolve(buffer);
          },
        };
        signal?.addEventListener('abort', stop, { once: true });
        waiting.add(waiter);
        serve();
      });
    },
    give(buffer) {
      taken -= 1;
      keep(buffer);
      serve();
    },
    leave() {
      taken -= 1;
      serve();
    },
    // A packed segment is a third of a frame: what is lent to readers should not weigh three times as much.
    borrow: (bytes) => (bytes === segmentRawBytes ? any() : Buffer.allocUnsafeSlow(bytes)),
    reuse(bytes) {
      if (bytes.buffer.byteLength === segmentRawBytes) keep(Buffer.from(bytes.buffer));
      else freeNow(bytes);
    },
  };
}
