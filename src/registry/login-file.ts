// Keeps and forgets logins where docker and podman look for them: with the credential helper that is set for a registry, else in
// the file itself, which only encodes them. Everything else in the file stays as it is.
import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { AirgapError, isAirgapError } from '../errors.js';
import { plainly } from '../streams/fs-errors.js';
import { makeFolder } from '../streams/make-folder.js';
import { writeWhole } from '../streams/write-whole.js';
import { askHelper, eraseWithHelper, type Helper, storeWithHelper } from './credential-helper.js';
import {
  type Credentials,
  hasLogin,
  helperKey,
  helperOf,
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

/** @throws {AirgapError} REGISTRY_CONFIG, CREDENTIAL_HELPER */
export async function keepLogin(
  { env, loginFiles }: Places,
  {
    host,
    user,
    credentials,
  }: { readonly host: string; readonly user: string; readonly credentials: Keepable },
): Promise<KeptIn> {
  const { file, logins } = await fileFor(loginFiles, host);
  const key = file.kind === 'docker' ? helperKey(host) : host;
  const auths = without(logins.auths ?? {}, (one) => plainKey(one) === host);
  const helper = helperOf(file, logins, host);
  if (helper !== undefined) {
    await storeWithHelper(helper, helperKey(host), credentials, env);
    // An empty entry tells docker that there is one to ask the helper for.
    await write(file, { ...logins, auths: { ...auths, [key]: {} } });
    return { kind: 'helper', program: `docker-credential-${helper.name}` };
  }
  const password = credentials.kind === 'password' ? credentials.password : '';
  const auth = Buffer.from(`${user}:${password}`).toString('base64');
  const entry = credentials.kind === 'identity' ? { auth, identitytoken: credentials.token } : { auth };
  await write(file, { ...logins, auths: { ...auths, [key]: entry } });
  return { kind: 'file', path: file.path };
}

/** What became of the logins to a host. */
export interface Forgotten {
  /** Nothing where there was none. */
  readonly from: readonly KeptIn[];
  /** Logins to a part of it, such as `registry.lan/plant`, which were not asked for. @see containers-auth.json(5) */
  readonly left: readonly { readonly key: string; readonly path: string }[];
}

/** @throws {AirgapError} REGISTRY_CONFIG; CREDENTIAL_HELPER, when all is gone that no helper keeps */
export async function forgetLogin({ env, loginFiles }: Places, host: string): Promise<Forgotten> {
  const from: KeptIn[] = [];
  const left: { key: string; path: string }[] = [];
  let failure: AirgapError<'CREDENTIAL_HELPER'> | undefined;
  for (const file of loginFiles) {
    const logins = await readLogins(file);
    if (logins === undefined) continue;
    const auths = logins.auths ?? {};
    for (const key of Object.keys(auths).map(plainKey))
      if (key.startsWith(`${host}/`)) left.push({ key, path: file.path });
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
  if (failure === undefined) return { from, left };
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
    if ((await askHelper(helper, helperKey(host), env)) === undefined) return 'nothing';
    await eraseWithHelper(helper, helperKey(host), env);
    return 'gone';
  } catch (error) {
    if (isAirgapError(error, 'CREDENTIAL_HELPER')) return error;
    throw error;
  }
}

/** The file that has a login for it already, so that the new one is found first; else docker's, or the one asked for. */
async function fileFor(
  files: readonly LoginFile[],
  host: string,
): Promise<{ readonly file: LoginFile; readonly logins: LoginsFile }> {
  for (const file of files) {
    const logins = await readLogins(file);
    if (Object.keys(logins?.auths ?? {}).some((key) => plainKey(key) === host) && logins !== undefined)
      return { file, logins };
  }
  const file = files.find(({ kind }) => kind === 'docker') ?? files.at(-1);
  if (file === undefined) throw new Error('there is always one');
  return { file, logins: (await readLogins(file)) ?? {} };
}

function without(
  auths: NonNullable<LoginsFile['auths']>,
  isTaken: (key: string) => boolean,
): NonNullable<LoginsFile['auths']> {
  return Object.fromEntries(Object.entries(auths).filter(([key]) => !isTaken(key)));
}

async function write({ path: file }: LoginFile, logins: LoginsFile): Promise<void> {
  try {
    await makeFolder(path.dirname(file));
    // Who keeps settings elsewhere has a link here, and wants to go on so.
    const real = (await stat(file).catch(() => undefined)) === undefined ? file : await realpath(file);
    await writeWhole(real, `${JSON.stringify(logins, undefined, '\t')}\n`);
  } catch (cause) {
    if (isAirgapError(cause)) throw cause;
    throw new AirgapError('REGISTRY_CONFIG', { path: file, problem: plainly(cause) }, { cause });
  }
}
