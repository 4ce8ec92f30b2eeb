// What a host has, in the form the plan needs: far facts joined with what this side knows of earlier sends.
import type { EngineFacts } from '../engines/engine.js';
import type { Held, HeldImage, StagedSegment } from '../far/facts.js';
import type { Codec } from '../oci/descriptor.js';
import { type ChainId, chainIds, type DiffId, type Digest } from '../oci/digest.js';

/** A manifest this side once gave to a containerd store, so that its digest tells which blobs lie there. */
export interface KnownManifest {
  readonly digest: Digest;
  readonly imageId: Digest;
  /** Base first, one per diffID. */
  readonly layers: readonly {
    readonly diffId: DiffId;
    readonly digest: Digest;
    readonly size: number;
    /** Undefined in receipts of earlier versions. */
    readonly codec?: Codec;
  }[];
}

export interface TargetState {
  readonly host: string;
  readonly engine: EngineFacts;
  readonly held: Held;
  readonly staged: readonly StagedSegment[];
  /** Programs there, e.g. `zstd`. */
  readonly tools: ReadonlySet<string>;
  readonly stagePath: string;
  /** Free bytes by path. */
  readonly free: ReadonlyMap<string, number>;
  /** The file system by path; absent where the far side did not tell. */
  readonly devices?: ReadonlyMap<string, string>;
  readonly knownManifests: readonly KnownManifest[];
  /** Bytes a second that an earlier run saw on the way to this host. */
  readonly linkRate?: number;
}

/** A blob that lies in the far store. */
export interface HeldBlob {
  readonly digest: Digest;
  readonly size: number;
  readonly codec: Codec;
}

/** Where a far image has a layer. */
export interface LayerPlace {
  readonly image: HeldImage;
  readonly layerIndex: number;
}

/** Questions the plan asks of a target; built once, answered from maps. */
export interface HeldLayers {
  /** Stacks of layers that a graphdriver has. */
  readonly chains: ReadonlySet<ChainId>;
  /** Blobs of a containerd store or layout by the diffID they unpack to. */
  readonly blobs: ReadonlyMap<DiffId, HeldBlob>;
  /** Every place where a layer is; the smallest image first. */
  readonly places: ReadonlyMap<DiffId, readonly LayerPlace[]>;
  /** A far image whose stack begins with this chain. */
  readonly chainOwner: ReadonlyMap<ChainId, HeldImage>;
}

/** Sorts what a target holds. Images with a broken record (`RootFS {}`) count as not there. */
export function heldLayers(target: Pick<TargetState, 'engine' | 'held' | 'knownManifests'>): HeldLayers {
  const chainOwner = new Map<ChainId, HeldImage>();
  const places = new Map<DiffId, LayerPlace[]>();
  const bySize = [...target.held.images].sort(
    (a, b) => (a.sizeBytes ?? Infinity) - (b.sizeBytes ?? Infinity),
  );
  for (const image of bySize) {
    const diffIds = image.diffIds ?? [];
    for (const chain of chainIds(diffIds)) if (!chainOwner.has(chain)) chainOwner.set(chain, image);
    for (const [layerIndex, diffId] of diffIds.entries()) {
      const there = places.get(diffId);
      if (there === undefined) places.set(diffId, [{ image, layerIndex }]);
      else there.push({ image, layerIndex });
    }
  }
  return { chains: new Set(chainOwner.keys()), blobs: heldBlobs(target), places, chainOwner };
}

function heldBlobs(target: Pick<TargetState, 'engine' | 'held' | 'knownManifests'>): Map<DiffId, HeldBlob> {
  const blobs = new Map<DiffId, HeldBlob>();
  const { held, engine } = target;
  if (engine.storeKind === 'graphdriver') return blobs;
  for (const [digest, { size, diffId, codec }] of held.blobs) {
    // A raw layer's blob is named by its diffID, whether the store says so or not; other blobs do no harm in the map.
    blobs.set(digest as DiffId, { digest, size, codec: 'none' });
    // How it is compressed becomes part of our manifest: where that is not known, the blob is not named.
    if (diffId !== undefined && diffId !== digest && codec !== undefined && !held.blobs.has(diffId)) {
      blobs.set(diffId, { digest, size, codec });
    }
  }
  if (engine.storeKind !== 'containerd') return blobs;
  // An image whose Id is the digest of a manifest we made has exactly the blobs that manifest names.
  const whole = new Set(
    held.images.filter((image) => image.diffIds !== undefined).map((image) => image.farId),
  );
  for (const manifest of target.knownManifests) {
    if (!whole.has(manifest.digest)) continue;
    for (const { diffId, digest, size, codec: noted } of manifest.layers) {
      const raw = (digest as string) === diffId;
      const codec = raw ? 'none' : (noted ?? held.blobs.get(digest)?.codec);
      if (codec !== undefined && !blobs.has(diffId)) blobs.set(diffId, { digest, size, codec });
    }
  }
  return blobs;
}
