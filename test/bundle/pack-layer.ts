// Tests of packing layers one after another: the next is read while the last is written, but never written before it.
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import { packLayer } from '../../src/bundle/pack-layer.js';
import type { BlobWriter, PlacedBlob } from '../../src/bundle/volumes.js';
import { digestOf } from '../../src/oci/digest.js';
import { createFramePool } from '../../src/streams/frame-pool.js';
import { segmentRawBytes } from '../../src/streams/spool-types.js';

const tar = Buffer.alloc(3 * segmentRawBytes + 512, 'a');

/** Notes what it is told; `write` may fail. */
function notingWriter(notes: string[], write: () => Promise<void> = async () => undefined): BlobWriter {
  const blob: PlacedBlob = { digest: digestOf(Buffer.from('')), bytes: 0, pieces: [], contents: [] };
  return {
    async write() {
      notes.push('write');
      await write();
    },
    async end() {
      notes.push('end');
      return blob;
    },
    async discard() {
      notes.push('discard');
    },
  };
}

function layerOf(stream: Readable, poolSize = 5) {
  const pool = createFramePool(poolSize);
  const compress = async (raw: Buffer): Promise<Buffer> => Buffer.from(digestOf(raw));
  return { diffId: undefined, isWanted: () => true, stream, pool, compress };
}

test('a layer is read and compressed, but not written, while the one before it is not whole', async (t) => {
  const notes: string[] = [];
  const before = Promise.withResolvers<void>();
  const read = Promise.withResolvers<void>();
  const packing = packLayer({
    ...layerOf(Readable.from([tar])),
    writer: notingWriter(notes),
    after: before.promise,
    onRead: read.resolve,
  });
  await read.promise;
  await setImmediate();
  t.deepEqual(notes, []);
  before.resolve();
  t.is((await packing)?.rawBytes, tar.length);
  t.deepEqual(notes, ['write', 'write', 'write', 'write', 'end']);
});

test('where the layer before failed, nothing is written and its error is told', async (t) => {
  const notes: string[] = [];
  const writer = notingWriter(notes);
  const after = Promise.reject(new Error('before'));
  const packing = packLayer({ ...layerOf(Readable.from([tar]), 1), writer, after });
  await t.throwsAsync(packing, { message: 'before' });
  t.deepEqual(notes, ['discard']);
});

test('after a write that failed no other is tried, and the source is left', async (t) => {
  const notes: string[] = [];
  const writer = notingWriter(notes, () => Promise.reject(new Error('no room')));
  const stream = Readable.from(
    (async function* () {
      // More than any pool holds: whoever read on would never come back.
      for (;;) yield tar.subarray(0, segmentRawBytes);
    })(),
  );
  await t.throwsAsync(packLayer({ ...layerOf(stream), writer }), { message: 'no room' });
  t.deepEqual(notes, ['write', 'discard']);
  t.true(stream.destroyed);
});
