// airgap passport: what a host holds, printed as the file that goes home.
import { type Flags, given, readConnect, readEngine, word } from '../flags.js';
import { followRun, resultOf } from '../follow-run.js';
import type { World } from '../world.js';
import { writeOutput } from '../write-output.js';

/** @returns the exit code. @throws {AirgapError} DRIVE_FAILED where the file cannot be written */
export async function passport(world: World, args: readonly string[], flags: Flags): Promise<number> {
  const command = 'passport';
  const connect = readConnect(flags, command);
  const engine = readEngine(flags, command);
  const output = word(flags, 'output');
  const core = await world.openCore();
  const run = core.passport(args[0], {
    connect,
    ...given('engine', engine),
    ...given('stage', word(flags, 'stage')),
  });
  const made = resultOf(await followRun(run, world, { quiet: !world.stderr.isLive, hostCount: 1 }));
  if (output === undefined) world.stdout.raw(made.document);
  else await writeOutput(output, made.document);
  return 0;
}
