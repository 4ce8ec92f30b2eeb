// One HTTP exchange over connections that stay open, by way of the proxy that the environment names; nothing is tried twice,
// no redirect followed, no credential known here. @see Node's http.Agent `proxyEnv`
import type { Agent, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex, Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { connectMs, silenceMs, workMs } from './limits.js';
import { http } from './node-http.js';
import { proxyFor, proxySecrets } from './proxy.js';
import { limitSilence } from './silence.js';
import type { Trust } from './trust.js';
import { createTunnelAgent } from './tunnel-agent.js';

export interface Exchange {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Readable | Uint8Array | undefined;
  /** Whoever answers counts as the right one. */
  readonly isInsecure: boolean;
  /** The registry that has sent us there, HOST[:PORT]: whom it may be signed by, this may be signed by, too. */
  readonly registry: string;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly url: URL;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** To be read to its end, or destroyed. */
  readonly body: Readable;
}

export interface Transport {
  /** Resolves when the headers are here. @throws what node:http and node:tls say; the signal's reason */
  exchange(exchange: Exchange): Promise<Answer>;
  /** What no message may repeat, of the proxy before it. */
  readonly secrets: readonly string[];
  close(): void;
}

/** Opens a connection to a machine, as seen from wherever the connection begins. */
export type Connect = (place: { readonly hostName: string; readonly port: number }) => Promise<Duplex>;

export interface TransportOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Of HOST[:PORT], on behalf of a registry. */
  trust(host: string, registry: string): Promise<Trust>;
  /** How connections are made, instead of by this machine's own network and the proxy that the environment names. */
  readonly connect?: Connect | undefined;
  /** Instead of `silenceMs`. */
  readonly silenceMs?: number;
  /** Instead of `workMs`. */
  readonly workMs?: number;
  /** Instead of `connectMs`, where `connect` is given. */
  readonly connectMs?: number;
}

/** Thrown where nothing came for too long; counts as a cut. */
export class SilenceError extends Error {
  readonly code = 'ETIMEDOUT';
}

/** Nobody answered the first packet. */
class ConnectTimeoutError extends Error {
  readonly code = 'ECONNTIMEOUT';
}

/** A transport; one for a run, so that its connections are shared. */
export function createTransport(options: TransportOptions): Transport {
  const { env, trust, connect, silenceMs: timeout = silenceMs } = options;
  const working = options.workMs ?? workMs;
  const agents = new Map<string, Promise<Agent>>();
  const opened: Agent[] = [];

  const agentFor = ({ url, isInsecure, registry }: Exchange): Promise<Agent> => {
    const key = `${url.origin} ${registry} ${isInsecure}`;
    const known = agents.get(key);
    if (known !== undefined) return known;
    const made = (async () => {
      const proxyEnv = connect === undefined ? proxyFor(url, env) : {};
      const keep = { keepAlive: true, keepAliveMsecs: 30_000, maxSockets: 16, proxyEnv };
      const secure =
        url.protocol === 'http:'
          ? undefined
          : { ...(await trust(url.host, registry)), rejectUnauthorized: !isInsecure };
      const own = (): Agent =>
        secure === undefined ? new http.Agent(keep) : new https.Agent({ ...keep, ...secure });
      const agent =
        connect === undefined ? own() : createTunnelAgent(inTime(connect, options.connectMs), secure);
      opened.push(agent);
      return agent;
    })();
    agents.set(key, made);
    made.catch(() => agents.delete(key));
    return made;
  };

  /** Whatever it answers: that it does is what counts. */
  const isThere = async ({ url, isInsecure, registry, signal }: Exchange): Promise<boolean> => {
    const asked = { method: 'GET', url: new URL('/v2/', url), headers: {}, isInsecure, registry, signal };
    return await transport.exchange(asked).then(
      ({ body }) => {
        body.destroy();
        return true;
      },
      () => false,
    );
  };

  const transport: Transport = {
    secrets: connect === undefined ? proxySecrets(env) : [],
    async exchange(exchange) {
      const { method, url, headers, body, signal } = exchange;
      signal?.throwIfAborted();
      const agent = await agentFor(exchange);
      // By a tunnel node:http looks at it itself.
      const isForwarded =
        connect === undefined && url.protocol === 'http:' && 'HTTP_PROXY' in proxyFor(url, env);
      const { request } = url.protocol === 'http:' ? http : https;
      try {
        return await new Promise<Answer>((resolve, reject) => {
          // Of `timeout` only the way through a proxy is left: until it stands there is no socket to be watched.
          const sent = request(url, { method, headers, agent, timeout, ...(signal ? { signal } : {}) });
          // What only reads is answered without much work.
          const isWork = method === 'PUT' || method === 'PATCH';
          const limits = {
            silenceMs: timeout,
            workMs: isWork ? working : timeout,
            isThere: () => isThere(exchange),
          };
          limitSilence(sent, limits, () => new SilenceError('silence'));
          sent.on('error', reject);
          sent.on('socket', limitConnect);
          sent.on('response', (body: IncomingMessage) => {
            // Whoever reads it sees its errors; a body that nobody reads must not end the process.
            body.on('error', () => undefined);
            if (isForwarded && body.statusCode === 407) {
              // Its words may be the login that it was told.
              body.destroy();
              reject(new ProxyError('HTTP 407', 'ERR_PROXY_TUNNEL'));
              return;
            }
            resolve({ url, status: body.statusCode ?? 0, headers: body.headers, body });
          });
          if (body === undefined) sent.end();
          else if (body instanceof Uint8Array) sent.end(body);
          else {
            body.pipe(sent);
            finished(body, { writable: false }).catch((error: Error) => sent.destroy(error));
          }
        });
      } catch (error) {
        if (body !== undefined && !(body instanceof Uint8Array)) body.destroy();
        throw signal?.aborted === true ? signal.reason : ofProxy(error, url);
      }
    },
    close() {
      for (const agent of opened) agent.destroy();
    },
  };
  return transport;
}

/** As node:http tells what fails at a proxy. */
class ProxyError extends Error {
  readonly code: string;

  constructor(message: string, code: 'ERR_PROXY_UNREACHABLE' | 'ERR_PROXY_TUNNEL', options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** What could not be reached where another place than the one that was asked for was tried: that is the proxy. */
function ofProxy(error: unknown, { hostname, port, protocol }: URL): unknown {
  const of = error instanceof AggregateError ? error.errors[0] : error;
  if (!(of instanceof Error)) return error;
  const tried = of as NodeJS.ErrnoException & { readonly hostname?: string; readonly port?: number };
  const isName = tried.syscall === 'getaddrinfo' && tried.hostname !== hostname.replace(/^\[|\]$/g, '');
  const own = port === '' ? (protocol === 'http:' ? '80' : '443') : port;
  const isPlace = tried.syscall === 'connect' && tried.port !== undefined && String(tried.port) !== own;
  return isName || isPlace ? new ProxyError(of.message, 'ERR_PROXY_UNREACHABLE', { cause: error }) : error;
}

/** Of a connection that stands already nothing is limited here. */
function limitConnect(socket: Socket): void {
  if (!socket.connecting) return;
  const timer = setTimeout(() => socket.destroy(new ConnectTimeoutError('no connection')), connectMs);
  const done = (): void => clearTimeout(timer);
  socket.once('connect', done).once('close', done);
}

/** A host on the way tells late, or never, that nobody answers it. */
function inTime(connect: Connect, limitMs = connectMs): Connect {
  return async (place) => {
    const made = connect(place);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(new ConnectTimeoutError('no connection'));
        made.then((stream) => stream.destroy()).catch(() => undefined);
      }, limitMs);
    });
    try {
      return await Promise.race([made, late]);
    } finally {
      clearTimeout(timer);
    }
  };
}
