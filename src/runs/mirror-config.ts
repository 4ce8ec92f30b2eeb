// `airgap mirror-config`: finds out how a registry is reached from here, and makes the files for a site's engines of it.
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { onDrive } from '../bundle/drive-errors.js';
import { AirgapError, isAirgapError } from '../errors.js';
import { askRegistry, type Heard } from '../registry/ask-registry.js';
import { parseRegistry } from '../registry/login.js';
import { isLoopback } from '../registry/loopback.js';
import {
  type MirrorConfig,
  type MirrorEngine,
  mirrorConfig,
  mirrorEngines,
} from '../registry/mirror-files.js';
import { eventOf } from '../registry/notices.js';
import { certificateNames, type Places, readPlaces } from '../registry/places.js';
import { hasCode } from '../streams/fs-errors.js';
import { makeFolder } from '../streams/make-folder.js';
import { writeWhole } from '../streams/write-whole.js';
import { text } from '../text/text.js';
import { parsePushTarget } from './push-names.js';
import type { RunContext } from './run.js';

export interface MirrorOptions {
  /** HOST[:PORT][/PREFIX] */
  readonly registry: string;
  /** All where absent. */
  readonly engine?: MirrorEngine;
  /** Whose images it has; docker.io where absent. */
  readonly of?: string;
  /** Writes the files there; none of those of an earlier time is changed. */
  readonly write?: string;
}

export interface MirrorResult {
  readonly registry: string;
  readonly origin: string;
  /** It was not reached, so that it speaks TLS is only supposed. */
  readonly isSupposed: boolean;
  /** Why hosts may not take images from there as it is: sentences. */
  readonly doubts: readonly string[];
  /** The files are on this side where the lines find them. */
  readonly isWritten: boolean;
  readonly configs: readonly MirrorConfig[];
}

/** @throws {AirgapError} REFERENCE_INVALID, REGISTRY_CONFIG, DRIVE_FAILED, USAGE for what a registry cannot be, and a file that is there already */
export async function makeMirrorConfig(
  env: NodeJS.ProcessEnv,
  options: MirrorOptions,
  { emit, signal }: Partial<Pick<RunContext, 'emit' | 'signal'>> = {},
): Promise<MirrorResult> {
  const { host, prefix, name } = parsePushTarget(options.registry);
  const of = parseRegistry(options.of ?? 'docker.io');
  const words = text().words.mirror;
  // It would be sent from itself to itself, and containerd has one file a registry.
  if (of === host) throw usage(words.ofItself(host));
  if (options.write === '') throw usage(words.noFolder);
  const places = readPlaces(env);
  const heard = await askRegistry(places, host, {
    signal,
    // Of the rest its own words tell.
    notify: (notice) => notice.kind === 'waiting' && emit?.(eventOf(notice)),
  });
  const { origin, isSupposed, doubts } = findOut(options.registry, host, heard);
  const kept = await keptHere(places, host, heard);
  const { authorities } = kept;
  // Of one that did not answer nobody has seen a certificate that nobody vouches for.
  const isUnproved =
    heard.isInsecure && !isSupposed && origin.startsWith('https:') && authorities.length === 0;
  const folder = options.write === undefined ? {} : { folder: options.write };
  const facts = { host, prefix, origin, isUnproved, authorities, of, ...folder };
  const engines = options.engine === undefined ? mirrorEngines : [options.engine];
  const configs = engines.map((engine) => mirrorConfig(engine, facts));
  if (options.write !== undefined) await writeFiles(options.write, configs);
  const all = [...(isLoopback(host) ? [words.loopback(host)] : []), ...doubts, ...kept.doubts];
  return { registry: name, origin, isSupposed, doubts: all, isWritten: options.write !== undefined, configs };
}

type Reach = Pick<MirrorResult, 'origin' | 'isSupposed' | 'doubts'>;

/** How it is reached from here. `http://` of what was written counts where TLS was not seen. */
function findOut(written: string, host: string, heard: Heard): Reach {
  const words = text().words.mirror;
  const plain = /^http:/i.test(written) ? `http://${host}` : undefined;
  const { origin, error, isAnswered } = heard;
  if (error !== undefined && !isAnswered) {
    // Nothing was heard: what is written for it is all that is known of it.
    if (isAirgapError(error, 'REGISTRY_UNREACHABLE'))
      return { origin: plain ?? origin, isSupposed: plain === undefined, doubts: [] };
    if (!isAirgapError(error, 'REGISTRY_TLS') || error.facts.problem !== 'plain-http')
      return { origin, isSupposed: false, doubts: [doubtOf(host, error, heard)] };
    // Someone in between can answer so, too: hosts are not told to do without TLS until a person has said that.
    if (plain === undefined) throw usage(words.plain(host));
    return { origin: plain, isSupposed: false, doubts: [] };
  }
  const isDenied = isAirgapError(error, 'REGISTRY_DENIED');
  const doubts = [
    ...(plain !== undefined && origin !== plain ? [words.speaksTls(host)] : []),
    ...(error === undefined ? [] : [doubtOf(host, error, heard)]),
    ...(heard.isLoggedIn && !isDenied ? [words.loggedIn(host)] : []),
  ];
  return { origin, isSupposed: false, doubts };
}

/** It has answered, and not as a registry that hosts can use as it is. */
function doubtOf(host: string, error: AirgapError, { failedAt, isProved }: Heard): string {
  const words = text().words.mirror;
  if (isAirgapError(error, 'REGISTRY_DENIED')) return words.wantsLogin(error.message);
  const isUntrusted = isAirgapError(error, 'REGISTRY_TLS') && error.facts.problem === 'untrusted';
  if (failedAt?.kind === 'tokens')
    return words.tokens({ host, isProved, isUntrusted, message: error.message });
  if (failedAt?.kind === 'elsewhere') return words.ledOn(host, failedAt.origin);
  return isAirgapError(error, 'REGISTRY_TLS')
    ? words.untrusted(error.message, error.hint ?? '')
    : words.unsound(error.message);
}

/** What of this machine's own lets us in: authorities go along, who we are does not. */
async function keptHere(
  { env, certificateFolders }: Places,
  host: string,
  { origin, isAnswered, isTrustedByFile }: Heard,
): Promise<{ readonly authorities: readonly string[]; readonly doubts: readonly string[] }> {
  const words = text().words.mirror;
  const authorities = await filesFor(certificateFolders, host, '.crt');
  const isTls = isAnswered && origin.startsWith('https:');
  const shown = isTls ? await filesFor(certificateFolders, host, '.cert') : [];
  const doubts = shown.map((file) => words.clientCertificate(host, file));
  const file = path.resolve(env.SSL_CERT_FILE ?? '');
  if (!isTrustedByFile) return { authorities, doubts };
  // Some tools keep the key that belongs to a certificate in the same file.
  if ((await readFile(file, 'utf8')).includes('PRIVATE KEY-----'))
    return { authorities, doubts: [...doubts, words.holdsKey(host, file)] };
  // First: registries.yaml has room for one, and without this one it is not trusted.
  return { authorities: [file, ...authorities], doubts };
}

const usage = (problem: string): AirgapError =>
  new AirgapError('USAGE', { problem, command: 'mirror-config' });

/** All or none: what is there and has something else in it, may have been edited. */
async function writeFiles(folder: string, configs: readonly MirrorConfig[]): Promise<void> {
  const files = configs
    .flatMap((config) => config.files)
    .flatMap(({ source, content }) => (source === undefined ? [] : [{ source, content }]));
  await onDrive(folder, () => makeFolder(folder, { mode: 0o777 }));
  for (const { source, content } of files) {
    const there = await onDrive(source, () => readOwn(source));
    if (there !== undefined && there !== content) throw usage(text().words.mirror.isThere(source));
  }
  for (const { source, content } of files) await onDrive(source, () => writeWhole(source, content));
}

async function readOwn(file: string): Promise<string | undefined> {
  return await readFile(file, 'utf8').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  });
}

async function filesFor(folders: readonly string[], host: string, ending: string): Promise<string[]> {
  const found: string[] = [];
  for (const folder of folders.flatMap((one) => certificateNames(host).map((name) => path.join(one, name)))) {
    const names = await readdir(folder).catch(() => []);
    found.push(...names.filter((name) => name.endsWith(ending)).map((name) => path.join(folder, name)));
  }
  return found;
}
