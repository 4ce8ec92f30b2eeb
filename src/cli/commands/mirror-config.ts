// airgap mirror-config: the settings that make a site's engines take images from its registry.
import { text } from '../../text/text.js';
import { viewMirror } from '../../views/mirror.js';
import { type Flags, given, isSet, word } from '../flags.js';
import { followRun, resultOf } from '../follow-run.js';
import { parseChoice } from '../parse-options.js';
import { jsonLine } from '../report-json.js';
import type { World } from '../world.js';

/** @returns the exit code. @throws {AirgapError} USAGE, REFERENCE_INVALID, REGISTRY_CONFIG */
export async function mirrorConfig(world: World, args: readonly string[], flags: Flags): Promise<number> {
  const [registry = ''] = args;
  const engine = word(flags, 'for');
  const known =
    engine === undefined
      ? undefined
      : parseChoice(engine, ['docker', 'podman', 'containerd', 'k3s', 'rke2'], '--for', 'mirror-config');
  const core = await world.openCore();
  const run = core.mirrorConfig({
    registry,
    ...given('engine', known),
    ...given('of', word(flags, 'of')),
    ...given('write', word(flags, 'write')),
  });
  const json = isSet(flags, 'json');
  const result = resultOf(await followRun(run, world, { quiet: json, hostCount: 1 }));
  if (json) world.stdout.raw(jsonLine({ version: 1, ...result }));
  else world.stdout.lines(viewMirror(result));
  if (result.isSupposed) world.stderr.lines([text().words.mirror.supposed(result.registry)]);
  world.stderr.lines(result.doubts);
  return 0;
}
