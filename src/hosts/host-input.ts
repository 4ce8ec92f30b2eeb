// Reads what a user writes to name a host: [user@]host[:port], [user@][v6]:port, ssh://…, and jump lists of those.
import { AirgapError } from '../errors.js';

export interface HostInput {
  /** As it was written. */
  readonly name: string;
  /** The host part: an alias of ssh_config, a name or an address (IPv6 without brackets). */
  readonly alias: string;
  readonly user: string | undefined;
  readonly port: number | undefined;
}

// RFC 1035 allows 253 characters in a name; a user@ and a port beside it. Longer is a mistake or an attack.
const inputLimit = 600;
// As OpenSSH since 9.6 (valid_hostname, valid_ruser): names end up in commands of users' own ssh_config.
const hostPattern = /^[^\s\p{Cc}'"`$\\;&<>|(){}/[\]@,-][^\s\p{Cc}'"`$\\;&<>|(){}/[\]@,]*$/u;
const userPattern = /^[^\s\p{Cc}'"`;&<>|(){}-][^\s\p{Cc}'"`;&<>|(){}]*$/u;

/** @throws {AirgapError} HOST_INVALID */
export function parseHostInput(input: string): HostInput {
  const invalid = new AirgapError('HOST_INVALID', { input: input.slice(0, 100) });
  if (input.length > inputLimit) throw invalid;
  const isUrl = /^ssh:\/\//i.test(input);
  const rest = isUrl ? input.slice(6).replace(/\/$/, '') : input;
  // A user name may hold an @ itself (user@domain): the last one counts, as for ssh.
  const at = rest.lastIndexOf('@');
  const user = at === -1 ? undefined : decodeUser(rest.slice(0, at), isUrl);
  const match = /^(?:\[([^[\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(rest.slice(at + 1));
  // Several colons without brackets can only be an IPv6 address without a port.
  const bare = /^[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%\w+)?$/.exec(rest.slice(at + 1));
  const alias = match?.[1] ?? match?.[2] ?? bare?.[0];
  const port = match?.[3] === undefined ? undefined : Number(match[3]);
  if (alias === undefined || !hostPattern.test(alias)) throw invalid;
  if (user !== undefined && !userPattern.test(user)) throw invalid;
  if (port !== undefined && (port < 1 || port > 65535)) throw invalid;
  return { name: input, alias, user, port };
}

/** The hops of `-J` or ProxyJump, first one first. Empty for `none`. @throws {AirgapError} HOST_INVALID */
export function parseJumps(list: string): readonly HostInput[] {
  if (list.toLowerCase() === 'none') return [];
  return list.split(',').map((hop) => parseHostInput(hop.trim()));
}

/** `host`, or `[host]` for what holds a colon, so that a port can follow. */
export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function decodeUser(user: string, isUrl: boolean): string {
  if (!isUrl) return user;
  try {
    return decodeURIComponent(user);
  } catch {
    return '';
  }
}
