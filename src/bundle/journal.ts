// The journal of an export under way: which layers are whole on the drive, so that the next try need not read and compress them
// again. Nothing in it is believed: every file is hashed again first.
import { appendFile, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import type { Codec } from '../oci/descriptor.js';
import { type DiffId, type Digest, isDigest } from '../oci/digest.js';
import { hashFile } from '../streams/hash-bytes.js';
import { onDrive } from './drive-errors.js';
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
    carried: z.literal(true).exactOptional(),
  }),
  level: count,
  pieces: z.array(z.object({ blob: digest, number: count, bytes: count, digest, volume: count })),
  volume: count,
});

// 300 bytes a layer: far more than any bundle has.
const maxJournalBytes = 64 * 1024 * 1024;

export interface Journal {
  /** Whether it tells of no layer: then there is nothing to go on with. */
  readonly isEmpty: boolean;
  add(placed: PlacedLayer): Promise<void>;
  remove(): Promise<void>;
}

/** Begins a journal anew with these layers, in the order in which they lie there. Nothing is written before there is one. */
export async function openJournal(
  file: string,
  made: Made,
  placed: readonly PlacedLayer[],
): Promise<Journal> {
  const folder = path.dirname(file);
  let count = 0;
  const begin = (layers: readonly PlacedLayer[]): Promise<void> =>
    onDrive(folder, async () => {
      await mkdir(folder, { recursive: true });
      const fresh = `${file}.new`;
      await rm(fresh, { force: true });
      const lines = [`${JSON.stringify({ work: made.work })}\n`, ...layers.map((one) => lineOf(one, made))];
      await writeFile(fresh, lines.join(''), { flag: 'wx', flush: true });
      await rename(fresh, file);
      count = layers.length;
    });
  if (placed.length > 0) await begin(placed);
  return {
    get isEmpty() {
      return count === 0;
    },
    async add(one) {
      if (count === 0) return await begin([one]);
      await onDrive(folder, () => appendFile(file, lineOf(one, made), { flush: true }));
      count += 1;
    },
    remove: () => onDrive(folder, () => rm(file, { force: true })),
  };
}

/** What layers must have been made by to be of use. */
export interface Made {
  readonly codec: Codec;
  readonly level: number;
  /** Names everything that decides which bytes come in which order. */
  readonly work: Digest;
}

/** Whether a journal was begun for this very work; in folders it is all one, since files lie there in no order. */
export async function isOfWork(file: string, { work }: Made): Promise<boolean> {
  const [head = ''] = (await readLines(file)).slice(0, 1);
  const parsed = z.object({ work: digest }).safeParse(parseLine(head));
  return parsed.success && parsed.data.work === work;
}

/** The layers that a journal tells of, made with this codec and level; a torn last line is passed over. */
export async function readJournal(file: string, made: Pick<Made, 'codec' | 'level'>): Promise<PlacedLayer[]> {
  const placed: PlacedLayer[] = [];
  for (const line of await readLines(file)) {
    const parsed = row.safeParse(parseLine(line));
    if (!parsed.success) continue;
    const { layer, level } = parsed.data;
    // What is carried was packed by somebody else.
    if (layer.carried === true || (level === made.level && layer.codec === made.codec))
      placed.push(parsed.data);
  }
  return placed;
}

async function readLines(file: string): Promise<string[]> {
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  if (size === 0 || size > maxJournalBytes) return [];
  return (await readFile(file, 'utf8')).split('\n');
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

function lineOf(placed: PlacedLayer, { level }: Made): string {
  return `${JSON.stringify({ ...placed, level })}\n`;
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
