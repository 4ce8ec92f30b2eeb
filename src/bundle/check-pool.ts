// Runs check jobs on all cores, the largest first, so that no core ends up alone with a long one.
import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type CheckJob, type CheckResult, runCheck } from './check-job.js';
import type { CheckMessage } from './check-worker.js';

export interface CheckOptions {
  /** Bytes read since the last call. */
  readonly onBytes?: (bytes: number) => void;
  readonly signal?: AbortSignal;
  /** Workers at most; all cores by default. */
  readonly workers?: number;
}

/** Below this, starting a thread takes longer than the work. */
const inlineBytes = 4 * 1024 * 1024;
/** A worker that unpacks takes about 30 MB, and disks do not feed more. */
const maxWorkers = 16;

/** Results come in no order. @throws what aborts the signal */
export async function runChecks(
  jobs: readonly CheckJob[],
  options: CheckOptions = {},
): Promise<CheckResult[]> {
  const { onBytes = () => undefined, signal, workers = availableParallelism() } = options;
  signal?.throwIfAborted();
  const left = jobs.toSorted((a, b) => bytesOf(b) - bytesOf(a));
  if (left.reduce((sum, job) => sum + bytesOf(job), 0) < inlineBytes)
    return await inTurn(left, (job) => runCheck(job, onBytes));
  const results: CheckResult[] = [];
  const count = Math.min(workers, maxWorkers, left.length);
  await Promise.all(Array.from({ length: count }, () => runWorker({ left, results, onBytes, signal })));
  return results;
}

async function inTurn<T, R>(all: readonly T[], run: (one: T) => R | Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const one of all) results.push(await run(one));
  return results;
}

interface WorkerRun {
  /** Taken from by all workers. */
  readonly left: CheckJob[];
  readonly results: CheckResult[];
  readonly onBytes: (bytes: number) => void;
  readonly signal: AbortSignal | undefined;
}

async function runWorker({ left, results, onBytes, signal }: WorkerRun): Promise<void> {
  // The same extension as this file's: .js when built, .ts when run from the sources.
  const worker = new Worker(new URL(`./check-worker${extname(import.meta.url)}`, import.meta.url));
  const stop = Promise.withResolvers<never>();
  const abort = (): void => stop.reject(signal?.reason);
  signal?.addEventListener('abort', abort);
  const work = new Promise<void>((resolve, reject) => {
    const next = (): void => {
      const job = left.shift();
      if (job === undefined) resolve();
      else worker.postMessage(job);
    };
    worker.on('message', (message: CheckMessage) => {
      if (message.kind === 'bytes') return onBytes(message.bytes);
      results.push(message.result);
      next();
    });
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new Error(`the worker ended with ${code}`)));
    next();
  });
  try {
    await Promise.race([work, stop.promise]);
  } finally {
    signal?.removeEventListener('abort', abort);
    work.catch(() => undefined);
    await worker.terminate();
  }
}

function bytesOf({ parts }: CheckJob): number {
  return parts.reduce((sum, { bytes }) => sum + bytes, 0);
}
