// The reducer: what happens and the state after it, without a screen and without a world.
import test from 'ava';
import type { ActionId } from '../../ui/keys.js';
import type { AppState } from '../../ui/state/app-state.js';
import { shownIds } from '../../ui/state/lists.js';
import { reduce } from '../../ui/state/reduce.js';
import { localTarget } from '../../ui/state/targets.js';
import { sampleReceipt } from '../helpers/samples.js';
import { everyScreen, sampleTarget } from '../helpers/screen-states.js';

const act = (state: AppState, ...actions: readonly ActionId[]): AppState =>
  actions.reduce((now, action) => reduce(now, { type: 'action', action, page: 5, last: 0 }), state);
const on = (name: string): AppState => {
  const state = everyScreen().get(name);
  if (state === undefined) throw new Error(name);
  return state;
};

test('the cursor moves over layers, and Esc takes back the reading, then the settings, then the screen', (t) => {
  const layers = on('layers');
  t.is(act(layers, 'list.first', 'list.down').layerRows.cursor, 1);
  const stopped = act(layers, 'app.back');
  t.is(stopped.screen, 'inspect');
  t.deepEqual(
    [...stopped.layerFiles.values()].map(({ is }) => is),
    ['stopped'],
  );
  const settings = act(stopped, 'inspect.config');
  t.true(settings.showsConfig);
  t.is(act(settings, 'list.down').layerRows.cursor, layers.layerRows.cursor);
  t.is(act(settings, 'app.back').screen, 'inspect');
  t.is(act(settings, 'app.back', 'app.back').screen, 'images');
});

test('another image begins at its first layer', (t) => {
  const next = reduce(on('layers'), { type: 'inspect', id: 'app:2' });
  t.like(next, { inspecting: 'app:2', layerRows: { cursor: 0 }, scroll: 0 });
});

test('a folder is looked through without choosing extras, and Esc takes back its filter, then itself', (t) => {
  const browsing = on('browser');
  t.deepEqual(act(browsing, 'list.toggle').extraRows, browsing.extraRows);
  const filtered = reduce(
    reduce(act(browsing, 'list.filter'), { type: 'edited', edit: { does: 'insert', text: 'file 4' } }),
    {
      type: 'filter.end',
      keep: true,
    },
  );
  t.is(filtered.browser?.rows.filter, 'file 4');
  t.is(filtered.extraRows.filter, '');
  const cleared = act(filtered, 'app.back');
  t.is(cleared.browser?.rows.filter, '');
  t.is(act(cleared, 'app.back').browser, undefined);
  t.is(act(cleared, 'app.back').screen, 'extras');
});

test('a file that is changed stays chosen and is there once', (t) => {
  const words = ['--file', 'a:/opt/a'];
  const added = reduce(on('extras'), { type: 'extra.add', words, from: 'typed' });
  const changed = reduce(added, {
    type: 'extra.add',
    words: ['--file', 'a:/opt/a:640'],
    from: 'typed',
    instead: words.join(' '),
  });
  t.is(changed.extras.filter(({ id }) => id.startsWith('--file')).length, 1);
  t.true(changed.extraRows.chosen.includes('--file a:/opt/a:640'));
  t.false(changed.extraRows.chosen.includes(words.join(' ')));
});

test('what runs joins what was chosen, and the same key lets only that go', (t) => {
  const containers = [true, false].map((running, at) => ({
    name: `c${at}`,
    image: 'a:1',
    running,
    state: '',
    createdAt: undefined,
  }));
  const ready = on('images');
  const state = { ...ready, places: { ...ready.places, containers } };
  const chosen = act(state, 'images.running');
  t.is(chosen.imageTab, 'container');
  t.deepEqual(chosen.imageRows.chosen, [...state.imageRows.chosen, 'container:c0']);
  t.deepEqual(act(chosen, 'images.running').imageRows.chosen, state.imageRows.chosen);
});

test('all-means-drives: all targets are all hosts, and of drives what a filter shows', (t) => {
  const none = { ...on('targets').targetRows, chosen: [] };
  const state = on('targets');
  const targets = { ...state, targets: [localTarget(), ...state.targets], targetRows: none };
  t.deepEqual(act(targets, 'list.all').targetRows.chosen, ['host:web1', 'host:web2']);
  const filtered = { ...targets, targetRows: { ...none, filter: 'usb' } };
  t.deepEqual(act(filtered, 'list.all').targetRows.chosen, ['folder:/media/usb']);
});

test('a target that is added is chosen and has the cursor, also where a filter would hide it', (t) => {
  const before = { ...on('targets'), targetRows: { ...on('targets').targetRows, cursor: 0, filter: 'web1' } };
  const target = sampleTarget('edge9', { from: 'typed' });
  const after = reduce(before, { type: 'target.put', target, instead: undefined });
  t.is(shownIds(after)[after.targetRows.cursor], 'host:edge9');
  t.true(after.targetRows.chosen.includes('host:edge9'));
  const same = reduce(before, {
    type: 'target.put',
    target: sampleTarget('web12', { from: 'typed' }),
    instead: undefined,
  });
  t.is(same.targetRows.filter, 'web1');
  t.is(shownIds(same)[same.targetRows.cursor], 'host:web12');
});

test('slipped-cursor: rows that come while somebody chooses leave the cursor on its row', (t) => {
  const [web1, web2, drive] = [sampleTarget('web1'), sampleTarget('web2'), sampleTarget('usb')];
  const targets = on('targets');
  const here = {
    ...targets,
    targets: [web1, web2],
    targetRows: { ...targets.targetRows, cursor: 1, chosen: [] },
  };
  const filled = reduce(here, { type: 'targets', targets: [drive, web1, web2] });
  t.deepEqual(act(filled, 'list.toggle').targetRows.chosen, [web2.id]);
  const gone = reduce(here, { type: 'targets', targets: [drive] });
  t.is(gone.targetRows.cursor, 1);

  const extras = on('extras');
  const added = shownIds(extras)[extras.extraRows.cursor];
  const found = reduce(extras, {
    type: 'places',
    places: { ...extras.places, files: ['/a.repo', '/b.repo'] },
  });
  t.is(shownIds(found)[found.extraRows.cursor], added);

  const history = on('history');
  const old = shownIds(history)[0];
  const newer = { ...sampleReceipt('web2'), id: 'newer', startedAt: '2999-01-01T00:00:00.000Z' };
  const { receipts } = history;
  const value = [newer, ...(receipts.is === 'ready' ? receipts.value : [])];
  const later = reduce(history, { type: 'receipts', receipts: { is: 'ready', value } });
  t.deepEqual([shownIds(later)[0], shownIds(later)[later.historyRows.cursor]], ['newer', old]);
});
