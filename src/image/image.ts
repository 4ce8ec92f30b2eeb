// The image view: immutable, lazy, safe to read twice. Layers are keyed by diffID.
import type { Readable } from 'node:stream';
import type { Codec, Descriptor } from '../oci/descriptor.js';
import type { DiffId, Digest } from '../oci/digest.js';
import type { ImageConfig } from '../oci/manifest.js';
import type { Platform } from '../oci/platform.js';
import type { Reference } from '../oci/reference.js';
import type { Fill } from '../streams/file-at.js';

/** A layer as its source knows it. Its bytes come from the image's `readLayers`. */
export interface Layer {
  readonly diffId: DiffId;
  /** The blob as the source holds it, when the source has a manifest of its own. */
  readonly blob?: Descriptor;
  /** How that blob is compressed. `none` for docker save. */
  readonly codec: Codec;
  /** Exact bytes of the uncompressed tar, when known before reading. */
  readonly uncompressedBytes?: number;
  /** A size to print and plan with when the exact one is unknown (docker tells unpacked sizes only). */
  readonly estimatedBytes?: number;
  /** The source does not have its bytes: only a host that has the layer can be served. */
  readonly absent?: boolean;
}

/** One layer's bytes, passing by. Either it is known from the start which layer it is, or only its digest will tell. */
export interface LayerBytes {
  /**
   * Undefined when only the digest of the bytes will tell which layer this is (Docker ≤ 24, rarely); it may then be
   * one that was not wanted.
   */
  readonly diffId: DiffId | undefined;
  /** Exact bytes of the uncompressed tar, when the source says so before the bytes. */
  readonly uncompressedBytes: number | undefined;
  /**
   * The uncompressed tar, or the blob where `stored` is told. NOT verified: whoever reads must hash it and compare with
   * the diffID, or with the blob's digest.
   */
  readonly stream: Readable;
  /** The stream is this blob as the source holds it, compressed: only for layers that were asked for so. */
  readonly stored?: { readonly blob: Descriptor; readonly codec: Codec };
  /**
   * True if nobody else has the chunks of `stream`, so that whoever reads them in order may free them (`freeing`). Not
   * to do so is no error; the memory then waits for the collector.
   */
  readonly mayFree?: boolean;
  /** The same bytes without a copy more, where they lie in a file: for who has a place for them, instead of `stream`. */
  readonly fill?: Fill;
}

export interface Image {
  /** The source as the user would name it, e.g. `docker-daemon:nginx:1`. */
  readonly source: string;
  /** The name it has there, if any. */
  readonly reference: Reference | undefined;
  readonly platform: Platform;
  /** Digest of the config blob. */
  readonly imageId: Digest;
  /** What the config says. From a docker engine it is what `docker inspect` and `docker history` tell of it. */
  readonly config: ImageConfig;
  /**
   * The config blob's bytes; their digest is `imageId` (checked). Kept once known. With a docker engine the bytes come
   * out of `docker save` only: after `readLayers` of this image or of one that had it among `others` they are there,
   * before it this may cost a save of its own.
   * @throws {AirgapError} SOURCE_GONE, IMAGE_INCOMPLETE, DIGEST_MISMATCH, ENGINE_*
   */
  rawConfig(options?: { readonly signal?: AbortSignal }): Promise<Uint8Array>;
  /** Base first. */
  readonly layers: readonly Layer[];
  /** The source's own manifest, raw, if it has one. */
  readonly manifest?: { readonly raw: Uint8Array; readonly descriptor: Descriptor };
  /** Images of one group can be read in one pass over their source (one `docker save a b c`): equal keys, one group. */
  readonly readGroup: string;
  /**
   * Reads the wanted layers of this image and of `others` (same readGroup) in one pass, each exactly once, in
   * whatever order the source has them. `sink` must consume its stream to the end; the next layer follows when it
   * has resolved. Layers not wanted are passed over.
   * @throws {AirgapError} SOURCE_GONE, IMAGE_INCOMPLETE (a wanted layer never came), ARCHIVE_*, ENGINE_*
   */
  readLayers(options: ReadLayersOptions): Promise<void>;
  /**
   * Where the source can give any part of a stored blob (`isPacked`) at any time: so many of its bytes from `offset` on, not
   * verified. @throws what `readLayers` throws
   */
  openStored?(diffId: DiffId, offset: number, length: number): Promise<Readable>;
}

export interface ReadLayersOptions {
  readonly wanted: ReadonlySet<DiffId>;
  /** Which of them to hand over as the source holds them, where it holds a compressed blob (`isPacked`). */
  readonly asStored?: ReadonlySet<DiffId>;
  readonly others: readonly Image[];
  readonly sink: (layer: LayerBytes) => Promise<void>;
  readonly signal?: AbortSignal;
}

/** A layer that its source holds as a compressed blob, which can travel as it is and keep its digest. */
export type PackedLayer = Layer & { readonly blob: Descriptor };

export function isPacked(layer: Layer): layer is PackedLayer {
  return layer.codec !== 'none' && layer.blob !== undefined;
}
