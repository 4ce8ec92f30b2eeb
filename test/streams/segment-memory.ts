import test from 'ava';
import { createSegmentMemory } from '../../src/streams/segment-memory.js';

function setUp(maxCount: number, maxBytes = 1000) {
  const freed: Buffer[] = [];
  const memory = createSegmentMemory({ maxCount, maxBytes, free: (bytes) => freed.push(bytes) });
  return { memory, freed };
}

test('the entry not asked for longest goes first, and is freed', (t) => {
  const { memory, freed } = setUp(2);
  const [a, b, c] = [Buffer.alloc(1), Buffer.alloc(2), Buffer.alloc(3)];
  memory.put('a', a);
  memory.put('b', b);
  memory.release(memory.get('a') ?? b);
  memory.put('c', c);
  t.deepEqual(freed, [b]);
  t.is(memory.get('a'), a);
  t.is(memory.get('b'), undefined);
});

test('an entry that readers have is freed only when the last has given it back', (t) => {
  const { memory, freed } = setUp(1);
  const a = Buffer.alloc(1);
  memory.put('a', a);
  memory.get('a');
  memory.get('a');
  memory.put('b', Buffer.alloc(1));
  t.deepEqual(freed, []);
  memory.release(a);
  t.deepEqual(freed, []);
  memory.release(a);
  t.is(freed[0], a);
  memory.release(a);
  t.is(freed.length, 1);
});

test('a sum of bytes is kept, but always the newest entry', (t) => {
  const { memory, freed } = setUp(10, 100);
  memory.put('a', Buffer.alloc(60));
  memory.put('b', Buffer.alloc(60));
  t.is(freed.length, 1);
  memory.put('c', Buffer.alloc(200));
  t.is(freed.length, 2);
  t.is(memory.get('c')?.length, 200);
});

test('dropping a layer frees its segments', (t) => {
  const { memory, freed } = setUp(10);
  memory.put('x 1', Buffer.alloc(1));
  memory.put('y 1', Buffer.alloc(1));
  memory.drop('x ');
  t.is(freed.length, 1);
  t.is(memory.get('x 1'), undefined);
});

test('slow-readers: what is lent counts, so nothing new is kept beside it', (t) => {
  const freed: Buffer[] = [];
  const memory = createSegmentMemory({ maxCount: 4, maxBytes: 30, free: (bytes) => freed.push(bytes) });
  const [a, b, c] = [1, 2, 3].map((value) => Buffer.alloc(10, value)) as [Buffer, Buffer, Buffer];
  for (const [key, bytes] of [
    ['a', a],
    ['b', b],
    ['c', c],
  ] as const) {
    t.true(memory.offer(key, bytes));
    t.is(memory.get(key), bytes);
  }
  const late = Buffer.alloc(10, 4);
  t.false(memory.offer('d', late));
  memory.release(a);
  t.true(memory.offer('d', late));
  t.deepEqual(freed, [a]);
  t.is(memory.get('a'), undefined);
  t.is(memory.get('b'), b);
});
