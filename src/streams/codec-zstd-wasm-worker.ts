// The worker of codec-zstd-wasm.ts: one segment in, one zstd frame out. Stands alone: it is loaded by its path.
import { createRequire } from 'node:module';
import type { Transform } from 'node:stream';
import { parentPort } from 'node:worker_threads';

/** What the worker is asked. */
export interface WasmRequest {
  readonly id: number;
  readonly level: number;
  readonly raw: Uint8Array;
}
/** What it answers: the frame, or what went wrong. */
export interface WasmReply {
  readonly id: number;
  readonly bytes?: Uint8Array;
  readonly problem?: string;
}

interface StreamModule {
  run(use: (binding: { ZstdCompressTransform: new (level: number) => Transform }) => void): void;
}

// Whole segments do not fit its heap beside the tables; 1 MiB at a time does.
const pieceBytes = 1024 * 1024;

const binding = new Promise<{ ZstdCompressTransform: new (level: number) => Transform }>((resolve) => {
  const module: StreamModule = createRequire(import.meta.url)('zstd-codec/lib/zstd-stream.js');
  module.run(resolve);
});

let tail = Promise.resolve();
parentPort?.on('message', (request: WasmRequest) => {
  tail = tail.then(() => answer(request));
});

async function answer({ id, level, raw }: WasmRequest): Promise<void> {
  let reply: WasmReply;
  try {
    reply = { id, bytes: await compress(raw, level) };
  } catch (error) {
    reply = { id, problem: error instanceof Error ? error.message : String(error) };
  }
  parentPort?.postMessage(reply);
}

async function compress(raw: Uint8Array, level: number): Promise<Uint8Array> {
  const { ZstdCompressTransform } = await binding;
  const stream = new ZstdCompressTransform(level);
  const parts: Buffer[] = [];
  const ended = new Promise<void>((resolve, reject) => {
    stream.on('data', (part: Buffer) => parts.push(part));
    stream.on('end', resolve);
    stream.on('error', reject);
  });
  const whole = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  for (let at = 0; at < whole.length; at += pieceBytes) stream.write(whole.subarray(at, at + pieceBytes));
  stream.end();
  await ended;
  return Buffer.concat(parts);
}
