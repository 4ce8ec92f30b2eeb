// How each layer travels: held, splice or send. The rules stand in docs/design.md "Routes"; the facts in docs/engines.md.
import { storeRules } from '../engines/engine.js';
import { type ChainId, chainIds, type DiffId, type Digest } from '../oci/digest.js';
import type { PlanImage, PlanLayer } from './make-plan.js';
import type { PlannedLayer } from './plan.js';
import type { HeldBlob, HeldLayers, TargetState } from './target.js';

type RouteOfLayer = Pick<PlannedLayer, 'route' | 'shared' | 'heldBlob' | 'spliceFrom'>;

// What a far `save` reads a second, and what an unknown link carries: both on the cautious side.
const saveBytesPerSecond = 100e6;
const assumedLinkRate = 12e6;
// Below this a splice is not worth the far side's disk: the layer is there in a blink.
const smallestSplice = 4e6;

interface RouteInput {
  readonly image: PlanImage;
  readonly target: TargetState;
  readonly held: HeldLayers;
  /** What images planned before this one bring along. */
  readonly coming: Coming;
  readonly present: boolean;
}

/** What the host will have when the images planned so far are loaded. */
export interface Coming {
  readonly chains: Set<ChainId>;
  readonly layers: Set<DiffId>;
}

/** One route a layer, base first. Adds what this image brings to `coming`. */
export function routeLayers(input: RouteInput): RouteOfLayer[] {
  const { image, target, held, coming, present } = input;
  const diffIds = image.layers.map((layer) => layer.diffId);
  const chains = chainIds(diffIds);
  const { finds } = storeRules[target.engine.storeKind];
  let below = true;
  const routes = image.layers.map((layer, at): RouteOfLayer => {
    if (present) return { route: 'held' };
    if (finds === 'image') return { route: 'send' };
    if (finds === 'stack') {
      // The classic store knows a layer only on top of the very stack it was loaded on: the whole chain from the base.
      const chain = chains[at];
      const isHeld = chain !== undefined && held.chains.has(chain);
      below = below && chain !== undefined && (isHeld || coming.chains.has(chain));
      if (below) return isHeld ? { route: 'held' } : { route: 'held', shared: true };
    } else {
      // In an engine some image must need the blob as well: what nobody needs may be collected at any moment.
      const layout = target.engine.storeKind === 'layout';
      const needed = layout || held.places.has(layer.diffId);
      const heldBlob = needed ? (packedThere(layer, held) ?? held.blobs.get(layer.diffId)) : undefined;
      if (heldBlob !== undefined && !(layout && isTorn(heldBlob, layer))) return { route: 'held', heldBlob };
      if (needed && finds === 'layer') return { route: 'held' };
      if (coming.layers.has(layer.diffId)) return { route: 'held', shared: true };
    }
    return spliceOrSend(layer, input);
  });
  for (const chain of chains) coming.chains.add(chain);
  for (const diffId of diffIds) coming.layers.add(diffId);
  return routes;
}

/** The blob of the source itself, which keeps the image's digest; whatever its bytes unpack to is the engine's to prove. */
function packedThere({ packed }: PlanLayer, { blobs }: HeldLayers): HeldBlob | undefined {
  if (packed === undefined) return undefined;
  const { digest, size, codec } = packed;
  return blobs.get(digest as DiffId)?.size === size ? { digest, size, codec } : undefined;
}

/** Whatever its name says: in a layout nobody checked a blob before it got that, as an engine does. */
function isTorn({ codec, size }: HeldBlob, { raw }: PlanLayer): boolean {
  return codec === 'none' && raw.kind === 'exact' && raw.bytes !== size;
}

function spliceOrSend({ diffId, raw, absent }: PlanLayer, { target, held }: RouteInput): RouteOfLayer {
  const rawBytes = raw.bytes;
  const place = held.places.get(diffId)?.[0];
  if (place === undefined || !storeRules[target.engine.storeKind].isEngine) return { route: 'send' };
  const imageBytes = place.image.sizeBytes ?? Infinity;
  // What the source does not have can come from nowhere else.
  if (absent !== true && isSendQuicker(rawBytes, imageBytes, target)) return { route: 'send' };
  return {
    route: 'splice',
    spliceFrom: { farId: place.image.farId, layerIndex: place.layerIndex, imageBytes },
  };
}

function isSendQuicker(rawBytes: number, imageBytes: number, target: TargetState): boolean {
  if (rawBytes < smallestSplice) return true;
  const saveSeconds = imageBytes / saveBytesPerSecond;
  const sendSeconds = rawBytes / 3.5 / (target.linkRate ?? assumedLinkRate);
  return saveSeconds >= sendSeconds;
}

/**
 * The far image that is this one, whole: on a graphdriver or podman the same Id (the config's digest); on a containerd store an
 * image whose Id is the digest of a manifest that names this very config and that we made. A layout never says so:
 * its blobs are all held, and the index is written again.
 */
export function presentImage(image: PlanImage, target: TargetState): { readonly farId: Digest } | undefined {
  const candidates =
    storeRules[target.engine.storeKind].id === 'config'
      ? [image.imageId]
      : [
          // Its own manifest first: it was pulled there, or sent as it is.
          ...(image.manifest === undefined ? [] : [image.manifest.digest]),
          ...target.knownManifests
            .filter((known) => known.imageId === image.imageId)
            .map(({ digest }) => digest),
        ];
  const wanted = image.layers.map((layer) => layer.diffId).join();
  // Its name stands inside.
  if (
    storeRules[target.engine.storeKind].finds === 'image' &&
    target.held.tags.get(image.name) !== image.imageId
  )
    return undefined;
  const whole = new Map(
    target.held.images
      .filter((there) => there.diffIds?.join() === wanted)
      .map((there) => [there.farId, there]),
  );
  return candidates.map((digest) => whole.get(digest)).find((there) => there !== undefined);
}
