// What the spool promises: each source layer read once, hashed while it streams, compressed once, read by many.
import type { Codec } from '../oci/descriptor.js';
import type { DiffId, Digest } from '../oci/digest.js';

/** Bytes of a layer's uncompressed tar in one segment: the unit of compression, channel and resume. */
export const segmentRawBytes = 8 * 1024 * 1024;

/** One segment of one layer, as it travels. */
export interface Segment {
  readonly diffId: DiffId;
  readonly index: number;
  readonly codec: Codec;
  /** Level used; 0 for codec none. */
  readonly level: number;
  /** Bytes of the uncompressed tar it stands for: segmentRawBytes, less for the last. */
  readonly rawBytes: number;
  /** Bytes as stored and sent. */
  readonly bytes: number;
  /** Digest of the bytes as stored. */
  readonly digest: Digest;
}

/** What is known of a whole layer once it has been read to its end and its diffID was right. */
export interface SpooledLayer {
  readonly diffId: DiffId;
  readonly rawBytes: number;
  readonly codec: Codec;
  readonly segmentCount: number;
  /** Sum of the segments' bytes. */
  readonly bytes: number;
}

/** Follows one layer's segments, in order, as they come to be. */
export interface SegmentReader {
  /** Resolves when the exact size of the uncompressed tar is known (at once for finished layers). */
  readonly rawBytes: Promise<number>;
  readonly codec: Codec;
  /** Segments in order; waits for the ones still being made; ends after the last. Throws what broke the fill. */
  segments(options?: { readonly signal?: AbortSignal }): AsyncIterable<Segment>;
  /** The stored bytes; checked against the segment's digest. @throws {AirgapError} SPOOL_DAMAGED */
  read(segment: Segment): Promise<Buffer>;
}
