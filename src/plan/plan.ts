// The plan: what will be done to one host, computed and shown before it starts. Pure data, pure functions.
import type { PlannedFile } from '../files/planned-file.js';
import type { Codec } from '../oci/descriptor.js';
import type { DiffId, Digest } from '../oci/digest.js';
import type { PackedBlob, RemadeWhy } from './carry.js';

/** How one layer travels; `pull`: the engine there brings it out of a registry by itself. `delta` will join. */
export type Route = 'held' | 'send' | 'splice' | 'pull';

/** A figure that is known, or a guess that prints with `~`. */
export interface Figure {
  readonly bytes: number;
  readonly kind: 'exact' | 'estimate';
}

export interface PlannedLayer {
  readonly diffId: DiffId;
  readonly route: Route;
  /** Unpacked bytes. */
  readonly raw: Figure;
  /** Bytes on the wire; 0 unless route is send. */
  readonly wire: Figure;
  /** The blob as its source holds it, where the image travels so. */
  readonly packed?: PackedBlob;
  /** Held because an earlier image of this run brings it, not because the host has it. */
  readonly shared?: true;
  /** For held layers of a containerd store: the blob that lies there. */
  readonly heldBlob?: { readonly digest: Digest; readonly size: number; readonly codec: Codec };
  /** For splice: the far image whose save holds the layer, and the layer's place in it, base = 0. */
  readonly spliceFrom?: { readonly farId: string; readonly layerIndex: number; readonly imageBytes: number };
}

export interface PlannedImage {
  readonly source: string;
  readonly imageId: Digest;
  readonly platform: string;
  /** The name to set, familiar spelling. */
  readonly name: string;
  /** In full, where the engine is given it so: it would take a short one for another. */
  readonly fullName?: string;
  /** An image of another name that is there, and that its engine takes for this one's short name. */
  readonly shadowedBy?: string;
  /** What that name points at there today, if anything else. */
  readonly movesFrom?: string;
  /** The whole image is there already; it is only proved and named. */
  readonly present?: { readonly farId: Digest };
  /** Digest of the source's own manifest, where that and its blobs travel as they are. */
  readonly manifest?: Digest;
  /** The digest of the source's own manifest, where the image will have another over there, though its engine keeps manifests. */
  readonly remade?: { readonly source: Digest; readonly why: RemadeWhy };
  /** The engine pulls it. */
  readonly pull?: true;
  /** Its name points at it already. */
  readonly named: boolean;
  readonly layers: readonly PlannedLayer[];
}

/** Codes of the error table, with their facts: why this must not start. */
export interface Refusal {
  readonly code:
    | 'TARGET_FULL'
    | 'SPOOL_FULL'
    | 'TARGET_PLATFORM'
    | 'NAME_TAKEN'
    | 'BUNDLE_BASE_MISSING'
    | 'PUSH_BASE_MISSING'
    | 'FAR_ENGINE_UNSUPPORTED'
    | 'FAR_TOOL_MISSING'
    | 'FILE_REFUSED'
    | 'FILE_FAMILY'
    | 'FILE_INVALID'
    | 'PACKAGES_FAILED';
  readonly facts: object;
  readonly message: string;
  readonly hint: string | undefined;
}

/** A set of packages that becomes a repository there, from which these are installed. */
export interface PlannedPackages {
  readonly set: string;
  readonly kind: 'deb' | 'rpm';
  readonly names: readonly string[];
  readonly fileCount: number;
  readonly bytes: number;
  /** The folder there. */
  readonly place: string;
}

export interface Plan {
  readonly host: string;
  readonly engine: { readonly name: string; readonly version: string; readonly store: string };
  /** As `--engine` takes them: those that are there as well, where nobody said which. */
  readonly otherEngines?: readonly string[];
  readonly platform: string;
  readonly codec: Codec;
  /** Why that codec, a key of text.words.codecReason. */
  readonly codecReason: string;
  readonly images: readonly PlannedImage[];
  /** HOST[:PORT][/PREFIX] that the engine pulls from, where it does. */
  readonly registry?: string;
  /** Absent where no files were asked for. */
  readonly files?: readonly PlannedFile[];
  /** Absent where none were asked for. */
  readonly packages?: readonly PlannedPackages[];
  /** Sums. A layer that several images share counts once. */
  readonly totals: {
    readonly held: Figure;
    readonly send: Figure;
    readonly splice: Figure;
    readonly wire: Figure;
    /** What docker save | ssh docker load would carry; absent for images of a bundle, which no engine here has. */
    readonly withoutAirgap?: Figure;
    readonly layerCount: number;
    readonly heldCount: number;
    readonly sendCount: number;
    readonly spliceCount: number;
    /** Absent where nothing is pulled. */
    readonly pull?: Figure;
    readonly pullCount?: number;
    /** Layers that travel once for several images. */
    readonly sharedCount: number;
  };
  /** Room needed and there; free undefined where it could not be asked. Upper bounds. `packages` only where some are brought, `archive` only where
   * the engine copies archives somewhere before it reads them. */
  readonly disk: readonly {
    readonly where: 'stage' | 'engine' | 'archive' | 'packages' | 'spool';
    readonly path: string;
    readonly neededBytes: number;
    readonly freeBytes: number | undefined;
  }[];
  readonly warnings: readonly string[];
  readonly refusals: readonly Refusal[];
}

/** Each layer once. One that must travel for any image travels, whatever it is to the others. */
export function uniqueLayers(images: readonly PlannedImage[]): PlannedLayer[] {
  const seen = new Map<DiffId, PlannedLayer>();
  for (const layer of images.flatMap((image) => image.layers)) {
    const before = seen.get(layer.diffId);
    if (before === undefined || (before.route !== 'send' && layer.route !== 'held'))
      seen.set(layer.diffId, layer);
  }
  return [...seen.values()];
}
