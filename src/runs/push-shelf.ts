// The folder where blobs of a push lie between their source, which gives them one after the other, and the registry, which takes
// several at a time and parts of them again after a cut. It goes with the run.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { packLayer } from '../bundle/pack-layer.js';
import type { BlobWriter } from '../bundle/volumes.js';
import { AirgapError } from '../errors.js';
import type { LayerBytes } from '../image/image.js';
import { type Codec, type Descriptor, layerTypes } from '../oci/descriptor.js';
import { type DiffId, type Digest, digestFromHex } from '../oci/digest.js';
import type { UploadSource } from '../registry/upload.js';
import { openCompressor } from '../streams/codec.js';
import { createFramePool } from '../streams/frame-pool.js';
import { freeing } from '../streams/free-bytes.js';
import { spoolError } from '../streams/fs-errors.js';
import { createGate } from '../streams/gate.js';
import { makeFolder } from '../streams/make-folder.js';
import { removeOlder } from '../streams/remove-older.js';

export interface ShelvedBlob extends UploadSource {
  readonly diffId: DiffId;
  readonly descriptor: Descriptor;
  readonly codec: Codec;
  remove(): Promise<void>;
}

export interface Shelf {
  /**
   * A layer as its source holds it, or compressed by gzip: the one that every engine reads, and always the same bytes. Undefined
   * for one that nobody wants. @throws {AirgapError} DIGEST_MISMATCH, SPOOL_FULL, SPOOL_DENIED; what the stream throws
   */
  put(layer: LayerBytes, options: PutOptions): Promise<ShelvedBlob | undefined>;
  close(): Promise<void>;
}

export interface PutOptions {
  /** What the source's manifest calls it, where it may go as it is. */
  readonly blobOf: (diffId: DiffId) => Descriptor | undefined;
  readonly isWanted: (diffId: DiffId) => boolean;
  readonly signal: AbortSignal;
}

const level = 6;
const ownPrefix = 'run-';
const maxAgeMs = 24 * 60 * 60 * 1000;

/** Nothing is made before the first blob. */
export function openShelf(directory: string): Shelf {
  const cores = availableParallelism();
  const pool = createFramePool(cores + 3);
  const gate = createGate(cores);
  let made: Promise<string> | undefined;
  let compressor: ReturnType<typeof openCompressor> | undefined;
  let count = 0;

  const makeOwn = async (): Promise<string> => {
    await makeFolder(directory);
    await removeOlder(directory, maxAgeMs, (name) => name.startsWith(ownPrefix));
    return await mkdtemp(path.join(directory, ownPrefix));
  };
  const newFile = async (): Promise<string> => {
    made ??= makeOwn();
    const folder = await made.catch(async (error: unknown) => {
      throw await spoolError(error, directory, 0);
    });
    count += 1;
    return path.join(folder, String(count));
  };
  const compress = async (raw: Buffer): Promise<Buffer> => {
    const leave = await gate.enter();
    compressor ??= openCompressor('gzip');
    return await (await compressor).compress(raw, level).finally(leave);
  };

  const asIs = async (layer: LayerBytes, descriptor: Descriptor, diffId: DiffId): Promise<ShelvedBlob> => {
    const { stored, stream, mayFree } = layer;
    const writer = await openWriter(await newFile());
    try {
      for await (const chunk of mayFree === true ? freeing(stream) : (stream as AsyncIterable<Buffer>))
        await writer.write(chunk);
      const { digest } = await writer.end();
      if (digest !== descriptor.digest)
        throw new AirgapError('DIGEST_MISMATCH', { what: 'A layer', got: digest, want: descriptor.digest });
      return shelved(writer, { diffId, descriptor, codec: stored?.codec ?? 'none' });
    } catch (error) {
      await writer.discard();
      throw error;
    }
  };

  return {
    async put(layer, { blobOf, isWanted, signal }) {
      const { diffId, stored, stream, mayFree } = layer;
      if (diffId !== undefined && stored !== undefined) return await asIs(layer, stored.blob, diffId);
      const own = diffId === undefined ? undefined : blobOf(diffId);
      // Its digest is the diffID: stored without compression, it is the blob.
      if (diffId !== undefined && own !== undefined && own.digest === diffId)
        return await asIs(layer, own, diffId);
      const writer = await openWriter(await newFile());
      const packed = await packLayer({
        diffId,
        isWanted,
        stream,
        mayFree: mayFree === true,
        compress,
        pool,
        writer,
        signal,
      });
      if (packed === undefined) return undefined;
      const { digest, bytes: size } = packed.blob;
      const descriptor = { mediaType: layerTypes.gzip, digest, size };
      return shelved(writer, { diffId: packed.diffId, descriptor, codec: 'gzip' });
    },
    async close() {
      await (await compressor)?.close();
      const folder = await made?.catch(() => undefined);
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

interface FileWriter extends BlobWriter {
  readonly file: string;
}

async function openWriter(file: string): Promise<FileWriter> {
  const onDisk = async (error: unknown): Promise<never> => {
    throw await spoolError(error, path.dirname(file), 0);
  };
  const handle: FileHandle = await open(file, 'wx', 0o600).catch(onDisk);
  const hash = createHash('sha256');
  let bytes = 0;
  return {
    file,
    async write(chunk) {
      hash.update(chunk);
      bytes += chunk.byteLength;
      await handle.writeFile(chunk).catch(onDisk);
    },
    async end() {
      await handle.close();
      const digest = digestFromHex(hash.digest('hex'), 'a layer');
      return { digest, bytes, pieces: [], contents: [] };
    },
    async discard() {
      await handle.close().catch(() => undefined);
      await rm(file, { force: true });
    },
  };
}

function shelved(
  { file }: FileWriter,
  blob: { readonly diffId: DiffId; readonly descriptor: Descriptor; readonly codec: Codec },
): ShelvedBlob {
  const { digest, size }: { digest: Digest; size: number } = blob.descriptor;
  return {
    ...blob,
    digest,
    size,
    open: async (offset, length) =>
      createReadStream(file, { start: offset, end: offset + length - 1, highWaterMark: 1024 * 1024 }),
    remove: () => rm(file, { force: true }),
  };
}
