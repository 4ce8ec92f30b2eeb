// What faces may ask of this machine alone. Part of `Core`.
import type { DiffId } from '../oci/digest.js';
import type { Platform } from '../oci/platform.js';
import type { Run } from './run.js';

/** A file inside of a layer; the path is as the layer has it, and hostile. */
export interface FoundFile {
  readonly path: string;
  readonly bytes: number;
}

/** What a layer holds. */
export interface LayerFiles {
  readonly diffId: DiffId;
  readonly fileCount: number;
  /** Of all its files. */
  readonly bytes: number;
  /** Biggest first, at most 20. */
  readonly biggest: readonly FoundFile[];
}

export interface LocalCore {
  /**
   * Streams layers out of their store and tells their biggest files, as `layer.files` events while it reads. `layer`: its
   * number from 1 = base, or the beginning of its diffID; all if absent.
   * @throws {AirgapError} LAYER_UNKNOWN, DIGEST_MISMATCH, ARCHIVE_*, and what the store says
   */
  layerFiles(
    source: string,
    options: { readonly layer?: string; readonly platform?: Platform },
  ): Run<readonly LayerFiles[]>;
}
