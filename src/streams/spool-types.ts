// What the spool promises: each source layer read once, hashed while it streams, compressed once, read by many.
import type { Readable } from 'node:stream';
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

/** What is made of a layer at this moment. */
export interface MadeSoFar {
  readonly bytes: number;
  /** Of the uncompressed tar. */
  readonly rawBytes: number;
  /** It is all of it, so `bytes` is what it weighs. */
  readonly whole: boolean;
}

/** Follows one layer's segments, in order, as they come to be. */
export interface SegmentReader {
  /**
   * Resolves when the size of the uncompressed tar is known: at once for finished layers and where the source told it, in
   * which case `segments` throws if it turns out to be another.
   */
  readonly rawBytes: Promise<number>;
  readonly codec: Codec;
  /** For figures of progress. */
  made?(): MadeSoFar;
  /** Segments in order; waits for the ones still being made; ends after the last. Throws what broke the fill. */
  segments(options?: { readonly signal?: AbortSignal }): AsyncIterable<Segment>;
  /** The stored bytes, lent; checked against the segment's digest. @throws {AirgapError} SPOOL_DAMAGED */
  read(segment: Segment): Promise<Buffer>;
  /**
   * Gives back what `read` lent, once: the buffer is overwritten soon after. Call it when the last byte has left this
   * process. Not calling it is no error; the memory then waits for the collector, which is slow to see large buffers.
   */
  release?(bytes: Buffer): void;
}

/** A layer's bytes as a source hands them over: the shape of `LayerBytes` in image/image.ts. */
export interface SourceBytes {
  readonly diffId: DiffId | undefined;
  readonly uncompressedBytes: number | undefined;
  /** The uncompressed tar, not verified. */
  readonly stream: Readable;
  /** True if the chunks are freed once they were read: nobody else has them. */
  readonly mayFree?: boolean;
}

/** What the spool knows of a layer. */
export interface LayerFacts {
  /** Exact bytes of the uncompressed tar, once it has been read to its end and proved; survives eviction. */
  readonly rawBytes: number | undefined;
  /** Codecs in which it is whole and here, with the bytes: it need not be read from its source again. */
  readonly whole: ReadonlyMap<Codec, number>;
  /** Codecs in which a fill was begun and not finished, with the bytes that are here: continuing it costs least. */
  readonly begun: ReadonlyMap<Codec, number>;
  /** What is whole, and what was and has been evicted since: good for a plan's figures. */
  readonly known: ReadonlyMap<Codec, number>;
}

/** One row of `airgap spool`. */
export interface SpoolRow {
  readonly diffId: DiffId;
  readonly codec: Codec;
  /** Bytes of its data on the disk. */
  readonly bytes: number;
  readonly rawBytes: number | undefined;
  readonly finished: boolean;
  /** Milliseconds since the epoch. */
  readonly usedAt: number;
}
