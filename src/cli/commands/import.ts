// airgap import: a send whose images come out of a bundle; told and printed like one, and where the receipt to take home lies.
import { text } from '../../text/text.js';
import { type Flags, isSet, readImport } from '../flags.js';
import type { World } from '../world.js';
import { followSend } from './send.js';

/** @returns the exit code. @throws {AirgapError} for a line that says nonsense */
export async function importBundle(world: World, args: readonly string[], flags: Flags): Promise<number> {
  const options = readImport(args, flags);
  const core = await world.openCore();
  const dryRun = isSet(flags, 'dryRun');
  const words = text().words.import;
  return await followSend(core.import(options), world, flags, {
    hostCount: 1,
    dryRun,
    after: ({ returns }) =>
      returns === undefined ? (dryRun ? [] : [words.printed]) : [words.returns(returns)],
    // As import.sh does it: somebody carries it home in another way.
    last: ({ returns, receipts }) =>
      returns !== undefined || dryRun
        ? ''
        : receipts.map((receipt) => `${JSON.stringify(receipt, undefined, 2)}\n`).join(''),
  });
}
