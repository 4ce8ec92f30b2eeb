// Options as commander found them, read into what the core takes. One place knows the letters and names.
import { parsePlatform, parsePlatforms } from '../oci/platform.js';
import type {
  CommitOptions,
  ConnectOptions,
  ExportOptions,
  FileChoice,
  ImportOptions,
  SendOptions,
} from '../runs/api.js';
import type { ThroughOptions } from '../runs/push-options.js';
import { text } from '../text/text.js';
import { parseAllow, parseFiles } from './parse-files.js';
import {
  parseChoice,
  parseCompress,
  parseEngine,
  parseHosts,
  parseImages,
  parseRate,
  parseSize,
  parseSshOption,
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
    ...given(
      'sshOptions',
      words(flags, 'o')?.map((option) => parseSshOption(option, command)),
    ),
    ...(client === undefined ? {} : { client: parseChoice(client, ['ssh2', 'openssh'], '--ssh', command) }),
    ...(isSet(flags, 'acceptNewHostKey') ? { acceptNewHostKey: true } : {}),
  };
}

/** --engine. @throws {AirgapError} USAGE */
export function readEngine(flags: Flags, command: string): string | undefined {
  const engine = word(flags, 'engine');
  return engine === undefined ? undefined : parseEngine(engine, command);
}

/** --no-pause --author --message --change, for `container:NAME`; undefined where none is given. */
export function readCommit(flags: Flags): CommitOptions | undefined {
  const author = word(flags, 'author');
  const message = word(flags, 'message');
  const changes = words(flags, 'change') ?? [];
  // commander turns --no-pause into pause: false.
  const pause = flags.pause !== false;
  if (pause && author === undefined && message === undefined && changes.length === 0) return undefined;
  return { pause, changes, ...given('author', author), ...given('message', message) };
}

/** The whole line of `send` and `plan`. @throws {AirgapError} USAGE, RATE_INVALID, PLATFORM_INVALID */
export function readSend(args: readonly string[], flags: Flags, command: 'send' | 'plan'): SendOptions {
  const [hosts, ...images] = args;
  const spec = word(flags, 'f');
  const { wrong } = text().words.commands;
  const { files, allowFolders } = readFileFlags(flags, command);
  // With a file, hosts and images may come out of it.
  if (spec === undefined && hosts === undefined) throw usage(wrong.argument(command, 'HOST'), command);
  if (spec === undefined && images.length === 0 && files.length === 0)
    throw usage(wrong.argument(command, 'IMAGE'), command);
  const limit = word(flags, 'limit');
  const platform = word(flags, 'platform');
  const compress = word(flags, 'compress');
  const channels = word(flags, 'channels');
  if (isSet(flags, 'json') && isSet(flags, 'quiet'))
    throw usage(wrong.conflict('--quiet', '--json'), command);
  return {
    hosts: hosts === undefined ? [] : parseHosts(hosts, command),
    images: parseImages(images, word(flags, 'as'), command),
    ...given('spec', spec),
    ...given('commit', readCommit(flags)),
    ...(files.length === 0 ? {} : { files }),
    ...(files.length === 0 && spec === undefined ? {} : { allowFolders }),
    ...(isSet(flags, 'reload') ? { reload: true } : {}),
    connect: readConnect(flags, command),
    ...given('platform', platform === undefined ? undefined : parsePlatform(platform)),
    ...given('engine', readEngine(flags, command)),
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
    ...readThrough(flags, command),
    // commander turns --no-clobber into clobber: false.
    ...(flags.clobber === false ? { noClobber: true } : {}),
    ...(command === 'plan' || isSet(flags, 'dryRun') ? { dryRun: true } : {}),
  };
}

/** --through-registry, and what only has a sense beside it or without it. */
function readThrough(flags: Flags, command: string): ThroughOptions {
  const registry = word(flags, 'throughRegistry');
  const through = word(flags, 'through');
  const { commands, push } = text().words;
  if (registry === undefined && through !== undefined) throw usage(push.throughAlone, command);
  if (registry !== undefined && word(flags, 'compress') !== undefined)
    throw usage(commands.wrong.conflict('--compress', '--through-registry'), command);
  return { ...given('throughRegistry', registry), ...given('through', through) };
}

interface FileFlags {
  readonly files: readonly FileChoice[];
  readonly allowFolders: readonly string[];
}

/** --file --repo --daemon-key --allow-dir. */
function readFileFlags(flags: Flags, command: string): FileFlags {
  const files = words(flags, 'file') ?? [];
  const repos = words(flags, 'repo') ?? [];
  const daemonKeys = words(flags, 'daemonKey') ?? [];
  return {
    files: parseFiles({ files, repos, daemonKeys }, command),
    allowFolders: parseAllow(words(flags, 'allowDir') ?? [], command),
  };
}

/** What a destination must not be: airgap compresses layers inside of the tar. */
const compressedTar = /\.(?:tar\.[a-z0-9]+|tgz|tzst|tbz2?|txz|zip)$/i;

const bundleName = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** The whole line of `export`. @throws {AirgapError} USAGE, PLATFORM_INVALID */
export function readExport(args: readonly string[], flags: Flags): ExportOptions {
  const command = 'export';
  const [destination = '', ...images] = args;
  const platform = word(flags, 'platform');
  const compress = word(flags, 'compress');
  const split = word(flags, 'split');
  const name = word(flags, 'name');
  const { wrong } = text().words.commands;
  if (isSet(flags, 'json') && isSet(flags, 'quiet'))
    throw usage(wrong.conflict('--quiet', '--json'), command);
  if (name !== undefined && !bundleName.test(name)) throw usage(wrong.bundleName(name.slice(0, 80)), command);
  if (compressedTar.test(destination)) throw usage(wrong.compressedTar(destination.slice(0, 200)), command);
  const spec = word(flags, 'f');
  const packages = words(flags, 'packages') ?? [];
  const { files, allowFolders } = readFileFlags(flags, command);
  const isEmpty = images.length + files.length + packages.length === 0;
  if (spec === undefined && isEmpty) throw usage(wrong.argument(command, 'IMAGE'), command);
  return {
    destination,
    images: parseImages(images, word(flags, 'as'), command),
    ...given('spec', spec),
    ...(isSet(flags, 'locked') ? { locked: true } : {}),
    ...given('commit', readCommit(flags)),
    ...(files.length === 0 ? {} : { files }),
    ...(packages.length === 0 ? {} : { packages }),
    ...(allowFolders.length === 0 ? {} : { allowFolders }),
    ...given('name', name),
    ...given('platforms', platform === undefined ? undefined : parsePlatforms(platform)),
    ...given('compress', compress === undefined ? undefined : parseCompress(compress, command)),
    ...given('splitBytes', split === undefined ? undefined : parseSize(split, '--split', command)),
    ...given('passports', words(flags, 'for')),
    ...given('bases', words(flags, 'base')),
    ...given('signKey', word(flags, 'sign')),
    ...(isSet(flags, 'replace') ? { replace: true } : {}),
    ...(isSet(flags, 'withReferrers') ? { withReferrers: true } : {}),
    // commander turns --no-read-back into readBack: false.
    ...(flags.readBack === false ? { readBack: false } : {}),
    ...(isSet(flags, 'dryRun') ? { dryRun: true } : {}),
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

/** The whole line of `import`. @throws {AirgapError} USAGE */
export function readImport(paths: readonly string[], flags: Flags): ImportOptions {
  const command = 'import';
  const { wrong } = text().words.commands;
  if (isSet(flags, 'json') && isSet(flags, 'quiet'))
    throw usage(wrong.conflict('--quiet', '--json'), command);
  const other = isSet(flags, 'filesOnly')
    ? '--files-only'
    : isSet(flags, 'installPackages')
      ? '--install-packages'
      : undefined;
  if (isSet(flags, 'imagesOnly') && other !== undefined)
    throw usage(wrong.conflict('--images-only', other), command);
  const signers = word(flags, 'allowedSigners');
  const platform = word(flags, 'platform');
  if (isSet(flags, 'requireSignature') && signers === undefined) throw usage(wrong.requireSignature, command);
  return {
    paths,
    connect: readConnect(flags, command),
    ...given('to', word(flags, 'to')),
    ...given('only', words(flags, 'only')),
    ...given('platform', platform === undefined ? undefined : parsePlatform(platform)),
    ...given('engine', readEngine(flags, command)),
    ...given('stage', word(flags, 'stage')),
    ...given('spool', word(flags, 'spool')),
    ...given('allowedSigners', signers),
    allowFolders: parseAllow(words(flags, 'allowDir') ?? [], command),
    ...(isSet(flags, 'requireSignature') ? { requireSignature: true } : {}),
    ...(isSet(flags, 'imagesOnly') ? { imagesOnly: true } : {}),
    ...(isSet(flags, 'filesOnly') ? { filesOnly: true } : {}),
    ...(isSet(flags, 'installPackages') ? { installPackages: true } : {}),
    ...(isSet(flags, 'reload') ? { reload: true } : {}),
    ...(flags.clobber === false ? { noClobber: true } : {}),
    ...(isSet(flags, 'dryRun') ? { dryRun: true } : {}),
  };
}
