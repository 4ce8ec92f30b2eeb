// `--json`: the event stream itself, one event a line. @see docs/events.md
import { AirgapError } from '../errors.js';
import type { AirgapEvent } from '../events.js';
import type { Receipt } from '../receipt/receipt.js';
import type { Output } from './output.js';
import type { Reporter } from './reporter.js';

// JSON.stringify leaves these as they are, and terminals read U+0080–U+009F as control codes.
const raw = /[\u007f-\u009f\u2028\u2029]/g;

/** One line of JSON, safe to show in a terminal. */
export function jsonLine(value: object): string {
  const escaped = (c: string): string => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return `${JSON.stringify(value).replace(raw, escaped)}\n`;
}

/** Writes events as they come, but for the last one: that is written when the result is known (see endLine). */
export function createJsonReporter(stdout: Output, stderr: Output): Reporter {
  const nothing = (): void => undefined;
  return {
    event(event) {
      if (event.type !== 'run.finished' && event.type !== 'run.failed') stdout.raw(jsonLine(event));
    },
    tick: nothing,
    notice: (line) => stderr.lines([line]),
    pause: nothing,
    resume: nothing,
    close: nothing,
  };
}

/** What `error` is in JSON: an error of the table, or a bug. */
export function errorDocument(error: unknown): object {
  if (error instanceof AirgapError) return error.toJSON();
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: 'BUG', message, facts: {}, exitCode: 1 };
}

/** The last line of a run. Says what the result says, whatever the stream said before. */
export function endLine(run: {
  readonly runId: string;
  readonly last: AirgapEvent | undefined;
  readonly receipts: readonly Receipt[];
  readonly startedAt: number;
  readonly now: number;
  readonly failure?: { readonly error: unknown };
}): string {
  const { runId, last, now, failure } = run;
  const durationMs =
    last?.type === 'run.finished' || last?.type === 'run.failed' ? last.durationMs : now - run.startedAt;
  const receipts =
    last?.type === 'run.finished' || last?.type === 'run.failed' ? last.receipts : run.receipts;
  const at = last?.at ?? now;
  const bundle = last?.type === 'run.finished' && last.bundle !== undefined ? { bundle: last.bundle } : {};
  return failure === undefined
    ? jsonLine({ type: 'run.finished', runId, at, receipts, durationMs, ...bundle })
    : jsonLine({ type: 'run.failed', runId, at, error: errorDocument(failure.error), receipts, durationMs });
}

/** The only line of a command that failed before or without a run. */
export function failureLine(error: unknown, now: number): string {
  return jsonLine({ type: 'run.failed', at: now, error: errorDocument(error), receipts: [], durationMs: 0 });
}
