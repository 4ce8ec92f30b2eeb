// Where images are read from: an engine, an OCI layout, an archive.
import type { Image } from '../image/image.js';
import type { DiffId } from '../oci/digest.js';
import type { Platform } from '../oci/platform.js';
import type { Reference } from '../oci/reference.js';

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
  close(): Promise<void>;
}
