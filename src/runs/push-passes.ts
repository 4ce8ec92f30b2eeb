// How a push reads its sources: as few passes as there can be, each layer as the manifest that it goes with names it.
import type { Image, LayerBytes } from '../image/image.js';
import type { DiffId, Digest } from '../oci/digest.js';
import type { BlobTask } from './plan-push.js';
import { asStored } from './push-manifest.js';
import type { Shelf } from './push-shelf.js';

/** What the shelf is told of a pass. */
export function shelving(group: readonly BlobTask[], signal: AbortSignal): Parameters<Shelf['put']>[1] {
  const of = (diffId: DiffId): BlobTask | undefined => group.find((task) => task.diffId === diffId);
  return {
    blobOf: (diffId) => of(diffId)?.image.layers.find((layer) => layer.diffId === diffId)?.blob,
    isWanted: (diffId) => of(diffId) !== undefined,
    signal,
  };
}

/** Images that hold a layer packed in two ways are not read in one pass: each must get the blob that its manifest names. */
export function passesOf(group: readonly BlobTask[]): readonly (readonly BlobTask[])[] {
  const wanted = new Set(group.map(({ diffId }) => diffId));
  type Pass = { readonly stored: Map<DiffId, Digest | undefined>; readonly tasks: BlobTask[] };
  const passes: Pass[] = [];
  for (const [image, tasks] of Map.groupBy(group, (task) => task.image)) {
    const own = image.layers
      .filter(({ diffId }) => wanted.has(diffId))
      .map((layer) => [layer.diffId, asStored(layer)?.digest] as const);
    const fits = passes.find(({ stored }) =>
      own.every(([diffId, digest]) => !stored.has(diffId) || stored.get(diffId) === digest),
    );
    const pass: Pass = fits ?? { stored: new Map(), tasks: [] };
    if (fits === undefined) passes.push(pass);
    for (const [diffId, digest] of own) pass.stored.set(diffId, digest);
    pass.tasks.push(...tasks);
  }
  return passes.map(({ tasks }) => tasks);
}

/** One pass over a source for all tasks that it has the layers of. */
export async function readPass(
  group: readonly BlobTask[],
  sink: (layer: LayerBytes) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const [first, ...others] = [...new Set(group.map(({ image }): Image => image))];
  if (first === undefined) return;
  const wanted = new Set(group.flatMap(({ diffId }) => (diffId === undefined ? [] : [diffId])));
  const asIs = group.flatMap(({ diffId, digest }) =>
    diffId === undefined || digest === undefined ? [] : [diffId],
  );
  await first.readLayers({ wanted, asStored: new Set(asIs), others, sink, signal });
}
