// Keeps and forgets logins where docker and podman look for them: with the credential helper that is set for a registry, else in
// the file itself, which only encodes them. Everything else in the file stays as it is.
import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { AirgapError, isAirgapError } from '../errors.js';
import { plainly } from '../streams/fs-errors.js';
import { makeFolder } from '../streams/make-folder.js';
import { writeWhole } from '../streams/write-whole.js';
import { askHelper, eraseWithHelper, storeWithHelper } from './credential-helper.js';
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
  const auths = withoutHost(logins.auths ?? {}, host);
  const helper = helperOf(logins, host);
  if (helper !== undefined) {
    await storeWithHelper(helper, helperKey(host), credentials, env);
    // An empty entry tells docker that there is one to ask the helper for.
    await write(file, { ...logins, auths: { ...auths, [key]: {} } });
    return { kind: 'helper', program: `docker-credential-${helper}` };
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

/** @throws {AirgapError} REGISTRY_CONFIG, CREDENTIAL_HELPER */
export async function forgetLogin({ env, loginFiles }: Places, host: string): Promise<Forgotten> {
  const from: KeptIn[] = [];
  const left: { key: string; path: string }[] = [];
  for (const file of loginFiles) {
    const logins = await readLogins(file);
    if (logins === undefined) continue;
    const entries = Object.keys(logins.auths ?? {}).filter((key) => plainKey(key) === host);
    for (const key of Object.keys(logins.auths ?? {}).map(plainKey))
      if (key.startsWith(`${host}/`)) left.push({ key, path: file.path });
    const helper = helperOf(logins, host);
    // Whether the file has an entry says nothing of what a helper has: it is asked at each login, so it is asked here.
    if (helper !== undefined && (await askHelper(helper, helperKey(host), env)) !== undefined) {
      await eraseWithHelper(helper, helperKey(host), env);
      from.push({ kind: 'helper', program: `docker-credential-${helper}` });
    }
    if (entries.length === 0) continue;
    await write(file, { ...logins, auths: withoutHost(logins.auths ?? {}, host) });
    // Beside a helper it is mostly the empty one that leads there.
    if (helper === undefined || entries.some((key) => hasLogin(logins, key)))
      from.push({ kind: 'file', path: file.path });
  }
  return { from, left };
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

function withoutHost(
  auths: NonNullable<LoginsFile['auths']>,
  host: string,
): NonNullable<LoginsFile['auths']> {
  return Object.fromEntries(Object.entries(auths).filter(([key]) => plainKey(key) !== host));
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
