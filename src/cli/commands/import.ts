// airgap import: a send whose images come out of a bundle; told and printed like one, and where the receipt to take home lies.
import { text } from '../../text/text.js';
import { type Flags, isSet, readImport } from '../flags.js';
import type { World } from '../world.js';
import { followSend } from './send.js';

/** @returns the exit code. @throws {AirgapError} for a line that says nonsense */
export async function importBundle(world: World, args: readonly string[], flags: Flags): Promise<number> {
  const options = readImport(args, flags);
  const core = await world.openCore();
  return await followSend(core.import(options), world, flags, {
    hostCount: 1,
    dryRun: isSet(flags, 'dryRun'),
    after: ({ returns }) => (returns === undefined ? [] : [text().words.import.returns(returns)]),
  });
}
