import { Readable } from 'node:stream';
import test from 'ava';
import type { StagedSegment } from '../../src/far/facts.js';
import type { Image } from '../../src/image/image.js';
import { digestOf } from '../../src/oci/digest.js';
import { startFeed } from '../../src/runs/feed.js';
import { createLevelChooser } from '../../src/streams/level.js';
import { openSpool, type Spool } from '../../src/streams/spool.js';
import { segmentRawBytes } from '../../src/streams/spool-types.js';
import { diffIdOf, fillOptions, mebibyte, pieces, programBytes, sourceOf } from '../helpers/layers.js';
import { withTempDir } from '../helpers/tmp.js';

const tar = programBytes(18 * mebibyte);
const diffId = diffIdOf(tar);

/** The codec in which the layer travels when a run begins; a fast link prefers raw, a slow one zstd. */
async function codecOf(spool: Spool, linkRate: number, staged: readonly StagedSegment[]): Promise<string> {
  const image = {
    readGroup: 'one',
    layers: [{ diffId }],
    readLayers: async ({ sink }: { sink: (layer: object) => Promise<void> }) => await sink(sourceOf(tar)),
  } as unknown as Image;
  const feed = startFeed({
    spool,
    images: [image],
    wanted: new Map([[diffId, [{ codec: 'zstd', orRaw: true }]]]),
    staged,
    levels: createLevelChooser({ cores: 2, linkRate }),
    emit: () => undefined,
    signal: new AbortController().signal,
  });
  const { codec } = await feed.open(diffId, { codec: 'zstd', orRaw: true });
  await feed.done;
  return codec;
}

/** A fill that breaks off in the second segment. */
async function leaveHalf(spool: Spool, codec: 'none' | 'zstd'): Promise<void> {
  function* half(): Generator<Buffer> {
    yield* pieces(tar.subarray(0, 12 * mebibyte));
    throw new Error('killed');
  }
  const source = { ...sourceOf(tar), stream: Readable.from(half()) };
  await spool.fill(source, fillOptions(diffId, { codecs: [codec] })).catch(() => undefined);
}

const fast = 1e10;
const slow = 1e5;
const whole = (bytes: number): StagedSegment => ({
  diffId,
  index: 0,
  digest: digestOf('x'),
  bytes,
  whole: true,
});

test('without anything left, the link decides between raw and packed', async (t) => {
  for (const [rate, codec] of [
    [fast, 'none'],
    [slow, 'zstd'],
  ] as const) {
    await withTempDir(async (directory) => {
      const spool = await openSpool({ directory, cores: 2 });
      t.is(await codecOf(spool, rate, []), codec);
      await spool.close();
    });
  }
});

test('a run that was killed goes on in the form it had begun, whatever the link says now', async (t) => {
  for (const [rate, bytes, codec] of [
    [slow, segmentRawBytes, 'none'],
    [fast, 2_000_000, 'zstd'],
  ] as const) {
    await withTempDir(async (directory) => {
      const spool = await openSpool({ directory, cores: 2 });
      t.is(await codecOf(spool, rate, [whole(bytes)]), codec, 'what is staged');
      await spool.close();
    });
  }
  for (const [rate, codec] of [
    [slow, 'none'],
    [fast, 'zstd'],
  ] as const) {
    await withTempDir(async (directory) => {
      const killed = await openSpool({ directory, cores: 2 });
      await leaveHalf(killed, codec);
      await killed.close();
      const spool = await openSpool({ directory, cores: 2 });
      t.is(await codecOf(spool, rate, []), codec, 'what is spooled');
      await spool.close();
    });
  }
});
