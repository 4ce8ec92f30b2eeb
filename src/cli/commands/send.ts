// airgap send and airgap plan: the run is followed, then plans or receipts are printed, also those of hosts that
// worked while others failed.
import { errorCodes, isAirgapError } from '../../errors.js';
import { text } from '../../text/text.js';
import { type Flags, isSet, readSend } from '../flags.js';
import { followRun } from '../follow-run.js';
import type { Line } from '../line.js';
import { exitCodeOf, printError } from '../print-error.js';
import { viewPlan } from '../view-plan.js';
import { viewResult } from '../view-receipt.js';
import type { World } from '../world.js';

/** @returns the exit code. @throws {AirgapError} for a line that says nonsense */
export async function send(
  world: World,
  args: readonly string[],
  flags: Flags,
  command: 'send' | 'plan',
): Promise<number> {
  const options = readSend(args, flags, command);
  const json = isSet(flags, 'json');
  const quiet = isSet(flags, 'quiet');
  const core = await world.openCore();
  const outcome = await followRun(core.send(options), world, {
    json,
    quiet,
    yes: isSet(flags, 'yes'),
    hostCount: options.hosts.length,
  });
  const plans = options.dryRun ? (outcome.ok ? outcome.value.plans : outcome.plans) : [];
  const receipts = outcome.ok ? outcome.value.receipts : outcome.receipts;
  const columns = world.stdout.reportColumns();
  if (!json && !quiet) {
    const blocks: Line[][] = [
      ...plans.map((plan) => viewPlan(plan, columns)),
      ...receipts.map((receipt) => viewResult(receipt, columns)),
    ];
    if (plans.length > 0) blocks.push([text().words.plan.ready]);
    world.stdout.lines(blocks.flatMap((block, at) => (at === 0 ? block : ['', ...block])));
  }
  const refused = plans.flatMap((plan) => plan.refusals);
  if (!outcome.ok) {
    const { error } = outcome;
    // The plan above has told it already, with its hint.
    const told = !json && !quiet && refused.some((refusal) => isAirgapError(error, refusal.code));
    if (!told) printError(error, world, { json, told: true });
    return exitCodeOf(error, world);
  }
  const [first] = refused;
  return first === undefined ? 0 : errorCodes[first.code].exitCode;
}
