// Brings blobs of a push to the registry: several uploads at a time, each source read once, what other repositories there have taken
// over from them.
import { Readable } from 'node:stream';
import { AirgapError, isAirgapError } from '../errors.js';
import type { Emit } from '../events.js';
import type { LayerBytes } from '../image/image.js';
import { type Descriptor, mediaTypes } from '../oci/descriptor.js';
import { type Digest, shortDigest } from '../oci/digest.js';
import type { PushRepository } from '../registry/push-repository.js';
import { type UploadSource, uploadBlob } from '../registry/upload.js';
import { createGate } from '../streams/gate.js';
import { hashBytes } from '../streams/hash-bytes.js';
import type { RateLimit } from '../streams/rate-limit.js';
import type { BlobTask } from './plan-push.js';
import { asStored } from './push-manifest.js';
import type { PushMemory } from './push-memory.js';
import { passesOf, readPass, shelving } from './push-passes.js';
import type { Shelf, ShelvedBlob } from './push-shelf.js';

/** Uploads at a time; more gain nothing on a link that one of them fills. */
const parallelUploads = 6;
/** Of a limit, for each of them: what gets less is silent for so long that registries and proxies cut it. */
const leastBytesPerSecond = 16 * 1024;

export interface BringOptions {
  /** As events name it. */
  readonly registry: string;
  readonly memory: PushMemory;
  readonly shelf: Shelf;
  readonly limit: RateLimit | undefined;
  readonly emit: Emit;
  readonly onWait: (ms: number, why: string) => void;
  /** Told of every byte handed over; negative where what was sent is lost. */
  readonly onBytes: (bytes: number) => void;
  readonly signal: AbortSignal;
  /** The registry's word that it has a blob is not taken. */
  readonly isForced?: boolean;
}

export interface Brought {
  readonly uploadedBytes: number;
  readonly resumedBytes: number;
  readonly mountCount: number;
}

/** All of them, or none is being sent any more when it throws. @throws {AirgapError} REGISTRY_*, what sources throw */
export async function bringBlobs(tasks: readonly BlobTask[], options: BringOptions): Promise<Brought> {
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const uploadCount = uploadsUnder(options.limit);
  const uploads = createGate(uploadCount);
  // Blobs on the disk: those that travel, and one that is being made.
  const room = createGate(uploadCount + 1);
  const sum = { uploadedBytes: 0, resumedBytes: 0, mountCount: 0 };
  const all = { ...options, signal };
  const running = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  const fail = (error: unknown): void => {
    failure ??= { error };
    stop.abort(error);
  };
  const start = (work: () => Promise<void>): void => {
    const done = (async () => {
      const leave = await uploads.enter();
      try {
        await work();
      } finally {
        leave();
      }
    })().catch(fail);
    running.add(done);
    void done.then(() => running.delete(done));
  };
  const deliver = async (task: BlobTask, blob: UploadSource, descriptor: Descriptor): Promise<void> => {
    signal.throwIfAborted();
    await bringOne(task, { blob, sum, options: all });
    task.result = descriptor;
  };

  try {
    const left = await mountFirst(tasks, all, sum);
    const layers = left.filter((task) => task.diffId !== undefined);
    for (const task of layers.filter(({ image }) => image.openStored !== undefined)) {
      const { stored, descriptor } = storedOf(task);
      if (stored !== undefined && descriptor !== undefined) start(() => deliver(task, stored, descriptor));
    }
    const passing = layers.filter((task) => storedOf(task).stored === undefined);
    const groups = [...Map.groupBy(passing, ({ image }) => image.readGroup).values()];
    for (const group of groups.flatMap(passesOf)) {
      if (signal.aborted) break;
      const sink = async (layer: LayerBytes): Promise<void> => {
        const leave = await room.enter();
        let shelved: ShelvedBlob | undefined;
        try {
          shelved = await options.shelf.put(layer, shelving(group, signal));
        } finally {
          if (shelved === undefined) leave();
        }
        if (shelved === undefined) return;
        const blob = shelved;
        const mine = group.filter((task) => task.diffId === blob.diffId);
        start(async () => {
          try {
            for (const task of mine) await deliver(task, blob, blob.descriptor);
            const { digest, size, codec } = blob;
            await options.memory.remember(blob.diffId, { digest, size, codec });
          } finally {
            leave();
            await blob.remove();
          }
        });
      };
      await readPass(group, sink, signal);
    }
    while (running.size > 0) await Promise.all(running);
    // Last: what an engine here tells of a config may cost a whole save, unless its layers were just read.
    for (const task of left.filter(({ diffId }) => diffId === undefined)) {
      if (signal.aborted) break;
      const raw = Buffer.from(await task.image.rawConfig({ signal }));
      const blob = bytesSource(task.digest ?? task.image.imageId, raw);
      start(() =>
        deliver(task, blob, { mediaType: mediaTypes.ociConfig, digest: blob.digest, size: blob.size }),
      );
    }
  } catch (error) {
    fail(error);
  } finally {
    while (running.size > 0) await Promise.all(running);
  }
  options.signal.throwIfAborted();
  if (failure !== undefined) throw failure.error;
  return sum;
}

function uploadsUnder(limit: RateLimit | undefined): number {
  if (limit === undefined) return parallelUploads;
  return Math.min(parallelUploads, Math.max(1, Math.floor(limit.bytesPerSecond / leastBytesPerSecond)));
}

interface OneOptions {
  readonly blob: UploadSource;
  readonly sum: { uploadedBytes: number; resumedBytes: number; mountCount: number };
  readonly options: BringOptions;
}

async function bringOne(task: BlobTask, { blob, sum, options }: OneOptions): Promise<void> {
  const { memory, limit, emit, signal, isForced = false } = options;
  const label = shortDigest(blob.digest);
  const item = {
    id: `send:${options.registry}:${blob.digest}`,
    kind: 'layer',
    phase: 'send',
    host: options.registry,
    label,
  } as const;
  let first: string | undefined;
  for (const { repository } of task.places) {
    const from = first;
    first = repository.name;
    // One that was just made may be there under a digest that nobody knew before.
    if (
      !isForced &&
      task.digest !== blob.digest &&
      (await repository.blobBytes(blob.digest, signal)) === blob.size
    )
      continue;
    const begun = from === undefined ? undefined : await repository.begin(blob.digest, { from, signal });
    if (from !== undefined && begun === undefined) {
      sum.mountCount += 1;
      continue;
    }
    let doneBytes = 0;
    emit({ type: 'item.started', ...item, totalBytes: blob.size });
    const uploaded = await explained(blob, () =>
      uploadBlob({
        repository,
        blob,
        kept: memory.uploads,
        begun,
        limit,
        onWait: options.onWait,
        onBytes(bytes) {
          doneBytes += bytes;
          options.onBytes(bytes);
          emit({ type: 'item.progress', ...item, doneBytes, totalBytes: blob.size });
        },
        signal,
      }),
    );
    emit({ type: 'item.finished', ...item, doneBytes: blob.size });
    sum.uploadedBytes += blob.size - uploaded.resumedBytes;
    sum.resumedBytes += uploaded.resumedBytes;
    // That the registry took it is not enough: it must say that it has it.
    const got = await repository.blobBytes(blob.digest, signal);
    if (got !== blob.size) throw unknownBlob(repository, blob.digest);
  }
}

/** The registry has not what it said it has. */
export function unknownBlob({ registry, name }: PushRepository, digest: Digest, detail = ''): AirgapError {
  const facts = { registry: registry.host, repository: name, digest, detail };
  return new AirgapError('REGISTRY_PUSH', { ...facts, problem: 'blob-unknown' });
}

/** Where the registry got other bytes than were promised, they may have been wrong here. */
async function explained<T>(blob: UploadSource, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isAirgapError(error, 'REGISTRY_PUSH') || error.facts.problem !== 'digest') throw error;
    const { digest: got } = await hashBytes(await blob.open(0, blob.size));
    const want = blob.digest;
    if (got !== want)
      throw new AirgapError('DIGEST_MISMATCH', { what: 'A layer', got, want }, { cause: error });
    throw error;
  }
}

/** Has the registry take over what another of its repositories has. @returns what is left to be sent */
async function mountFirst(
  tasks: readonly BlobTask[],
  { signal, isForced }: BringOptions,
  sum: { mountCount: number },
): Promise<readonly BlobTask[]> {
  const left: BlobTask[] = [];
  const mount = async (task: BlobTask): Promise<void> => {
    const [place] = task.places;
    if (isForced === true || task.digest === undefined || place?.from === undefined)
      return void left.push(task);
    const { digest } = task;
    const isMounted = async (repository: PushRepository, from: string): Promise<boolean> =>
      (await repository.begin(digest, { from, signal })) === undefined &&
      (await repository.blobBytes(digest, signal)) !== undefined;
    for (const { repository } of task.places) {
      if (!(await isMounted(repository, place.from))) {
        // A bundle that leaves the layer out cannot send it.
        if (task.image.layers.some(({ diffId, absent }) => diffId === task.diffId && absent === true))
          throw unknownBlob(repository, digest);
        return void left.push(task);
      }
      sum.mountCount += 1;
    }
    task.result = mountedBlob(task);
  };
  await Promise.all(tasks.map(mount));
  return left;
}

function mountedBlob({ image, diffId, digest, size, storedAs }: BlobTask): Descriptor | undefined {
  const own = image.layers.find((layer) => layer.diffId === diffId && layer.blob?.digest === digest)?.blob;
  if (own !== undefined || digest === undefined) return own;
  return { mediaType: storedAs ?? mediaTypes.ociLayerGzip, digest, size: size.bytes };
}

function storedOf({ image, diffId }: BlobTask): { stored?: UploadSource; descriptor?: Descriptor } {
  const layer = image.layers.find((one) => one.diffId === diffId);
  const descriptor = layer === undefined ? undefined : asStored(layer);
  const { openStored } = image;
  if (diffId === undefined || openStored === undefined || descriptor === undefined) return {};
  const open = (offset: number, length: number): Promise<Readable> => openStored(diffId, offset, length);
  return { stored: { digest: descriptor.digest, size: descriptor.size, open }, descriptor };
}

/** A blob that lies in memory. */
export function bytesSource(digest: Digest, raw: Buffer): UploadSource {
  return {
    digest,
    size: raw.byteLength,
    open: async (offset, length) =>
      Readable.from([raw.subarray(offset, offset + length)], { objectMode: false }),
  };
}
