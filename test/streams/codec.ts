import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { Readable, type Transform } from 'node:stream';
import zlib from 'node:zlib';
import anyTest from 'ava';
import { AirgapError } from '../../src/errors.js';
import type { Codec } from '../../src/oci/descriptor.js';
import {
  type Compressor,
  codecLevels,
  type OpenCompressorOptions,
  openCompressor,
  zstdImplementations,
} from '../../src/streams/codec.js';
import { decompressSegment } from '../../src/streams/decompress.js';
import { segmentRawBytes } from '../../src/streams/spool-types.js';
import { mixedBytes, noise, programBytes } from '../helpers/layers.js';

// One after another: each holds tens of megabytes.
const test = anyTest.serial;

async function withCompressor(
  codec: Codec,
  options: OpenCompressorOptions,
  use: (compressor: Compressor) => Promise<void>,
): Promise<void> {
  const compressor = await openCompressor(codec, options);
  try {
    await use(compressor);
  } finally {
    await compressor.close();
  }
}

const inputs = {
  'a whole segment of program bytes': () => programBytes(segmentRawBytes, 4096),
  'a whole segment of noise': () => noise(segmentRawBytes),
  'a whole segment of zeros': () => Buffer.alloc(segmentRawBytes),
  'one byte': () => Buffer.from('x'),
  'no byte at all': () => Buffer.alloc(0),
};

for (const zstd of zstdImplementations) {
  for (const [name, input] of Object.entries(inputs)) {
    test(`${zstd} zstd gives back ${name}`, async (t) => {
      await withCompressor('zstd', { zstd, parallel: 1 }, async (compressor) => {
        const raw = input();
        const stored = await compressor.compress(raw, 3);
        t.true(raw.equals(await decompressSegment('zstd', stored, raw.length)));
      });
    });
  }
}

for (const codec of ['gzip', 'zstd'] as const) {
  for (const level of codecLevels[codec]) {
    test(`${codec} level ${level} gives the same bytes each time, and the input back`, async (t) => {
      await withCompressor(codec, {}, async (compressor) => {
        const raw = programBytes(segmentRawBytes, 9_000_000);
        const [one, other] = await Promise.all([
          compressor.compress(raw, level),
          compressor.compress(raw, level),
        ]);
        t.true(one.equals(other));
        t.true(one.length < raw.length / 1.5);
        t.true(raw.equals(await decompressSegment(codec, one, raw.length)));
      });
    });
  }
}

test('codec none stores the segment as it is', async (t) => {
  const raw = programBytes(1000);
  const { compress } = await openCompressor('none');
  t.is(await compress(raw, 0), raw);
});

test('frames of different levels and makers, one after another, are one zstd file for every decoder', async (t) => {
  const parts = [programBytes(segmentRawBytes), mixedBytes(segmentRawBytes), noise(12_345)];
  const frames: Buffer[] = [];
  for (const [at, zstd] of zstdImplementations.entries()) {
    await withCompressor('zstd', { zstd, parallel: 1 }, async (compressor) => {
      const part = parts[at];
      if (part !== undefined) frames.push(await compressor.compress(part, [9, 3, 1][at] ?? 1));
    });
  }
  const file = Buffer.concat(frames);
  const raw = Buffer.concat(parts);
  t.true(raw.equals(zlib.zstdDecompressSync(file)), 'node:zlib');
  t.true(raw.equals(await bytesOf(Readable.from([file]).pipe(await wasmDecoder()))), 'zstd-codec');
  const program = spawnSync('zstd', ['-dc'], { input: file, maxBuffer: 2 * raw.length });
  if (program.error === undefined) t.true(raw.equals(program.stdout), 'the zstd program');
  else t.log('no zstd program here: not compared with it');
});

test('gzip members one after another are one gzip file', async (t) => {
  await withCompressor('gzip', {}, async (compressor) => {
    const parts = [programBytes(segmentRawBytes), noise(1000)];
    const members = await Promise.all(parts.map((part, at) => compressor.compress(part, at === 0 ? 1 : 6)));
    t.true(Buffer.concat(parts).equals(zlib.gunzipSync(Buffer.concat(members))));
  });
});

test('the highest level that may be asked for is made as such and needs no larger window', async (t) => {
  const compressor = await openCompressor('zstd', { zstd: 'node:zlib' });
  const raw = programBytes(segmentRawBytes);
  const stored = await compressor.compress(raw, 19);
  const limit = { params: { [zlib.constants.ZSTD_d_windowLogMax]: 23 } };
  t.true(zlib.zstdDecompressSync(stored, limit).equals(raw));
  await compressor.close();
});

test('the WebAssembly fallback makes level 9 of levels that it has no room for', async (t) => {
  await withCompressor('zstd', { zstd: 'wasm', parallel: 2 }, async (compressor) => {
    const raw = programBytes(3_000_000);
    const [high, nine] = await Promise.all([compressor.compress(raw, 19), compressor.compress(raw, 9)]);
    t.true(high.equals(nine));
  });
});

for (const codec of ['gzip', 'zstd'] as const) {
  test(`a cut ${codec} segment is an error, never a shorter one`, async (t) => {
    const raw = programBytes(1_000_000);
    const stored = await (await openCompressor(codec)).compress(raw, 1);
    await t.throwsAsync(decompressSegment(codec, stored.subarray(0, stored.length / 2), raw.length), {
      code: 'CODEC_FAILED',
    });
  });

  test(`a ${codec} segment that unpacks to more than it says is an error`, async (t) => {
    const raw = Buffer.alloc(1_000_000);
    const stored = await (await openCompressor(codec)).compress(raw, 1);
    await t.throwsAsync(decompressSegment(codec, stored, raw.length - 1), { instanceOf: AirgapError });
    await t.throwsAsync(decompressSegment(codec, stored, 1000), { code: 'CODEC_FAILED' });
    await t.throwsAsync(decompressSegment(codec, stored, raw.length + 1), { code: 'SIZE_MISMATCH' });
  });
}

async function wasmDecoder(): Promise<Transform> {
  const module: { run(use: (binding: { ZstdDecompressTransform: new () => Transform }) => void): void } =
    createRequire(import.meta.url)('zstd-codec/lib/zstd-stream.js');
  const binding = await new Promise<{ ZstdDecompressTransform: new () => Transform }>((resolve) => {
    module.run(resolve);
  });
  return new binding.ZstdDecompressTransform();
}

async function bytesOf(stream: Readable): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}
