// What a push will do to a registry, computed and shown before a byte moves. Pure data, pure functions.
import type { Digest } from '../oci/digest.js';
import type { Figure, Refusal } from './plan.js';

/**
 * How one blob gets there: `there` already; `mount`, out of another repository of the same registry; `upload`, as it is;
 * `make`, a layer that must be compressed first: only then can the registry be asked for it.
 */
export type PushRoute = 'there' | 'mount' | 'upload' | 'make';

export interface PlannedBlob {
  /** Undefined for `make`. */
  readonly digest: Digest | undefined;
  readonly kind: 'layer' | 'config';
  readonly route: PushRoute;
  /** As stored there. */
  readonly size: Figure;
  /** Of a mount: the other repository. */
  readonly from?: string;
  /** Another image of this run brings it. */
  readonly shared?: true;
}

export interface PlannedPush {
  readonly source: string;
  readonly imageId: Digest;
  readonly platform: string;
  /** Full name there; ends in a digest for an image that gets no tag. Undefined tag and manifest: not known yet. */
  readonly name: string;
  /** Of its manifest, unless that has to be made. */
  readonly manifest: Digest | undefined;
  /** Of the index that the name stands for, where it has several platforms: each is one of these. */
  readonly index?: Digest;
  /** The source's own manifest goes as it is, so the digest is the same there. */
  readonly keepsDigest: boolean;
  /** What the name stands for there now, if it is anything else. */
  readonly movesFrom?: Digest;
  /** The name stands for this very manifest already. */
  readonly named: boolean;
  readonly blobs: readonly PlannedBlob[];
}

/** A name, and what it stood for before. */
export interface MovedName {
  readonly name: string;
  readonly movesFrom: Digest;
}

/** Signatures and attestations that go along. */
export interface PushedAttached {
  readonly count: number;
  readonly bytes: number;
  /** Names of theirs that stood for something else; absent where there are none. */
  readonly moves?: readonly MovedName[];
}

export interface PushPlan {
  /** HOST[:PORT][/PREFIX] */
  readonly registry: string;
  /** The host that it is reached through. */
  readonly through?: string;
  readonly images: readonly PlannedPush[];
  /** Absent where none were asked for. */
  readonly attached?: PushedAttached;
  /** Each blob once a repository. */
  readonly totals: {
    readonly blobCount: number;
    readonly thereCount: number;
    readonly mountCount: number;
    readonly uploadCount: number;
    readonly upload: Figure;
  };
  readonly refusals: readonly Refusal[];
}

/** Sums up. */
export function pushTotals(images: readonly PlannedPush[]): PushPlan['totals'] {
  const blobs = images.flatMap((image) => image.blobs.filter((blob) => blob.shared !== true));
  const by = (...routes: readonly PushRoute[]): readonly PlannedBlob[] =>
    blobs.filter(({ route }) => routes.includes(route));
  const uploads = by('upload', 'make');
  const isGuess = uploads.some(({ size }) => size.kind === 'estimate');
  return {
    blobCount: blobs.length,
    thereCount: by('there').length,
    mountCount: by('mount').length,
    uploadCount: uploads.length,
    upload: {
      bytes: uploads.reduce((sum, { size }) => sum + size.bytes, 0),
      kind: isGuess ? 'estimate' : 'exact',
    },
  };
}
