// What every run of the core has in common: its first and its last event.
import { AirgapError, isAirgapError } from '../errors.js';
import { eventsVersion } from '../events.js';
import type { Receipt } from '../receipt/receipt.js';
import { type Run, type RunContext, startRun } from './run.js';

/** A run whose first event is run.started and whose last is run.finished or run.failed, with the receipts so far. */
export function reported<T>(
  tool: string,
  command: string,
  body: (context: RunContext, done: Receipt[]) => Promise<T>,
): Run<T> {
  return startRun(async (context) => {
    const startedAt = Date.now();
    const done: Receipt[] = [];
    const durationMs = (): number => Date.now() - startedAt;
    context.emit({ type: 'run.started', version: eventsVersion, command, tool });
    try {
      const result = await body(context, done);
      context.emit({ type: 'run.finished', receipts: done, durationMs: durationMs() });
      return result;
    } catch (error) {
      const cancelled = context.signal.aborted && !isAirgapError(error, 'CANCELLED');
      const told = cancelled ? new AirgapError('CANCELLED', { resumable: true }, { cause: error }) : error;
      if (isAirgapError(told)) {
        context.emit({ type: 'run.failed', error: told.toJSON(), receipts: done, durationMs: durationMs() });
      }
      throw told;
    }
  });
}
