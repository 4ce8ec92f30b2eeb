// airgap rollback: puts files back, tells each.
import { text } from '../../text/text.js';
import { type Flags, given, isSet, readConnect, word } from '../flags.js';
import { followRun, resultOf } from '../follow-run.js';
import { usage } from '../parse-options.js';
import { jsonLine } from '../report-json.js';
import type { World } from '../world.js';

/** @returns the exit code. */
export async function rollback(world: World, args: readonly string[], flags: Flags): Promise<number> {
  const [host, second] = args;
  const named = word(flags, 'receipt');
  const { wrong } = text().words.commands;
  if (named !== undefined && second !== undefined)
    throw usage(wrong.conflict('RECEIPT', '--receipt'), 'rollback');
  const receipt = named ?? second;
  const connect = readConnect(flags, 'rollback');
  const core = await world.openCore();
  const run = core.rollback(host, {
    connect,
    ...given('stage', word(flags, 'stage')),
    receipt,
    force: isSet(flags, 'force'),
  });
  const json = isSet(flags, 'json');
  const done = resultOf(await followRun(run, world, { quiet: json || !world.stderr.isLive, hostCount: 1 }));
  if (json) world.stdout.raw(jsonLine({ version: 1, by: done.by, receipt: done.receipt, files: done.files }));
  else {
    const { files: words } = text();
    world.stdout.lines([
      words.rollbackOf(done.by, done.receipt),
      ...done.files.map(({ path, done: what }) => words.rollback(path, what)),
    ]);
  }
  return 0;
}
