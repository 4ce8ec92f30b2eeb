// airgap images and airgap inspect: what is on this machine.
import { parsePlatform } from '../../oci/platform.js';
import { text } from '../../text/text.js';
import { inspectedDocument, viewImages, viewInspected, viewLayerFiles } from '../../views/images.js';
import { span } from '../../views/line.js';
import { type Flags, given, isSet, word } from '../flags.js';
import { followRun, resultOf } from '../follow-run.js';
import { jsonLine } from '../report-json.js';
import type { World } from '../world.js';

/** @returns the exit code. */
export async function images(world: World, flags: Flags): Promise<number> {
  const core = await world.openCore();
  const list = await core.images();
  if (isSet(flags, 'json')) {
    world.stdout.raw(jsonLine({ version: 1, ...list }));
    return 0;
  }
  if (isSet(flags, 'names')) {
    world.stdout.lines(list.images.map((image) => image.name));
    return 0;
  }
  const words = text().words;
  world.stderr.lines(
    list.unavailable.map(({ store, message }) => [
      span('warn', words.warning),
      words.images.unavailable(store, message),
    ]),
  );
  world.stdout.lines(viewImages(list, world.stdout.reportColumns(), Date.now()));
  return 0;
}

/** @returns the exit code. @throws {AirgapError} IMAGE_UNKNOWN and whatever the store says */
export async function inspect(world: World, args: readonly string[], flags: Flags): Promise<number> {
  const [source = ''] = args;
  const platform = word(flags, 'platform');
  const wanted = platform === undefined ? undefined : parsePlatform(platform);
  const core = await world.openCore();
  if (flags.files !== undefined) {
    // commander says `true` where --files stands alone.
    const options = { ...given('layer', word(flags, 'files')), ...given('platform', wanted) };
    const json = isSet(flags, 'json');
    const quiet = json || !world.stderr.isLive;
    const layers = resultOf(
      await followRun(core.layerFiles(source, options), world, { quiet, hostCount: 1 }),
    );
    if (json) world.stdout.raw(jsonLine({ version: 1, layers }));
    else world.stdout.lines(viewLayerFiles(layers, world.stdout.reportColumns()));
    return 0;
  }
  const inspected = await core.inspect(source, wanted);
  if (isSet(flags, 'json')) world.stdout.raw(jsonLine(inspectedDocument(inspected)));
  else world.stdout.lines(viewInspected(inspected, world.stdout.reportColumns()));
  return 0;
}
