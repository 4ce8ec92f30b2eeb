// airgap send and airgap plan: the run is followed, then plans or receipts are printed, also those of hosts that
// worked while others failed.
import { errorCodes, isAirgapError } from '../../errors.js';
import type { SendResult } from '../../runs/api.js';
import type { Run } from '../../runs/run.js';
import { text } from '../../text/text.js';
import type { Line } from '../../views/line.js';
import { viewPlan } from '../../views/plan.js';
import { viewPushPlan } from '../../views/push.js';
import { viewResult } from '../../views/receipt.js';
import { type Flags, isSet, readSend } from '../flags.js';
import { followRun } from '../follow-run.js';
import { exitCodeOf, printError } from '../print-error.js';
import type { World } from '../world.js';

interface FollowSendOptions<T> {
  readonly hostCount: number;
  readonly dryRun: boolean;
  /** Lines behind the receipts. */
  readonly after?: (result: T) => Line[];
  /** Behind those, as it is: what a program is to read. */
  readonly last?: (result: T) => string;
}

/** @returns the exit code. @throws {AirgapError} for a line that says nonsense */
export async function send(
  world: World,
  args: readonly string[],
  flags: Flags,
  command: 'send' | 'plan',
): Promise<number> {
  const options = readSend(args, flags, command);
  const core = await world.openCore();
  const hostCount = options.hosts.length;
  return await followSend(core.send(options), world, flags, { hostCount, dryRun: options.dryRun === true });
}

/** Follows a run that brings something to hosts, and prints what came of it. @returns the exit code */
export async function followSend<T extends SendResult>(
  run: Run<T>,
  world: World,
  flags: Flags,
  { hostCount, dryRun, after, last }: FollowSendOptions<T>,
): Promise<number> {
  const json = isSet(flags, 'json');
  const quiet = isSet(flags, 'quiet');
  const outcome = await followRun(run, world, { json, quiet, yes: isSet(flags, 'yes'), hostCount, dryRun });
  const plans = dryRun ? (outcome.ok ? outcome.value.plans : outcome.plans) : [];
  const pushed = dryRun && outcome.ok ? outcome.value.pushed : undefined;
  const receipts = outcome.ok ? outcome.value.receipts : outcome.receipts;
  const columns = world.stdout.reportColumns();
  if (!json && !quiet) {
    const blocks: Line[][] = [
      ...(pushed === undefined ? [] : [viewPushPlan(pushed, columns)]),
      ...plans.map((plan) => viewPlan(plan, columns)),
      ...receipts.map((receipt) => viewResult(receipt, columns)),
    ];
    if (plans.length > 0) blocks.push([text().words.plan.ready]);
    if (outcome.ok && after !== undefined) blocks.push(after(outcome.value));
    world.stdout.lines(
      blocks.filter((block) => block.length > 0).flatMap((block, at) => (at === 0 ? block : ['', ...block])),
    );
    if (outcome.ok && last !== undefined) world.stdout.raw(last(outcome.value));
  }
  const refused = [...(pushed === undefined ? [] : [pushed]), ...plans].flatMap((plan) => plan.refusals);
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
