// What connections and answers of a registry say, in our codes. Its own words are cut, and secrets that it repeats are masked.
import type { Readable } from 'node:stream';
import * as z from 'zod';
import {
  AirgapError,
  isAirgapError,
  type RegistryAt,
  type RegistryReach,
  type RegistryTrust,
} from '../errors.js';
import { decodeJson } from '../oci/json.js';
import { printable } from '../text/format.js';
import { text } from '../text/text.js';
import { maxDetailLength, maxErrorBytes, maxRetryAfterMs } from './limits.js';
import { isPassing, parseRetryAfter } from './retry.js';
import { type Answer, SilenceError } from './transport.js';

const reaches: Readonly<Record<string, RegistryReach>> = {
  ENOTFOUND: 'name',
  EAI_AGAIN: 'name',
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'no-route',
  ENETUNREACH: 'no-route',
  ENETDOWN: 'no-route',
  ETIMEDOUT: 'timeout',
  ECONNTIMEOUT: 'timeout',
  ERR_FORWARD_REFUSED: 'forward',
  ERR_FORWARD_FAILED: 'beyond',
  ERR_PROXY_UNREACHABLE: 'no-proxy',
  ERR_PROXY_TUNNEL: 'proxy',
  ERR_PROXY_INVALID_CONFIG: 'proxy',
};

const trusts: Readonly<Record<string, RegistryTrust>> = {
  SELF_SIGNED_CERT_IN_CHAIN: 'untrusted',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'untrusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'untrusted',
  UNABLE_TO_GET_ISSUER_CERT: 'untrusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'untrusted',
  CERT_SIGNATURE_FAILURE: 'untrusted',
  CERT_UNTRUSTED: 'untrusted',
  INVALID_CA: 'untrusted',
  CERT_HAS_EXPIRED: 'dates',
  CERT_NOT_YET_VALID: 'dates',
  ERR_TLS_CERT_ALTNAME_INVALID: 'host-name',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'client-certificate',
};

/** What is wrong with the TLS of who answered; undefined where that is not what failed. */
export function trustProblem(error: unknown): RegistryTrust | undefined {
  const { code, message } = codeAndMessage(error);
  const known = Object.hasOwn(trusts, code) ? trusts[code] : undefined;
  if (known !== undefined) return known;
  if (code !== 'EPROTO' && !code.startsWith('ERR_SSL_')) return undefined;
  if (/wrong version number|packet length too long/i.test(`${code.replaceAll('_', ' ')} ${message}`))
    return 'plain-http';
  return /certificate required/i.test(message) ? 'client-certificate' : 'handshake';
}

/** A connection that failed. `request`: what was asked for, for one that broke. `at`: where, if not at the registry itself. */
export function connectionError(error: unknown, host: string, request: string, at?: RegistryAt): AirgapError {
  if (isAirgapError(error)) return error;
  const registry = { registry: host, ...(at === undefined ? {} : { at }) };
  const { code, message } = codeAndMessage(error);
  const problem = trustProblem(error);
  const cause = error;
  if (problem !== undefined) {
    const detail = problem === 'handshake' ? openSslReason(message) : '';
    return new AirgapError('REGISTRY_TLS', { ...registry, problem, detail }, { cause });
  }
  const words = text().words.registry;
  if (error instanceof SilenceError)
    return new AirgapError('REGISTRY_FAILED', { ...registry, request, detail: words.silent }, { cause });
  const reached = Object.hasOwn(reaches, code) ? reaches[code] : undefined;
  if (reached === 'beyond' && error instanceof Error && 'host' in error) {
    const facts = { ...registry, problem: reached, detail: printable(message).slice(0, maxDetailLength) };
    return new AirgapError('REGISTRY_UNREACHABLE', { ...facts, host: String(error.host) }, { cause });
  }
  if (reached !== undefined)
    return new AirgapError('REGISTRY_UNREACHABLE', { ...registry, problem: reached, detail: '' }, { cause });
  if (code === 'ECONNRESET' || code === 'EPIPE' || code === 'ECONNABORTED')
    return new AirgapError('REGISTRY_FAILED', { ...registry, request, detail: words.cut }, { cause });
  const detail = printable(message).slice(0, maxDetailLength);
  // HPE_*: what answers does not speak HTTP, or says too much.
  return code.startsWith('HPE_')
    ? new AirgapError('REGISTRY_ANSWER', { ...registry, request, detail }, { cause })
    : new AirgapError('REGISTRY_UNREACHABLE', { ...registry, problem: 'other', detail }, { cause });
}

export interface AnswerContext {
  readonly registry: string;
  readonly request: string;
  /** Empty for what is no repository's. */
  readonly repository: string;
  readonly secrets: Iterable<string>;
  /** Who answered, if not the registry itself. */
  readonly at?: RegistryAt | undefined;
}

/** A status that was not hoped for. Reads the body, as far as that is worth it. */
export async function answerError(answer: Answer, context: AnswerContext): Promise<AirgapError> {
  const { request, repository, at } = context;
  const registry = { registry: context.registry, ...(at === undefined ? {} : { at }) };
  const { status, headers } = answer;
  const waitMs = parseRetryAfter(headers['retry-after'], Date.now()) ?? 0;
  const wait = Math.ceil(waitMs / 1000);
  if (status === 429) {
    answer.body.destroy();
    return new AirgapError('REGISTRY_LIMIT', { ...registry, seconds: wait === 0 ? undefined : wait });
  }
  const said = await saidBy(answer, context.secrets);
  if (status === 400 && /HTTP request (?:was sent )?to (?:an )?HTTPS/i.test(said))
    return new AirgapError('REGISTRY_TLS', { ...registry, problem: 'plain-https', detail: '' });
  // Elsewhere nobody was told who we are: no other login would help.
  if ((status === 401 || status === 403) && at?.kind !== 'elsewhere')
    return new AirgapError('REGISTRY_DENIED', {
      registry: context.registry,
      repository,
      problem: 'forbidden',
      detail: said,
    });
  const detail = `HTTP ${status}${said === '' ? '' : `, ${said}`}`;
  // What a run waits for itself has been waited for.
  const seconds = waitMs > maxRetryAfterMs ? wait : undefined;
  return isPassing(status)
    ? new AirgapError('REGISTRY_FAILED', { ...registry, request, detail, seconds })
    : new AirgapError('REGISTRY_ANSWER', { ...registry, request, detail });
}

const errorsSchema = z.object({
  errors: z.array(z.object({ code: z.string().optional(), message: z.string().nullish() })).optional(),
  details: z.string().optional(),
  error: z.string().optional(),
  error_description: z.string().optional(),
});

/** What a registry says beside a status. */
export interface Said {
  /** Such as `DENIED`; empty where it has none. */
  readonly code: string;
  /** In one line; empty where it says nothing. */
  readonly words: string;
}

/** Reads the body. @see distribution-spec 1.1 "Error Codes" */
export async function readSaid(answer: Answer, secrets: Iterable<string>): Promise<Said> {
  const raw = await readUpTo(answer.body, maxErrorBytes).catch(() => Buffer.alloc(0));
  const decoded = decodeJson(raw, { schema: errorsSchema, limitBytes: maxErrorBytes });
  const type = answer.headers['content-type'] ?? '';
  let code = '';
  let said = '';
  if (decoded.problem === undefined) {
    const { errors = [], details, error, error_description } = decoded.value;
    const [first] = errors;
    code = first?.code ?? '';
    said = first?.message || first?.code || details || error_description || error || '';
  } else if (type.startsWith('text/plain')) said = raw.toString('utf8').split('\n')[0] ?? '';
  // Before it is cut: half of a token would not be known for one.
  return { code, words: printable(masked(said, secrets)).slice(0, maxDetailLength).trim() };
}

/** The registry's own sentence alone. */
export async function saidBy(answer: Answer, secrets: Iterable<string>): Promise<string> {
  return (await readSaid(answer, secrets)).words;
}

/** Without secrets that someone repeats, as they are or as they were sent. */
export function masked(said: string, secrets: Iterable<string>): string {
  // Shorter ones would mask half of every sentence.
  const forms = [...secrets].filter((secret) => secret.length >= 4).flatMap(formsOf);
  // The longest first: of a form that holds another one nothing may be left.
  return [...new Set(forms)]
    .sort((a, b) => b.length - a.length)
    .reduce((clean, form) => clean.replaceAll(form, '***'), said);
}

/** As it stands in headers, addresses and forms. */
function formsOf(secret: string): string[] {
  const form = new URLSearchParams({ '': secret }).toString().slice(1);
  // toWellFormed: half a character cannot be encoded.
  const encoded = [form, encodeURIComponent(secret.toWellFormed())];
  const lower = encoded.map((one) => one.replace(/%../g, (byte) => byte.toLowerCase()));
  const base64 = Buffer.from(secret).toString('base64');
  return [secret, ...encoded, ...lower, base64, base64.replace(/=+$/, '')];
}

async function readUpTo(body: Readable, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let count = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    count += chunk.byteLength;
    if (count > limitBytes) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function codeAndMessage(error: unknown): { readonly code: string; readonly message: string } {
  // A name with several addresses: the last word of each.
  const one = error instanceof AggregateError ? (error.errors.at(-1) as unknown) : error;
  const message = one instanceof Error ? one.message : String(one);
  return { code: one instanceof Error && 'code' in one ? String(one.code) : '', message };
}

/** `…:SSL routines:tls_process_server_hello:unsupported protocol:…` → `unsupported protocol`. */
function openSslReason(message: string): string {
  const reason = /:SSL routines:[^:]*:([^:]{1,100}):/.exec(message)?.[1] ?? '';
  return printable(reason);
}

/** Whatever answers there is no registry. */
export function webPage(registry: string, request: string, at?: RegistryAt): AirgapError {
  const place = at === undefined ? {} : { at };
  return new AirgapError('REGISTRY_ANSWER', { registry, ...place, request, detail: 'a web page' });
}
