// Which registries are this machine itself: docker takes them for insecure, and no proxy stands before them.
import { isIP } from 'node:net';

/** HOST of HOST[:PORT], an IPv6 address without its brackets. */
export const withoutPort = (host: string): string => host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');

/** This machine, by a name that nobody has to be asked about. */
export function isLoopback(host: string): boolean {
  const name = withoutPort(host);
  return name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'));
}
