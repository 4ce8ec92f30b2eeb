// What a first transfer still lacks. Pure.
import type { AppState } from './app-state.js';
import { chosenExtras } from './extras.js';
import { chosenSources, chosenTargets } from './rows.js';

/** The screen where the next thing is to be done. */
export function nextScreen(state: AppState): 'images' | 'targets' | 'plan' {
  if (chosenSources(state).length + chosenExtras(state).length === 0) return 'images';
  return chosenTargets(state).length === 0 ? 'targets' : 'plan';
}
