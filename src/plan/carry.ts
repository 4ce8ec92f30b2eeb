// Whether an image travels as its source holds it: packed blobs and manifest byte for byte, so that its digest is the same over
// there. Pure. The facts are in docs/engines.md "Digests".
import { type Codec, type Descriptor, mediaTypes } from '../oci/descriptor.js';
import type { DiffId } from '../oci/digest.js';
import type { PlanImage } from './make-plan.js';
import type { PlannedLayer } from './plan.js';
import type { TargetState } from './target.js';

/** A compressed blob of a source. */
export interface PackedBlob extends Pick<Descriptor, 'digest' | 'size' | 'mediaType'> {
  readonly codec: Codec;
}

/** In which form layers of images planned before come: a blob's digest by diffID. */
export type Forms = Map<DiffId, string>;

/** Why an image has another digest over there than at its source, where that and the engine keep manifests. */
export type RemadeWhy =
  /** Another packing was asked for. */
  | 'asked'
  /** Who reads an OCI layout need not know docker's manifests. */
  | 'type'
  /** The engine does not read that codec. */
  | 'codec'
  /** A layer does not travel as the manifest names it: another image brings it in another packing. */
  | 'packing'
  /** A layer lies there in another form. */
  | 'held'
  /** The image is there under another manifest. */
  | 'present';

/** The image's layers as its own manifest names them, or why they cannot all be so; undefined where that is not known. */
export function carriedLayers(
  image: PlanImage,
  layers: readonly PlannedLayer[],
  { target, forms, packsAnew }: { target: TargetState; forms: Forms; packsAnew: boolean },
): PlannedLayer[] | RemadeWhy | undefined {
  const { keepsManifests, layerCodecs } = target.engine;
  if (keepsManifests === 'none' || image.manifest === undefined) return undefined;
  if (packsAnew) return 'asked';
  if (keepsManifests === 'oci' && image.manifest.mediaType !== mediaTypes.ociManifest) return 'type';
  const carried: PlannedLayer[] = [];
  for (const [at, layer] of layers.entries()) {
    const blob = image.layers[at]?.packed;
    // Raw ones travel as they are: only the manifest that is made of them will tell.
    if (blob === undefined) return image.layers[at]?.packedOtherwise === true ? 'packing' : undefined;
    if (!layerCodecs.includes(blob.codec)) return 'codec';
    const { spooled, ...packed } = blob;
    if (layer.route === 'send') carried.push({ ...layer, packed, wire: { bytes: blob.size, kind: 'exact' } });
    else if (layer.route === 'held' && formThere(layer, forms) === blob.digest)
      carried.push({ ...layer, packed });
    else return layer.shared === true ? 'packing' : 'held';
  }
  return carried;
}

/** The digest under which a held layer lies in the store, or will. */
function formThere({ heldBlob, diffId }: PlannedLayer, forms: Forms): string | undefined {
  return heldBlob?.digest ?? forms.get(diffId);
}

/** The digest of what travels, and of what lies in stores of segments: the packed blob, or the layer's tar. */
export function travelId({ packed, diffId }: Pick<PlannedLayer, 'packed' | 'diffId'>): DiffId {
  return (packed?.digest as DiffId | undefined) ?? diffId;
}
