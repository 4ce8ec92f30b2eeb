// The index beside a layer's data: one line a segment, appended. What is torn or does not fit is cut off, not guessed.
// Line: index level rawBytes bytes offset digest prefix; `prefix` is the digest of the tar up to the segment's end.
import { readFileSync, statSync } from 'node:fs';
import type { Codec } from '../oci/descriptor.js';
import { type DiffId, type Digest, digestFromHex, hexOf } from '../oci/digest.js';
import { brokenSpool, hasCode } from './fs-errors.js';
import { segmentRawBytes } from './spool-types.js';

/** One segment as the spool holds it. */
export interface StoredSegment {
  readonly index: number;
  readonly level: number;
  readonly rawBytes: number;
  readonly bytes: number;
  /** Where its bytes begin in the data file: the sum of those before it. */
  readonly offset: number;
  readonly digest: Digest;
  /** Digest of the uncompressed tar from its start to this segment's end; the last one's is the diffID. */
  readonly prefix: Digest;
}

/** A segment whose place in the data file is not known yet. */
export type MadeSegment = Omit<StoredSegment, 'offset'>;

// A line has at most 240 bytes; this is enough for 2 TiB of layer, and a limit for a file gone mad.
const maxIndexBytes = 64 * 1024 * 1024;
const linePattern = /^(\d{1,9}) (\d{1,2}) (\d{1,8}) (\d{1,9}) (\d{1,15}) ([0-9a-f]{64}) ([0-9a-f]{64})$/;

/** Where to look. */
export interface IndexFiles {
  readonly codec: Codec;
  readonly indexPath: string;
  readonly dataPath: string;
}

/** First line of an index. A file that begins otherwise is of another version, and made anew. */
export function indexHeader(codec: Codec): string {
  return `airgap-spool 1 ${codec}\n`;
}

/** One line. */
export function formatLine(segment: StoredSegment): string {
  const { index, level, rawBytes, bytes, offset, digest, prefix } = segment;
  return `${index} ${level} ${rawBytes} ${bytes} ${offset} ${hexOf(digest)} ${hexOf(prefix)}\n`;
}

/** The segments that an index tells, up to the first line that is torn or does not follow from the one before. */
export function parseIndex(text: string, codec: Codec): StoredSegment[] {
  const header = indexHeader(codec);
  if (!text.startsWith(header)) return [];
  const segments: StoredSegment[] = [];
  const lines = text.slice(header.length).split('\n');
  // What stands behind the last newline was never finished.
  lines.pop();
  for (const line of lines) {
    const segment = parseLine(line);
    if (segment === undefined || !follows(segment, segments.at(-1))) break;
    segments.push(segment);
  }
  return segments;
}

/**
 * Reads an index; empty if there is none. Segments that reach beyond the data file are left out. Synchronous, so that
 * what the spool holds can be asked in the middle of a plan: an index is small (25 KiB a gigabyte).
 */
export function readIndex({ indexPath, dataPath, codec }: IndexFiles): StoredSegment[] {
  try {
    const dataBytes = statSync(dataPath).size;
    if (statSync(indexPath).size > maxIndexBytes) return [];
    const segments = parseIndex(readFileSync(indexPath, 'latin1'), codec);
    const torn = segments.findIndex(({ offset, bytes }) => offset + bytes > dataBytes);
    return torn < 0 ? segments : segments.slice(0, torn);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw brokenSpool(error, indexPath);
  }
}

/** True if these are all the segments of that layer: only then is the last prefix its diffID. */
export function isWhole(segments: readonly StoredSegment[], diffId: DiffId): boolean {
  const last = segments.at(-1)?.prefix;
  return last !== undefined && hexOf(last) === hexOf(diffId);
}

/** Bytes in the data file, and of the tar. */
export function sumOf(segments: readonly StoredSegment[]): { bytes: number; rawBytes: number } {
  const last = segments.at(-1);
  if (last === undefined) return { bytes: 0, rawBytes: 0 };
  return { bytes: last.offset + last.bytes, rawBytes: last.index * segmentRawBytes + last.rawBytes };
}

function parseLine(line: string): StoredSegment | undefined {
  const match = linePattern.exec(line);
  const [, index, level, rawBytes, bytes, offset, digest, prefix] = match ?? [];
  if (digest === undefined || prefix === undefined) return undefined;
  const segment: StoredSegment = {
    index: Number(index),
    level: Number(level),
    rawBytes: Number(rawBytes),
    bytes: Number(bytes),
    offset: Number(offset),
    digest: digestFromHex(digest, 'a spool index'),
    prefix: digestFromHex(prefix, 'a spool index'),
  };
  // One spelling only: lengths of lines are computed again when a tail is cut off.
  return formatLine(segment) === `${line}\n` ? segment : undefined;
}

function follows(segment: StoredSegment, before: StoredSegment | undefined): boolean {
  if (segment.rawBytes > segmentRawBytes) return false;
  if (before === undefined) return segment.index === 0 && segment.offset === 0;
  // Only the last segment may be short.
  if (before.rawBytes !== segmentRawBytes) return false;
  return segment.index === before.index + 1 && segment.offset === before.offset + before.bytes;
}
