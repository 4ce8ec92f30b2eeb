// The biggest files of a layer, out of real archives: each layer is streamed once, and nothing of it is trusted.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import test from 'ava';
import { AirgapError } from '../../src/errors.js';
import type { EventBody } from '../../src/events.js';
import type { Image } from '../../src/image/image.js';
import { digestOf, parseDiffId } from '../../src/oci/digest.js';
import { listLayerFiles } from '../../src/runs/layer-files.js';
import { createDockerArchiveStore } from '../../src/stores/archive.js';
import { walkLayer } from '../../src/stores/walk-layer.js';
import { dockerHybrid, type TestLayer, testImage } from '../helpers/images.js';
import { paxEntry, type TarPart, tarOf } from '../helpers/tar-bytes.js';
import { withTempDir } from '../helpers/tmp.js';

const layerOf = (parts: readonly (TarPart | Buffer)[], end = true): TestLayer => {
  const whole = tarOf(parts);
  const tar = end ? whole : whole.subarray(0, -1024);
  return { tar, diffId: parseDiffId(digestOf(tar), 'test') };
};
const file = (path: string, bytes: number): TarPart => ({ path, content: Buffer.alloc(bytes, 7) });
const many = layerOf([
  { path: 'dev/null', type: '3' },
  { path: 'run/pipe', type: '6' },
  { path: '/from/the/root', content: 'x' },
  { path: 'copy', type: '1', link: 'big', size: 5000 },
  ...Array.from({ length: 60 }, (_, n) => file(`f${n}`, n)),
  file('big', 5000),
  paxEntry({ path: 'evil\u001b[2J' }),
  file('short', 4000),
]);
const small = layerOf([{ path: 'only/', type: '5' }], false);
const controller = new AbortController();

async function listFrom(
  layers: readonly TestLayer[],
  layer: string | undefined,
  signal = controller.signal,
): Promise<{ found: Awaited<ReturnType<typeof listLayerFiles>>; events: EventBody[] }> {
  const events: EventBody[] = [];
  let found: Awaited<ReturnType<typeof listLayerFiles>> = [];
  await withTempDir(async (folder) => {
    const path = join(folder, 'images.tar');
    await writeFile(path, dockerHybrid([testImage({ name: 'docker.io/plant/app:1', layers })]));
    const store = createDockerArchiveStore({ path });
    try {
      const image = await store.open(undefined);
      const emit = (event: EventBody): void => void events.push(event);
      found = await listLayerFiles({ image, walk: walkLayer, layer }, { emit, signal });
    } finally {
      await store.close();
    }
  });
  return { found, events };
}

test('twenty files at most, biggest first, whatever else the layer holds', async (t) => {
  const { found, events } = await listFrom([small, many], '2');
  t.is(found.length, 1);
  t.is(found[0]?.diffId, many.diffId);
  t.is(found[0]?.fileCount, 63);
  t.deepEqual(
    found[0]?.biggest.slice(0, 3).map(({ path, bytes }) => [path, bytes]),
    [
      ['big', 5000],
      ['evil\u001b[2J', 4000],
      ['f59', 59],
    ],
  );
  t.is(found[0]?.biggest.length, 20);
  const whole = events.flatMap((event) => (event.type === 'layer.files' ? [event.isWhole] : []));
  t.true(whole.length > 1);
  t.deepEqual(whole.indexOf(true), whole.length - 1);
});

test('layers are named by number, by the beginning of a diffID, or are all meant', async (t) => {
  t.deepEqual(
    (await listFrom([small, many], undefined)).found.map(({ diffId, fileCount }) => [diffId, fileCount]),
    [
      [small.diffId, 0],
      [many.diffId, 63],
    ],
  );
  const byDigest = await listFrom([small, many], many.diffId.slice(0, 'sha256:'.length + 12));
  t.is(byDigest.found[0]?.diffId, many.diffId);
  for (const layer of ['3', '0', 'zz', 'ffffffffffff'])
    await t.throwsAsync(listFrom([small, many], layer), { code: 'LAYER_UNKNOWN' });
});

const imageOf = (layer: TestLayer, chunks: () => AsyncIterable<Buffer>, known = true): Image => ({
  ...({} as Image),
  source: 'test',
  layers: [{ diffId: layer.diffId, codec: 'none' }],
  readLayers: async ({ sink }) =>
    await sink({
      diffId: known ? layer.diffId : undefined,
      uncompressedBytes: undefined,
      stream: Readable.from(chunks(), { objectMode: false }),
    }),
});
const context = { emit: () => undefined, signal: controller.signal };

test('a layer of other bytes is told, not shown', async (t) => {
  const image = imageOf(many, async function* () {
    yield small.tar;
  });
  await t.throwsAsync(listLayerFiles({ image, walk: walkLayer, layer: '1' }, context), {
    code: 'DIGEST_MISMATCH',
  });
});

test('a layer that only its digest names is found by it', async (t) => {
  const image = imageOf(
    many,
    async function* () {
      yield many.tar;
    },
    false,
  );
  const [found] = await listLayerFiles({ image, walk: walkLayer, layer: '1' }, context);
  t.is(found?.fileCount, 63);
});

test('a reading that never ends is cancelled, and a cut layer is an error', async (t) => {
  const stop = new AbortController();
  const endless = imageOf(many, async function* () {
    yield many.tar.subarray(0, 512 * 8);
    for (;;) {
      yield Buffer.alloc(512, 0);
      stop.abort(new AirgapError('CANCELLED', { resumable: true }));
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
  const options = { walk: walkLayer, layer: '1' };
  await t.throwsAsync(listLayerFiles({ image: endless, ...options }, { ...context, signal: stop.signal }), {
    code: 'CANCELLED',
  });
  const cut = imageOf(many, async function* () {
    yield many.tar.subarray(0, -2000);
  });
  await t.throwsAsync(listLayerFiles({ image: cut, ...options }, context), { code: 'ARCHIVE_TRUNCATED' });
});
