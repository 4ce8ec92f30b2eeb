// A target that was added or changed: it is chosen, and the cursor stands on it. Pure.
import type { AppState } from './app-state.js';
import type { AppEvent } from './events.js';
import { shownTargets } from './rows.js';

export function withTarget(
  state: AppState,
  { target, instead }: Extract<AppEvent, { type: 'target.put' }>,
): AppState {
  const { targetRows } = state;
  const targets = [...state.targets.filter(({ id }) => id !== target.id && id !== instead), target];
  const chosen = [...new Set([...targetRows.chosen.filter((id) => id !== instead), target.id])];
  const rowIn = (filter: string): number =>
    shownTargets({ ...state, targets, targetRows: { ...targetRows, filter } }).findIndex(
      ({ id }) => id === target.id,
    );
  // A filter that would hide it goes.
  const filter = rowIn(targetRows.filter) < 0 ? '' : targetRows.filter;
  return {
    ...state,
    targets,
    targetRows: { ...targetRows, chosen, filter, cursor: Math.max(0, rowIn(filter)) },
    planning: { is: 'none' },
  };
}
