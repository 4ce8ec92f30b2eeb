// A worker thread that puts a layer's tar together from the files of an overlay2 folder. It reads synchronously, which is
// three times as fast for many small files and would stop everything else in the main thread.
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { readTarSplit, type TarPiece, tarBytes } from './tar-split.js';

/** What to read. */
export interface LayerJob {
  readonly tarSplit: string;
  /** The overlay2 folder that holds the layer's files. */
  readonly files: string;
  /** [0]: slabs that may still be posted; [1]: not 0 when the reader has gone. */
  readonly control: SharedArrayBuffer;
}

export type LayerMessage =
  | { readonly kind: 'size'; readonly bytes: number }
  | { readonly kind: 'slab'; readonly bytes: Uint8Array }
  | { readonly kind: 'end' }
  | { readonly kind: 'failed'; readonly problem: string };

const slabBytes = 1 << 20;

/** Index of each number in LayerJob.control. */
export const controlIndex = { credits: 0, gone: 1 } as const;

let working = Promise.resolve();

parentPort?.on('message', (job: LayerJob) => {
  // One layer after another: what they post has no name on it.
  working = working.then(async () => {
    try {
      await readLayer(job);
      post({ kind: 'end' });
    } catch (error) {
      post({ kind: 'failed', problem: error instanceof Error ? error.message : String(error) });
    }
  });
});

function post(message: LayerMessage): void {
  parentPort?.postMessage(message, message.kind === 'slab' ? [message.bytes.buffer as ArrayBuffer] : []);
}

async function readLayer({ tarSplit, files, control }: LayerJob): Promise<void> {
  const numbers = new Int32Array(control);
  // Read twice rather than held: a record may have hundreds of megabytes.
  post({ kind: 'size', bytes: await tarBytes(tarSplit) });
  let slab = Buffer.allocUnsafeSlow(slabBytes);
  let used = 0;
  const flush = (): void => {
    if (used === 0) return;
    waitForCredit(numbers);
    post({ kind: 'slab', bytes: slab.subarray(0, used) });
    slab = Buffer.allocUnsafeSlow(slabBytes);
    used = 0;
  };
  const takeBytes = (bytes: Buffer): void => {
    for (let from = 0; from < bytes.length; ) {
      const copied = bytes.copy(slab, used, from);
      from += copied;
      used += copied;
      if (used === slabBytes) flush();
    }
  };
  const takeFile = ({ name, size }: TarPiece & { readonly kind: 'file' }): void => {
    const file = openSync(pathOf(files, name), constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      for (let left = size; left > 0; ) {
        const got = readSync(file, slab, used, Math.min(left, slabBytes - used), null);
        if (got === 0) throw new Error(`${name.toString()} is shorter than it was`);
        left -= got;
        used += got;
        if (used === slabBytes) flush();
      }
    } finally {
      closeSync(file);
    }
  };
  await readTarSplit(tarSplit, (piece) => {
    if (piece.kind === 'bytes') takeBytes(piece.bytes);
    else takeFile(piece);
  });
  flush();
}

function waitForCredit(numbers: Int32Array): void {
  for (;;) {
    if (Atomics.load(numbers, controlIndex.gone) !== 0) throw new Error('the reader has gone');
    const credits = Atomics.load(numbers, controlIndex.credits);
    if (
      credits > 0 &&
      Atomics.compareExchange(numbers, controlIndex.credits, credits, credits - 1) === credits
    )
      return;
    if (credits <= 0) Atomics.wait(numbers, controlIndex.credits, credits, 1000);
  }
}

function pathOf(folder: string, name: Buffer): Buffer {
  if (name.toString('latin1').split('/').includes('..'))
    throw new Error('a name that leaves its folder in tar-split');
  return Buffer.concat([Buffer.from(`${folder}/`), name]);
}
