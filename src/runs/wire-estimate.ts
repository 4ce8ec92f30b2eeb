// What the layers of a run will weigh on the wire, better from segment to segment: the plan guesses by a usual ratio, and
// what the spool has already made tells the real one. Pure.
import type { DiffId } from '../oci/digest.js';
import type { Figure } from '../plan/plan.js';
import { type MadeSoFar, segmentRawBytes } from '../streams/spool-types.js';

/** A layer that travels, as planned. */
export interface LayerToSend {
  readonly raw: Figure;
  readonly wire: Figure;
}

// How many unpacked bytes a guess counts for against what was seen: a segment for the plan's against the run's, and an
// eighth of one for the run's against the layer's own.
const planWeight = segmentRawBytes;
const runWeight = segmentRawBytes / 8;

/**
 * The weight of each layer on the wire. Exact for those that are whole in the spool or were when the plan was made. The
 * total of an unfinished one is always more than what is made of it, so that nothing is said to be done that is not.
 */
export function wireTotals(
  layers: ReadonlyMap<DiffId, LayerToSend>,
  madeOf: (diffId: DiffId) => MadeSoFar | undefined,
): Map<DiffId, Figure> {
  const made = new Map([...layers.keys()].map((diffId) => [diffId, madeOf(diffId)] as const));
  const seen = { bytes: 0, rawBytes: 0 };
  const planned = { bytes: 0, rawBytes: 0 };
  for (const [diffId, layer] of layers) {
    const soFar = made.get(diffId);
    seen.bytes += soFar?.bytes ?? 0;
    seen.rawBytes += soFar?.rawBytes ?? 0;
    if (layer.wire.kind === 'exact') continue;
    planned.bytes += layer.wire.bytes;
    planned.rawBytes += layer.raw.bytes;
  }
  const plannedRatio = planned.rawBytes === 0 ? 1 : planned.bytes / planned.rawBytes;
  const runRatio = blend(seen, plannedRatio, planWeight);
  return new Map(
    [...layers].map(([diffId, layer]) => [diffId, totalOf(layer, made.get(diffId), runRatio)] as const),
  );
}

function totalOf({ raw, wire }: LayerToSend, made: MadeSoFar | undefined, runRatio: number): Figure {
  if (made?.whole) return { bytes: made.bytes, kind: 'exact' };
  if (wire.kind === 'exact') return wire;
  const soFar = made ?? { bytes: 0, rawBytes: 0 };
  // An engine tells the sizes of files, their tar is larger: what goes beyond is at least a little.
  const restRaw = Math.max(raw.bytes - soFar.rawBytes, Math.min(segmentRawBytes, raw.bytes / 50), 1);
  return {
    bytes: Math.round(soFar.bytes + Math.max(1, restRaw * blend(soFar, runRatio, runWeight))),
    kind: 'estimate',
  };
}

/** The ratio seen, where a guess counts like so many unpacked bytes. */
function blend(
  seen: { readonly bytes: number; readonly rawBytes: number },
  guess: number,
  weight: number,
): number {
  return (seen.bytes + guess * weight) / (seen.rawBytes + weight);
}
