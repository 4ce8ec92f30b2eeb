// Says in our words what the ssh2 library and its sockets report.
import { AirgapError } from '../errors.js';
import { ForwardError } from './host.js';
import type { ResolvedTarget } from './target.js';

/** How far a connection had come. */
export type ConnectPhase = 'connect' | 'handshake' | 'login' | 'open';

const unknownName = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA', 'EAI_NONAME']);
const unreachable = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'EACCES']);

/**
 * What failed while a connection was made or used. An AirgapError passes as it is.
 * @param tried ways to log in that were tried so far
 */
export function translateSsh2Error(
  cause: unknown,
  target: ResolvedTarget,
  { phase, tried }: { readonly phase: ConnectPhase; readonly tried: readonly string[] },
): AirgapError {
  if (cause instanceof AirgapError) return cause;
  const { name: host, address } = target;
  const message = cause instanceof Error ? cause.message : String(cause);
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (phase === 'connect' && unknownName.has(code)) {
    return new AirgapError('HOST_UNKNOWN', { host, address: target.hostName }, { cause });
  }
  if (phase === 'connect' && unreachable.has(code)) {
    return new AirgapError('HOST_REFUSED', { host, address }, { cause });
  }
  if (code === 'ETIMEDOUT' && phase !== 'open') return timeoutError(target, phase, cause);
  if (/no matching|unsupported algorithm|incompatible/i.test(message)) {
    return new AirgapError('SSH_UNSUPPORTED', { host, problem: plain(message) }, { cause });
  }
  if (phase === 'login' && /too many authentication failures/i.test(message)) {
    return authError(target, tried, cause);
  }
  return new AirgapError('SSH_LOST', { host, detail: plain(message) }, { cause });
}

export function timeoutError(target: ResolvedTarget, phase: ConnectPhase, cause?: unknown): AirgapError {
  const { name: host, connectTimeoutSeconds: seconds } = target;
  return new AirgapError('HOST_TIMEOUT', { host, seconds, during: phase }, { cause });
}

export function authError(target: ResolvedTarget, tried: readonly string[], cause?: unknown): AirgapError {
  return new AirgapError('SSH_AUTH_FAILED', { host: target.name, user: target.user, tried }, { cause });
}

/** A jump host that could not reach the next one. */
export function translateForwardError(cause: unknown, target: ResolvedTarget): AirgapError {
  const { name: host, address, hostName } = target;
  const message = cause instanceof Error ? cause.message : String(cause);
  if (/name or service not known|could not resolve|no address associated/i.test(message)) {
    return new AirgapError('HOST_UNKNOWN', { host, address: hostName }, { cause });
  }
  if (/timed out/i.test(message)) return timeoutError(target, 'connect', cause);
  return new AirgapError('HOST_REFUSED', { host, address }, { cause });
}

/** Why a host made no connection to another machine for us. */
export function forwardError(cause: Error, host: string): ForwardError {
  // RFC 4254 section 5.1: 1 is "administratively prohibited".
  const isRefused = 'reason' in cause && cause.reason === 1;
  const said = plain(cause.message.replace(/^\(SSH\) Channel open failure: /, ''));
  return new ForwardError(isRefused ? 'ERR_FORWARD_REFUSED' : 'ERR_FORWARD_FAILED', { host, said });
}

/** What a server says may hold anything: one line, no control characters, not long. */
export function plain(text: string): string {
  return text
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, 200);
}
