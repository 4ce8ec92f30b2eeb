// Follows one run for the screen: its events in handfuls, since nobody reads faster than ten times a second, and its questions.
import type { AirgapEvent } from '../src/events.js';
import type { Run } from '../src/runs/run.js';

export interface Follower {
  /** Events since the last call, in order. */
  told?(events: readonly AirgapEvent[]): void;
  /** Somebody must answer with `run.answer`. Without this every question is declined. */
  asked?(event: Extract<AirgapEvent, { type: 'prompt.needed' }>): void;
}

const everyMs = 100;

/** @returns what the run results in. @throws what it is rejected with */
export async function follow<T>(run: Run<T>, follower: Follower): Promise<T> {
  let waiting: AirgapEvent[] = [];
  const flush = (): void => {
    if (waiting.length === 0) return;
    const events = waiting;
    waiting = [];
    follower.told?.(events);
  };
  const timer = setInterval(flush, everyMs);
  // A question that nobody answers any more must not keep the process.
  timer.unref();
  try {
    for await (const event of run.events) {
      waiting.push(event);
      if (event.type !== 'prompt.needed') continue;
      if (follower.asked === undefined) run.answer(event.id, undefined);
      else follower.asked(event);
    }
    return await run.result;
  } finally {
    clearInterval(timer);
    flush();
  }
}
