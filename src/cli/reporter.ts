// What shows a run while it goes: live lines, append-only lines, JSON lines or nothing. Chosen in one place.
import type { AirgapEvent } from '../events.js';
import type { Line } from '../views/line.js';
import type { Output } from './output.js';
import { createJsonReporter } from './report-json.js';
import { createLinesReporter, createLiveReporter } from './report-text.js';

export interface Reporter {
  /** Every event, once, in order. */
  event(event: AirgapEvent): void;
  /** Time passes: called about ten times a second. */
  tick(now: number): void;
  /** A sentence of the command line itself, such as that it is stopping. */
  notice(line: Line): void;
  /** Leaves the terminal to a question, and takes it back. */
  pause(): void;
  resume(): void;
  /** Nothing of it is left on the terminal afterwards but what stays. May be called twice. */
  close(): void;
}

/** How a command was asked to report. */
export interface ReportOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  /** Hosts of the run, where it has hosts. */
  readonly hostCount: number;
  /** The whole plan is printed at the end: on the way it is told in short. */
  readonly dryRun?: boolean;
}

/** The reporter for these options and this terminal. Progress goes to stderr, JSON to stdout. */
export function chooseReporter(
  options: ReportOptions,
  outputs: { readonly stdout: Output; readonly stderr: Output },
): Reporter {
  if (options.json) return createJsonReporter(outputs.stdout, outputs.stderr);
  if (options.quiet) return createQuietReporter(outputs.stderr);
  if (outputs.stderr.isLive) return createLiveReporter(outputs.stderr, options.hostCount);
  return createLinesReporter(outputs.stderr, options.hostCount);
}

function createQuietReporter(stderr: Output): Reporter {
  const nothing = (): void => undefined;
  return {
    event: nothing,
    tick: nothing,
    notice: (line) => stderr.lines([line]),
    pause: nothing,
    resume: nothing,
    close: nothing,
  };
}
