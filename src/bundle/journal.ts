// The journal of an export under way: which layers are whole on the drive, so that the next try need not read and compress them
// again. Nothing in it is believed: every file is hashed again first.
import { appendFile, mkdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Codec } from '../oci/descriptor.js';
import { type DiffId, type Digest, isDigest } from '../oci/digest.js';
import { hashFile } from '../streams/hash-bytes.js';
import { onDrive } from './drive-errors.js';
import { journalName } from './folder-container.js';
import type { BundleLayer } from './manifest.js';
import { blobFile, pieceFile } from './paths.js';
import type { BlobPiece } from './recipe.js';

/** A layer that is in the bundle, and where. */
export interface PlacedLayer {
  readonly layer: BundleLayer;
  readonly pieces: readonly BlobPiece[];
  /** Of a blob that is one file. */
  readonly volume: number;
}

const digest = z.custom<Digest>(isDigest);
const count = z.number().int().nonnegative();
const row = z.object({
  layer: z.object({
    diffId: z.custom<DiffId>(isDigest),
    codec: z.enum(['none', 'gzip', 'zstd']),
    rawBytes: count,
    digest,
    bytes: count,
  }),
  level: count,
  pieces: z.array(z.object({ blob: digest, number: count, bytes: count, digest, volume: count })),
  volume: count,
});

// 300 bytes a layer: far more than any bundle has.
const maxJournalBytes = 64 * 1024 * 1024;

export interface Journal {
  add(placed: PlacedLayer): Promise<void>;
  remove(): Promise<void>;
}

/** Where the journal of an export into this folder lies. */
export function journalPath(folder: string): string {
  return path.join(folder, journalName);
}

/** Begins or continues a journal. */
export function openJournal(folder: string, level: number): Journal {
  const file = journalPath(folder);
  return {
    add: (placed) =>
      onDrive(folder, async () => {
        await mkdir(folder, { recursive: true });
        await appendFile(file, `${JSON.stringify({ ...placed, level })}\n`, { flush: true });
      }),
    remove: () => rm(file, { force: true }),
  };
}

/** The layers that a journal tells of, made with this codec and level; a torn last line is passed over. */
export async function readJournal(
  folder: string,
  made: { readonly codec: Codec; readonly level: number },
): Promise<PlacedLayer[]> {
  const file = journalPath(folder);
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  if (size === 0 || size > maxJournalBytes) return [];
  const placed: PlacedLayer[] = [];
  for (const line of (await readFile(file, 'utf8')).split('\n')) {
    const parsed = row.safeParse(parseLine(line));
    if (parsed.success && parsed.data.level === made.level && parsed.data.layer.codec === made.codec)
      placed.push(parsed.data);
  }
  return placed;
}

/** The files of a placed layer with what they must be, relative to their volume. */
export function filesOf({ layer, pieces, volume }: PlacedLayer): readonly {
  readonly path: string;
  readonly bytes: number;
  readonly digest: Digest;
  readonly volume: number;
}[] {
  if (pieces.length === 0)
    return [{ path: blobFile(layer.digest), bytes: layer.bytes, digest: layer.digest, volume }];
  return pieces.map((piece) => ({
    path: pieceFile(layer.digest, piece.number),
    bytes: piece.bytes,
    digest: piece.digest,
    volume: piece.volume,
  }));
}

/** Whether a file is there with exactly these bytes. */
export async function isIntact(
  file: string,
  want: { readonly bytes: number; readonly digest: Digest },
): Promise<boolean> {
  try {
    if ((await stat(file)).size !== want.bytes) return false;
    return (await hashFile(file)).digest === want.digest;
  } catch {
    return false;
  }
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
