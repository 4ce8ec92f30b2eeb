// Waiting for the first sight of the link: a few segments go ahead, the wait is one for all, and it ends.
import test from 'ava';
import { createLinkWait } from '../../src/runs/link-wait.js';

const open = new AbortController().signal;

async function isSettled(promise: Promise<void>): Promise<boolean> {
  const pending = Symbol('pending');
  const turn = new Promise((resolve) => setImmediate(resolve, pending));
  return (await Promise.race([promise, turn])) !== pending;
}

test('the first segments are not held up, later ones wait until the link is known', async (t) => {
  let known = false;
  const wait = createLinkWait({
    knowsLink: () => known,
    signal: open,
    guessedSegments: 2,
    longestMs: 3_600_000,
  });
  await wait();
  await wait();
  const third = wait();
  const fourth = wait();
  t.false(await isSettled(third));
  known = true;
  await Promise.all([third, fourth]);
  t.true(await isSettled(wait()));
});

test('nothing-drains: the wait is one for all segments, not one for each', async (t) => {
  const wait = createLinkWait({ knowsLink: () => false, signal: open, guessedSegments: 0, longestMs: 1 });
  await wait();
  t.true(await isSettled(wait()));
});

test('an abort ends the wait', async (t) => {
  const stop = new AbortController();
  const options = { knowsLink: () => false, guessedSegments: 0, longestMs: 3_600_000 };
  const waiting = createLinkWait({ ...options, signal: stop.signal })();
  stop.abort();
  await waiting;
  t.pass();
});
