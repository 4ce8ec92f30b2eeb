// Lets a question that nobody has called be seen before it takes an answer: keys that were on their way when it came were meant
// for what stood there before.
import type { Parts } from './parts.js';
import { comeUnasked } from './state/asked.js';

export interface Patience {
  /** After a picture has been drawn. */
  settle(): void;
  close(): void;
}

// As long as a person who types needs to see it and to stop.
const seenMs = 500;

export function createPatience({ state, dispatch }: Parts): Patience {
  let waiting: { readonly id: string; readonly timer: NodeJS.Timeout } | undefined;
  const stop = (): void => {
    clearTimeout(waiting?.timer);
    waiting = undefined;
  };
  return {
    settle() {
      const id = comeUnasked(state());
      if (id === waiting?.id) return;
      stop();
      if (id === undefined || id === state().listening) return;
      waiting = { id, timer: setTimeout(() => dispatch({ type: 'listens', id }), seenMs) };
    },
    close: stop,
  };
}
