// Logging in and out: the login is tried at the registry before it is kept.
import { AirgapError } from '../errors.js';
import { parseReference } from '../oci/reference.js';
import { createEndpoints, isAddress } from './endpoints.js';
import { forgetLogin, type Keepable, type KeptIn, keepLogin } from './login-file.js';
import { readPlaces } from './places.js';
import { createRegistry, greetRegistry } from './registry.js';
import { createTransport } from './transport.js';
import { createTrust } from './trust.js';

export interface LoginOptions {
  /** As `parseRegistry` gives it. */
  readonly host: string;
  readonly user: string;
  readonly password: string;
  readonly signal?: AbortSignal;
}

export interface LoggedIn {
  readonly keptIn: KeptIn;
  /** A token that the registry gave for it is kept, not the password. */
  readonly isToken: boolean;
  /** The registry wanted to see it; else nobody has looked whether it is right. */
  readonly isProved: boolean;
}

/**
 * HOST[:PORT] out of what a user writes, docker.io for any of its names.
 * @throws {AirgapError} REFERENCE_INVALID
 */
export function parseRegistry(text: string): string {
  const bare = text.replace(/^https?:\/\//, '').replace(/\/(?:v[12]\/?)?$/, '');
  if (/^(?:index\.|registry-1\.)?docker\.io$/.test(bare)) return 'docker.io';
  const { registry, repository } = parseReference(`${bare}/x`);
  if (registry === bare && repository === 'x' && isAddress(registry)) return registry;
  throw new AirgapError('REFERENCE_INVALID', { input: text.slice(0, 300), problem: 'registry' });
}

/** @throws {AirgapError} REGISTRY_*, CREDENTIAL_HELPER; nothing is kept then */
export async function logIn(
  env: NodeJS.ProcessEnv,
  { host, user, password, signal }: LoginOptions,
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
    notify: () => undefined,
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
  const keptIn = await keepLogin(places, { host, user, credentials });
  return { keptIn, isToken: token !== undefined, isProved };
}

/** @returns from where it was taken; nothing where there was no login. @throws {AirgapError} REGISTRY_CONFIG, CREDENTIAL_HELPER */
export async function logOut(env: NodeJS.ProcessEnv, host: string): Promise<KeptIn[]> {
  return await forgetLogin(readPlaces(env), host);
}
