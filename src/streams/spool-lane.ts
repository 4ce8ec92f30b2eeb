// One codec of a fill: makes each segment, several at once, and appends them in order. What an earlier run left is
// taken over segment by segment, once the stream has shown the same tar so far and the stored bytes are still right.
import { hash } from 'node:crypto';
import { isAirgapError } from '../errors.js';
import type { Codec } from '../oci/descriptor.js';
import { digestFromHex } from '../oci/digest.js';
import type { Compressor } from './codec.js';
import type { Frame } from './frames.js';
import { fitted } from './free-bytes.js';
import type { Gate } from './gate.js';
import type { MadeSegment, StoredSegment } from './spool-index.js';
import type { SegmentWriter } from './spool-writer.js';

/** How long one segment took, for whoever chooses the levels. */
export interface SegmentSample {
  readonly codec: Codec;
  readonly level: number;
  readonly rawBytes: number;
  readonly bytes: number;
  readonly ms: number;
  /** Segments that were being compressed at the same time, this one included. */
  readonly parallel: number;
}

export interface LaneOptions {
  readonly compressor: Compressor;
  readonly writer: SegmentWriter;
  readonly level: (index: number) => number | Promise<number>;
  /** Lets so many compressions run at once, over all lanes. */
  readonly gate: Gate;
  /** Called for each segment in order, once it can be read. `stored` is undefined for one taken over. */
  readonly onSegment: (segment: StoredSegment, stored: Buffer | undefined) => void;
  readonly onSample: (sample: SegmentSample) => void;
}

export interface Lane {
  /** Starts on the next frame; resolves when it is appended. The frame may be given back then. */
  push(frame: Frame): Promise<void>;
  /** Cuts off what an earlier run left beyond this many segments. */
  endAt(count: number): Promise<void>;
}

interface Made {
  readonly segment: MadeSegment;
  readonly stored: Buffer;
}

/** A lane; frames come in order. */
export function createLane({ compressor, writer, level, gate, onSegment, onSample }: LaneOptions): Lane {
  const { earlier } = writer;
  // Segments below this may be taken over; the first that does not fit ends it.
  let trusted = earlier.length;
  let tail: Promise<void> = Promise.resolve();

  const make = async ({ index, raw, prefix }: Frame): Promise<Made> => {
    const leave = await gate.enter();
    try {
      const chosen = await level(index);
      const parallel = gate.inside;
      const startedAt = performance.now();
      const made = await compressor.compress(raw, chosen);
      // What is kept in memory for the senders; a frame of the pool stays as it is.
      const stored = made === raw ? raw : fitted(made);
      const ms = performance.now() - startedAt;
      onSample({
        codec: compressor.codec,
        level: chosen,
        rawBytes: raw.length,
        bytes: stored.length,
        ms,
        parallel,
      });
      const digest = digestFromHex(hash('sha256', stored, 'hex'), 'a segment');
      const segment = { index, level: chosen, rawBytes: raw.length, bytes: stored.length, digest, prefix };
      return { segment, stored };
    } finally {
      leave();
    }
  };

  const takeOver = async (frame: Frame): Promise<StoredSegment | undefined> => {
    const found = earlier[frame.index];
    if (found === undefined || found.prefix !== frame.prefix) return undefined;
    try {
      const stored = await writer.read(found);
      return hash('sha256', stored, 'hex') === found.digest.slice('sha256:'.length) ? found : undefined;
    } catch (error) {
      // A bad spot of the disk: made again like any other damage.
      if (isAirgapError(error)) throw error;
      return undefined;
    }
  };

  const append = async (frame: Frame, work: Promise<Made | StoredSegment | undefined>): Promise<void> => {
    const done = await work;
    if (done !== undefined && !('stored' in done) && frame.index < trusted) {
      onSegment(done, undefined);
      return;
    }
    if (frame.index < trusted) {
      await writer.cutAt(frame.index);
      trusted = frame.index;
    }
    const made = done !== undefined && 'stored' in done ? done : await make(frame);
    onSegment(await writer.append(made.segment, made.stored), made.stored);
  };

  return {
    push(frame) {
      const work = frame.index < trusted ? takeOver(frame) : make(frame);
      // Seen by `append`, unless one before it fails first.
      work.catch(() => undefined);
      tail = tail.then(() => append(frame, work));
      return tail;
    },
    async endAt(count) {
      await tail;
      if (count < trusted) await writer.cutAt(count);
    },
  };
}
