// Who one is at a registry: logins of docker and podman, in their files or with their helpers. Nothing of it is ever printed.
// @see docker's config.json; containers-auth.json(5)
import * as z from 'zod';
import { AirgapError } from '../errors.js';
import { decodeJson } from '../oci/json.js';
import { hasCode } from '../streams/fs-errors.js';
import { askHelper, type Helper } from './credential-helper.js';
import type { LoginFile, Places } from './places.js';
import { readIfThere } from './read-if-there.js';

/** `identity`: an OAuth2 refresh token instead of the password; `bearer`: a token to send as it is. */
export type Credentials =
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  | { readonly kind: 'identity'; readonly token: string }
  | { readonly kind: 'bearer'; readonly token: string };

/** docker.io's name in files of logins, since before there were other registries. */
export const dockerHubKey = 'https://index.docker.io/v1/';

export interface Logins {
  /**
   * The login for a repository of HOST[:PORT], the first that is found; undefined for nobody. Files are read, and helpers asked,
   * once. @throws {AirgapError} REGISTRY_CONFIG, CREDENTIAL_HELPER
   */
  find(host: string, repository: string): Promise<Credentials | undefined>;
  /** What was read may have changed. */
  forget(): void;
}

/** Nothing is read yet. */
export function createLogins({ env, loginFiles }: Places): Logins {
  const files = new Map<string, Promise<LoginsFile | undefined>>();
  const helped = new Map<string, Promise<Credentials | undefined>>();
  const once = <T>(made: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> => {
    const result = made.get(key) ?? make();
    made.set(key, result);
    return result;
  };
  return {
    async find(host, repository) {
      for (const file of loginFiles) {
        const logins = await once(files, file.path, () => readLogins(file));
        if (logins === undefined) continue;
        const helper = helperOf(file, logins, host);
        const key = keyOf(file, host);
        const kept =
          helper === undefined
            ? undefined
            : await once(helped, `${helper.name} ${key}`, () => askHelper(helper, key, env));
        const found = kept ?? entryOf(logins, host, repository);
        if (found !== undefined) return found;
      }
      return undefined;
    },
    forget() {
      files.clear();
      helped.clear();
    },
  };
}

const entrySchema = z.object({
  auth: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  identitytoken: z.string().optional(),
  registrytoken: z.string().optional(),
});

const loginsSchema = z.looseObject({
  auths: z.record(z.string(), entrySchema.nullable()).nullish(),
  credHelpers: z.record(z.string(), z.string()).nullish(),
  credsStore: z.string().nullish(),
});

/** A file of logins, with whatever else is in it. */
export type LoginsFile = z.infer<typeof loginsSchema>;

// Each login has some 200 bytes; docker's file holds other settings, too.
const maxLoginsBytes = 4 * 1024 * 1024;

/** The file; undefined where there is none or nothing in it. @throws {AirgapError} REGISTRY_CONFIG */
export async function readLogins({ path, isOptional }: LoginFile): Promise<LoginsFile | undefined> {
  const text = await readIfThere(path).catch((error: unknown) => {
    if (isOptional === true && error instanceof Error && hasCode(error.cause, 'EACCES')) return undefined;
    throw error;
  });
  if (text === undefined || text.trim() === '') return undefined;
  const decoded = decodeJson(Buffer.from(text), { schema: loginsSchema, limitBytes: maxLoginsBytes });
  if (decoded.problem === undefined) return decoded.value;
  // Not the cause: it may quote what stands in the file.
  const problem = decoded.problem === 'form' ? `${decoded.field} is not as expected` : 'it is no JSON';
  throw new AirgapError('REGISTRY_CONFIG', { path, problem });
}

/** The helper that the file sets for that registry. */
export function helperOf(
  { path }: LoginFile,
  { credHelpers, credsStore }: LoginsFile,
  host: string,
): Helper | undefined {
  const own = keysOf(host)
    .map((key) => credHelpers?.[key])
    .find((name) => name !== undefined);
  const name = own || credsStore;
  return name ? { name, path } : undefined;
}

/** What that file calls a registry, and asks its helpers for: podman has no other name for docker.io. */
export function keyOf({ kind }: LoginFile, host: string): string {
  return kind === 'docker' && host === 'docker.io' ? dockerHubKey : host;
}

/** All that a registry may be called. */
export function keysOf(host: string): readonly string[] {
  return host === 'docker.io' ? [host, dockerHubKey] : [host];
}

/** Of several entries that are meant for it, the one for the most of the repository's path. */
function entryOf({ auths }: LoginsFile, host: string, repository: string): Credentials | undefined {
  const full = `${host}/${repository}`;
  const fitting = Object.entries(auths ?? {})
    .map(([key, entry]) => ({ key: plainKey(key), entry }))
    .filter(({ key }) => full === key || full.startsWith(`${key}/`))
    .sort((a, b) => b.key.length - a.key.length);
  for (const { entry } of fitting) {
    const found = entry === null ? undefined : credentialsOf(entry);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether that entry is more than an empty one. */
export function hasLogin({ auths }: LoginsFile, key: string): boolean {
  const entry = auths?.[key] ?? undefined;
  return entry !== undefined && credentialsOf(entry) !== undefined;
}

/** Keys were URLs once: `https://registry.lan/v2/` is registry.lan's. */
export function plainKey(key: string): string {
  const bare = key.replace(/^https?:\/\//, '').replace(/\/(?:v1|v2)?\/?$/, '');
  return bare.replace(/^(?:index\.docker\.io|registry-1\.docker\.io)(?=\/|$)/, 'docker.io');
}

function credentialsOf(entry: z.infer<typeof entrySchema>): Credentials | undefined {
  const { auth, identitytoken, registrytoken } = entry;
  if (registrytoken) return { kind: 'bearer', token: registrytoken };
  if (identitytoken) return { kind: 'identity', token: identitytoken };
  const decoded = Buffer.from(auth ?? '', 'base64')
    .toString('utf8')
    .replace(/\0+$/, '');
  const colon = decoded.indexOf(':');
  const user = colon > 0 ? decoded.slice(0, colon) : entry.username;
  const password = colon > 0 ? decoded.slice(colon + 1) : entry.password;
  return user && password !== undefined ? { kind: 'password', user, password } : undefined;
}
