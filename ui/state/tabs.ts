// The screens that have a tab, and to which tab the others belong.
import type { ScreenName } from '../keys.js';

/** The screens that have a tab, in order. */
export const tabs = ['images', 'targets', 'extras', 'plan', 'run', 'history'] as const;

/** The tab that a screen belongs to. */
export function tabOf(screen: ScreenName): (typeof tabs)[number] {
  if (screen === 'inspect') return 'images';
  if (screen === 'options') return 'plan';
  return screen === 'proof' ? 'history' : screen;
}
