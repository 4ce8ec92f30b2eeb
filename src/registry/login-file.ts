// Keeps and forgets logins where docker and podman look for them: with the credential helper that is set for a registry, else in
// the file itself, which only encodes them. Everything else in the file stays as it is.
import { readlink, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { AirgapError, isAirgapError } from '../errors.js';
import { plainly } from '../streams/fs-errors.js';
import { makeFolder } from '../streams/make-folder.js';
import { writeWhole } from '../streams/write-whole.js';
import { askHelper, eraseWithHelper, type Helper, storeWithHelper } from './credential-helper.js';
import {
  type Credentials,
  hasLogin,
  helperOf,
  keyOf,
  keysOf,
  type LoginsFile,
  plainKey,
  readLogins,
} from './credentials.js';
import type { LoginFile, Places } from './places.js';

/** Where a login is kept. */
export type KeptIn =
  | { readonly kind: 'helper'; readonly program: string }
  | { readonly kind: 'file'; readonly path: string };

export type Keepable = Exclude<Credentials, { kind: 'bearer' }>;

/** A login to a part of a registry, such as `registry.lan/plant`. @see containers-auth.json(5) */
export interface PartLogin {
  readonly key: string;
  readonly path: string;
  /** `podman logout --authfile PATH KEY` takes it away, and nothing else. */
  readonly isPodmans: boolean;
}

export interface Kept {
  readonly keptIn: KeptIn;
  /** Those that are found before it, for what is below them. */
  readonly older: readonly PartLogin[];
  /** docker's own file, where that has an older one: docker reads no other file. */
  readonly dockers?: string;
}

/** It is the first that is found for the registry. @throws {AirgapError} REGISTRY_CONFIG, CREDENTIAL_HELPER */
export async function keepLogin(
  { env, loginFiles }: Places,
  {
    host,
    user,
    credentials,
  }: { readonly host: string; readonly user: string; readonly credentials: Keepable },
): Promise<Kept> {
  const { file, logins, older } = await fileFor(loginFiles, host, env);
  const dockers = await dockersOwn(loginFiles, file, logins, { host, env });
  const more = dockers === undefined ? {} : { dockers };
  const key = keyOf(file, host);
  const auths = without(logins.auths ?? {}, (one) => plainKey(one) === host);
  const helper = helperOf(file, logins, host);
  if (helper !== undefined) {
    await storeWithHelper(helper, key, credentials, env);
    // An empty entry tells docker that there is one to ask the helper for.
    await write(file, { ...logins, auths: { ...auths, [key]: {} } });
    return { keptIn: { kind: 'helper', program: `docker-credential-${helper.name}` }, older, ...more };
  }
  const password = credentials.kind === 'password' ? credentials.password : '';
  const auth = Buffer.from(`${user}:${password}`).toString('base64');
  const entry = credentials.kind === 'identity' ? { auth, identitytoken: credentials.token } : { auth };
  await write(file, { ...logins, auths: { ...auths, [key]: entry } });
  const parts = [...older, ...partsOf(file, logins, host)];
  return { keptIn: { kind: 'file', path: file.path }, older: parts, ...more };
}

/** What became of the logins to a host. */
export interface Forgotten {
  /** Nothing where there was none. */
  readonly from: readonly KeptIn[];
  /** Which were not asked for. */
  readonly left: readonly PartLogin[];
  /** The file of $REGISTRY_AUTH_FILE, where that is set: no other was looked at. */
  readonly onlyIn?: string;
}

/** @throws {AirgapError} REGISTRY_CONFIG; CREDENTIAL_HELPER, when all is gone that no helper keeps */
export async function forgetLogin({ env, loginFiles }: Places, host: string): Promise<Forgotten> {
  const from: KeptIn[] = [];
  const left: PartLogin[] = [];
  let failure: AirgapError<'CREDENTIAL_HELPER'> | undefined;
  for (const file of loginFiles) {
    const logins = await readLogins(file);
    if (logins === undefined) continue;
    const auths = logins.auths ?? {};
    left.push(...partsOf(file, logins, host));
    const helper = helperOf(file, logins, host);
    const tried = helper === undefined ? 'nothing' : await forgetWith(helper, host, env);
    if (helper !== undefined && tried === 'gone')
      from.push({ kind: 'helper', program: `docker-credential-${helper.name}` });
    const isFailed = isAirgapError(tried);
    if (isFailed) failure ??= tried;
    const entries = Object.keys(auths).filter((key) => plainKey(key) === host);
    const full = entries.filter((key) => hasLogin(logins, key));
    // An empty one mostly leads to a helper: it stays as long as that may have the login.
    const taken = isFailed ? full : entries;
    if (taken.length === 0) continue;
    await write(file, { ...logins, auths: without(auths, (key) => taken.includes(key)) });
    if (helper === undefined || full.length > 0) from.push({ kind: 'file', path: file.path });
  }
  const asked = env.REGISTRY_AUTH_FILE;
  if (failure === undefined) return { from, left, ...(asked ? { onlyIn: asked } : {}) };
  const gone = from.map((one) => (one.kind === 'helper' ? one.program : one.path));
  throw new AirgapError('CREDENTIAL_HELPER', { ...failure.facts, action: 'erase', gone }, { cause: failure });
}

/**
 * Whether the file has an entry says nothing of what a helper has: it is asked at each login, so it is asked here.
 * @returns the error of one that cannot be asked: other places have logins, too, that are to go
 */
async function forgetWith(
  helper: Helper,
  host: string,
  env: NodeJS.ProcessEnv,
): Promise<'gone' | 'nothing' | AirgapError<'CREDENTIAL_HELPER'>> {
  try {
    let result: 'gone' | 'nothing' = 'nothing';
    // Of docker.io a helper may have one under docker's name, and another under podman's.
    for (const key of keysOf(host)) {
      if ((await askHelper(helper, key, env)) === undefined) continue;
      await eraseWithHelper(helper, key, env);
      result = 'gone';
    }
    return result;
  } catch (error) {
    if (isAirgapError(error, 'CREDENTIAL_HELPER')) return error;
    throw error;
  }
}

/**
 * The first file that has a login for it already, itself or with its helper, so that the new one is found first; else docker's, or
 * the one asked for. `older`: of the files before it.
 */
async function fileFor(
  files: readonly LoginFile[],
  host: string,
  env: NodeJS.ProcessEnv,
): Promise<{
  readonly file: LoginFile;
  readonly logins: LoginsFile;
  readonly older: readonly PartLogin[];
}> {
  const usual = files.find(({ kind }) => kind === 'docker') ?? files.at(-1);
  if (usual === undefined) throw new Error('there is always one');
  const older: PartLogin[] = [];
  for (const file of files.slice(0, files.indexOf(usual))) {
    const logins = await readLogins(file);
    if (logins === undefined) continue;
    const helper = helperOf(file, logins, host);
    const isIn =
      Object.keys(logins.auths ?? {}).some((key) => plainKey(key) === host) ||
      (helper !== undefined && (await askHelper(helper, keyOf(file, host), env)) !== undefined);
    if (isIn) return { file, logins, older };
    older.push(...partsOf(file, logins, host));
  }
  return { file: usual, logins: (await readLogins(usual)) ?? {}, older };
}

/** docker's file, where the login goes to another one and docker keeps its own. */
async function dockersOwn(
  files: readonly LoginFile[],
  taken: LoginFile,
  takenLogins: LoginsFile,
  { host, env }: { readonly host: string; readonly env: NodeJS.ProcessEnv },
): Promise<string | undefined> {
  const file = files.find(({ kind }) => kind === 'docker');
  if (file === undefined || file === taken) return undefined;
  // What cannot be asked is no reason not to keep a login elsewhere.
  const logins = await readLogins(file).catch(() => undefined);
  if (logins === undefined) return undefined;
  const isIn = Object.keys(logins.auths ?? {}).some((key) => plainKey(key) === host && hasLogin(logins, key));
  const helper = helperOf(file, logins, host);
  const key = keyOf(file, host);
  // One place for both is written to.
  const isOne = helper?.name === helperOf(taken, takenLogins, host)?.name && key === keyOf(taken, host);
  const asked =
    helper === undefined || isOne ? undefined : await askHelper(helper, key, env).catch(() => undefined);
  return isIn || asked !== undefined ? file.path : undefined;
}

function partsOf({ path, kind }: LoginFile, logins: LoginsFile, host: string): PartLogin[] {
  // podman writes the file anew without what it does not know, such as docker's settings, and finds no keys that are URLs.
  const isKnown = kind === 'containers' && Object.keys(logins).every((key) => podmanKeys.has(key));
  return Object.keys(logins.auths ?? {})
    .filter((key) => plainKey(key).startsWith(`${host}/`) && hasLogin(logins, key))
    .map((key) => ({ key: plainKey(key), path, isPodmans: isKnown && key === plainKey(key) }));
}

const podmanKeys = new Set(['auths', 'credHelpers']);

function without(
  auths: NonNullable<LoginsFile['auths']>,
  isTaken: (key: string) => boolean,
): NonNullable<LoginsFile['auths']> {
  return Object.fromEntries(Object.entries(auths).filter(([key]) => !isTaken(key)));
}

/** Who keeps settings elsewhere has a link here, and wants to go on so: also where nothing is there yet. */
async function behindLinks(file: string): Promise<string> {
  let real = file;
  // As many as Linux follows; what leads on and on, the system refuses when it is written.
  for (let hops = 0; hops < 40; hops += 1) {
    const to = await readlink(real).catch(() => undefined);
    if (to === undefined) break;
    const folder = await realpath(path.dirname(real));
    real = path.resolve(folder, to);
  }
  return real;
}

async function write({ path: file }: LoginFile, logins: LoginsFile): Promise<void> {
  try {
    const real = await behindLinks(file);
    await makeFolder(path.dirname(real));
    const there = await stat(real).catch(() => undefined);
    // root, who logs in with somebody's settings, does not take them away from them.
    await writeWhole(real, `${JSON.stringify(logins, undefined, '\t')}\n`, { like: there });
  } catch (cause) {
    if (isAirgapError(cause)) throw cause;
    throw new AirgapError('REGISTRY_CONFIG', { path: file, problem: plainly(cause) }, { cause });
  }
}
