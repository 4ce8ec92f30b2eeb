// Tests of the cursor: what it gave out whole belongs to whoever got it.
import test from 'ava';
import { createCursor } from '../../src/image/bytes-cursor.js';
import { freeRead } from '../../src/streams/free-bytes.js';
import { pieces } from '../helpers/layers.js';

const large = 256 * 1024;

async function* given(...chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks;
}

test('a chunk that its reader freed does not break the end of the stream', async (t) => {
  const cursor = createCursor(given(Buffer.alloc(large, 'a')));
  t.is((await cursor.take(512)).byteLength, 512);
  let count = 0;
  for await (const part of cursor.chunks(2 * large)) {
    count += part.byteLength;
    freeRead(part);
  }
  t.is(count, large - 512);
  t.is((await cursor.take(512)).byteLength, 0);
  t.is(await cursor.skip(1), 0);
  t.is(cursor.position, large);
});

test('bytes that are still ahead stay when those before them are freed', async (t) => {
  const cursor = createCursor(
    given(...[...pieces(Buffer.alloc(3 * large, 'b'), large)].map((one) => Buffer.from(one))),
  );
  for await (const part of cursor.chunks(large + 100)) freeRead(part);
  const rest = await cursor.take(2 * large);
  t.is(rest.byteLength, 2 * large - 100);
  t.true(rest.every((byte) => byte === 0x62));
});
