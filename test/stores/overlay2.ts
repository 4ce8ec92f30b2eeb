import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { type ChainId, type DiffId, digestOf, hexOf } from '../../src/oci/digest.js';
import { type Overlay2, openOverlay2 } from '../../src/stores/overlay2.js';
import { readTarSplit } from '../../src/stores/tar-split.js';
import { withTempDir } from '../helpers/tmp.js';

/** A store of one layer whose record is this; one file `a`. */
async function withLayer(
  record: Buffer,
  body: (store: Overlay2, diffId: DiffId, chainId: ChainId) => Promise<void>,
): Promise<void> {
  await withTempDir(async (root) => {
    const diffId = digestOf(record) as DiffId;
    const chainId = diffId as string as ChainId;
    const folder = path.join(root, 'image/overlay2/layerdb/sha256', hexOf(chainId));
    await mkdir(path.join(root, 'image/overlay2/imagedb/content/sha256'), { recursive: true });
    await mkdir(folder, { recursive: true });
    await mkdir(path.join(root, 'overlay2/cafe/diff'), { recursive: true });
    await writeFile(path.join(root, 'overlay2/cafe/diff/a'), 'hello');
    await writeFile(path.join(folder, 'cache-id'), 'cafe');
    await writeFile(path.join(folder, 'diff'), diffId);
    await writeFile(path.join(folder, 'tar-split.json.gz'), gzipSync(record));
    const store = await openOverlay2(root);
    if (store === undefined) throw new Error('no store');
    await body(store, diffId, chainId);
  });
}

const lines = (...entries: readonly object[]): Buffer =>
  Buffer.from(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
const bytesEntry = (text: string): object => ({ type: 2, payload: Buffer.from(text).toString('base64') });

test('a layer is put together from its record, however long one of its lines', async (t) => {
  const long = 'x'.repeat(3_000_000);
  const record = lines(
    bytesEntry('head'),
    { type: 1, name: 'a', size: 5 },
    bytesEntry(long),
    bytesEntry('.'),
  );
  await withLayer(record.subarray(0, -1), async (store, diffId, chainId) => {
    const layer = await store.find(chainId, diffId);
    if (layer === undefined) return t.fail();
    let got = '';
    let size: number | undefined;
    const left = await store.read([layer, layer], async ({ stream, uncompressedBytes }) => {
      size = uncompressedBytes;
      got = (await buffer(stream)).toString();
    });
    t.deepEqual(left, []);
    t.is(got, `headhello${long}.`);
    t.is(size, got.length);
  });
});

test('slabs that wait for a slow reader are not copied into one', async (t) => {
  await withLayer(lines(bytesEntry('x'.repeat(8 << 20))), async (store, diffId, chainId) => {
    const layer = await store.find(chainId, diffId);
    if (layer === undefined) return t.fail();
    const chunks: number[] = [];
    await store.read([layer], async ({ stream, mayFree }) => {
      t.true(mayFree);
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        chunks.push(chunk.byteLength);
        // So long that all the slabs are there that may be.
        if (chunks.length === 1) await setTimeout(200);
      }
    });
    t.deepEqual(chunks, Array(8).fill(1 << 20));
  });
});

test('a stop before the worker has told the size of a layer does not hang', async (t) => {
  await withLayer(lines(bytesEntry('head')), async (store, diffId, chainId) => {
    const layer = await store.find(chainId, diffId);
    if (layer === undefined) return t.fail();
    const controller = new AbortController();
    const reading = store.read([layer], async () => t.fail(), controller.signal);
    controller.abort(new Error('stopped'));
    await t.throwsAsync(reading, { message: 'stopped' });
  });
});

test('a record without an end is refused before it fills the memory', async (t) => {
  await withTempDir(async (folder) => {
    const file = path.join(folder, 'record');
    await writeFile(file, gzipSync(Buffer.alloc(64 << 20, 'x'), { level: 1 }));
    await t.throwsAsync(
      readTarSplit(file, () => undefined),
      { message: /too long/ },
    );
  });
});
