// zstd by WebAssembly in worker threads: the fallback that runs everywhere, at a quarter of the speed.
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { AirgapError } from '../errors.js';
import type { Compressor } from './codec.js';
import type { WasmReply, WasmRequest } from './codec-zstd-wasm-worker.js';

// Its heap is 16 MiB for ever; higher levels abort the whole instance.
const maxLevel = 9;

interface Pending {
  readonly resolve: (bytes: Buffer) => void;
  readonly reject: (error: Error) => void;
}

/** Starts the workers. Levels above 9 are made with 9. */
export async function openWasmZstd(workerCount: number): Promise<Compressor> {
  const workers = Array.from({ length: Math.max(1, workerCount) }, startWorker);
  let next = 0;
  return {
    codec: 'zstd',
    by: 'zstd-codec',
    compress(raw, level) {
      const worker = workers[next++ % workers.length] ?? startWorker();
      return worker.compress(raw, Math.min(level, maxLevel));
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.close()));
    },
  };
}

function startWorker(): { compress(raw: Buffer, level: number): Promise<Buffer>; close(): Promise<void> } {
  const waiting = new Map<number, Pending>();
  let count = 0;
  let worker: Worker | undefined;

  const failed = (detail: string, cause?: unknown): void => {
    worker = undefined;
    for (const { reject } of waiting.values()) {
      reject(new AirgapError('CODEC_FAILED', { codec: 'zstd', detail }, { cause }));
    }
    waiting.clear();
  };
  const start = (): Worker => {
    // The same extension as this file's: .js when built, .ts when run from the sources.
    const url = new URL(`./codec-zstd-wasm-worker${extname(import.meta.url)}`, import.meta.url);
    const started = new Worker(url);
    started.on('message', ({ id, bytes, problem }: WasmReply) => {
      const pending = waiting.get(id);
      waiting.delete(id);
      if (bytes !== undefined) {
        pending?.resolve(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
      } else {
        const detail = problem ?? 'no answer';
        pending?.reject(new AirgapError('CODEC_FAILED', { codec: 'zstd', detail }));
      }
      if (waiting.size === 0) started.unref();
    });
    started.on('error', (error) => failed(error instanceof Error ? error.message : String(error), error));
    started.on('exit', (code) => failed(`the worker ended with ${code}`));
    return started;
  };

  return {
    compress(raw, level) {
      worker ??= start();
      const id = count++;
      const request: WasmRequest = { id, level, raw };
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        worker?.ref();
        worker?.postMessage(request);
      });
    },
    async close() {
      await worker?.terminate();
    },
  };
}
