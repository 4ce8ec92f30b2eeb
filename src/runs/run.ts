// A run: one id, its events as they happen, a result that alone says success, a way to stop it and to answer it.
import { randomUUID } from 'node:crypto';
import { AirgapError, isAirgapError } from '../errors.js';
import type { AirgapEvent, Ask, Emit, EventBody, Prompt } from '../events.js';

export interface Run<T> {
  readonly id: string;
  /** Every event once; may be read by one reader. Ends after the last event. */
  readonly events: AsyncIterable<AirgapEvent>;
  /** Rejects with what went wrong, CANCELLED after cancel(). */
  readonly result: Promise<T>;
  /** Stops cleanly: the result settles when the clean-up is done. */
  cancel(): void;
  /** Answers a prompt.needed; undefined declines. */
  answer(promptId: string, value: string | undefined): void;
}

/** What the body of a run gets. */
export interface RunContext {
  readonly runId: string;
  readonly signal: AbortSignal;
  readonly emit: Emit;
  readonly ask: Ask;
}

// At most 10 progress events a second and item: eyes need no more, and a 40 ms link has better things to carry.
const progressIntervalMs = 100;

export interface RunOptions {
  /** What has arrived when it is stopped is kept for the next one; true where absent. */
  readonly isResumable?: boolean;
}

/** Starts a run. Progress is thinned per item here, and only here; starts, ends and warnings all pass. */
export function startRun<T>(
  body: (context: RunContext) => Promise<T>,
  { isResumable: resumable = true }: RunOptions = {},
): Run<T> {
  const runId = randomUUID();
  const controller = new AbortController();
  const queue = createEventQueue();
  const lastProgress = new Map<string, number>();
  const prompts = new Map<string, (value: string | undefined) => void>();

  const emit: Emit = (event: EventBody) => {
    const at = Date.now();
    const key = progressKey(event);
    if (key !== undefined) {
      const isLast = 'doneBytes' in event && 'totalBytes' in event && event.doneBytes === event.totalBytes;
      if (!isLast && at - (lastProgress.get(key) ?? 0) < progressIntervalMs) return;
      lastProgress.set(key, at);
    }
    queue.push({ ...event, runId, at } as AirgapEvent);
  };
  const ask: Ask = async (prompt: Prompt) => {
    const id = randomUUID();
    const answered = new Promise<string | undefined>((resolve) => prompts.set(id, resolve));
    emit({ type: 'prompt.needed', id, prompt });
    return await answered;
  };
  const cancelPrompts = (): void => {
    for (const resolve of prompts.values()) resolve(undefined);
    prompts.clear();
  };
  controller.signal.addEventListener('abort', cancelPrompts);

  const result = (async () => {
    try {
      return await body({ runId, signal: controller.signal, emit, ask });
    } catch (error) {
      if (controller.signal.aborted && !isAirgapError(error, 'CANCELLED')) {
        throw new AirgapError('CANCELLED', { resumable }, { cause: error });
      }
      throw error;
    } finally {
      queue.end();
    }
  })();
  result.catch(() => undefined);

  return {
    id: runId,
    events: queue,
    result,
    cancel: () => controller.abort(new AirgapError('CANCELLED', { resumable })),
    answer: (promptId, value) => {
      prompts.get(promptId)?.(value);
      prompts.delete(promptId);
    },
  };
}

/** What the event is progress of; undefined for what must not be lost. */
function progressKey(event: EventBody): string | undefined {
  if (event.type === 'item.progress') return event.id;
  if (event.type === 'host.progress') return `host:${event.host}`;
  return event.type === 'layer.files' && !event.isWhole ? `files:${event.diffId}` : undefined;
}

interface EventQueue extends AsyncIterable<AirgapEvent> {
  push(event: AirgapEvent): void;
  end(): void;
}

function createEventQueue(): EventQueue {
  const waiting: AirgapEvent[] = [];
  let wake: (() => void) | undefined;
  let ended = false;
  return {
    push(event) {
      waiting.push(event);
      wake?.();
    },
    end() {
      ended = true;
      wake?.();
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        const event = waiting.shift();
        if (event !== undefined) {
          yield event;
        } else if (ended) {
          return;
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    },
  };
}
