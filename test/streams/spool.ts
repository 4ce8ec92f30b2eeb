import { Readable } from 'node:stream';
import zlib from 'node:zlib';
import anyTest from 'ava';
import { AirgapError } from '../../src/errors.js';
import type { Codec } from '../../src/oci/descriptor.js';
import { type Digest, digestOf } from '../../src/oci/digest.js';
import { openSpool, type Spool } from '../../src/streams/spool.js';
import { segmentRawBytes } from '../../src/streams/spool-types.js';
import {
  collect,
  diffIdOf,
  fillOptions,
  mebibyte,
  mixedBytes,
  noise,
  pieces,
  programBytes,
  readAll,
  sourceOf,
} from '../helpers/layers.js';
import { withTempDir } from '../helpers/tmp.js';

// One after another: each holds tens of megabytes.
const test = anyTest.serial;

async function withSpool(use: (spool: Spool, directory: string) => Promise<void>): Promise<void> {
  await withTempDir(async (directory) => {
    const spool = await openSpool({ directory, cores: 2 });
    try {
      await use(spool, directory);
    } finally {
      await spool.close();
    }
  });
}

const decoders: Readonly<Record<Codec, (stored: Buffer) => Buffer>> = {
  none: (stored) => stored,
  gzip: zlib.gunzipSync,
  zstd: zlib.zstdDecompressSync,
};

test('chunks that may be freed are, and the layer is whole; others stay', async (t) => {
  for (const mayFree of [true, false]) {
    const tar = mixedBytes(9 * mebibyte);
    const diffId = diffIdOf(tar);
    const chunks = [...pieces(tar, 100_000)].map((piece) => Buffer.concat([piece]));
    await withSpool(async (spool) => {
      const source = { diffId, uncompressedBytes: tar.length, stream: Readable.from(chunks), mayFree };
      await spool.fill(source, fillOptions(diffId, { codecs: ['none'] }));
      t.true((await readAll(spool.reader(diffId, 'none'))).equals(tar));
    });
    t.is(
      chunks.every((chunk) => chunk.length === 0),
      mayFree,
    );
  }
});

for (const codec of ['none', 'gzip', 'zstd'] as const) {
  test(`a layer spooled as ${codec} is read back as one valid blob with its diffID`, async (t) => {
    const tar = mixedBytes(20 * mebibyte + 321);
    const diffId = diffIdOf(tar);
    await withSpool(async (spool) => {
      const result = await spool.fill(sourceOf(tar), fillOptions(diffId, { codecs: [codec] }));
      t.deepEqual(result, { diffId, rawBytes: tar.length, kept: true });
      const reader = spool.reader(diffId, codec);
      t.is(await reader.rawBytes, tar.length);
      const segments = await collect(reader.segments());
      t.deepEqual(
        segments.map(({ index, rawBytes }) => [index, rawBytes]),
        [
          [0, segmentRawBytes],
          [1, segmentRawBytes],
          [2, 4 * mebibyte + 321],
        ],
      );
      t.true(segments.every(({ level }) => level === (codec === 'none' ? 0 : 1)));
      t.is(digestOf(decoders[codec](await readAll(reader))), diffId);
    });
  });
}

test('readers opened before the fill follow it while it grows', async (t) => {
  const tar = mixedBytes(40 * mebibyte);
  const diffId = diffIdOf(tar);
  await withSpool(async (spool) => {
    const release = Promise.withResolvers<void>();
    async function* halting(): AsyncGenerator<Buffer> {
      yield* pieces(tar.subarray(0, 24 * mebibyte));
      await release.promise;
      yield* pieces(tar.subarray(24 * mebibyte));
    }
    const one = spool.reader(diffId, 'zstd');
    const other = spool.reader(diffId, 'zstd');
    const bytes = { diffId, uncompressedBytes: tar.length, stream: Readable.from(halting()) };
    const fill = spool.fill(bytes, fillOptions(diffId));
    const seen: number[] = [];
    for await (const segment of one.segments()) {
      seen.push(segment.index);
      t.is(digestOf(await one.read(segment)), segment.digest);
      // Three segments came although the stream stands still.
      if (segment.index === 2) release.resolve();
    }
    t.deepEqual(seen, [0, 1, 2, 3, 4]);
    t.is(digestOf(zlib.zstdDecompressSync(await readAll(other))), diffId);
    await fill;
  });
});

test('raw buffers given back early are not overwritten while another reader has them', async (t) => {
  const tar = noise(60 * mebibyte);
  const diffId = diffIdOf(tar);
  await withSpool(async (spool) => {
    const readers = [1, 2, 3].map(() => spool.reader(diffId, 'none'));
    const fill = spool.fill(sourceOf(tar), fillOptions(diffId, { codecs: ['none'] }));
    await Promise.all(
      readers.map(async (reader, number) => {
        const held: { bytes: Buffer; digest: Digest }[] = [];
        for await (const segment of reader.segments()) {
          held.push({ bytes: await reader.read(segment), digest: segment.digest });
          if (held.length <= number) continue;
          await new Promise((resolve) => setImmediate(resolve));
          const oldest = held.shift();
          if (oldest === undefined) continue;
          t.is(digestOf(oldest.bytes), oldest.digest);
          reader.release?.(oldest.bytes);
        }
        for (const { bytes, digest } of held) t.is(digestOf(bytes), digest);
      }),
    );
    await fill;
  });
});

test('one reading of the source makes several codecs', async (t) => {
  const tar = programBytes(18 * mebibyte);
  const diffId = diffIdOf(tar);
  await withSpool(async (spool) => {
    let read = 0;
    await spool.fill(
      sourceOf(tar),
      fillOptions(diffId, { codecs: ['none', 'zstd', 'gzip'], onProgress: (bytes) => (read += bytes) }),
    );
    t.is(read, tar.length);
    const { rawBytes, whole } = spool.layer(diffId);
    t.is(rawBytes, tar.length);
    t.deepEqual([...whole.keys()], ['none', 'gzip', 'zstd']);
    t.is(whole.get('none'), tar.length);
    for (const codec of whole.keys())
      t.true(tar.equals(decoders[codec](await readAll(spool.reader(diffId, codec)))));
  });
});

test('levels may change from segment to segment', async (t) => {
  const tar = programBytes(30 * mebibyte);
  const diffId = diffIdOf(tar);
  await withSpool(async (spool) => {
    const levels = [1, 9, 3, 6];
    await spool.fill(sourceOf(tar), fillOptions(diffId, { chooseLevel: () => levels.shift() ?? 1 }));
    const reader = spool.reader(diffId, 'zstd');
    const segments = await collect(reader.segments());
    t.deepEqual(segments.map(({ level }) => level).sort(), [1, 3, 6, 9]);
    t.true(tar.equals(zlib.zstdDecompressSync(await readAll(reader))));
  });
});

test('a finished layer is found by the next run, and nothing of it is made again', async (t) => {
  const tar = programBytes(20 * mebibyte);
  const diffId = diffIdOf(tar);
  await withSpool(async (spool, directory) => {
    await spool.fill(sourceOf(tar), fillOptions(diffId));
    await spool.close();
    const next = await openSpool({ directory });
    t.true(next.layer(diffId).whole.has('zstd'));
    t.true(tar.equals(zlib.zstdDecompressSync(await readAll(next.reader(diffId, 'zstd')))));
    const options = fillOptions(diffId);
    await next.fill(sourceOf(tar), options);
    t.is(options.made.length, 0);
    await next.close();
  });
});

test('a stream with another digest than its diffID is thrown away, and its readers fail', async (t) => {
  const tar = programBytes(20 * mebibyte);
  const diffId = diffIdOf(Buffer.from('another layer'));
  await withSpool(async (spool) => {
    const reader = spool.reader(diffId, 'zstd');
    const following = collect(reader.segments());
    const error = await t.throwsAsync(spool.fill(sourceOf(tar, diffId), fillOptions(diffId)));
    t.like(error, { code: 'DIGEST_MISMATCH', facts: { got: diffIdOf(tar), want: diffId } });
    t.is(await t.throwsAsync(following), error);
    t.is(await t.throwsAsync(reader.rawBytes), error);
    const { rawBytes, known } = spool.layer(diffId);
    t.is(rawBytes, undefined);
    t.is(known.size, 0);
    t.deepEqual(await spool.rows(), []);
  });
});

test('the size that a source tells is known before its bytes; one that lied fails whoever follows', async (t) => {
  const tar = programBytes(1000);
  const diffId = diffIdOf(tar);
  await withSpool(async (spool) => {
    const bytes = { ...sourceOf(tar), uncompressedBytes: 1001 };
    const reader = spool.reader(diffId, 'zstd');
    const following = collect(reader.segments());
    await t.throwsAsync(spool.fill(bytes, fillOptions(diffId)), { code: 'SIZE_MISMATCH' });
    t.is(await reader.rawBytes, 1001);
    await t.throwsAsync(following, { code: 'SIZE_MISMATCH' });
  });
});

test('a source that breaks keeps what was made, and the next try makes only the rest', async (t) => {
  const tar = mixedBytes(40 * mebibyte);
  const diffId = diffIdOf(tar);
  await withSpool(async (spool) => {
    async function* breaking(): AsyncGenerator<Buffer> {
      yield* pieces(tar.subarray(0, 30 * mebibyte));
      throw new Error('cable out');
    }
    const following = collect(spool.reader(diffId, 'zstd').segments());
    const bytes = { diffId, uncompressedBytes: undefined, stream: Readable.from(breaking()) };
    const error = await t.throwsAsync(spool.fill(bytes, fillOptions(diffId)), { code: 'SOURCE_GONE' });
    t.is(await t.throwsAsync(following), error);
    const options = fillOptions(diffId);
    const reader = spool.reader(diffId, 'zstd');
    await spool.fill(sourceOf(tar), options);
    t.is(options.made.length, 2);
    t.true(tar.equals(zlib.zstdDecompressSync(await readAll(reader))));
  });
});

test('an AirgapError of the source passes unchanged', async (t) => {
  const diffId = diffIdOf(Buffer.from('x'));
  await withSpool(async (spool) => {
    const broken = new AirgapError('ARCHIVE_TRUNCATED', { path: 'x.tar' });
    const stream = new Readable({ read: () => undefined });
    stream.destroy(broken);
    const filling = spool.fill({ diffId, uncompressedBytes: undefined, stream }, fillOptions(diffId));
    t.is(await t.throwsAsync(filling), broken);
  });
});

test('an abort ends a fill whose source stands still, and destroys the stream', async (t) => {
  const diffId = diffIdOf(Buffer.from('x'));
  await withSpool(async (spool) => {
    const controller = new AbortController();
    const stream = new Readable({ read: () => undefined });
    stream.push(noise(1000));
    const bytes = { diffId, uncompressedBytes: undefined, stream };
    const filling = spool.fill(bytes, fillOptions(diffId, { signal: controller.signal }));
    const reason = new AirgapError('CANCELLED', { resumable: true });
    setImmediate(() => controller.abort(reason));
    t.is(await t.throwsAsync(filling), reason);
    t.true(stream.destroyed);
  });
});

test('an abort ends a reader that waits', async (t) => {
  await withSpool(async (spool) => {
    const controller = new AbortController();
    const reader = spool.reader(diffIdOf(Buffer.from('x')), 'zstd');
    const following = collect(reader.segments({ signal: controller.signal }));
    controller.abort(new Error('enough'));
    await t.throwsAsync(following, { message: 'enough' });
  });
});

test('fail lets waiting readers fail, and later ones wait again', async (t) => {
  const tar = programBytes(1000);
  const diffId = diffIdOf(tar);
  await withSpool(async (spool) => {
    const following = collect(spool.reader(diffId, 'zstd').segments());
    spool.fail(new Error('no source'));
    await t.throwsAsync(following, { message: 'no source' });
    const later = readAll(spool.reader(diffId, 'zstd'));
    await spool.fill(sourceOf(tar), fillOptions(diffId));
    t.true(tar.equals(zlib.zstdDecompressSync(await later)));
  });
});

test('a layer that only its digest names is kept, and its readers start', async (t) => {
  const tar = mixedBytes(20 * mebibyte);
  const diffId = diffIdOf(tar);
  await withSpool(async (spool) => {
    const following = readAll(spool.reader(diffId, 'zstd'));
    const result = await spool.fill({ ...sourceOf(tar), diffId: undefined }, fillOptions(diffId));
    t.deepEqual(result, { diffId, rawBytes: tar.length, kept: true });
    t.true(tar.equals(zlib.zstdDecompressSync(await following)));
    t.is(spool.layer(diffId).rawBytes, tar.length);
  });
});

test('a nameless layer that nobody wants is an error, unless it was said that it may pass', async (t) => {
  const tar = programBytes(1000);
  const diffId = diffIdOf(tar);
  const wanted = diffIdOf(Buffer.from('another'));
  await withSpool(async (spool) => {
    const nameless = () => ({ ...sourceOf(tar), diffId: undefined });
    await t.throwsAsync(spool.fill(nameless(), fillOptions(wanted)), { code: 'DIGEST_MISMATCH' });
    const passing = fillOptions(wanted, { passing: new Set([diffId]) });
    t.deepEqual(await spool.fill(nameless(), passing), { diffId, rawBytes: 1000, kept: false });
    t.deepEqual(await spool.rows(), []);
  });
});

test('two fills of one layer at once are refused, with the number of the process that has it', async (t) => {
  const tar = noise(segmentRawBytes);
  const diffId = diffIdOf(tar);
  await withSpool(async (spool, directory) => {
    const started = Promise.withResolvers<void>();
    const controller = new AbortController();
    const stream = new Readable({ read: () => undefined });
    stream.push(tar);
    const first = spool.fill(
      { diffId, uncompressedBytes: undefined, stream },
      fillOptions(diffId, { signal: controller.signal, onProgress: () => started.resolve() }),
    );
    await started.promise;
    const other = await openSpool({ directory });
    const error = await t.throwsAsync(other.fill(sourceOf(tar), fillOptions(diffId)));
    t.like(error, { code: 'SPOOL_BUSY', facts: { pid: process.pid } });
    // Another codec of the same layer is another file.
    await other.fill(sourceOf(tar), fillOptions(diffId, { codecs: ['none'] }));
    controller.abort(new Error('enough'));
    await t.throwsAsync(first, { message: 'enough' });
    await other.fill(sourceOf(tar), fillOptions(diffId));
    await other.close();
  });
});
