// Cutting a long load into steps: what is loaded before the whole image, and what then need not be brought again.
import test from 'ava';
import type { PlannedLayer, Route } from '../../src/plan/plan.js';
import { afterStep, loadSteps } from '../../src/runs/load-steps.js';
import { mebibyte } from '../helpers/layers.js';
import { diff } from '../helpers/targets.js';

function layers(...specs: readonly (readonly [Route, number])[]): PlannedLayer[] {
  return specs.map(([route, mebibytes], at) => ({
    diffId: diff(`layer ${at}`),
    route,
    raw: { bytes: mebibytes * mebibyte, kind: 'exact' },
    wire: { bytes: 0, kind: 'estimate' },
  }));
}

test('a long image is loaded in steps, each worth it, the rest with the whole image', (t) => {
  const long = layers(['send', 120], ['send', 100], ['send', 350], ['send', 4]);
  t.deepEqual(loadSteps(long, 'graphdriver'), [1, 2]);
  t.deepEqual(loadSteps(long, 'containerd'), [1, 2]);
});

test('small layers are gathered until a step is worth it', (t) => {
  const small = layers(...Array.from({ length: 20 }, () => ['send', 10] as const));
  t.deepEqual(loadSteps(small, 'graphdriver'), [4, 8, 12, 16]);
});

test('nothing to gain, no steps: one layer, little to bring, a small end, a layout', (t) => {
  t.deepEqual(loadSteps(layers(['send', 900]), 'graphdriver'), []);
  t.deepEqual(loadSteps(layers(['send', 20], ['send', 30]), 'graphdriver'), []);
  t.deepEqual(loadSteps(layers(['send', 400], ['send', 4]), 'graphdriver'), []);
  t.deepEqual(loadSteps(layers(['held', 400], ['send', 40], ['held', 100]), 'graphdriver'), []);
  t.deepEqual(loadSteps(layers(['send', 120], ['send', 120]), 'layout'), []);
});

test('an image of hundreds of large layers is not loaded hundreds of times', (t) => {
  const huge = layers(...Array.from({ length: 120 }, () => ['send', 50] as const));
  t.true(loadSteps(huge, 'graphdriver').length <= 6);
});

test('spliced layers are brought too, and after a step whatever was brought is held', (t) => {
  const mixed = layers(['held', 50], ['splice', 80], ['send', 90]);
  t.deepEqual(loadSteps(mixed, 'graphdriver'), [2]);
  t.deepEqual(
    afterStep(mixed, 2).map((layer) => layer.route),
    ['held', 'held', 'send'],
  );
  t.is(afterStep(mixed, 0)[1]?.route, 'splice');
});
