// What stands in the Authorization header: basic logins, and bearer tokens fetched from where the registry says, kept until
// shortly before they expire. @see distribution's "Token Authentication Specification" and its OAuth2 page
import * as z from 'zod';
import { AirgapError, type ErrorFacts } from '../errors.js';
import { decodeJson } from '../oci/json.js';
import { type Challenge, parseChallenges } from './challenge.js';
import type { Credentials } from './credentials.js';
import { answerError, connectionError, saidBy } from './errors.js';
import { maxTokenBytes } from './limits.js';
import { readBody } from './read-body.js';
import type { Answer, Exchange } from './transport.js';

/** What a request is about: the rights its token must have. */
export interface Scope {
  /** Empty for what is no repository's. */
  readonly repository: string;
  readonly actions: readonly ('pull' | 'push' | 'delete')[];
  /** A repository that blobs are mounted from. */
  readonly from?: string;
}

export interface AuthorizerOptions {
  /** HOST[:PORT], for messages and for who one is there. */
  readonly registry: string;
  credentials(repository: string): Promise<Credentials | undefined>;
  /** Sends as often as it takes. */
  send(exchange: Omit<Exchange, 'isInsecure' | 'registry'>): Promise<Answer>;
  /** Filled with what no message may repeat. */
  readonly secrets: Set<string>;
  /** Asks token servers for a refresh token in place of the password, and gets it. */
  readonly onRefreshToken?: (token: string) => void;
}

export interface Authorizer {
  /** The header to begin with; undefined as long as nobody has asked for one. */
  header(scope: Scope, signal?: AbortSignal): Promise<string | undefined>;
  /** Another one, when `used` was answered with 401. @throws {AirgapError} REGISTRY_DENIED where there is none */
  again(refusal: Answer, used: string | undefined, scope: Scope, signal?: AbortSignal): Promise<string>;
  /** What a 401 means that came all the same, or a 403. */
  denied(refusal: Answer, scope: Scope): Promise<AirgapError>;
}

interface Bearer {
  readonly realm: URL;
  readonly service: string | undefined;
}

interface Token {
  readonly value: string;
  readonly expiresAt: number;
}

/** Before its end a token may be on its way to a busy server. */
const earlyMs = 10_000;
/** "For compatibility with older clients a token should not live less than 60 seconds." */
const usualLifeSeconds = 60;

/** The authorizer of one registry. */
export function createAuthorizer(options: AuthorizerOptions): Authorizer {
  const { registry, secrets } = options;
  let asked: 'basic' | Bearer | undefined;
  const tokens = new Map<string, Promise<Token>>();
  // Where the server hands out a new one with each token, the old one may be dead.
  let rotated: string | undefined;

  const credentialsFor = async (repository: string): Promise<Credentials | undefined> => {
    const found = await options.credentials(repository);
    if (found !== undefined) secrets.add(found.kind === 'password' ? found.password : found.token);
    if (found?.kind === 'password') secrets.add(encodeLogin(found.user, found.password));
    return found;
  };
  const basic = (user: string, password: string): string => `Basic ${encodeLogin(user, password)}`;
  const deny = (
    { repository, actions }: Scope,
    problem: ErrorFacts['REGISTRY_DENIED']['problem'],
    detail = '',
    schemes: readonly string[] = [],
  ): AirgapError =>
    new AirgapError('REGISTRY_DENIED', {
      registry,
      repository,
      problem,
      detail,
      ...(actions.includes('push') ? { action: 'push' } : {}),
      ...(schemes.length === 0 ? {} : { schemes }),
    });

  const tokenFor = (bearer: Bearer, scope: Scope, signal: AbortSignal | undefined): Promise<Token> => {
    const key = scopesOf(scope).join(' ');
    const known = tokens.get(key);
    if (known !== undefined) return known;
    const fetched = fetchToken(bearer, scope, signal);
    tokens.set(key, fetched);
    fetched.catch(() => tokens.delete(key));
    return fetched;
  };

  const fetchToken = async (
    { realm, service }: Bearer,
    scope: Scope,
    signal: AbortSignal | undefined,
  ): Promise<Token> => {
    const credentials = await credentialsFor(scope.repository);
    const url = new URL(realm);
    const headers: Record<string, string> = { accept: 'application/json' };
    const scopes = scopesOf(scope);
    let form: URLSearchParams | undefined;
    if (credentials?.kind === 'identity') {
      const refresh_token = rotated ?? credentials.token;
      form = new URLSearchParams({ grant_type: 'refresh_token', client_id: clientName, refresh_token });
      if (service !== undefined) form.set('service', service);
      if (scopes.length > 0) form.set('scope', scopes.join(' '));
      headers['content-type'] = 'application/x-www-form-urlencoded';
    } else {
      if (service !== undefined) url.searchParams.set('service', service);
      for (const one of scopes) url.searchParams.append('scope', one);
      if (credentials?.kind === 'password') {
        url.searchParams.set('account', credentials.user);
        headers.authorization = basic(credentials.user, credentials.password);
        if (options.onRefreshToken !== undefined) {
          url.searchParams.set('offline_token', 'true');
          url.searchParams.set('client_id', clientName);
        }
      }
    }
    const body = form === undefined ? undefined : Buffer.from(form.toString());
    const method = body === undefined ? 'GET' : 'POST';
    const request = `${method} ${url.origin}${url.pathname}`;
    const at = { kind: 'tokens', place: url.host } as const;
    const answer = await options.send({ method, url, headers, body, signal }).catch((error: unknown) => {
      throw signal?.aborted === true ? signal.reason : connectionError(error, registry, request, at);
    });
    const { status } = answer;
    // OAuth2 says 400 to a token that is no longer good.
    if (status === 401 || status === 403 || (status === 400 && form !== undefined)) {
      const said = await saidBy(answer, secrets);
      const kind = credentials?.kind;
      const problem = kind === 'password' ? 'wrong-login' : kind === 'identity' ? 'expired' : 'no-login';
      throw deny(scope, status === 403 && kind === 'password' ? 'forbidden' : problem, said);
    }
    const context = { registry, request, repository: scope.repository, secrets, at };
    if (status !== 200) throw await answerError(answer, context);
    return readToken(await readBody(answer, { limitBytes: maxTokenBytes, what: request }), { request, at });
  };

  const readToken = (raw: Buffer, asked: Pick<ErrorFacts['REGISTRY_ANSWER'], 'request' | 'at'>): Token => {
    const decoded = decodeJson(raw, { schema: tokenSchema, limitBytes: maxTokenBytes });
    const told = decoded.problem === undefined ? decoded.value : undefined;
    const value = told?.token || told?.access_token;
    // What is put into a header must not end it.
    if (told === undefined || value === undefined || !/^[\x21-\x7e]+$/.test(value))
      throw new AirgapError('REGISTRY_ANSWER', { registry, ...asked, detail: 'no token' });
    secrets.add(value);
    if (told.refresh_token) {
      secrets.add(told.refresh_token);
      rotated = told.refresh_token;
      options.onRefreshToken?.(told.refresh_token);
    }
    const lifeMs = Math.max(0, told.expires_in ?? usualLifeSeconds) * 1000;
    return { value, expiresAt: Date.now() + lifeMs - Math.min(earlyMs, lifeMs / 4) };
  };

  return {
    async header(scope, signal) {
      if (asked === undefined) return undefined;
      const { repository } = scope;
      if (asked === 'basic') {
        const credentials = await credentialsFor(repository);
        return credentials?.kind === 'password' ? basic(credentials.user, credentials.password) : undefined;
      }
      const key = scopesOf(scope).join(' ');
      const known = await tokens.get(key)?.catch(() => undefined);
      if (known !== undefined && known.expiresAt <= Date.now()) tokens.delete(key);
      return `Bearer ${(await bearerOf(asked, scope, signal)).value}`;
    },
    async again(refusal, used, scope, signal) {
      const { repository } = scope;
      const challenges = parseChallenges(refusal.headers['www-authenticate']);
      const bearer = challenges.find((one) => one.scheme === 'bearer' && one.parameters.has('realm'));
      if (bearer !== undefined) {
        asked = readBearer(bearer, refusal.url);
        const key = scopesOf(scope).join(' ');
        // Another request may have brought a new one meanwhile.
        const known = await tokens.get(key)?.catch(() => undefined);
        if (known !== undefined && used === `Bearer ${known.value}`) tokens.delete(key);
        refusal.body.destroy();
        return `Bearer ${(await bearerOf(asked, scope, signal)).value}`;
      }
      if (!challenges.some((one) => one.scheme === 'basic')) {
        const schemes = [...new Set(challenges.map((one) => one.scheme))].filter((one) => one !== 'bearer');
        const isKnown = schemes.length === 0;
        // Who has no login yet is told to get one, unless none that there could be would do.
        if (isKnown && (await credentialsFor(repository)) === undefined)
          throw await this.denied(refusal, scope);
        throw deny(
          scope,
          isKnown ? 'unasked' : 'scheme',
          await saidBy(refusal, secrets),
          schemes.slice(0, 5),
        );
      }
      asked = 'basic';
      const credentials = await credentialsFor(repository);
      if (credentials?.kind !== 'password') throw deny(scope, 'no-login', await saidBy(refusal, secrets));
      const header = basic(credentials.user, credentials.password);
      if (header === used) throw deny(scope, 'wrong-login', await saidBy(refusal, secrets));
      refusal.body.destroy();
      return header;
    },
    async denied(refusal, scope) {
      const said = await saidBy(refusal, secrets);
      const credentials = await credentialsFor(scope.repository);
      if (credentials === undefined) return deny(scope, 'no-login', said);
      const isWrong = refusal.status === 401 && asked === 'basic';
      return deny(scope, isWrong ? 'wrong-login' : 'forbidden', said);
    },
  };

  async function bearerOf(bearer: Bearer, scope: Scope, signal: AbortSignal | undefined): Promise<Token> {
    const credentials = await credentialsFor(scope.repository);
    if (credentials?.kind === 'bearer') return { value: credentials.token, expiresAt: Infinity };
    return await tokenFor(bearer, scope, signal);
  }

  function readBearer({ parameters }: Challenge, from: URL): Bearer {
    const text = parameters.get('realm') ?? '';
    const realm = URL.canParse(text) ? new URL(text) : undefined;
    const to = (realm?.origin ?? text).slice(0, 200);
    if (realm === undefined || !/^https?:$/.test(realm.protocol))
      throw new AirgapError('REGISTRY_REDIRECT', { registry, to, problem: 'address' });
    if (from.protocol === 'https:' && realm.protocol === 'http:')
      throw new AirgapError('REGISTRY_REDIRECT', { registry, to, problem: 'realm' });
    realm.username = '';
    realm.password = '';
    return { realm, service: parameters.get('service') };
  }
}

const clientName = 'airgap';

function encodeLogin(user: string, password: string): string {
  return Buffer.from(`${user}:${password}`).toString('base64');
}

const tokenSchema = z.object({
  token: z.string().optional(),
  access_token: z.string().optional(),
  refresh_token: z.string().optional(),
  expires_in: z.number().optional(),
});

function scopesOf({ repository, actions, from }: Scope): string[] {
  if (repository === '') return [];
  const own = `repository:${repository}:${actions.join(',')}`;
  return from === undefined ? [own] : [own, `repository:${from}:pull`];
}
