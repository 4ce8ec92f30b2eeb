import { Readable } from 'node:stream';
import test from 'ava';
import { digestOf } from '../../src/oci/digest.js';
import type { Fill } from '../../src/streams/file-at.js';
import { createFramePool } from '../../src/streams/frame-pool.js';
import { readFrames } from '../../src/streams/frames.js';
import { segmentRawBytes } from '../../src/streams/spool-types.js';
import { collect, mixedBytes, noise, pieces } from '../helpers/layers.js';

const sizes = {
  'one byte less than a segment': segmentRawBytes - 1,
  'exactly one segment': segmentRawBytes,
  'one byte more than a segment': segmentRawBytes + 1,
  'exactly three segments': 3 * segmentRawBytes,
};

const sources = {
  'as a stream': (tar: Buffer) => Readable.from(pieces(tar)),
  // A file gives what it likes to give.
  'out of a file': (tar: Buffer): Fill => {
    let at = 0;
    return async (into) => {
      const bytes = tar.copy(into, 0, at, at + 700_001);
      at += bytes;
      return bytes;
    };
  },
};

for (const [name, size, how] of Object.entries(sizes).flatMap(([name, size]) =>
  Object.keys(sources).map((how) => [name, size, how as keyof typeof sources] as const),
)) {
  test(`a tar of ${name} ${how} is cut every 8 MiB, each prefix digested`, async (t) => {
    const tar = mixedBytes(size);
    const pool = createFramePool(2);
    let at = 0;
    for await (const { index, raw, prefix, release } of readFrames(sources[how](tar), pool)) {
      t.is(index * segmentRawBytes, at);
      t.true(raw.equals(tar.subarray(at, at + segmentRawBytes)));
      at += raw.length;
      t.is(prefix, digestOf(tar.subarray(0, at)));
      release();
    }
    t.is(at, size);
  });
}

test('an empty stream gives one empty frame', async (t) => {
  const frames = await collect(readFrames(Readable.from([]), createFramePool(1)));
  t.is(frames.length, 1);
  t.is(frames[0]?.raw.length, 0);
  t.is(frames[0]?.prefix, digestOf(''));
});

test('a file that gives nothing is one empty frame', async (t) => {
  const frames = await collect(readFrames(async () => 0, createFramePool(1)));
  t.deepEqual(
    frames.map(({ prefix }) => prefix),
    [digestOf('')],
  );
});

test('a chunk larger than several segments is cut as well', async (t) => {
  const tar = noise(2 * segmentRawBytes + 5);
  const lengths: number[] = [];
  for await (const frame of readFrames(Readable.from([tar]), createFramePool(1))) {
    lengths.push(frame.raw.length);
    frame.release();
  }
  t.deepEqual(lengths, [segmentRawBytes, segmentRawBytes, 5]);
});

test('the source is held back while no buffer is free', async (t) => {
  let given = 0;
  async function* source(): AsyncGenerator<Buffer> {
    for (; given < 4; given += 1) yield Buffer.alloc(segmentRawBytes);
  }
  const frames = readFrames(source(), createFramePool(2));
  const first = await frames.next();
  await frames.next();
  const third = frames.next();
  const winner = await Promise.race([third, new Promise((resolve) => setImmediate(resolve, 'held back'))]);
  t.is(winner, 'held back');
  first.value?.release();
  t.is((await third).value?.index, 2);
});

test('an abort ends the wait for a buffer', async (t) => {
  const pool = createFramePool(1);
  await pool.take();
  const controller = new AbortController();
  const waiting = pool.take(controller.signal);
  controller.abort(new Error('enough'));
  await t.throwsAsync(waiting, { message: 'enough' });
  await t.throwsAsync(pool.take(controller.signal), { message: 'enough' });
});

test('buffers that come back are used again', async (t) => {
  const pool = createFramePool(1);
  const one = await pool.take();
  pool.give(one);
  const again = await pool.take();
  t.is(again.buffer, one.buffer);
  pool.leave();
  const other = await pool.take();
  t.not(other.buffer, one.buffer);
  pool.reuse(again.subarray(0, 10));
  t.is(pool.borrow(segmentRawBytes).buffer, one.buffer);
});
