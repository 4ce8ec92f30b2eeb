import test from 'ava';
import type { AirgapEvent, EventBody } from '../../src/events.js';
import { noProgress, type Progress, paceOf, reduceProgress, totalOf } from '../../src/runs/progress.js';
import { samplePlan, sampleReceipt } from '../helpers/samples.js';

const after = (events: readonly (readonly [number, EventBody])[], from: Progress = noProgress): Progress =>
  events.reduce(
    (state, [at, body]) => reduceProgress(state, { ...body, runId: 'r', at } as AirgapEvent),
    from,
  );

const item = { id: 'send:web1:a', kind: 'layer', phase: 'send', host: 'web1', label: 'layer a' } as const;
const bytes = (doneBytes: number, totalBytes = 10_000_000): EventBody => ({
  type: 'item.progress',
  ...item,
  doneBytes,
  totalBytes,
});

test('rate and remaining time come from the bytes of the last seconds', (t) => {
  const state = after([
    [0, { type: 'item.started', ...item, totalBytes: 10_000_000 }],
    [1000, bytes(1_000_000)],
    [2000, bytes(2_000_000)],
  ]);
  const pace = paceOf(state.items.get(item.id)!, 2000);
  t.is(pace.bytesPerSecond, 1_000_000);
  t.is(pace.leftMs, 8000);
  t.is(pace.share, 0.2);
});

test('a stalled transfer shows a falling rate, then zero and no remaining time', (t) => {
  const state = after([
    [0, bytes(0)],
    [1000, bytes(1_000_000)],
  ]);
  const one = state.items.get(item.id)!;
  t.true((paceOf(one, 4000).bytesPerSecond ?? 0) < (paceOf(one, 2000).bytesPerSecond ?? 0));
  t.is(paceOf(one, 60_000).bytesPerSecond, 0);
  t.is(paceOf(one, 60_000).leftMs, undefined);
});

test('nothing is said of rates before there is something to measure', (t) => {
  const state = after([[0, { type: 'item.started', ...item }]]);
  const pace = paceOf(state.items.get(item.id)!, 10);
  t.deepEqual(pace, { bytesPerSecond: undefined, leftMs: undefined, share: undefined });
});

test('samples do not grow with the length of a transfer', (t) => {
  const events = Array.from({ length: 5000 }, (_, n): readonly [number, EventBody] => [
    n * 100,
    bytes(n * 10),
  ]);
  const state = after(events);
  t.true(state.items.get(item.id)!.samples.length < 60);
});

test('a transfer that begins again under the same name has no rate from the one before', (t) => {
  const state = after([
    [0, bytes(0)],
    [1000, bytes(9_000_000)],
    [2000, bytes(1000)],
  ]);
  t.is(paceOf(state.items.get(item.id)!, 3000).bytesPerSecond, undefined);
});

test('steps are kept by host, and ended ones go', (t) => {
  const state = after([
    [0, { type: 'step.started', step: 'send', host: 'web1' }],
    [1, { type: 'step.started', step: 'load', host: 'web1' }],
    [2, { type: 'step.finished', step: 'send', host: 'web1' }],
    [3, { type: 'step.started', step: 'plan' }],
  ]);
  t.deepEqual(state.hosts.get('web1')?.steps, ['load']);
  t.deepEqual(state.steps, ['plan']);
});

test('things that are finished or skipped are gone; those of a failed host, too', (t) => {
  const other = { ...item, id: 'send:web2:a', host: 'web2' };
  const state = after([
    [0, bytes(1)],
    [0, { type: 'item.started', ...other }],
    [1, { type: 'item.finished', ...item, doneBytes: 10 }],
  ]);
  t.deepEqual([...state.items.keys()], [other.id]);
  const error = { code: 'SSH_LOST', message: '', hint: undefined, facts: {}, exitCode: 34 } as const;
  t.is(after([[2, { type: 'host.failed', host: 'web2', error }]], state).items.size, 0);
});

test('the total of several hosts is unknown until every one is planned', (t) => {
  const begun = after([
    [0, { type: 'step.started', step: 'connect', host: 'web2' }],
    [1, { type: 'plan', host: 'web1', plan: samplePlan('web1') }],
  ]);
  t.is(totalOf(begun).totalBytes, undefined);
  const planned = after(
    [
      [2, { type: 'plan', host: 'web2', plan: samplePlan('web2') }],
      [3, { type: 'host.finished', host: 'web1', receipt: sampleReceipt('web1') }],
    ],
    begun,
  );
  t.is(totalOf(planned).totalBytes, 2 * samplePlan('web1').totals.wire.bytes);
  t.is(totalOf(planned).hostsDone, 1);
  t.true(totalOf(planned).estimate);
});

test('the reducer changes nothing that it was given', (t) => {
  const before = after([[0, bytes(5)]]);
  const copy = structuredClone(before);
  after(
    [
      [1, bytes(6)],
      [2, { type: 'run.finished', receipts: [], durationMs: 1 }],
    ],
    before,
  );
  t.deepEqual(before, copy);
});
