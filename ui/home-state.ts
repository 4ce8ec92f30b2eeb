// What the first screen shows, as a pure reducer: the images, which one is chosen, and the window of the list that fits.
import type { Core } from '../src/runs/api.js';

/** What Core.images gives. */
type ImageList = Awaited<ReturnType<Core['images']>>;

/** `loading` until the stores have answered; `failed` if that could not be. */
export type HomeState =
  | { readonly screen: 'loading' }
  | { readonly screen: 'failed'; readonly message: string }
  | { readonly screen: 'list'; readonly list: ImageList; readonly chosen: number };

export type HomeEvent =
  | { readonly type: 'loaded'; readonly list: ImageList }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'move'; readonly by: number };

/** The next state. The choice stays within the list. */
export function reduceHome(state: HomeState, event: HomeEvent): HomeState {
  switch (event.type) {
    case 'loaded':
      return { screen: 'list', list: event.list, chosen: 0 };
    case 'failed':
      return { screen: 'failed', message: event.message };
    case 'move': {
      if (state.screen !== 'list') return state;
      const last = Math.max(0, state.list.images.length - 1);
      return { ...state, chosen: Math.min(last, Math.max(0, state.chosen + event.by)) };
    }
  }
}

/** First and one past the last row to draw, so that the chosen one is always seen. */
export function windowOf(
  count: number,
  chosen: number,
  room: number,
): { readonly from: number; readonly to: number } {
  const rows = Math.max(1, Math.min(room, count));
  const from = Math.min(Math.max(0, chosen - Math.floor(rows / 2)), Math.max(0, count - rows));
  return { from, to: Math.min(count, from + rows) };
}
