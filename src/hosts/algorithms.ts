// Which algorithms the built-in SSH offers, in which order, and how ssh_config's lists change that.
import { matchesPatternList } from './ssh-patterns.js';

/** AES-GCM first: on processors with AES instructions it is the quickest on both sides, and it needs no MAC. */
export const ciphers = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'chacha20-poly1305@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
] as const;

/** `ssh-rsa` (SHA-1 signatures) only where ssh_config names it, as for OpenSSH since 8.8. */
export const hostKeyAlgorithms = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
] as const;

export const keyExchanges = [
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group-exchange-sha256',
  'diffie-hellman-group14-sha256',
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group18-sha512',
] as const;

export type HostKeyAlgorithm = (typeof hostKeyAlgorithms)[number];

/**
 * Our list as a value of ssh_config changes it: `-a,b` takes away, `^a,b` puts in front, `+a,b` changes nothing (what we
 * have and think safe is offered already), a plain list keeps only what it names, in its order.
 */
export function applyAlgorithmList<A extends string>(
  ours: readonly A[],
  spec: string | undefined,
): readonly A[] {
  if (spec === undefined || spec.startsWith('+')) return ours;
  const names = spec.replace(/^[-^]/, '').split(',');
  const isNamed = (algorithm: A): boolean => matchesPatternList(names, algorithm);
  if (spec.startsWith('-')) return ours.filter((algorithm) => !isNamed(algorithm));
  if (spec.startsWith('^')) {
    return [...ours.filter(isNamed), ...ours.filter((algorithm) => !isNamed(algorithm))];
  }
  return names.flatMap((name) => ours.filter((algorithm) => algorithm === name));
}

/** The algorithms to ask a server for, those whose key types we know first, so that it shows the key we can compare. */
export function orderHostKeyAlgorithms(
  knownTypes: ReadonlySet<string>,
  spec: string | undefined,
): readonly HostKeyAlgorithm[] {
  const named = spec !== undefined && /(^|[+^,])ssh-rsa(,|$)/.test(spec);
  const safe = hostKeyAlgorithms.filter((algorithm) => algorithm !== 'ssh-rsa' || named);
  const allowed = applyAlgorithmList(safe, spec);
  const isKnown = (algorithm: HostKeyAlgorithm): boolean => knownTypes.has(keyTypeOf(algorithm));
  return [...allowed.filter(isKnown), ...allowed.filter((algorithm) => !isKnown(algorithm))];
}

/** RSA has one key type and several signature algorithms. */
function keyTypeOf(algorithm: HostKeyAlgorithm): string {
  return algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm;
}
