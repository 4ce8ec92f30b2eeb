// A list that is filtered, moved through and chosen from: a pure reducer over the ids of its rows.
import { type Edit, edited, type Typed } from './typing.js';

export interface ListState {
  /** Place of the cursor among the rows that pass the filter. */
  readonly cursor: number;
  readonly filter: string;
  /** The filter is being typed. */
  readonly typing: boolean;
  /** Letters of the filter behind the cursor. */
  readonly behind?: number;
  /** Ids, in the order they were chosen; also those that the filter hides. */
  readonly chosen: readonly string[];
}

export const emptyList: ListState = { cursor: 0, filter: '', typing: false, chosen: [] };

export type ListEvent =
  | { readonly type: 'move'; readonly by: number }
  | { readonly type: 'to'; readonly row: number }
  | { readonly type: 'toggle' }
  | { readonly type: 'all' }
  | { readonly type: 'choose'; readonly ids: readonly string[] }
  | { readonly type: 'filter' }
  | { readonly type: 'edit'; readonly edit: Edit }
  | { readonly type: 'accept' }
  | { readonly type: 'clear' };

/** The next state. `ids`: the rows that pass the filter, in order. */
export function reduceList(state: ListState, event: ListEvent, ids: readonly string[]): ListState {
  const inside = (row: number): number => Math.max(0, Math.min(ids.length - 1, row));
  switch (event.type) {
    case 'move':
      return { ...state, cursor: inside(inside(state.cursor) + event.by) };
    case 'to':
      return { ...state, cursor: inside(event.row) };
    case 'toggle': {
      const id = ids[inside(state.cursor)];
      if (id === undefined) return state;
      return { ...state, chosen: toggled(state.chosen, id), cursor: inside(state.cursor + 1) };
    }
    case 'all': {
      const isAll = ids.every((id) => state.chosen.includes(id));
      const others = state.chosen.filter((id) => !ids.includes(id));
      return { ...state, chosen: isAll ? others : [...others, ...ids] };
    }
    case 'choose':
      return { ...state, chosen: event.ids };
    case 'filter':
      return { ...state, typing: true, behind: 0 };
    case 'edit': {
      const { value, behind } = edited(filterOf(state), event.edit);
      return { ...state, filter: value, behind, cursor: value === state.filter ? state.cursor : 0 };
    }
    case 'accept':
      return { ...state, typing: false };
    case 'clear':
      return { ...state, typing: false, filter: '', cursor: 0 };
  }
}

/** The filter as a line that is typed. */
export const filterOf = ({ filter, behind = 0 }: ListState): Typed => ({ value: filter, behind });

function toggled(chosen: readonly string[], id: string): readonly string[] {
  return chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id];
}

/** Whether a row is to be seen: every word of the filter is in it, in any order, whatever the case. */
export function passes(filter: string, row: string): boolean {
  const there = row.toLowerCase();
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => there.includes(word));
}

/** First and one past the last row to draw, so that the cursor is seen. */
export function windowOf(
  count: number,
  cursor: number,
  room: number,
): { readonly from: number; readonly to: number } {
  const rows = Math.max(0, Math.min(room, count));
  const at = Math.max(0, Math.min(count - 1, cursor));
  const from = Math.min(Math.max(0, at - Math.floor(rows / 2)), Math.max(0, count - rows));
  return { from, to: from + rows };
}
