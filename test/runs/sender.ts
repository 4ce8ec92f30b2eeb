import test from 'ava';
import { AirgapError } from '../../src/errors.js';
import type { Far, PutChannel, StagedSegment } from '../../src/far/facts.js';
import { type DiffId, digestOf } from '../../src/oci/digest.js';
import { createArrivals } from '../../src/runs/arrivals.js';
import { startSender } from '../../src/runs/sender.js';
import type { Segment, SegmentReader } from '../../src/streams/spool-types.js';

/** A far side that stores what it is given and allows so many sessions. The real one is exercised in test/e2e. */
function createFar(sessions: number) {
  const stored = new Map<string, Buffer>();
  const stats = { open: 0, most: 0, breakAfter: Infinity, writes: 0 };
  const openPut = async (): Promise<PutChannel> => {
    if (stats.open >= sessions) throw new AirgapError('CHANNEL_REFUSED', { host: 'test' });
    stats.open += 1;
    stats.most = Math.max(stats.most, stats.open);
    const closed = Promise.withResolvers<void>();
    closed.promise.catch(() => undefined);
    const listeners: ((diffId: DiffId, index: number) => void)[] = [];
    return {
      async write(segment, offset, body) {
        await new Promise((resolve) => setImmediate(resolve));
        stats.writes += 1;
        if (stats.writes > stats.breakAfter) {
          const error = new AirgapError('SSH_LOST', { host: 'test', detail: 'cut' });
          closed.reject(error);
          throw error;
        }
        const key = `${segment.diffId} ${segment.index}`;
        const before = stored.get(key) ?? Buffer.alloc(offset);
        stored.set(key, Buffer.concat([before, body]));
        if (stored.get(key)?.byteLength === segment.bytes) {
          for (const listener of listeners) listener(segment.diffId, segment.index);
        }
      },
      async writeFrame(digest, body) {
        stored.set(`frame ${digest}`, Buffer.from(body));
        for (const listener of listeners) listener(digest as DiffId, 0);
      },
      onStored: (listener) => listeners.push(listener),
      finish: async () => {
        stats.open -= 1;
        closed.resolve();
      },
      closed: closed.promise,
      abort: () => {
        stats.open -= 1;
      },
    };
  };
  return { far: { openPut } as unknown as Far, stored, stats };
}

function createReader(
  name: string,
  count: number,
  bytes = 1000,
): SegmentReader & { readonly diffId: DiffId } {
  const diffId = digestOf(name) as DiffId;
  const body = (index: number): Buffer => Buffer.alloc(bytes, `${name}${index}`);
  return {
    diffId,
    rawBytes: Promise.resolve(count * bytes),
    codec: 'none',
    async *segments(): AsyncIterable<Segment> {
      for (let index = 0; index < count; index += 1) {
        yield {
          diffId,
          index,
          codec: 'none',
          level: 0,
          rawBytes: bytes,
          bytes,
          digest: digestOf(body(index)),
        };
      }
    },
    read: async (segment) => body(segment.index),
  };
}

interface Counts {
  sent: number;
  resumed: number;
}

function start(far: Far, channels: number, staged: readonly StagedSegment[] = []) {
  const counts: Counts = { sent: 0, resumed: 0 };
  const arrivals = createArrivals();
  const controller = new AbortController();
  const sender = startSender({
    far,
    channels,
    staged,
    arrivals,
    rateLimit: undefined,
    onSent: (_, bytes) => {
      counts.sent += bytes;
    },
    onResumed: (_, bytes) => {
      counts.resumed += bytes;
    },
    onDrained: () => undefined,
    signal: controller.signal,
  });
  sender.done.catch(() => undefined);
  return { sender, arrivals, counts, controller };
}

test('every segment arrives once over several channels', async (t) => {
  const { far, stored, stats } = createFar(10);
  const { sender, arrivals, counts } = start(far, 4);
  const reader = createReader('a', 20);
  await sender.addLayer(reader);
  for (let index = 0; index < 20; index += 1) await arrivals.waitFor(reader.diffId, index);
  sender.end();
  await sender.done;
  t.is(stored.size, 20);
  t.is(counts.sent, 20_000);
  t.is(stats.open, 0);
  t.true(stats.most <= 4);
});

test('a host that allows fewer sessions gets everything over fewer channels', async (t) => {
  for (const sessions of [1, 2, 3]) {
    const { far, stored, stats } = createFar(sessions);
    const { sender } = start(far, 4);
    await sender.addLayer(createReader('a', 12));
    sender.end();
    await sender.done;
    t.is(stored.size, 12);
    t.is(stats.open, 0);
  }
});

test('what is staged whole does not travel, what is staged in part travels from where it stopped', async (t) => {
  const { far, stored } = createFar(2);
  const reader = createReader('a', 3);
  const digests: Segment[] = [];
  for await (const segment of reader.segments()) digests.push(segment);
  const { sender, counts, arrivals } = start(far, 2, [
    { diffId: reader.diffId, index: 0, digest: digests[0]!.digest, bytes: 1000, whole: true },
    { diffId: reader.diffId, index: 1, digest: digests[1]!.digest, bytes: 400, whole: false },
    { diffId: reader.diffId, index: 2, digest: digestOf('made at another level'), bytes: 900, whole: false },
  ]);
  await sender.addLayer(reader);
  for (const index of [0, 1, 2]) await arrivals.waitFor(reader.diffId, index);
  sender.end();
  await sender.done;
  t.is(counts.resumed, 1400);
  t.is(counts.sent, 1600);
  t.is(stored.size, 2);
});

test('quiesce gives every session back, and later work opens channels again', async (t) => {
  const { far, stats, stored } = createFar(1);
  const { sender } = start(far, 4);
  await sender.addLayer(createReader('a', 5));
  await sender.quiesce();
  t.is(stats.open, 0);
  t.is(stored.size, 5);
  await sender.addLayer(createReader('b', 5));
  sender.end();
  await sender.done;
  t.is(stored.size, 10);
});

test('yieldChannel frees one session for good and refuses to give the last', async (t) => {
  const { far, stats } = createFar(3);
  const { sender } = start(far, 3);
  await sender.addLayer(createReader('a', 30));
  t.true(await sender.yieldChannel());
  t.true(stats.open <= 2);
  sender.end();
  await sender.done;
  t.false(await sender.yieldChannel());
});

test('yieldChannel never gives the last channel away while others still knock', async (t) => {
  const { far, stats } = createFar(1);
  const { sender } = start(far, 4);
  const adding = sender.addLayer(createReader('a', 8));
  await sender.warm();
  t.false(await sender.yieldChannel());
  t.is(stats.open, 1);
  await adding;
  sender.end();
  await sender.done;
});

test('yieldChannel sheds one idle channel, not all of them', async (t) => {
  const { far, stats } = createFar(4);
  const { sender } = start(far, 4);
  await sender.addLayer(createReader('a', 30));
  while (stats.writes < 30) await new Promise((resolve) => setImmediate(resolve));
  t.is(stats.open, 4);
  t.true(await sender.yieldChannel());
  t.is(stats.open, 3);
  sender.end();
  await sender.done;
});

test('a channel that opens after everything was stopped is closed', async (t) => {
  const { far, stats } = createFar(4);
  const opened = Promise.withResolvers<void>();
  const slow = {
    openPut: async () => {
      await opened.promise;
      return await far.openPut();
    },
  } as unknown as Far;
  const { sender } = start(slow, 1);
  await sender.addLayer(createReader('a', 3));
  sender.abort();
  opened.resolve();
  await t.throwsAsync(sender.done);
  await new Promise((resolve) => setTimeout(resolve, 50));
  t.is(stats.most, 1);
  t.is(stats.open, 0);
  t.is(stats.writes, 0);
});

test('a lost connection reaches everyone who waits', async (t) => {
  const { far, stats } = createFar(4);
  stats.breakAfter = 3;
  const { sender, arrivals } = start(far, 2);
  const reader = createReader('a', 10);
  const waiting = arrivals.waitFor(reader.diffId, 9);
  const adding = sender.addLayer(reader);
  await t.throwsAsync(waiting, { code: 'SSH_LOST' });
  await t.throwsAsync(sender.done, { code: 'SSH_LOST' });
  await adding;
});

test('stopping ends all channels and tells the waiters', async (t) => {
  const { far, stats } = createFar(4);
  const { sender, arrivals, controller } = start(far, 2);
  const reader = createReader('a', 3);
  await sender.addLayer(reader);
  const waiting = arrivals.waitFor(digestOf('never') as DiffId, 0);
  controller.abort(new AirgapError('CANCELLED', { resumable: true }));
  await t.throwsAsync(waiting, { code: 'CANCELLED' });
  await t.throwsAsync(sender.done, { code: 'CANCELLED' });
  t.true(stats.open <= 0);
});

test('a frame goes ahead of segments in line and is answered like one', async (t) => {
  const { far, stored } = createFar(1);
  const { sender, arrivals } = start(far, 1);
  const reader = createReader('a', 5);
  const adding = sender.addLayer(reader);
  const bytes = Buffer.from('tar header');
  sender.addFrame(digestOf(bytes), bytes);
  await arrivals.waitFor(digestOf(bytes), 0);
  await adding;
  sender.end();
  await sender.done;
  t.deepEqual(stored.get(`frame ${digestOf(bytes)}`), bytes);
  t.is(stored.size, 6);
});

test('warm opens a channel when there is no work yet, so that a play is opened beside it and never instead of it', async (t) => {
  const { far, stats } = createFar(1);
  const { sender } = start(far, 4);
  await sender.warm();
  t.is(stats.open, 1);
  t.false(await sender.yieldChannel());
  await sender.quiesce();
  t.is(stats.open, 0);
  sender.end();
  await sender.done;
});

test('the only session may be taken by a short call for a moment', async (t) => {
  const { far, stats, stored } = createFar(1);
  const { sender } = start(far, 4);
  stats.open = 1;
  const adding = sender.addLayer(createReader('a', 3));
  await new Promise((resolve) => setTimeout(resolve, 300));
  stats.open = 0;
  await adding;
  sender.end();
  await sender.done;
  t.is(stored.size, 3);
});
