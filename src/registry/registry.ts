// One registry: requests with the right login, tried again where that helps, redirected where that is safe. Reading and pushing
// are built on `request`. @see distribution-spec 1.1; RFC 9110 sections 10.2.3 and 15.4
import type { Readable } from 'node:stream';
import { AirgapError, isAirgapError, type RegistryAt } from '../errors.js';
import type { Credentials } from './credentials.js';
import { answerError, connectionError, readSaid, type Said, trustProblem, webPage } from './errors.js';
import { maxRedirects } from './limits.js';
import type { NoticeListener } from './notices.js';
import { isAbsent, isCut } from './retry.js';
import { type Patience, sendPatiently } from './send-patiently.js';
import { createAuthorizer, type Scope } from './tokens.js';
import type { Answer, Exchange, Transport } from './transport.js';

export type { Answer, Scope };

export interface RegistryRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** `/v2/team/app/manifests/1`, or an address that an answer has given (`locationOf`). */
  readonly path: string | URL;
  readonly scope: Scope;
  readonly headers?: Readonly<Record<string, string>>;
  /** Made anew for each try. */
  readonly body?: () => Readable | Uint8Array;
  /** Statuses beside 2xx that are answers, too, and no errors. */
  readonly accepts?: readonly number[];
  /** Whether cuts and passing failures are tried again; where absent, for GET and HEAD. */
  readonly repeats?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface Registry {
  /** HOST[:PORT], as in image names. */
  readonly host: string;
  /** Where it is reached, such as `https://registry.lan:5000`. Insecure ones are asked which of both they speak. */
  origin(signal?: AbortSignal): Promise<string>;
  /**
   * The answer, with a body to be read or destroyed. Redirects of GET and HEAD are followed, without the login where they lead
   * elsewhere. @throws {AirgapError} REGISTRY_*, CREDENTIAL_HELPER; the signal's reason
   */
  request(request: RegistryRequest): Promise<Answer>;
  /** Where an answer came from that the registry has led on to; undefined for the registry itself. */
  leadsTo(answer: Pick<Answer, 'url'>): Promise<RegistryAt | undefined>;
  /** What an answer says that was accepted, without secrets. Reads the body. */
  said(answer: Answer): Promise<Said>;
  /** The error of an answer that was accepted, and counts as none all the same. Reads the body. */
  failed(answer: Answer, request: Pick<RegistryRequest, 'method' | 'scope'>): Promise<AirgapError>;
}

export interface RegistryOptions {
  readonly host: string;
  /** Undefined: https, or for an insecure one whatever answers. */
  readonly scheme?: 'http' | 'https' | undefined;
  readonly isInsecure: boolean;
  readonly transport: Transport;
  credentials(repository: string): Promise<Credentials | undefined>;
  /** Of where tokens come from, and where redirects lead. */
  isInsecureHost(host: string): Promise<boolean>;
  readonly notify: NoticeListener;
  readonly onRefreshToken?: (token: string) => void;
}

/** Nothing is asked before the first request. */
export function createRegistry(options: RegistryOptions): Registry {
  const { host, isInsecure, transport, notify } = options;
  const secrets = new Set<string>(transport.secrets);
  const onWait = (ms: number, why: string): void => notify({ kind: 'waiting', registry: host, ms, why });
  /** Another port of an insecure host, such as its token server's, is no more than the host is. */
  const isInsecureAt = async ({ host: other, hostname }: URL): Promise<boolean> =>
    (isInsecure && hostname === host.replace(/:\d+$/, '')) || (await options.isInsecureHost(other));
  // Origins. Who waits for one that has gone, waits once: the next request to it fails at once.
  const answered = new Set<string>();
  const ask = async (exchange: Omit<Exchange, 'registry'>): Promise<Answer> => {
    const answer = await transport.exchange({ ...exchange, registry: host });
    answered.add(exchange.url.origin);
    return answer;
  };
  /** `place`: where it was tried last. */
  const patiently = async (
    send: () => Promise<Answer>,
    { place, ...patience }: Pick<Patience, 'repeats' | 'signal'> & { readonly place: () => URL },
  ): Promise<Answer> => {
    const wasThere = (): boolean => answered.has(place().origin);
    try {
      return await sendPatiently(send, { ...patience, wasThere, onWait });
    } catch (error) {
      if (isAbsent(error)) answered.delete(place().origin);
      throw error;
    }
  };
  const authorizer = createAuthorizer({
    registry: host,
    credentials: options.credentials,
    secrets,
    send: async (exchange) => {
      const insecure = await isInsecureAt(exchange.url);
      // A refresh token may be good for one use.
      const repeats = exchange.method === 'GET';
      const send = () => ask({ ...exchange, isInsecure: insecure });
      return await patiently(send, { repeats, signal: exchange.signal, place: () => exchange.url });
    },
    ...(options.onRefreshToken === undefined ? {} : { onRefreshToken: options.onRefreshToken }),
  });
  let found: Promise<string> | undefined;

  const origin = (signal?: AbortSignal): Promise<string> => {
    const address = authorityOf(host);
    if (!isInsecure || options.scheme !== undefined)
      return Promise.resolve(`${options.scheme ?? 'https'}://${address}`);
    found ??= findScheme(address, signal).catch((error: unknown) => {
      found = undefined;
      throw error;
    });
    return found;
  };

  /** TLS where it is spoken, even if nobody vouches for it. Both are asked at once, so both are waited for once. */
  const findScheme = async (address: string, signal: AbortSignal | undefined): Promise<string> => {
    const askBy = async (scheme: string): Promise<Answer> => {
      const url = new URL(`${scheme}://${address}/v2/`);
      const answer = await ask({ method: 'GET', url, headers: {}, isInsecure, signal });
      answer.body.destroy();
      return answer;
    };
    const either = async (): Promise<Answer> => {
      const [tls, plain] = await Promise.allSettled([askBy('https'), askBy('http')]);
      if (tls.status === 'fulfilled') return tls.value;
      signal?.throwIfAborted();
      // Where TLS was spoken and failed, a plain answer is only the complaint of a server that wants TLS.
      const problem = trustProblem(tls.reason);
      if (problem !== undefined && problem !== 'plain-http') throw tls.reason;
      if (plain.status === 'fulfilled') return plain.value;
      throw isCut(tls.reason) ? tls.reason : plain.reason;
    };
    try {
      return (await sendPatiently(either, { repeats: true, takesAny: true, signal, onWait })).url.origin;
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason;
      throw connectionError(error, host, 'GET /v2/');
    }
  };

  const leadsTo = async ({ url }: Pick<Answer, 'url'>): Promise<RegistryAt | undefined> =>
    url.origin === new URL(await origin()).origin ? undefined : { kind: 'elsewhere', place: url.origin };

  /** One try, with its redirects. `tried` gets to know each place before it is asked. */
  const follow = async (
    { method, headers = {}, body, signal }: RegistryRequest,
    first: URL,
    authorization: string | undefined,
    tried: { url: URL },
  ): Promise<Answer> => {
    let url = first;
    const home = new URL(await origin(signal)).origin;
    for (let hops = 0; ; hops += 1) {
      tried.url = url;
      const own = url.origin === home && authorization !== undefined ? { authorization } : {};
      const answer = await ask({
        method,
        url,
        headers: { ...headers, ...own, 'user-agent': 'airgap' },
        body: body?.(),
        isInsecure: url.origin === home ? isInsecure : await isInsecureAt(url),
        signal,
      });
      if (![301, 302, 303, 307, 308].includes(answer.status) || (method !== 'GET' && method !== 'HEAD'))
        return answer;
      answer.body.destroy();
      url = redirected(answer, hops);
    }
  };

  const redirected = (answer: Answer, hops: number): URL => {
    const to = locationOf(answer);
    const refuse = (problem: 'scheme' | 'too-many' | 'address', shown: string): never => {
      throw new AirgapError('REGISTRY_REDIRECT', { registry: host, to: shown.slice(0, 200), problem });
    };
    if (to === undefined || !/^https?:$/.test(to.protocol)) return refuse('address', to?.protocol ?? '');
    // Without its query: that may hold a key.
    if (answer.url.protocol === 'https:' && to.protocol === 'http:') return refuse('scheme', to.origin);
    if (hops >= maxRedirects) return refuse('too-many', to.origin);
    return to;
  };

  return {
    host,
    origin,
    said: (answer) => readSaid(answer, secrets),
    leadsTo,
    failed: async (answer, { method, scope: { repository } }) => {
      const request = `${method} ${answer.url.pathname}`;
      const at = await leadsTo(answer);
      return await answerError(answer, { registry: host, request, repository, secrets, at });
    },
    async request(request) {
      const {
        method,
        path,
        scope,
        accepts = [],
        repeats = method === 'GET' || method === 'HEAD',
        signal,
      } = request;
      const url = typeof path === 'string' ? new URL(path, await origin(signal)) : path;
      const named = `${method} ${url.pathname}`;
      const tried = { url };
      const context = { registry: host, request: named, repository: scope.repository, secrets };
      try {
        const send = async (): Promise<Answer> => {
          const header = await authorizer.header(scope, signal);
          const answer = await follow(request, url, header, tried);
          // Elsewhere nobody is told who we are, nor believed whom to tell: uploads, too, are sent to where answers say.
          if (answer.status !== 401 || (await leadsTo(answer)) !== undefined) return answer;
          const other = await authorizer.again(answer, header, scope, signal);
          return await follow(request, url, other, tried);
        };
        const answer = await patiently(send, { repeats, signal, place: () => tried.url });
        const { status } = answer;
        if ((status >= 200 && status < 300) || accepts.includes(status)) {
          if (!isWebPage(request, url, answer)) return answer;
          answer.body.destroy();
          throw webPage(host, named, await leadsTo(answer));
        }
        const at = await leadsTo(answer);
        if ((status === 401 || status === 403) && at === undefined)
          throw await authorizer.denied(answer, scope);
        throw await answerError(answer, { ...context, at });
      } catch (error) {
        if (signal?.aborted === true) throw signal.reason;
        if (isAirgapError(error)) throw error;
        throw connectionError(error, host, named, await leadsTo(tried));
      }
    },
  };
}

/** Whether it is there and takes the login that there is for it: `GET /v2/` (end-1), as every client begins. @throws {AirgapError} REGISTRY_*, CREDENTIAL_HELPER */
export async function greetRegistry(registry: Registry, signal?: AbortSignal): Promise<void> {
  const scope = { repository: '', actions: [] };
  const answer = await registry.request({ method: 'GET', path: '/v2/', scope, signal });
  answer.body.destroy();
}

/** Where an answer leads: its Location, seen from where it came. */
export function locationOf({ headers, url }: Answer): URL | undefined {
  const { location } = headers;
  if (location === undefined || location.length > maxLocationLength) return undefined;
  return URL.canParse(location, url.href) ? new URL(location, url) : undefined;
}

// Signed addresses of clouds have up to 2 KiB.
const maxLocationLength = 16 * 1024;

/** docker.io has its registry elsewhere. */
function authorityOf(host: string): string {
  return host === 'docker.io' ? 'registry-1.docker.io' : host;
}

/** A proxy's or login page, which says 200 to everything. What is written is answered in any form, and blobs are proved by their digests. */
function isWebPage({ method }: RegistryRequest, { pathname }: URL, { headers }: Answer): boolean {
  if ((method !== 'GET' && method !== 'HEAD') || /\/blobs\/[^/]+$/.test(pathname)) return false;
  return /^text\/html\b/i.test(headers['content-type'] ?? '');
}
