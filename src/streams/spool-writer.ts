// Appends segments to one layer's data file and its index, and has them on disk soon without anyone waiting for it.
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Codec } from '../oci/descriptor.js';
import { writeAt } from './file-at.js';
import { spoolError } from './fs-errors.js';
import {
  formatLine,
  indexHeader,
  type MadeSegment,
  readIndex,
  type StoredSegment,
  sumOf,
} from './spool-index.js';

/** Where the files of one layer and codec are. */
export interface SpoolFiles {
  readonly directory: string;
  readonly codec: Codec;
  /** Segments one after another: one valid blob. */
  readonly dataPath: string;
  readonly indexPath: string;
  /** What stays known when the data has gone. */
  readonly factsPath: string;
  readonly lockPath: string;
}

/** The paths of a codec's files in a layer's folder. */
export function spoolFiles(directory: string, codec: Codec): SpoolFiles {
  const path = (ending: string): string => join(directory, `${codec}.${ending}`);
  return {
    directory,
    codec,
    dataPath: path('data'),
    indexPath: path('index'),
    factsPath: path('facts'),
    lockPath: path('lock'),
  };
}

export interface SegmentWriter {
  /** What an earlier run left, as far as it fits together. Its bytes are not checked here. */
  readonly earlier: readonly StoredSegment[];
  /** Bytes of a stored segment, as they are. */
  read(segment: StoredSegment): Promise<Buffer>;
  /** Cuts off this segment and all after it. */
  cutAt(index: number): Promise<void>;
  /** Appends the next segment; when it resolves, other readers of the file see it. @throws SPOOL_FULL */
  append(segment: MadeSegment, stored: Buffer): Promise<StoredSegment>;
  /** Everything is on the disk when it resolves. */
  close(): Promise<void>;
}

/** Opens the files for appending; a torn tail of either goes. The caller holds the lock. @throws SPOOL_FULL */
export async function openWriter(files: SpoolFiles): Promise<SegmentWriter> {
  const opened: FileHandle[] = [];
  try {
    await mkdir(files.directory, { recursive: true, mode: 0o700 });
    const flags = constants.O_RDWR | constants.O_CREAT;
    const data = await open(files.dataPath, flags, 0o600);
    opened.push(data);
    const index = await open(files.indexPath, flags, 0o600);
    opened.push(index);
    const earlier = readIndex(files);
    const writer = createWriter(files, data, index, earlier);
    await writer.cutAt(earlier.length);
    return writer;
  } catch (error) {
    for (const file of opened) await file.close().catch(() => undefined);
    throw await spoolError(error, spoolOf(files), 0);
  }
}

function createWriter(
  files: SpoolFiles,
  data: FileHandle,
  index: FileHandle,
  earlier: readonly StoredSegment[],
): SegmentWriter {
  const header = indexHeader(files.codec);
  let kept = [...earlier];
  let dataBytes = sumOf(kept).bytes;
  let indexBytes = 0;
  const sync = createSync([data, index]);

  const cutAt = async (count: number): Promise<void> => {
    kept = kept.slice(0, count);
    dataBytes = sumOf(kept).bytes;
    indexBytes = header.length + kept.reduce((sum, segment) => sum + formatLine(segment).length, 0);
    // The index first: it must never tell of bytes that are gone.
    if (kept.length === 0) {
      await index.truncate(0);
      await writeAt(index, 0, Buffer.from(header, 'latin1'));
    } else {
      await index.truncate(indexBytes);
    }
    await data.truncate(dataBytes);
  };

  return {
    earlier,
    async read({ offset, bytes }) {
      const buffer = Buffer.allocUnsafeSlow(bytes);
      const { bytesRead } = await data.read(buffer, 0, bytes, offset);
      return buffer.subarray(0, bytesRead);
    },
    cutAt,
    async append(segment, stored) {
      const placed: StoredSegment = { ...segment, offset: dataBytes };
      const line = Buffer.from(formatLine(placed), 'latin1');
      try {
        await writeAt(data, dataBytes, stored);
        await writeAt(index, indexBytes, line);
      } catch (error) {
        // What is there stays in order: the half-written segment goes. If even that fails, reading cuts it off.
        await index.truncate(indexBytes).catch(() => undefined);
        await data.truncate(dataBytes).catch(() => undefined);
        throw await spoolError(error, spoolOf(files), stored.length);
      }
      kept.push(placed);
      dataBytes += stored.length;
      indexBytes += line.length;
      sync.soon();
      return placed;
    },
    async close() {
      try {
        await sync.end();
      } catch (error) {
        throw await spoolError(error, spoolOf(files), 0);
      } finally {
        await data.close().finally(() => index.close());
      }
    },
  };
}

/** A person knows the spool's folder, not the one of a layer two levels below it. */
function spoolOf({ directory }: SpoolFiles): string {
  return dirname(dirname(directory));
}

/** One fdatasync at a time; segments that come meanwhile share the next one. */
function createSync(files: readonly FileHandle[]): { soon(): void; end(): Promise<void> } {
  let dirty = false;
  let running: Promise<void> | undefined;
  let failure: unknown;
  const run = async (): Promise<void> => {
    while (dirty) {
      dirty = false;
      for (const file of files) await file.datasync();
    }
  };
  const soon = (): void => {
    dirty = true;
    running ??= run()
      .catch((error: unknown) => {
        failure ??= error;
      })
      .finally(() => {
        running = undefined;
      });
  };
  return {
    soon,
    async end() {
      await running;
      if (dirty) await run();
      if (failure !== undefined) throw failure;
    },
  };
}
