import test from 'ava';
import type { DiffId } from '../../src/oci/digest.js';
import { type LayerToSend, wireTotals } from '../../src/runs/wire-estimate.js';
import { type MadeSoFar, segmentRawBytes } from '../../src/streams/spool-types.js';
import { diffId } from '../helpers/samples.js';

const guessed = (rawBytes: number): LayerToSend => ({
  raw: { bytes: rawBytes, kind: 'exact' },
  wire: { bytes: Math.round(rawBytes / 3.5), kind: 'estimate' },
});
const [a, b] = [diffId('a'), diffId('b')];
const segments = (count: number, ratio: number, whole = false): MadeSoFar => ({
  bytes: Math.round(count * segmentRawBytes * ratio),
  rawBytes: count * segmentRawBytes,
  whole,
});
const totals = (
  layers: readonly (readonly [DiffId, LayerToSend])[],
  made: readonly (readonly [DiffId, MadeSoFar])[],
) => {
  const known = new Map(made);
  const found = wireTotals(new Map(layers), (wanted) => known.get(wanted));
  return (wanted: DiffId) => found.get(wanted) ?? { bytes: Number.NaN, kind: 'estimate' };
};

test('before anything is made the guess of the plan stands', (t) => {
  const of = totals([[a, guessed(350_000_000)]], []);
  t.deepEqual(of(a), { bytes: 100_000_000, kind: 'estimate' });
});

test('estimate-of-random-data: one segment that does not compress corrects the rest of its layer', (t) => {
  const rawBytes = 20 * segmentRawBytes;
  const of = totals([[a, guessed(rawBytes)]], [[a, segments(1, 1)]]);
  t.true(of(a).bytes > rawBytes * 0.9, String(of(a).bytes));
  t.true(of(a).bytes <= rawBytes);
});

test('what earlier layers weighed corrects layers that are not begun', (t) => {
  const rawBytes = 10 * segmentRawBytes;
  const layers = [
    [a, guessed(rawBytes)],
    [b, guessed(rawBytes)],
  ] as const;
  const of = totals(layers, [[a, segments(10, 1, true)]]);
  t.deepEqual(of(a), { bytes: rawBytes, kind: 'exact' });
  t.true(of(b).bytes > rawBytes * 0.9, String(of(b).bytes));
  const small = totals(layers, [[a, segments(10, 0.05, true)]]);
  t.true(small(b).bytes < rawBytes * 0.1, String(small(b).bytes));
});

test('a layer that is whole in the spool has its own size, also where the plan was wrong', (t) => {
  const of = totals([[a, guessed(1000)]], [[a, segments(3, 0.9, true)]]);
  t.deepEqual(of(a), { bytes: segments(3, 0.9).bytes, kind: 'exact' });
});

test('eta-of-one-second: a layer longer than its engine said is never done before it is whole', (t) => {
  const said = 2 * segmentRawBytes;
  const of = totals([[a, guessed(said)]], [[a, segments(3, 1)]]);
  t.true(of(a).bytes > segments(3, 1).bytes + 100_000, String(of(a).bytes));
  t.is(of(a).kind, 'estimate');
});
