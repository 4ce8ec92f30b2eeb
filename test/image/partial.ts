import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import test from 'ava';
import { isAirgapError } from '../../src/errors.js';
import { detectCompression, uncompressed, unpackLimit } from '../../src/image/partial.js';
import { randomBytesOf } from '../helpers/images.js';
import { tarOf } from '../helpers/tar-bytes.js';

const content = Buffer.concat([Buffer.alloc(300_000, 'abc '), randomBytesOf('partial', 200_000)]);
const skippable = Buffer.from([0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);

function chunked(bytes: Buffer, size: number): Readable {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.byteLength; at += size) chunks.push(bytes.subarray(at, at + size));
  return Readable.from(chunks, { objectMode: false });
}

async function unpack(
  bytes: Buffer,
  codec: 'gzip' | 'zstd',
  chunkBytes = 65_536,
  limitBytes = 2 ** 40,
): Promise<Buffer> {
  return await buffer(uncompressed(chunked(bytes, chunkBytes), { codec, what: 'a layer', limitBytes }));
}

const parts = [
  content.subarray(0, 100_000),
  content.subarray(100_000, 100_010),
  Buffer.alloc(0),
  content.subarray(100_010),
];

test('zstd frames that end inside a chunk lose nothing', async (t) => {
  // node:zlib's own stream ends at the first of them, without an error.
  const frames = Buffer.concat(parts.map((part) => zstdCompressSync(part)));
  for (const chunkBytes of [1, 7, 1000, 65_536, 1_000_000]) {
    t.deepEqual(await unpack(frames, 'zstd', chunkBytes), content, `${chunkBytes}`);
  }
});

test('gzip members are one stream', async (t) => {
  const members = Buffer.concat(parts.map((part) => gzipSync(part)));
  for (const chunkBytes of [7, 1000, 1_000_000])
    t.deepEqual(await unpack(members, 'gzip', chunkBytes), content);
});

test('zstd frames with checksum, content size, runs and skippable frames are read', async (t) => {
  const checked = (bytes: Buffer): Buffer =>
    zstdCompressSync(bytes, {
      params: { [constants.ZSTD_c_checksumFlag]: 1 },
      pledgedSrcSize: bytes.byteLength,
    });
  const pieces = [
    Buffer.alloc(70_000),
    Buffer.alloc(255, 1),
    Buffer.alloc(256, 2),
    randomBytesOf('x', 70_000),
  ];
  const bytes = Buffer.concat([skippable, ...pieces.flatMap((piece) => [checked(piece), skippable])]);
  t.deepEqual(await unpack(bytes, 'zstd', 100), Buffer.concat(pieces));
  t.deepEqual(await unpack(Buffer.concat([skippable, skippable]), 'zstd'), Buffer.alloc(0));
});

for (const codec of ['gzip', 'zstd'] as const) {
  test(`${codec} that ends anywhere is truncated`, async (t) => {
    const pack = codec === 'gzip' ? gzipSync : zstdCompressSync;
    const one = pack(content);
    const two = Buffer.concat([pack(content), pack(Buffer.from('tail'))]);
    for (const bytes of [one, two]) {
      for (const cut of [2, 5, 9, 100, bytes.byteLength >> 1, bytes.byteLength - 9, bytes.byteLength - 1]) {
        if (bytes === two && cut === one.byteLength) continue;
        const error = await t.throwsAsync(unpack(bytes.subarray(0, cut), codec));
        t.true(isAirgapError(error, 'ARCHIVE_TRUNCATED'), `${cut}: ${error?.stack}`);
      }
    }
  });

  test(`${codec} with rubbish behind or inside is refused`, async (t) => {
    const bytes = (codec === 'gzip' ? gzipSync : zstdCompressSync)(content);
    const rubbish = await t.throwsAsync(unpack(Buffer.concat([bytes, Buffer.from('rubbish!')]), codec));
    t.true(isAirgapError(rubbish, 'ARCHIVE_INVALID'), rubbish?.stack);
    const wrong = await t.throwsAsync(unpack(Buffer.concat([bytes.subarray(0, 3), content]), codec));
    t.true(isAirgapError(wrong), wrong?.stack);
  });

  test(`${codec} beyond its limit is a bomb`, async (t) => {
    const bytes = (codec === 'gzip' ? gzipSync : zstdCompressSync)(Buffer.alloc(5_000_000));
    const error = await t.throwsAsync(unpack(bytes, codec, 65_536, 4_000_000));
    t.true(isAirgapError(error, 'ARCHIVE_BOMB'));
    t.is((await unpack(bytes, codec, 65_536, 5_000_000)).byteLength, 5_000_000);
  });
}

test('an error of the source comes through as it is', async (t) => {
  const failure = new Error('cable');
  for (const codec of ['gzip', 'zstd'] as const) {
    const bytes = codec === 'gzip' ? gzipSync(content) : zstdCompressSync(content);
    const source = Readable.from(
      (async function* () {
        yield bytes.subarray(0, 1000);
        throw failure;
      })(),
      { objectMode: false },
    );
    t.is(await t.throwsAsync(buffer(uncompressed(source, { codec, what: 'x', limitBytes: 1e9 }))), failure);
  }
});

test('ending the result ends the source', async (t) => {
  for (const codec of ['gzip', 'zstd'] as const) {
    const source = chunked(codec === 'gzip' ? gzipSync(content) : zstdCompressSync(content), 100);
    const result = uncompressed(source, { codec, what: 'x', limitBytes: 1e9 });
    for await (const _chunk of result) break;
    if (!source.closed) await new Promise((resolve) => source.once('close', resolve));
    t.true(source.destroyed);
  }
});

test('compression is told by the bytes, and a tar is never taken for one', (t) => {
  t.is(detectCompression(gzipSync('x')), 'gzip');
  t.is(detectCompression(zstdCompressSync('x')), 'zstd');
  t.is(detectCompression(skippable), 'zstd');
  t.is(detectCompression(Buffer.from('BZh91AY')), 'bzip2');
  t.is(detectCompression(Buffer.alloc(0)), 'none');
  const tar = tarOf([{ path: 'x', content: 'y' }]);
  tar[0] = 0x1f;
  tar[1] = 0x8b;
  t.is(detectCompression(tar), 'none');
});

test('the unpack limit refuses ten gigabytes in ten megabytes and allows four in none', (t) => {
  t.true(unpackLimit(10_000_000) < 10_000_000_000);
  t.true(unpackLimit(1000) > 4_000_000_000);
});
