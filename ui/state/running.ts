// One key chooses every container that runs here.
import type { AppState } from './app-state.js';

/** Everything that runs here: shown as it is chosen, and let go by the same key. */
export function withRunning(state: AppState): AppState {
  const running = state.places.containers.filter((one) => one.running).map(({ name }) => `container:${name}`);
  const { chosen } = state.imageRows;
  const others = chosen.filter((id) => !running.includes(id));
  const isAll = running.every((id) => chosen.includes(id));
  const imageRows = {
    ...state.imageRows,
    filter: '',
    cursor: state.imageTab === 'container' ? state.imageRows.cursor : 0,
    chosen: isAll ? others : [...others, ...running],
  };
  return { ...state, imageTab: 'container', imageRows, planning: { is: 'none' } };
}
