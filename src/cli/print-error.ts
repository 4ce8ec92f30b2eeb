// The end of a command that failed: the sentence, what to do, the code; and the exit code of the table.
import { AirgapError } from '../errors.js';
import { text } from '../text/text.js';
import { type Line, span } from '../views/line.js';
import { failureLine } from './report-json.js';
import { stopExitCodes } from './stop.js';
import type { World } from './world.js';

/** What the process ends with for this error. A signal's own code wins over CANCELLED's. */
export function exitCodeOf(error: unknown, world: Pick<World, 'stop'>): number {
  if (!(error instanceof AirgapError)) return 1;
  const { received } = world.stop;
  return error.code === 'CANCELLED' && received !== undefined ? stopExitCodes[received] : error.exitCode;
}

/** Tells the error on stderr, or as the only JSON line on stdout when nothing else has told it. */
export function printError(
  error: unknown,
  world: World,
  how: { readonly json: boolean; readonly told: boolean },
): void {
  if (how.json && !how.told) world.stdout.raw(failureLine(error, Date.now()));
  if (!how.json || !(error instanceof AirgapError)) world.stderr.lines(errorLines(error));
}

/** The lines for people. A bug keeps its stack: it is for whoever mends it. */
export function errorLines(error: unknown): Line[] {
  const { words } = text();
  if (error instanceof AirgapError) {
    return [
      [span('error', words.error), `${error.message} [${error.code}]`],
      ...(error.hint === undefined ? [] : [[span('strong', words.hint), `${error.hint}`]]),
    ];
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return [...stack.split('\n'), [span('error', words.error), `${words.bug} [BUG]`]];
}
