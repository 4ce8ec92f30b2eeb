// airgap export: the run is followed, then the plan or what was written is printed.

import { viewExport } from '../../views/export.js';
import { type Flags, isSet, readExport } from '../flags.js';
import { followRun } from '../follow-run.js';
import { exitCodeOf, printError } from '../print-error.js';
import type { World } from '../world.js';

/** @returns the exit code. @throws {AirgapError} for a line that says nonsense */
export async function exportBundle(world: World, args: readonly string[], flags: Flags): Promise<number> {
  const options = readExport(args, flags);
  const json = isSet(flags, 'json');
  const quiet = isSet(flags, 'quiet');
  const core = await world.openCore();
  const outcome = await followRun(core.export(options), world, { json, quiet, hostCount: 0 });
  if (!outcome.ok) {
    printError(outcome.error, world, { json, told: true });
    return exitCodeOf(outcome.error, world);
  }
  if (!json && !quiet) world.stdout.lines(viewExport(outcome.value, world.stdout.columns()));
  return 0;
}
