// `npm run build && npm run bench:bundle`: airgap verify against node:crypto hashing the same files, and the same bytes in memory, on all cores;
// verify --deep against zstd decoding and hashing the same layers in memory. Interleaved rounds, medians, ratios (1: as fast).
import { createHash } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import zlib from 'node:zlib';
import { build } from 'esbuild';
import { blobFile } from '../src/bundle/paths.js';
import { openBundle } from '../src/bundle/reader.js';
import { digestOf, parseDiffId } from '../src/oci/digest.js';
import { writeBundle } from '../test/helpers/bundles.js';
import { randomBytesOf, type TestLayer, testImage } from '../test/helpers/images.js';

const rounds = Number(process.env.AIRGAP_BENCH_ROUNDS ?? 9);
const layerMegabytes = [256, 192, 192, 128, 96, 64, 64, 32];
const segmentBytes = 8 * 1024 * 1024;

/** A whole layer as stored: in memory, or a file. */
type Blob = readonly Uint8Array[] | string;

/** What a core of the yardstick gets. */
interface Share {
  readonly blobs: readonly Blob[];
  readonly unpack: boolean;
}

/** Bytes about as compressible as programs are, made quickly: noise and repetition by turns. */
function makeLayer(seed: string, megabytes: number): TestLayer {
  const noise = randomBytesOf(seed, 4 * 1024 * 1024);
  const tar = Buffer.alloc(megabytes * 1024 * 1024);
  for (let at = 0, n = 0; at < tar.byteLength; at += 16_384, n += 1) {
    const from = (n * 40_961) % (noise.byteLength - 16_384);
    if (n % 2 === 0) noise.copy(tar, at, from, from + 16_384);
    else tar.fill(noise.subarray(from, from + 200 + (n % 400)), at, Math.min(at + 16_384, tar.byteLength));
  }
  return { tar, diffId: parseDiffId(digestOf(tar), 'bench') };
}

function runShare({ blobs, unpack }: Share): void {
  for (const blob of blobs) {
    const hash = createHash('sha256');
    if (typeof blob === 'string') hashFile(blob, hash);
    else
      for (const unit of blob)
        hash.update(unpack ? zlib.zstdDecompressSync(unit, { chunkSize: segmentBytes }) : unit);
    hash.digest();
  }
}

function hashFile(file: string, hash: ReturnType<typeof createHash>): void {
  const chunk = Buffer.allocUnsafe(1024 * 1024);
  const fd = openSync(file, 'r');
  for (let count = 1; count > 0; ) {
    count = readSync(fd, chunk);
    hash.update(chunk.subarray(0, count));
  }
  closeSync(fd);
}

/** Largest first, to whom has the least: workers are started and have their bytes before the clock runs. */
async function openYardstick(blobs: readonly Blob[], unpack: boolean) {
  const cores = availableParallelism();
  const size = (blob: Blob): number =>
    typeof blob === 'string' ? statSync(blob).size : blob.reduce((sum, one) => sum + one.byteLength, 0);
  const shares = Array.from({ length: cores }, () => ({ blobs: [] as Blob[], bytes: 0 }));
  for (const blob of blobs.toSorted((a, b) => size(b) - size(a))) {
    const share = shares.reduce((least, one) => (one.bytes < least.bytes ? one : least));
    share.blobs.push(blob);
    share.bytes += size(blob);
  }
  const workers = await Promise.all(
    shares.map(async (share) => {
      const worker = new Worker(new URL(import.meta.url), { workerData: { blobs: share.blobs, unpack } });
      await new Promise((resolve) => worker.once('message', resolve));
      return worker;
    }),
  );
  return {
    run: () =>
      Promise.all(
        workers.map(
          (worker) =>
            new Promise((resolve) => {
              worker.once('message', resolve);
              worker.postMessage('go');
            }),
        ),
      ),
    close: () => Promise.all(workers.map((worker) => worker.terminate())),
  };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

async function main(): Promise<void> {
  const folder = mkdtempSync(join(process.env.AIRGAP_BENCH_DIR ?? tmpdir(), 'airgap-bench-'));
  try {
    const layers = layerMegabytes.map((megabytes, at) => makeLayer(`layer ${at}`, megabytes));
    const image = testImage({ name: 'docker.io/bench/app:1', layers });
    console.log(`${layers.length} layers, ${availableParallelism()} cores, ${rounds} rounds, ${folder}`);
    const [plain = ''] = await writeBundle(join(folder, 'none'), { images: [image], codec: 'none' });
    const [packed = ''] = await writeBundle(join(folder, 'zstd'), { images: [image], codec: 'zstd' });
    const files = (await openBundle([plain])).manifest.layers.map((one) => join(plain, blobFile(one.digest)));
    const inMemory = layers.map(({ tar }) => unitsOf(tar, false));
    await compare('verify / sha256 of the same files', { place: plain, blobs: files, deep: false });
    await compare('verify / sha256 in memory', { place: plain, blobs: inMemory, deep: false });
    const frames = layers.map(({ tar }) => unitsOf(tar, true));
    await compare('verify --deep / zstd and sha256 in memory', { place: packed, blobs: frames, deep: true });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compare(
  name: string,
  { place, blobs, deep }: { place: string; blobs: readonly Blob[]; deep: boolean },
): Promise<void> {
  const yardstick = await openYardstick(blobs, deep);
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    theirs.push(await timed(() => yardstick.run()));
    ours.push(await timed(() => prove(place, deep)));
  }
  await yardstick.close();
  const ratio = (median(theirs) / median(ours)).toFixed(2);
  console.log(`${name}: ${median(ours).toFixed(0)} ms, ${median(theirs).toFixed(0)} ms, ratio ${ratio}`);
}

function unitsOf(tar: Buffer, compressed: boolean): Buffer[] {
  const units: Buffer[] = [];
  for (let at = 0; at < tar.byteLength; at += segmentBytes) {
    const raw = tar.subarray(at, at + segmentBytes);
    units.push(compressed ? zlib.zstdCompressSync(raw) : raw);
  }
  return units;
}

/** The verifier as a build has it: a worker that loads TypeScript starts a quarter of a second later. */
async function buildVerifier(): Promise<string> {
  const root = new URL('../', import.meta.url);
  await build({
    absWorkingDir: fileURLToPath(root),
    entryPoints: ['src/bundle/verifier.ts', 'src/bundle/check-worker.ts'],
    entryNames: '[name]',
    outdir: 'dist/bench',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
  });
  return new URL('dist/bench/verifier.js', root).href;
}

const built = isMainThread ? await buildVerifier() : '';

async function prove(place: string, deep: boolean): Promise<void> {
  const { verifyBundle } = (await import(built)) as typeof import('../src/bundle/verifier.js');
  const { findings } = await verifyBundle(await openBundle([place]), { deep });
  if (findings.length > 0) throw new Error(JSON.stringify(findings));
}

if (isMainThread) await main();
else {
  parentPort?.on('message', () => {
    runShare(workerData as Share);
    parentPort?.postMessage('done');
  });
  parentPort?.postMessage('ready');
}
