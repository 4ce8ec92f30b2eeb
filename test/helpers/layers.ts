// Layers for spool tests: bytes that are like real ones, and streams of them.

import { createCipheriv } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { Readable } from 'node:stream';
import { type DiffId, digestOf, parseDiffId } from '../../src/oci/digest.js';
import type { FillOptions } from '../../src/streams/spool-making.js';
import type { SegmentReader, SourceBytes } from '../../src/streams/spool-types.js';

export const mebibyte = 1024 * 1024;

/** So many bytes of the running node binary, from there on: what a layer of programs looks like. */
export function programBytes(count: number, from = 0): Buffer {
  const file = openSync(process.execPath, 'r');
  try {
    const bytes = Buffer.alloc(count);
    return bytes.subarray(0, readSync(file, bytes, 0, count, from));
  } finally {
    closeSync(file);
  }
}

/** Bytes that nothing can compress; the same for the same seed. */
export function noise(count: number, seed = 1): Buffer {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16));
  return cipher.update(Buffer.alloc(count));
}

/** Program bytes, noise and zeros one after another, and a short last segment. */
export function mixedBytes(count: number): Buffer {
  const third = Math.floor(count / 3);
  return Buffer.concat([
    programBytes(third, mebibyte),
    noise(third),
    Buffer.alloc(count - 2 * third),
  ]).subarray(0, count);
}

/** Its diffID. */
export function diffIdOf(tar: Uint8Array): DiffId {
  return parseDiffId(digestOf(tar), 'a test');
}

/** The bytes as a source would give them, in pieces of an odd size. */
export function sourceOf(tar: Buffer, diffId: DiffId | undefined = diffIdOf(tar)): SourceBytes {
  return { diffId, uncompressedBytes: undefined, stream: Readable.from(pieces(tar)) };
}

/** Pieces that never end where a segment ends. */
export function* pieces(tar: Buffer, pieceBytes = 65_521): Generator<Buffer> {
  for (let at = 0; at < tar.length; at += pieceBytes) yield tar.subarray(at, at + pieceBytes);
}

/** Fill options with level 1 and this layer wanted; counts the segments that are compressed. */
export function fillOptions(
  wanted: DiffId,
  more: Partial<FillOptions> = {},
): FillOptions & { readonly made: number[] } {
  const made: number[] = [];
  return {
    codecs: ['zstd'],
    chooseLevel: () => 1,
    wanted: new Set([wanted]),
    onSegment: ({ rawBytes }) => made.push(rawBytes),
    ...more,
    made,
  };
}

/** All stored bytes of a layer, one segment after another. */
export async function readAll(reader: SegmentReader): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const segment of reader.segments()) {
    const bytes = await reader.read(segment);
    parts.push(Buffer.from(bytes));
    reader.release?.(bytes);
  }
  return Buffer.concat(parts);
}

/** Everything an iterable gives. */
export async function collect<T>(iterable: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of iterable) all.push(one);
  return all;
}
