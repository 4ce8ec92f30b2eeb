// The reducer: what happens and the state after it, without a screen and without a world.
import test from 'ava';
import type { ActionId } from '../../ui/keys.js';
import type { AppState } from '../../ui/state/app-state.js';
import { reduce } from '../../ui/state/reduce.js';
import { everyScreen } from '../helpers/screen-states.js';

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
