// Cuts the load of a long image into steps, each the stack so far under a name of its own: an engine unpacks only what it
// has the whole archive of, so without steps it would begin when the last byte has come.
import { type StoreKind, storeRules } from '../engines/engine.js';
import type { PlannedLayer } from '../plan/plan.js';

// Below this a step costs more (one more load, one more name) than the unpacking it moves forward.
const smallestStepBytes = 32 * 1024 * 1024;
// Each step's load reads the whole stack again, however little is new.
const mostSteps = 6;

/**
 * How many layers, base first, to load before the whole image: one count a step, none where steps are not worth it.
 * A folder unpacks nothing, so it has none.
 */
export function loadSteps(layers: readonly PlannedLayer[], storeKind: StoreKind): readonly number[] {
  if (!storeRules[storeKind].isEngine) return [];
  const toBring = layers.map(({ route, raw }) => (route === 'held' ? 0 : raw.bytes));
  let left = toBring.reduce((sum, bytes) => sum + bytes, 0);
  const stepBytes = Math.max(smallestStepBytes, left / mostSteps);
  const counts: number[] = [];
  let gathered = 0;
  for (const [at, bytes] of toBring.entries()) {
    gathered += bytes;
    left -= bytes;
    if (gathered < stepBytes || left < smallestStepBytes) continue;
    counts.push(at + 1);
    gathered = 0;
  }
  return counts;
}

/** The layers as they are once the first `count` of them have been loaded: those need not be brought again. */
export function afterStep(layers: readonly PlannedLayer[], count: number): readonly PlannedLayer[] {
  return layers.map((layer, at) =>
    at < count && layer.route !== 'held' ? { ...layer, route: 'held' } : layer,
  );
}
