// The cursor of a list that fills while a person reads: it stays on its row, wherever that goes. Pure.
import type { AppState } from './app-state.js';
import type { AppEvent } from './events.js';
import { listOf, shownIds, withList } from './lists.js';

/** What the world tells of rows; all other rows a person changes, who sees what becomes of them. */
const fills: ReadonlySet<AppEvent['type']> = new Set([
  'images',
  'places',
  'targets',
  'folder.look',
  'receipts',
]);

/** The state after such an event, with the cursor on the row that it was on: what is chosen next is what was looked at. */
export function withSteadyCursor(before: AppState, after: AppState, { type }: AppEvent): AppState {
  const list = listOf(before);
  if (list === undefined || !fills.has(type)) return after;
  const ids = shownIds(before);
  const id = ids[Math.max(0, Math.min(ids.length - 1, list.cursor))];
  const row = id === undefined ? -1 : shownIds(after).indexOf(id);
  return row < 0 ? after : withList(after, { type: 'to', row });
}
