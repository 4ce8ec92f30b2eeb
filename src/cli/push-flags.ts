// The whole line of `airgap push`, read into what the core takes.
import { parsePlatform } from '../oci/platform.js';
import type { PushOptions } from '../runs/push-options.js';
import { text } from '../text/text.js';
import { type Flags, given, isSet, readCommit, readConnect, word } from './flags.js';
import { parseImages, parseRate, usage } from './parse-options.js';

/** The last word is the registry. @throws {AirgapError} USAGE, RATE_INVALID, PLATFORM_INVALID, REFERENCE_INVALID */
export function readPush(args: readonly string[], flags: Flags): PushOptions {
  const command = 'push';
  const { wrong } = text().words.commands;
  const registry = args.at(-1);
  const images = args.slice(0, -1);
  const spec = word(flags, 'f');
  if (registry === undefined || (spec === undefined && images.length === 0))
    throw usage(text().words.push.noRegistry, command);
  if (isSet(flags, 'json') && isSet(flags, 'quiet'))
    throw usage(wrong.conflict('--quiet', '--json'), command);
  const connect = readConnect(flags, command);
  const through = word(flags, 'through');
  // Of SSH, which without a host to go through nobody speaks.
  if (through === undefined && Object.keys(connect).length > 0)
    throw usage(text().words.push.connectAlone, command);
  const limit = word(flags, 'limit');
  const platform = word(flags, 'platform');
  return {
    registry,
    images: parseImages(images, word(flags, 'as'), command),
    ...given('prefix', word(flags, 'prefix')),
    ...given('spec', spec),
    ...given('commit', readCommit(flags)),
    // All is what goes where nothing is said.
    ...given('platform', platform === undefined || platform === 'all' ? undefined : parsePlatform(platform)),
    ...given('limitBytesPerSecond', limit === undefined ? undefined : parseRate(limit)),
    ...given('through', through),
    ...(isSet(flags, 'withReferrers') ? { withReferrers: true } : {}),
    connect,
    // commander turns --no-clobber into clobber: false.
    ...(flags.clobber === false ? { noClobber: true } : {}),
    ...(isSet(flags, 'dryRun') ? { dryRun: true } : {}),
  };
}
