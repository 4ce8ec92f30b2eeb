// How far package sets have come: an item for each, whose bytes add up to the set's.
import test from 'ava';
import type { EventBody } from '../../src/events.js';
import { followPackages } from '../../src/runs/follow-set.js';

test('each set is one item from its first byte to its last, whatever files it has, and the bytes pass unchanged', async (t) => {
  const file = (path: string, text: string) => ({
    path,
    size: Buffer.byteLength(text),
    open: () => [Buffer.from(text.slice(0, 2)), Buffer.from(text.slice(2))],
  });
  const events: EventBody[] = [];
  const given = [file('a/one.deb', 'first'), file('a/Packages', ''), file('b/two.rpm', 'second')];
  const followed = followPackages(given, (event) => events.push(event));
  t.deepEqual(
    followed.map(({ path, size }) => [path, size]),
    given.map(({ path, size }) => [path, size]),
  );
  const read: string[] = [];
  for (const one of followed) {
    let whole = '';
    for await (const chunk of one.open()) whole += Buffer.from(chunk).toString();
    read.push(whole);
  }
  t.deepEqual(read, ['first', '', 'second']);
  const told = events.map((event) =>
    'id' in event && 'phase' in event
      ? [
          event.type,
          event.id,
          'doneBytes' in event ? event.doneBytes : 'totalBytes' in event && event.totalBytes,
        ]
      : [],
  );
  t.deepEqual(
    told.filter(([type]) => type !== 'item.progress'),
    [
      ['item.started', 'pack:packages/a', 5],
      ['item.finished', 'pack:packages/a', 5],
      ['item.started', 'pack:packages/b', 6],
      ['item.finished', 'pack:packages/b', 6],
    ],
  );
  t.true(
    told.some(([type, id, bytes]) => type === 'item.progress' && id === 'pack:packages/b' && bytes === 2),
  );
});
