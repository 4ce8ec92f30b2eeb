// Logging in and out: the login is tried at the registry before it is kept.
import { AirgapError, type ErrorFacts, isAirgapError } from '../errors.js';
import { parseReference } from '../oci/reference.js';
import { createEndpoints, isAddress } from './endpoints.js';
import { type Forgotten, forgetLogin, type Keepable, type Kept, keepLogin } from './login-file.js';
import { isLoopback } from './loopback.js';
import type { NoticeListener } from './notices.js';
import { readPlaces } from './places.js';
import { createRegistry, greetRegistry } from './registry.js';
import { createTransport } from './transport.js';
import { createTrust } from './trust.js';

export interface LoginOptions {
  /** As `parseRegistry` gives it. */
  readonly host: string;
  readonly user: string;
  readonly password: string;
  readonly notify: NoticeListener;
  readonly signal?: AbortSignal;
}

export interface LoggedIn extends Kept {
  /** A token that the registry gave for it is kept, not the password. */
  readonly isToken: boolean;
  /** The registry wanted to see it; else nobody has looked whether it is right. */
  readonly isProved: boolean;
}

/**
 * HOST[:PORT] out of what a user writes, docker.io for any of its names.
 * @throws {AirgapError} REFERENCE_INVALID
 */
export function parseRegistry(text: string, of: Place = 'host'): string {
  const bare = text.replace(/^https?:\/\//i, '').replace(/\/(?:v[12]\/?)?$/, '');
  if (/^(?:index\.|registry-1\.)?docker\.io$/.test(bare)) return 'docker.io';
  const { registry, repository } = asRegistry(text, of, () => parseReference(`${bare}/x`));
  if (registry === bare && repository === 'x' && isAddress(registry)) return registry;
  throw notRegistry(text, of, 'registry');
}

/** What a user was to write: HOST[:PORT], that with a path, or a path alone. */
type Place = NonNullable<ErrorFacts['REFERENCE_INVALID']['of']>;

/** What is wrong with a name that is made of a registry's is told of what was written for that. @throws {AirgapError} REFERENCE_INVALID */
export function asRegistry<T>(written: string, of: Place, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!isAirgapError(error, 'REFERENCE_INVALID') || error.facts.of !== undefined) throw error;
    throw notRegistry(written, of, error.facts.problem);
  }
}

export function notRegistry(written: string, of: Place, problem: string): AirgapError<'REFERENCE_INVALID'> {
  // What stands before @ may be a password, which must not go on into messages and logs.
  const shown = written.replace(/^.*@(?!sha\d+:)/, '***@').slice(0, 300);
  return new AirgapError('REFERENCE_INVALID', { input: shown, problem, of });
}

/** Whether the password goes to whoever answers, perhaps unencrypted. @throws {AirgapError} REGISTRY_CONFIG */
export async function tellsAnyone(env: NodeJS.ProcessEnv, host: string): Promise<boolean> {
  return !isLoopback(host) && (await createEndpoints(readPlaces(env)).isInsecure(host));
}

/** @throws {AirgapError} REGISTRY_*, CREDENTIAL_HELPER; nothing is kept then */
export async function logIn(
  env: NodeJS.ProcessEnv,
  { host, user, password, notify, signal }: LoginOptions,
): Promise<LoggedIn> {
  const places = readPlaces(env);
  const endpoints = createEndpoints(places);
  const transport = createTransport({ env, trust: createTrust(places) });
  const refreshTokens: string[] = [];
  let isProved = false;
  const registry = createRegistry({
    host,
    isInsecure: await endpoints.isInsecure(host),
    transport,
    credentials: async () => {
      isProved = true;
      return { kind: 'password', user, password };
    },
    isInsecureHost: endpoints.isInsecure,
    notify,
    onRefreshToken: (token) => void refreshTokens.push(token),
  });
  try {
    await greetRegistry(registry, signal);
  } finally {
    transport.close();
  }
  const token = refreshTokens.at(-1);
  const credentials: Keepable =
    token === undefined ? { kind: 'password', user, password } : { kind: 'identity', token };
  const kept = await keepLogin(places, { host, user, credentials });
  return { ...kept, isToken: token !== undefined, isProved };
}

/** @throws {AirgapError} REGISTRY_CONFIG, CREDENTIAL_HELPER */
export async function logOut(env: NodeJS.ProcessEnv, host: string): Promise<Forgotten> {
  return await forgetLogin(readPlaces(env), host);
}
