// Reads layers straight from a classic Docker store (overlay2) on this machine, where its folder may be read: several
// times as fast as `docker save`, which copies every layer to a temporary folder before its first byte. What comes out is
// hashed like everything else; whatever is not as known here is left to `docker save`.
// @see moby v20.10 layer/filestore.go, image/fs.go; docs/engines.md "Reading the store"
import { access, constants, readFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { Worker } from 'node:worker_threads';
import { AirgapError, isAirgapError } from '../errors.js';
import type { LayerBytes } from '../image/image.js';
import { type ChainId, type DiffId, type Digest, digestOf, hexOf } from '../oci/digest.js';
import { controlIndex, type LayerJob, type LayerMessage } from './overlay2-worker.js';

/** A layer as the store has it. */
export interface Overlay2Layer {
  readonly diffId: DiffId;
  readonly tarSplit: string;
  readonly files: string;
}

export interface Overlay2 {
  /** An image's config, its digest checked; undefined if it is not there. */
  rawConfig(imageId: Digest): Promise<Buffer | undefined>;
  /** Undefined if the layer is not there in the known form. */
  find(chainId: ChainId, diffId: DiffId): Promise<Overlay2Layer | undefined>;
  /**
   * Reads these layers one after another; each sink ends before the next begins. @returns those that could not be begun
   * @throws {AirgapError} SOURCE_GONE when one breaks off; what sink throws
   */
  read(
    layers: readonly Overlay2Layer[],
    sink: (layer: LayerBytes) => Promise<void>,
    signal?: AbortSignal,
  ): Promise<readonly DiffId[]>;
}

// Slabs of 1 MiB between the worker and the main thread: enough to bridge a slow moment, little enough for memory.
const slabsAhead = 4;

/** Undefined if this is not an overlay2 store that this process may read. @param root docker info's DockerRootDir */
export async function openOverlay2(root: string): Promise<Overlay2 | undefined> {
  const layers = path.join(root, 'image/overlay2/layerdb/sha256');
  const configs = path.join(root, 'image/overlay2/imagedb/content/sha256');
  const readable = (file: string): Promise<boolean> =>
    access(file, constants.R_OK | constants.X_OK).then(
      () => true,
      () => false,
    );
  if (!path.isAbsolute(root) || !(await readable(layers)) || !(await readable(configs))) return undefined;
  return {
    async rawConfig(imageId) {
      const raw = await readFile(path.join(configs, hexOf(imageId))).catch(() => undefined);
      return raw !== undefined && digestOf(raw) === imageId ? raw : undefined;
    },
    async find(chainId, diffId) {
      const folder = path.join(layers, hexOf(chainId));
      const read = (name: string): Promise<string> =>
        readFile(path.join(folder, name), 'utf8').catch(() => '');
      const [cacheId, recorded] = await Promise.all([read('cache-id'), read('diff')]);
      if (recorded.trim() !== diffId || !/^[0-9a-z]{1,80}$/.test(cacheId.trim())) return undefined;
      const files = path.join(root, 'overlay2', cacheId.trim(), 'diff');
      const tarSplit = path.join(folder, 'tar-split.json.gz');
      const there =
        (await readable(files)) &&
        (await readFile(tarSplit).then(
          () => true,
          () => false,
        ));
      return there ? { diffId, tarSplit, files } : undefined;
    },
    async read(wanted, sink, signal) {
      if (wanted.length === 0) return [];
      const left: DiffId[] = [];
      // The same extension as this file's: .js when built, .ts when run from the sources.
      const worker = new Worker(
        new URL(`./overlay2-worker${path.extname(import.meta.url)}`, import.meta.url),
        // It keeps nothing: without a limit its heap would grow with the layer.
        { resourceLimits: { maxYoungGenerationSizeMb: 4 } },
      );
      try {
        for (const layer of wanted) {
          signal?.throwIfAborted();
          const opened = await openLayer(worker, layer, signal).catch((error: unknown) => {
            if (!isAirgapError(error, 'SOURCE_GONE')) throw error;
            return undefined;
          });
          if (opened === undefined) left.push(layer.diffId);
          else await sink(opened);
        }
        return left;
      } finally {
        await worker.terminate();
      }
    },
  };
}

/** Resolves when the worker has told the size of the tar. */
async function openLayer(
  worker: Worker,
  { diffId, tarSplit, files }: Overlay2Layer,
  signal: AbortSignal | undefined,
): Promise<LayerBytes> {
  const control = new SharedArrayBuffer(8);
  const numbers = new Int32Array(control);
  numbers[controlIndex.credits] = slabsAhead;
  const ready: Buffer[] = [];
  let hungry = false;
  let ended = false;
  const size = Promise.withResolvers<number>();

  const leave = (): void => {
    worker.off('message', onMessage);
    worker.off('error', onError);
    Atomics.store(numbers, controlIndex.gone, 1);
    Atomics.notify(numbers, controlIndex.credits);
  };
  const feed = (): void => {
    while (hungry) {
      const slab = ready.shift();
      if (slab === undefined) {
        if (ended) stream.push(null);
        return;
      }
      Atomics.add(numbers, controlIndex.credits, 1);
      Atomics.notify(numbers, controlIndex.credits);
      hungry = stream.push(slab);
    }
  };
  const stream = new Readable({
    // Slab by slab: as a stream of bytes it would copy two into one whenever both are there.
    objectMode: true,
    highWaterMark: 1,
    read() {
      hungry = true;
      feed();
    },
    destroy(error, callback) {
      leave();
      // Whoever still waits for the size would wait for ever: nothing of the worker is heard any more.
      size.reject(signal?.aborted ? signal.reason : error);
      callback(error);
    },
    ...(signal === undefined ? {} : { signal }),
  });
  const fail = (problem: string, cause?: unknown): void => {
    const error = new AirgapError(
      'SOURCE_GONE',
      { source: `layer ${hexOf(diffId).slice(0, 12)}`, detail: problem },
      { cause },
    );
    size.reject(error);
    stream.destroy(error);
  };
  const onError = (error: Error): void => fail(error.message, error);
  const onMessage = (message: LayerMessage): void => {
    switch (message.kind) {
      case 'size':
        size.resolve(message.bytes);
        break;
      case 'slab':
        ready.push(Buffer.from(message.bytes.buffer, message.bytes.byteOffset, message.bytes.byteLength));
        feed();
        break;
      case 'end':
        ended = true;
        feed();
        break;
      case 'failed':
        fail(message.problem);
        break;
    }
  };
  worker.on('message', onMessage);
  worker.on('error', onError);
  worker.postMessage({ tarSplit, files, control } satisfies LayerJob);
  stream.on('error', () => undefined);
  return { diffId, uncompressedBytes: await size.promise, stream, mayFree: true };
}
