// What every run of the core has in common: its first and its last event.
import { AirgapError, isAirgapError } from '../errors.js';
import { type BundleReport, type Emit, eventsVersion } from '../events.js';
import type { Receipt } from '../receipt/receipt.js';
import type { ExportResult } from './api.js';
import { type Run, type RunContext, startRun } from './run.js';

/** What is stopped before its end has done nothing: they ask, and write at the end, at once. */
const allOrNothing: ReadonlySet<string> = new Set(['login', 'mirror-config']);

/**
 * A run whose first event is run.started and whose last is run.finished or run.failed, with the receipts so far. `bundleOf` tells
 * what an export has written; it gets the warnings that there were.
 */
export function reported<T>(
  tool: string,
  command: string,
  body: (context: RunContext, done: Receipt[]) => Promise<T>,
  bundleOf: (result: T, warnings: BundleReport['warnings']) => BundleReport | undefined = () => undefined,
): Run<T> {
  const isResumable = !allOrNothing.has(command);
  const run = async (context: RunContext): Promise<T> => {
    const startedAt = Date.now();
    const done: Receipt[] = [];
    const warnings: { readonly code: string; readonly message: string }[] = [];
    const emit: Emit = (event) => {
      if (event.type === 'warning') warnings.push({ code: event.code, message: event.message });
      context.emit(event);
    };
    const durationMs = (): number => Date.now() - startedAt;
    context.emit({ type: 'run.started', version: eventsVersion, command, tool });
    try {
      const result = await body({ ...context, emit }, done);
      const bundle = bundleOf(result, warnings);
      context.emit({
        type: 'run.finished',
        receipts: done,
        durationMs: durationMs(),
        ...(bundle === undefined ? {} : { bundle }),
      });
      return result;
    } catch (error) {
      const cancelled = context.signal.aborted && !isAirgapError(error, 'CANCELLED');
      const told = cancelled
        ? new AirgapError('CANCELLED', { resumable: isResumable }, { cause: error })
        : error;
      if (isAirgapError(told)) {
        context.emit({ type: 'run.failed', error: told.toJSON(), receipts: done, durationMs: durationMs() });
      }
      throw told;
    }
  };
  return startRun(run, { isResumable });
}

/** What the last event of an export tells of it; nothing of a plan. */
export function bundleReport(
  { place, written }: ExportResult,
  warnings: BundleReport['warnings'],
): BundleReport | undefined {
  return written === undefined ? undefined : { place, ...written, warnings };
}
