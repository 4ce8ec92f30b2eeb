// Which far images a send leans on: they get a name of ours before the first byte, so that nobody can collect them meanwhile.
import { storeRules } from '../engines/engine.js';
import type { DiffId } from '../oci/digest.js';
import type { Plan, PlannedImage } from '../plan/plan.js';
import { heldLayers, type TargetState } from '../plan/target.js';

/**
 * The fewest far images that together own every layer that is leaned on. Without those that only names of ours hold, `ownNames`: what
 * a cut run has left keeps them until this run ends, and must then go with the last of them.
 */
export function basesOf(plan: Plan, target: TargetState, ownNames: ReadonlySet<string>): Set<string> {
  const bases = ownersOf(plan, target);
  const names = new Map<string, string[]>();
  for (const [name, farId] of target.held.tags) names.set(farId, [...(names.get(farId) ?? []), name]);
  return new Set(
    [...bases].filter((farId) => names.get(farId)?.every((name) => ownNames.has(name)) !== true),
  );
}

function ownersOf(plan: Plan, target: TargetState): Set<string> {
  const bases = new Set<string>();
  if (!storeRules[target.engine.storeKind].isEngine) return bases;
  const { places } = heldLayers(target);
  for (const image of plan.images) {
    if (image.present !== undefined) bases.add(image.present.farId);
    for (const layer of image.layers.filter(({ route }) => route !== 'send').toReversed()) {
      const owners = places.get(layer.diffId) ?? [];
      if (owners.length > 0 && !owners.some((owner) => bases.has(owner.image.farId))) {
        const owner =
          layer.spliceFrom?.farId ??
          bestOwner(
            owners.map((place) => place.image),
            image,
          );
        if (owner !== undefined) bases.add(owner);
      }
    }
  }
  return bases;
}

/** The owner that shares the longest stack with the image: on a graphdriver the chain must stay, not only the layer. */
function bestOwner(
  owners: readonly { readonly farId: string; readonly diffIds: readonly DiffId[] | undefined }[],
  image: PlannedImage,
): string | undefined {
  const shared = (diffIds: readonly DiffId[] | undefined): number => {
    const at = image.layers.findIndex((layer, index) => diffIds?.[index] !== layer.diffId);
    return at < 0 ? image.layers.length : at;
  };
  return owners.toSorted((a, b) => shared(b.diffIds) - shared(a.diffIds))[0]?.farId;
}
