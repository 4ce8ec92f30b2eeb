// The list that is moved through, filtered and chosen from.
import test from 'ava';
import { emptyList, passes, reduceList, windowOf } from '../../ui/state/list.js';

const ids = ['a', 'b', 'c'];

test('the cursor stays within the list, also when the list has shrunk', (t) => {
  t.is(reduceList(emptyList, { type: 'move', by: -5 }, ids).cursor, 0);
  t.is(reduceList(emptyList, { type: 'move', by: Number.POSITIVE_INFINITY }, ids).cursor, 2);
  t.is(reduceList({ ...emptyList, cursor: 9 }, { type: 'move', by: -1 }, ids).cursor, 1);
  t.is(reduceList(emptyList, { type: 'move', by: 1 }, []).cursor, 0);
});

test('choosing moves on, so that space, space, space chooses three', (t) => {
  const three = ids.reduce((state) => reduceList(state, { type: 'toggle' }, ids), emptyList);
  t.deepEqual(three.chosen, ids);
  t.deepEqual(reduceList(three, { type: 'toggle' }, ids).chosen, ['a', 'b']);
  t.deepEqual(reduceList(emptyList, { type: 'toggle' }, []), emptyList);
});

test('all that is shown is chosen, and no more; again, and none of it is', (t) => {
  const some = { ...emptyList, chosen: ['hidden'] };
  const all = reduceList(some, { type: 'all' }, ids);
  t.deepEqual(all.chosen, ['hidden', ...ids]);
  t.deepEqual(reduceList(all, { type: 'all' }, ids).chosen, ['hidden']);
});

test('a filter is typed, kept or taken back', (t) => {
  const typing = reduceList(emptyList, { type: 'filter' }, ids);
  const typed = reduceList(typing, { type: 'edit', edit: { does: 'insert', text: '镜像' } }, ids);
  t.like(reduceList(typed, { type: 'accept' }, ids), { filter: '镜像', typing: false });
  t.like(reduceList(typed, { type: 'edit', edit: { does: 'erase' } }, ids), { filter: '镜', typing: true });
  t.like(reduceList(typed, { type: 'clear' }, ids), { filter: '', typing: false });
});

test('every word of a filter must be there, in any order and case', (t) => {
  t.true(passes('NGINX 1.2', 'nginx:1.27'));
  t.true(passes('27 ng', 'nginx:1.27'));
  t.false(passes('nginx redis', 'nginx:1.27'));
  t.true(passes('', 'anything'));
});

test('the cursor is always in the window', (t) => {
  for (let cursor = 0; cursor < 30; cursor += 1) {
    const { from, to } = windowOf(30, cursor, 7);
    t.true(from <= cursor && cursor < to && to - from === 7, `${cursor}: ${from} to ${to}`);
  }
  t.deepEqual(windowOf(3, 0, 7), { from: 0, to: 3 });
});
