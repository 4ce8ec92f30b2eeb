// What one host's part of a send tells: totals that follow what the spool makes, and pairs of starts and ends.
import test from 'ava';
import type { EventBody } from '../../src/events.js';
import { createProgress } from '../../src/runs/send-progress.js';
import { type MadeSoFar, type Segment, segmentRawBytes } from '../../src/streams/spool-types.js';
import { diffId, samplePlan } from '../helpers/samples.js';

const plan = samplePlan('web1');
const [image] = plan.images;
const travelling = diffId('nginx');

function record() {
  const events: EventBody[] = [];
  return { events, progress: createProgress(plan, (event) => events.push(event)) };
}

const segment = (index: number): Segment => ({
  diffId: travelling,
  index,
  codec: 'zstd',
  level: 3,
  rawBytes: segmentRawBytes,
  bytes: segmentRawBytes,
  digest: `sha256:${'0'.repeat(64)}` as Segment['digest'],
});

test('the total of a host follows what the spool makes of data that does not compress', (t) => {
  const { events, progress } = record();
  let made: MadeSoFar = { bytes: 0, rawBytes: 0, whole: false };
  progress.follow(travelling, () => made);
  made = { bytes: segmentRawBytes, rawBytes: segmentRawBytes, whole: false };
  progress.sent(segment(0), segmentRawBytes);
  const first = events.findLast((event) => event.type === 'host.progress');
  t.true((first?.totalBytes ?? 0) > 140_000_000, JSON.stringify(first));
  t.true(first?.estimate);
});

test('hundred-percent-too-early: a host is at its total only when every layer is whole and sent', (t) => {
  const { events, progress } = record();
  progress.follow(travelling, () => ({ bytes: 50_000_000, rawBytes: 158_000_000, whole: false }));
  progress.sent(segment(0), 50_000_000);
  const told = events.findLast((event) => event.type === 'host.progress');
  t.true(told !== undefined && told.doneBytes < told.totalBytes, JSON.stringify(told));
});

test('every item that starts is finished once, and nothing is finished that has not started', (t) => {
  const { events, progress } = record();
  if (image === undefined) return t.fail();
  let whole = false;
  progress.follow(travelling, () => ({ bytes: 2000, rawBytes: 158_000_000, whole }));
  progress.loading(image);
  progress.resumed(segment(0), 1000);
  progress.playing(travelling, 158_000_000);
  // The last byte goes before the spool knows that the layer is whole.
  progress.sent(segment(1), 1000);
  whole = true;
  progress.played(travelling, 158_000_000);
  progress.loaded(image);
  progress.proving(image);
  progress.proved(image);
  const ids = (type: EventBody['type']) =>
    events.flatMap((event) => (event.type === type && 'id' in event ? [event.id] : [])).toSorted();
  t.deepEqual(ids('item.finished'), ids('item.started'));
  t.deepEqual(
    ids('item.started').map((id) => id.split(':')[0]),
    ['load', 'load', 'send', 'verify'],
  );
  const last = events.findLast((event) => event.type === 'host.progress');
  t.is(last?.doneBytes, 2000);
});
