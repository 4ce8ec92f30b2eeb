// Tests of freeing by hand: what was read goes, what others still have stays.
import test from 'ava';
import { chunkBytes, fitted, freeing, freeNow, freeRead, takeChunk } from '../../src/streams/free-bytes.js';

const large = 256 * 1024;

async function* given(...chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks;
}

test('a chunk is freed when the next is asked for, not before', async (t) => {
  const chunks = [Buffer.alloc(large, 'a'), Buffer.alloc(large, 'b')];
  const reader = freeing(given(...chunks));
  const first = await reader.next();
  t.is(first.value?.toString('latin1', 0, 1), 'a');
  const second = await reader.next();
  t.is(chunks[0]?.length, 0);
  t.is(second.value?.toString('latin1', 0, 1), 'b');
  t.true((await reader.next()).done);
  t.is(chunks[1]?.length, 0);
});

test('a buffer whose end is still to be read stays', (t) => {
  const whole = Buffer.alloc(large, 'a');
  freeRead(whole.subarray(0, large - 512));
  t.is(whole.length, large);
  freeRead(whole.subarray(large - 512));
  t.is(whole.length, 0);
});

test("a chunk cut from Node's shared slab takes nothing of others with it", (t) => {
  // So many that some end where their slab ends.
  const cut = Array.from({ length: 64 }, (_, at) => Buffer.allocUnsafe(4096).fill(at));
  const slabs = new Set(cut.map(({ buffer }) => buffer));
  t.true(slabs.size < cut.length);
  for (const chunk of cut) freeRead(chunk);
  t.true(cut.every((chunk, at) => chunk.length === 4096 && chunk[0] === at));
});

test('a buffer of the size of that slab is freed if it is one chunk, as a pipe gives them', (t) => {
  const chunk = Buffer.allocUnsafeSlow(Buffer.poolSize);
  freeRead(chunk);
  t.is(chunk.length, 0);
});

test('memory shared between threads is left alone', (t) => {
  const shared = Buffer.from(new SharedArrayBuffer(large));
  freeNow(shared);
  t.is(shared.length, large);
});

test('a chunk that was freed is used again, and gone for who had it', (t) => {
  const first = takeChunk();
  t.is(first.length, chunkBytes);
  first.write('airgap');
  freeRead(first);
  t.is(first.length, 0);
  const second = takeChunk();
  t.is(second.length, chunkBytes);
  t.is(second.toString('latin1', 0, 6), 'airgap');
  t.not(takeChunk().buffer, second.buffer);
});

test('a part of a chunk does not take the rest with it', (t) => {
  const chunk = takeChunk();
  freeRead(chunk.subarray(0, 512));
  t.is(chunk.length, chunkBytes);
});

test('bytes in a much larger buffer are kept in one of their size', (t) => {
  const large = Buffer.allocUnsafeSlow(4 * chunkBytes);
  const kept = fitted(large.fill('a').subarray(0, 1000));
  t.is(kept.buffer.byteLength, 1000);
  t.true(kept.equals(Buffer.alloc(1000, 'a')));
  t.is(large.length, 0);
  t.is(fitted(kept), kept);
});
