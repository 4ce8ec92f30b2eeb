// airgap demo: real sends on this machine; its story comes as notes.
import { formatDuration } from '../../text/format.js';
import { text } from '../../text/text.js';
import { type Flags, isSet } from '../flags.js';
import { followRun } from '../follow-run.js';
import { exitCodeOf, printError } from '../print-error.js';
import type { World } from '../world.js';

/** @returns the exit code. */
export async function demo(world: World, flags: Flags): Promise<number> {
  const json = isSet(flags, 'json');
  const quiet = isSet(flags, 'quiet');
  const core = await world.openCore();
  const outcome = await followRun(core.demo(), world, { json, quiet, hostCount: 1 });
  if (!outcome.ok) {
    printError(outcome.error, world, { json, told: true });
    return exitCodeOf(outcome.error, world);
  }
  if (!json && !quiet) {
    world.stdout.lines([text().words.demoTook(formatDuration(outcome.value.durationMs))]);
  }
  return 0;
}
