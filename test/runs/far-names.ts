import test from 'ava';
import { AirgapError } from '../../src/errors.js';
import type { Far } from '../../src/far/facts.js';
import { leftoverNames, type NameChange, previousName, setNames } from '../../src/runs/far-names.js';

const client = 'c0ffee00c0ffee00';
const call = { engine: 'docker', sudo: 'no' } as const;

/** A far engine with names; setting `failing` works, but its answer is lost. */
function createEngine(tags: Record<string, string>, failing?: string) {
  const names = new Map(Object.entries(tags));
  const far: Pick<Far, 'name' | 'revert'> = {
    async name(_, { from, to, previous, noClobber }) {
      const before = names.get(to);
      const moves = before !== undefined && before !== from;
      if (moves && noClobber === true) throw new AirgapError('NAME_TAKEN', { host: 'box', name: to });
      if (moves) names.set(previous, before);
      names.set(to, from);
      if (to === failing) throw new AirgapError('SSH_LOST', { host: 'box', detail: 'cut' });
      return moves ? before : undefined;
    },
    async revert(_, { name, farId, previous }) {
      if (names.get(name) !== farId) return;
      const before = previous === undefined ? undefined : names.get(previous);
      if (before === undefined) names.delete(name);
      else names.set(name, before);
    },
  };
  return { far: far as Far, names };
}

const change = (to: string, farId: string, movesFrom?: string): NameChange => ({
  from: farId,
  farId,
  to,
  movesFrom,
});

test('a naming that fails leaves neither new names nor moved ones', async (t) => {
  const { far, names } = createEngine({ 'b:1': 'old-b', 'c:1': 'old-c' }, 'c:1');
  const changes = [change('a:1', 'new-a'), change('b:1', 'new-b', 'old-b'), change('c:1', 'new-c', 'old-c')];
  await t.throwsAsync(setNames({ far, call, client, noClobber: false }, changes), { code: 'SSH_LOST' });
  for (const { to } of changes) names.delete(previousName(client, to));
  t.deepEqual(Object.fromEntries(names), { 'b:1': 'old-b', 'c:1': 'old-c' });
});

test('a name that appeared after the plan goes back as well, or is refused under --no-clobber', async (t) => {
  const { far, names } = createEngine({ 'a:1': 'theirs' }, 'b:1');
  const changes = [change('a:1', 'new-a'), change('b:1', 'new-b')];
  await t.throwsAsync(setNames({ far, call, client, noClobber: false }, changes), { code: 'SSH_LOST' });
  t.is(names.get('a:1'), 'theirs');
  t.false(names.has('b:1'));
  const again = setNames({ far, call, client, noClobber: true }, changes);
  await t.throwsAsync(again, { code: 'NAME_TAKEN' });
  t.is(names.get('a:1'), 'theirs');
});

test('names that hold what was there differ by the real name, and are known as left-overs', (t) => {
  const names = ['a:1', 'b:1'].map((name) => previousName(client, name));
  t.not(names[0], names[1]);
  t.deepEqual(leftoverNames([...names, 'a:1', previousName('0123456789abcdef', 'a:1')], client), names);
  t.regex(names[0] ?? '', /^airgap\.local\/previous:[0-9a-f]{16}-[0-9a-f]{40}$/);
});
