// How a registry answers from here, whose failure it is where it fails, and what of this machine let us in.
import { type AirgapError, isAirgapError } from '../errors.js';
import { parseChallenges } from './challenge.js';
import { createLogins } from './credentials.js';
import { createEndpoints } from './endpoints.js';
import { trustProblem } from './errors.js';
import type { NoticeListener } from './notices.js';
import type { Places } from './places.js';
import { createRegistry, greetRegistry } from './registry.js';
import { type Answer, createTransport, type Transport } from './transport.js';
import { createTrust } from './trust.js';

export interface Heard {
  /** Where it is reached; where nothing has answered, https. */
  readonly origin: string;
  /** By daemon.json or registries.conf, or on loopback: whoever answers counts as the right one. */
  readonly isInsecure: boolean;
  /** Something has answered there, be it with a refusal: what failed later did not fail on the way to it. */
  readonly isAnswered: boolean;
  /** By TLS, and someone who is trusted vouches for it. */
  readonly isProved: boolean;
  /** Of REGISTRY_*. */
  readonly error?: AirgapError;
  /** Where that happened: at the place that its tokens come from, or at one that it leads on to; else at the registry itself. */
  readonly failedAt?: { readonly kind: 'tokens' | 'elsewhere'; readonly origin: string };
  /** It asked who we are, and there is a login here. */
  readonly isLoggedIn: boolean;
  /** Only by the authorities in SSL_CERT_FILE it is trusted, or what it leads to. */
  readonly isTrustedByFile: boolean;
}

/** Greets it as every client does. @throws {AirgapError} REGISTRY_CONFIG, CREDENTIAL_HELPER */
export async function askRegistry(
  places: Places,
  host: string,
  { signal, notify }: { readonly signal?: AbortSignal | undefined; readonly notify: NoticeListener },
): Promise<Heard> {
  const endpoints = createEndpoints(places);
  const isInsecure = await endpoints.isInsecure(host);
  const logins = createLogins(places);
  const inner = createTransport({ env: places.env, trust: createTrust(places) });
  const { transport, track } = listening(inner);
  let isLoggedIn = false;
  const registry = createRegistry({
    host,
    isInsecure,
    transport,
    credentials: async (repository) => {
      const found = await logins.find(host, repository);
      isLoggedIn ||= found !== undefined;
      return found;
    },
    isInsecureHost: endpoints.isInsecure,
    notify,
  });
  let origin = `https://${host}`;
  let error: AirgapError | undefined;
  try {
    origin = await registry.origin(signal);
    await greetRegistry(registry, signal);
  } catch (thrown) {
    const isOurs = isAirgapError(thrown) && thrown.code.startsWith('REGISTRY_');
    if (!isOurs || thrown.code === 'REGISTRY_CONFIG') throw thrown;
    error = thrown;
  } finally {
    transport.close();
  }
  // A port that goes without saying may be written.
  const home = new URL(origin).origin;
  const isAnswered = track.answered.has(home);
  const failedAt = error === undefined || !isAnswered ? undefined : placeOf(error, home, track);
  // Of an insecure one nobody has looked who vouches for it.
  const isTrustedByFile = !isInsecure && (await needsFile(places, host, [...track.proved], signal));
  return {
    origin,
    isInsecure,
    isAnswered,
    isProved: track.proved.has(home),
    isLoggedIn,
    isTrustedByFile,
    ...(error === undefined ? {} : { error }),
    ...(failedAt === undefined ? {} : { failedAt }),
  };
}

/** What passed through a transport. */
interface Track {
  /** Origins. */
  readonly answered: Set<string>;
  /** Those of them that were proved by TLS. */
  readonly proved: Set<string>;
  last: URL | undefined;
  /** Where tokens come from. */
  realm: URL | undefined;
}

function listening(inner: Transport): { readonly transport: Transport; readonly track: Track } {
  const track: Track = { answered: new Set(), proved: new Set(), last: undefined, realm: undefined };
  const transport: Transport = {
    async exchange(exchange) {
      track.last = exchange.url;
      const answer = await inner.exchange(exchange);
      const { origin, protocol } = exchange.url;
      track.answered.add(origin);
      if (protocol === 'https:' && !exchange.isInsecure) track.proved.add(origin);
      track.realm ??= realmOf(answer);
      return answer;
    },
    secrets: inner.secrets,
    close: () => inner.close(),
  };
  return { transport, track };
}

function realmOf({ status, headers }: Answer): URL | undefined {
  if (status !== 401) return undefined;
  const bearer = parseChallenges(headers['www-authenticate']).find(({ scheme }) => scheme === 'bearer');
  const realm = bearer?.parameters.get('realm') ?? '';
  return URL.canParse(realm) ? new URL(realm) : undefined;
}

/** A token server may be at the same address, below another path. */
function placeOf(error: AirgapError, home: string, { last, realm }: Track): Heard['failedAt'] {
  const isRealm = isAirgapError(error, 'REGISTRY_REDIRECT') && error.facts.problem === 'realm';
  const isAtRealm = last?.origin === realm?.origin && last?.pathname === realm?.pathname;
  if (realm !== undefined && (isRealm || isAtRealm)) return { kind: 'tokens', origin: realm.origin };
  return last === undefined || last.origin === home ? undefined : { kind: 'elsewhere', origin: last.origin };
}

/** Whether the authorities of this system and those for that registry do not vouch for all of these origins. */
async function needsFile(
  places: Places,
  host: string,
  origins: readonly string[],
  signal?: AbortSignal,
): Promise<boolean> {
  if (!places.env.SSL_CERT_FILE) return false;
  const { SSL_CERT_FILE: _file, ...env } = places.env;
  const transport = createTransport({ env, trust: createTrust({ ...places, env }) });
  const isVouchedFor = async (origin: string): Promise<boolean> => {
    const url = new URL(origin);
    try {
      const asked = { method: 'GET', url, headers: {}, isInsecure: false, registry: host, signal };
      (await transport.exchange(asked)).body.destroy();
      return true;
    } catch (error) {
      return trustProblem(error) !== 'untrusted';
    }
  };
  try {
    return (await Promise.all(origins.map(isVouchedFor))).includes(false);
  } finally {
    transport.close();
  }
}
