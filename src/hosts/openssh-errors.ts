// Says in our words what the system's ssh writes to its stderr before it gives up.
import { AirgapError } from '../errors.js';
import { ForwardError } from './host.js';
import { plain } from './ssh2-errors.js';
import type { ResolvedTarget } from './target.js';

// Enough for a banner and everything ssh -v would say; the rest is not read.
export const stderrLimit = 64 * 1024;

/** Why ssh could not connect, from what it wrote. */
export function translateOpenSshError(stderr: string, target: ResolvedTarget, canAsk: boolean): AirgapError {
  const { name: host, address, user, hostName, connectTimeoutSeconds: seconds } = target;
  const has = (pattern: RegExp): boolean => pattern.test(stderr);
  if (has(/REVOKED HOST KEY|is marked as revoked|host key .* revoked/i)) {
    return new AirgapError('HOST_KEY_REVOKED', { host, ...keyFacts(stderr) });
  }
  if (has(/REMOTE HOST IDENTIFICATION HAS CHANGED|Host key for .* has changed/i)) {
    return new AirgapError('HOST_KEY_CHANGED', { host, ...keyFacts(stderr) });
  }
  if (has(/Host key verification failed|No .* host key is known/i)) {
    const { keyType, fingerprint } = keyFacts(stderr);
    const files = [...target.hostKeys.userFiles, ...target.hostKeys.globalFiles];
    return new AirgapError('HOST_KEY_UNKNOWN', { host, keyType, fingerprint, files });
  }
  if (has(/Could not resolve hostname|Name or service not known/i)) {
    return new AirgapError('HOST_UNKNOWN', { host, address: hostName });
  }
  if (has(/Connection refused|No route to host|Network is unreachable/i)) {
    return new AirgapError('HOST_REFUSED', { host, address });
  }
  if (has(/timed out/i)) return new AirgapError('HOST_TIMEOUT', { host, seconds, during: 'connect' });
  if (has(/Permission denied|Too many authentication failures|No supported authentication methods/i)) {
    const offered = /Permission denied \(([^)]*)\)/.exec(stderr)?.[1]?.split(',') ?? [];
    const tried = canAsk ? offered : [...offered, 'BatchMode'];
    return new AirgapError('SSH_AUTH_FAILED', { host, user, tried: tried.map(plain) });
  }
  if (has(/Bad configuration option|Bad owner or permissions|terminating, \d+ bad/i)) {
    return new AirgapError('SSH_CONFIG_INVALID', { path: 'ssh_config', problem: lastLine(stderr) });
  }
  return new AirgapError('SSH_LOST', { host, detail: lastLine(stderr) });
}

/**
 * Why an `ssh -W` has failed: of a host that made no connection it says no more than that, the reason is the last one in
 * its master's log.
 */
export function forwardError(stderr: string, log: string, host: string): Error {
  if (!/stdio forwarding request failed/i.test(stderr))
    return Object.assign(new Error(lastLine(stderr)), { code: 'ECONNRESET' });
  const reason = [...log.matchAll(/^channel \d+: open failed: (.*)$/gm)].at(-1)?.[1] ?? stderr;
  const isRefused = /administratively prohibited/i.test(reason);
  const said = lastLine(reason).replace(/^connect failed: (?=.)/, '');
  return new ForwardError(isRefused ? 'ERR_FORWARD_REFUSED' : 'ERR_FORWARD_FAILED', { host, said });
}

/** The same error with the key that a verbose ssh was shown last: of the machine at which it stopped. */
export function withShownKey(
  error: AirgapError<'HOST_KEY_UNKNOWN'>,
  verbose: string,
): AirgapError<'HOST_KEY_UNKNOWN'> {
  const shown = [...verbose.matchAll(/Server host key: (\S+) (SHA256:[A-Za-z0-9+/]+)/g)].at(-1);
  if (shown === undefined) return error;
  const [, keyType = '?', fingerprint = '?'] = shown;
  return new AirgapError('HOST_KEY_UNKNOWN', { ...error.facts, keyType: plain(keyType), fingerprint });
}

/** ssh prints all of these with a changed key; of an unknown one in BatchMode only the type. */
function keyFacts(stderr: string): { keyType: string; fingerprint: string; file: string; line: number } {
  const offending = /Offending (?:(\S+) )?key(?: for \S+)? in (.+):(\d+)/.exec(stderr);
  return {
    keyType: plain(/No (\S+) host key is known/.exec(stderr)?.[1] ?? offending?.[1] ?? '?'),
    fingerprint: /SHA256:[A-Za-z0-9+/]+/.exec(stderr)?.[0] ?? '?',
    file: plain(offending?.[2] ?? 'known_hosts'),
    line: Number(offending?.[3] ?? 0),
  };
}

/** What ssh wrote last, fit for a message. */
export function lastLine(stderr: string): string {
  const lines = stderr.split(/[\r\n]+/).filter((line) => line.trim() !== '');
  return plain(lines.at(-1) ?? 'ssh gave no reason');
}
