// Where images are read from: an engine, an OCI layout, an archive.
import type { Image } from '../image/image.js';
import type { Descriptor } from '../oci/descriptor.js';
import type { DiffId, Digest } from '../oci/digest.js';
import type { Platform } from '../oci/platform.js';
import type { Reference } from '../oci/reference.js';
import type { AttachedPlace } from './attached-place.js';

/** One row of `airgap images`; an image with several names has a row for each. */
export interface ImageSummary {
  /** How to name it on the command line, e.g. `docker-daemon:nginx:1` shortened to `nginx:1` for the default store. */
  readonly name: string;
  readonly references: readonly Reference[];
  readonly imageId: string;
  readonly diffIds: readonly DiffId[];
  readonly platform: Platform;
  /** Unpacked bytes as the store tells them. */
  readonly sizeBytes: number | undefined;
  readonly createdAt: string | undefined;
  readonly store: string;
}

export interface OpenOptions {
  /** Chosen out of an index; the store's own platform when absent. */
  readonly platform?: Platform;
  readonly signal?: AbortSignal;
}

export interface OpenIndexOptions {
  /** All that the index names when absent. */
  readonly platforms?: readonly Platform[];
  readonly signal?: AbortSignal;
}

/** Why an index names a manifest that is not among its images. */
export type LeftReason =
  /** Its platform was not asked for. */
  | 'platform'
  /** A build attestation, or whatever else is no image. */
  | 'attestation'
  /** An index within the index: the one that is made names its images themselves. */
  | 'nested'
  /** Its bytes are not there. */
  | 'missing'
  /** Its layers are of a kind that airgap does not read, such as Windows' foreign ones. */
  | 'unsupported';

export interface LeftOut {
  readonly digest: Digest;
  readonly platform?: Platform;
  readonly reason: LeftReason;
}

/** An index of images: the source's own bytes, or where something of it is left out one that names what is there. */
export interface ImageIndex {
  readonly raw: Uint8Array;
  readonly descriptor: Descriptor;
  /** Whether the bytes are those of the source, so that the digest is the one it is known by. */
  readonly isOriginal: boolean;
  /** Of the source's own index; absent where the name led to several images without one. */
  readonly sourceDigest?: Digest;
  readonly left: readonly LeftOut[];
}

/** What one name stands for on several platforms. */
export interface OpenedIndex {
  /** In the order of the index; one manifest under two platforms is one image. */
  readonly images: readonly Image[];
  /** Undefined where the name leads to a single image, or to images that have no manifests of their own. */
  readonly index?: ImageIndex;
}

export interface Store {
  /** The transport prefix: `docker-daemon`, `oci`, `oci-archive`, `docker-archive`. */
  readonly transport: string;
  /** Every image here. @throws {AirgapError} ENGINE_* for engines, ARCHIVE_* for archives, LAYOUT_INVALID */
  list(options?: { readonly signal?: AbortSignal }): Promise<readonly ImageSummary[]>;
  /**
   * Opens one image; `name` is what stands behind the transport prefix and path, or undefined for the only image.
   * The config is read, checked against its digest and parsed; layers are not read yet.
   * @throws {AirgapError} IMAGE_UNKNOWN (facts name near matches), PLATFORM_MISSING, DIGEST_MISMATCH, …
   */
  open(name: string | undefined, options?: OpenOptions): Promise<Image>;
  /**
   * Opens what a name stands for on several platforms: those asked for, or all that are there. Absent in stores that never
   * have more than one platform of a name.
   * @throws {AirgapError} as `open` does; PLATFORM_MISSING for one that was asked for
   */
  openIndex?(name: string | undefined, options?: OpenIndexOptions): Promise<OpenedIndex>;
  /**
   * Where what is attached to an image of that name is looked for; undefined where none is kept. Absent in stores that never keep any.
   * @throws {AirgapError} as `open` does
   */
  attached?(
    name: string | undefined,
    options?: { readonly signal?: AbortSignal },
  ): Promise<AttachedPlace | undefined>;
  close(): Promise<void>;
}
