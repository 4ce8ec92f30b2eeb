// What the parts of the controller have in common: the world, the state, and how they ask and tell.
import { AirgapError } from '../src/errors.js';
import type { Doors } from './doors.js';
import type { AppState, Told } from './state/app-state.js';
import type { AppEvent } from './state/events.js';

export interface Parts {
  readonly doors: Doors;
  readonly state: () => AppState;
  readonly dispatch: (event: AppEvent) => void;
}

/** Shows a question of a run; `give` gets the answer. */
export type Asking = (
  question: AppState['questions'][number],
  give: (value: string | undefined) => void,
) => void;

/** What runs of the screen do with questions. */
export interface Questions {
  readonly ask: Asking;
  /** Nobody needs an answer of this run any more. */
  readonly withdraw: (runId: string) => void;
}

/** An error as the screen shows it. A bug keeps its name: it is for whoever mends it. */
export function told(error: unknown): Told {
  if (error instanceof AirgapError) return { code: error.code, message: error.message, hint: error.hint };
  return { code: 'BUG', message: error instanceof Error ? error.message : String(error), hint: undefined };
}
