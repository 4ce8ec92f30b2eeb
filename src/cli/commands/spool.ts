// airgap spool and airgap spool prune: the layers kept ready on this machine.
import { formatBytes } from '../../text/format.js';
import { text } from '../../text/text.js';
import { viewSpool } from '../../views/lists.js';
import { type Flags, given, isSet, word } from '../flags.js';
import { jsonLine } from '../report-json.js';
import type { World } from '../world.js';

/** @returns the exit code. */
export async function spool(world: World, flags: Flags): Promise<number> {
  const core = await world.openCore();
  const list = await core.spoolEntries(word(flags, 'spool'));
  if (isSet(flags, 'json')) world.stdout.raw(jsonLine({ version: 1, ...list }));
  else world.stdout.lines(viewSpool(list, world.stdout.reportColumns(), Date.now()));
  return 0;
}

/** @returns the exit code. */
export async function prune(world: World, flags: Flags): Promise<number> {
  const core = await world.openCore();
  const freedBytes = await core.spoolPrune({
    ...given('directory', word(flags, 'spool')),
    all: isSet(flags, 'all'),
  });
  if (isSet(flags, 'json')) world.stdout.raw(jsonLine({ version: 1, freedBytes }));
  else world.stdout.lines([text().words.spool.freed(formatBytes(freedBytes))]);
  return 0;
}
