import test from 'ava';
import { createBucket, createRateLimit } from '../../src/streams/rate-limit.js';

/** A clock that only waiting moves. */
function virtualTime(): { now: () => number; wait: (ms: number) => Promise<void> } {
  let at = 0;
  return {
    now: () => at,
    async wait(ms) {
      const until = at + ms;
      await Promise.resolve();
      at = Math.max(at, until);
    },
  };
}

test('a long transfer takes as long as the limit says', async (t) => {
  const time = virtualTime();
  const limit = createRateLimit({ bytesPerSecond: 1_000_000, ...time });
  for (let sent = 0; sent < 5_000_000; sent += 50_000) await limit.take(50_000);
  t.true(Math.abs(time.now() - 5000) <= 100 + 50);
});

test('channels share one limit', async (t) => {
  const time = virtualTime();
  const limit = createRateLimit({ bytesPerSecond: 1_000_000, ...time });
  const channel = async (): Promise<void> => {
    for (let sent = 0; sent < 1_000_000; sent += 50_000) await limit.take(50_000);
  };
  await Promise.all([channel(), channel(), channel(), channel()]);
  t.true(Math.abs(time.now() - 4000) <= 100 + 50);
});

test('idle time is credited for one burst only', (t) => {
  const bucket = createBucket(1000, 100);
  t.is(bucket.take(100, 0), 0);
  t.is(bucket.take(100, 1_000_000), 0);
  t.is(bucket.take(100, 1_000_000), 100);
});

test('a piece larger than a burst waits for all of itself', (t) => {
  const bucket = createBucket(1000, 100);
  t.is(bucket.take(1000, 0), 900);
  t.is(bucket.take(1000, 900), 1000);
});

test('an abort ends the wait', async (t) => {
  const controller = new AbortController();
  const limit = createRateLimit({ bytesPerSecond: 1 });
  const waiting = limit.take(1_000_000, controller.signal);
  controller.abort(new Error('enough'));
  await t.throwsAsync(waiting, { message: 'enough' });
  await t.throwsAsync(limit.take(1, controller.signal), { message: 'enough' });
});
