// airgap push: the run is followed, then the plan or the receipt is printed.
import { errorCodes } from '../../errors.js';
import { text } from '../../text/text.js';
import type { Line } from '../../views/line.js';
import { viewPushPlan } from '../../views/push.js';
import { viewResult } from '../../views/receipt.js';
import { type Flags, isSet } from '../flags.js';
import { followRun } from '../follow-run.js';
import { exitCodeOf, printError } from '../print-error.js';
import { readPush } from '../push-flags.js';
import type { World } from '../world.js';

/** @returns the exit code. @throws {AirgapError} for a line that says nonsense */
export async function push(world: World, args: readonly string[], flags: Flags): Promise<number> {
  const options = readPush(args, flags);
  const json = isSet(flags, 'json');
  const quiet = isSet(flags, 'quiet');
  const dryRun = options.dryRun === true;
  const core = await world.openCore();
  const outcome = await followRun(core.push(options), world, {
    json,
    quiet,
    yes: isSet(flags, 'yes'),
    hostCount: 1,
    dryRun,
  });
  const columns = world.stdout.reportColumns();
  if (!outcome.ok) {
    printError(outcome.error, world, { json, told: true });
    return exitCodeOf(outcome.error, world);
  }
  const { plan, receipt } = outcome.value;
  if (!json && !quiet) {
    const lines: Line[] =
      receipt === undefined
        ? [...viewPushPlan(plan, columns), '', text().words.push.ready]
        : viewResult(receipt, columns);
    world.stdout.lines(lines);
  }
  const [refused] = plan.refusals;
  return refused === undefined ? 0 : errorCodes[refused.code].exitCode;
}
