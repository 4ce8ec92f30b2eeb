// Options as commander found them, read into what the core takes. One place knows the letters and names.
import { parsePlatform } from '../oci/platform.js';
import type { ConnectOptions, SendOptions } from '../runs/api.js';
import { text } from '../text/text.js';
import { parseAllow, parseFiles } from './parse-files.js';
import {
  parseChoice,
  parseCompress,
  parseHosts,
  parseImages,
  parseRate,
  parseWhole,
  usage,
} from './parse-options.js';

/** What commander found: option name to value. */
export type Flags = Readonly<Record<string, unknown>>;

/** The value of an option that takes one. */
export function word(flags: Flags, name: string): string | undefined {
  const value = flags[name];
  return typeof value === 'string' ? value : undefined;
}

/** Whether an option that takes no value was given. */
export function isSet(flags: Flags, name: string): boolean {
  return flags[name] === true;
}

/** -F -i -p -J -o --ssh --accept-new-host-key. @throws {AirgapError} USAGE */
export function readConnect(flags: Flags, command: string): ConnectOptions {
  const port = word(flags, 'p');
  const client = word(flags, 'ssh');
  return {
    ...given('configFile', word(flags, 'F')),
    ...given('identityFiles', words(flags, 'i')),
    ...given(
      'port',
      port === undefined ? undefined : parseWhole(port, { option: '-p', least: 1, most: 65_535, command }),
    ),
    ...given('jump', word(flags, 'J')),
    ...given('sshOptions', words(flags, 'o')),
    ...(client === undefined ? {} : { client: parseChoice(client, ['ssh2', 'openssh'], '--ssh', command) }),
    ...(isSet(flags, 'acceptNewHostKey') ? { acceptNewHostKey: true } : {}),
  };
}

/** The whole line of `send` and `plan`. @throws {AirgapError} USAGE, RATE_INVALID, PLATFORM_INVALID */
export function readSend(args: readonly string[], flags: Flags, command: 'send' | 'plan'): SendOptions {
  const [hosts = '', ...images] = args;
  const files = parseFiles(
    {
      files: words(flags, 'file') ?? [],
      repos: words(flags, 'repo') ?? [],
      daemonKeys: words(flags, 'daemonKey') ?? [],
    },
    command,
  );
  const allow = words(flags, 'allowDir') ?? [];
  if (images.length === 0 && files.length === 0)
    throw usage(text().words.commands.wrong.argument(command, 'IMAGE'), command);
  const limit = word(flags, 'limit');
  const platform = word(flags, 'platform');
  const compress = word(flags, 'compress');
  const channels = word(flags, 'channels');
  if (isSet(flags, 'json') && isSet(flags, 'quiet'))
    throw usage(text().words.commands.wrong.quietJson, command);
  return {
    hosts: parseHosts(hosts, command),
    images: parseImages(images, word(flags, 'as'), command),
    ...(files.length === 0 ? {} : { files, allowFolders: parseAllow(allow, command) }),
    ...(isSet(flags, 'reload') ? { reload: true } : {}),
    connect: readConnect(flags, command),
    ...given('platform', platform === undefined ? undefined : parsePlatform(platform)),
    ...given('engine', word(flags, 'engine')),
    ...given('stage', word(flags, 'stage')),
    ...given('spool', word(flags, 'spool')),
    ...given('compress', compress === undefined ? undefined : parseCompress(compress, command)),
    ...given('limitBytesPerSecond', limit === undefined ? undefined : parseRate(limit)),
    ...given(
      'channels',
      channels === undefined
        ? undefined
        : parseWhole(channels, { option: '--channels', least: 1, most: 16, command }),
    ),
    // commander turns --no-clobber into clobber: false.
    ...(flags.clobber === false ? { noClobber: true } : {}),
    ...(command === 'plan' || isSet(flags, 'dryRun') ? { dryRun: true } : {}),
  };
}

/** `{ [name]: value }`, or nothing where the value is unknown: absent and undefined are not the same to the core. */
export function given<N extends string, V>(name: N, value: V | undefined): { readonly [K in N]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [K in N]: V });
}

function words(flags: Flags, name: string): readonly string[] | undefined {
  const value = flags[name];
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : undefined;
}
