// airgap doctor, clean and hosts: what concerns a host without sending anything to it.
import { formatBytes } from '../../text/format.js';
import { text } from '../../text/text.js';
import { viewFindings, viewHosts } from '../../views/lists.js';
import { type Flags, given, isSet, readConnect, readEngine, word } from '../flags.js';
import { followRun, resultOf } from '../follow-run.js';
import { jsonLine } from '../report-json.js';
import type { World } from '../world.js';

// Doctor found a problem: not an error of doctor, and not fine. The code of "only some of it worked".
const problemExitCode = 3;

/** @returns 0, or 3 where a problem was found. */
export async function doctor(world: World, args: readonly string[], flags: Flags): Promise<number> {
  const connect = readConnect(flags, 'doctor');
  const core = await world.openCore();
  const run = core.doctor(args[0], {
    connect,
    ...given('engine', readEngine(flags, 'doctor')),
    ...given('stage', word(flags, 'stage')),
    ...given('spool', word(flags, 'spool')),
  });
  const json = isSet(flags, 'json');
  const findings = resultOf(
    await followRun(run, world, { quiet: json || !world.stderr.isLive, hostCount: 1 }),
  );
  if (json) world.stdout.raw(jsonLine({ version: 1, findings }));
  else world.stdout.lines(viewFindings(findings, world.stdout.reportColumns()));
  return findings.some((finding) => finding.level === 'problem') ? problemExitCode : 0;
}

/** @returns the exit code. @throws {AirgapError} PROMPT_REFUSED without --yes where nobody agreed */
export async function clean(world: World, args: readonly string[], flags: Flags): Promise<number> {
  const [host = ''] = args;
  const connect = readConnect(flags, 'clean');
  const core = await world.openCore();
  const run = core.clean(host, {
    connect,
    ...given('stage', word(flags, 'stage')),
    all: isSet(flags, 'all'),
  });
  const json = isSet(flags, 'json');
  const removed = resultOf(
    await followRun(run, world, {
      quiet: json || !world.stderr.isLive,
      yes: isSet(flags, 'yes'),
      hostCount: 1,
    }),
  );
  const words = text().words.clean;
  if (json) world.stdout.raw(jsonLine({ version: 1, removed }));
  else if (removed.length === 0) world.stdout.lines([words.nothing(host)]);
  else
    world.stdout.lines(
      removed.map(({ path, bytes }) => words.removed(path, bytes === 0 ? undefined : formatBytes(bytes))),
    );
  return 0;
}

/** @returns the exit code. */
export async function hosts(world: World, flags: Flags): Promise<number> {
  const core = await world.openCore();
  const known = await core.hosts({ ...given('configFile', word(flags, 'F')) });
  if (isSet(flags, 'names')) {
    world.stdout.lines(known.map((host) => host.name));
    return 0;
  }
  const folders = (await core.targets()).flatMap(({ kind, name }) => (kind === 'folder' ? [name] : []));
  if (isSet(flags, 'json')) world.stdout.raw(jsonLine({ version: 1, hosts: known, folders }));
  else world.stdout.lines(viewHosts(known, folders, world.stdout.reportColumns()));
  return 0;
}
