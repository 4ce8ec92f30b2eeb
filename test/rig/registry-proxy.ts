// A proxy in front of a registry that counts what is asked, and on demand cuts, slows down, redirects, refuses or lies.
import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { http } from '../../src/registry/node-http.js';

export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Of its body, as far as it came. */
  bodyBytes: number;
  /** Its answer has been given to the system, or the connection is gone. */
  isOver: boolean;
}

/** What is done instead of, or with, the registry's own answer. */
export interface Trick {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** The connection breaks after so many bytes of the registry's body. */
  readonly cutAfter?: number;
  readonly delayMs?: number;
  /** Nothing is answered before that. */
  readonly until?: Promise<void>;
  /** The connection breaks after so many bytes of the request's body, on both sides. */
  readonly cutRequestAfter?: number;
  /** The registry gets a request when all of it is here, as nginx does it: it sees nothing of one that was cut. */
  readonly buffers?: boolean;
  /** The registry's bytes, changed. */
  readonly change?: (body: Buffer) => Buffer;
  /** Headers of the request that the registry does not get to see. */
  readonly without?: readonly string[];
}

export interface RegistryProxy {
  readonly host: string;
  readonly origin: string;
  /** Every request, in its order. */
  readonly asked: Asked[];
  /** Decides about each request from now on; undefined lets it pass. */
  play(decide: (asked: Asked) => Trick | undefined): void;
  close(): Promise<void>;
}

export interface ProxyOptions {
  /** Of the system's choice where absent. */
  readonly port?: number;
  /** `http://127.0.0.1:5000` */
  readonly to: string;
  /** `clientAuthority`: only who shows a certificate of it is let in. */
  readonly tls?: { readonly certificate: string; readonly key: string; readonly clientAuthority?: string };
}

/** Opens one on loopback. */
export async function openRegistryProxy({ to, tls, port: wanted = 0 }: ProxyOptions): Promise<RegistryProxy> {
  const asked: Asked[] = [];
  let decide: (asked: Asked) => Trick | undefined = () => undefined;
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const { method = '', url = '', headers } = request;
    const one: Asked = { method, url, headers, bodyBytes: 0, isOver: false };
    const over = (): void => {
      one.isOver = true;
    };
    response.on('finish', over).on('close', over);
    asked.push(one);
    request.on('data', (chunk: Buffer) => {
      one.bodyBytes += chunk.byteLength;
    });
    request.pause();
    serve(request, response, decide(one) ?? {}, to).catch(() => response.destroy());
  };
  const server = tls === undefined ? http.createServer(handle) : https.createServer(tlsOptions(tls), handle);
  await new Promise<void>((resolve) => server.listen(wanted, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    host: `127.0.0.1:${port}`,
    origin: `http${tls === undefined ? '' : 's'}://127.0.0.1:${port}`,
    asked,
    play(next) {
      decide = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function tlsOptions({
  certificate,
  key,
  clientAuthority,
}: NonNullable<ProxyOptions['tls']>): https.ServerOptions {
  const own = { cert: readFileSync(certificate), key: readFileSync(key) };
  if (clientAuthority === undefined) return own;
  return { ...own, requestCert: true, rejectUnauthorized: true, ca: readFileSync(clientAuthority) };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  trick: Trick,
  to: string,
): Promise<void> {
  if (trick.delayMs !== undefined) await sleep(trick.delayMs, undefined, { ref: false });
  await trick.until;
  if (trick.status !== undefined) {
    request.resume();
    response.writeHead(trick.status, { ...trick.headers }).end(trick.body ?? '');
    return;
  }
  const headers = { ...request.headers };
  for (const name of trick.without ?? []) delete headers[name];
  const { request: send } = to.startsWith('https:') ? https : http;
  const passed = send(new URL(request.url ?? '', to), {
    method: request.method ?? 'GET',
    headers,
    agent: false,
  });
  const { cutRequestAfter, buffers } = trick;
  const kept: Buffer[] = [];
  let passedBytes = 0;
  request.on('data', (chunk: Buffer) => {
    passedBytes += chunk.byteLength;
    if (cutRequestAfter !== undefined && passedBytes >= cutRequestAfter) {
      request.socket.destroy();
      passed.destroy();
    } else if (buffers === true) kept.push(chunk);
    else passed.write(chunk);
  });
  // A delay outlasts the end of a request without a body.
  if (request.readableEnded) passed.end();
  else request.on('end', () => passed.end(Buffer.concat(kept)));
  request.on('close', () => {
    if (!request.complete) passed.destroy();
  });
  request.resume();
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    passed.on('response', resolve);
    passed.on('error', reject);
  });
  response.writeHead(answer.statusCode ?? 502, { ...answer.headers, ...trick.headers });
  let left = trick.cutAfter ?? Number.POSITIVE_INFINITY;
  const whole: Buffer[] = [];
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    if (trick.change !== undefined) {
      whole.push(chunk);
      continue;
    }
    if (chunk.byteLength >= left) {
      response.write(chunk.subarray(0, left), () => response.destroy());
      return;
    }
    left -= chunk.byteLength;
    if (!response.write(chunk)) await new Promise((resolve) => response.once('drain', resolve));
  }
  response.end(trick.change?.(Buffer.concat(whole)));
}
