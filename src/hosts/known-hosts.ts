// Reads known_hosts files and judges a key that a machine shows. Pure: files are read and written next door.
// @see sshd(8) SSH_KNOWN_HOSTS FILE FORMAT
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { matchesPatternList } from './ssh-patterns.js';

/** A machine's public key as SSH sends it: its type is the first string in it. */
export interface HostKey {
  readonly type: string;
  readonly blob: Uint8Array;
}

export interface KnownHostEntry {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly marker: 'revoked' | 'cert-authority' | undefined;
  /** The host field as written. */
  readonly hosts: string;
  readonly key: HostKey;
}

export type HostKeyVerdict =
  | { readonly verdict: 'known' }
  | { readonly verdict: 'unknown' }
  | { readonly verdict: 'changed'; readonly file: string; readonly line: number }
  | { readonly verdict: 'revoked'; readonly file: string; readonly line: number };

/** The lines that could be read; comments and damaged ones are passed over, as ssh does. */
export function parseKnownHosts(text: string, file: string): readonly KnownHostEntry[] {
  const entries: KnownHostEntry[] = [];
  for (const [at, raw] of text.split('\n').entries()) {
    const match =
      /^\s*(?:@(revoked|cert-authority)\s+)?([^\s#@]\S*)\s+(\S+)\s+([A-Za-z0-9+/]+=*)(?:\s|$)/.exec(raw);
    if (match === null) continue;
    const [, marker, hosts = '', type = '', base64 = ''] = match;
    const key = parseHostKey(Buffer.from(base64, 'base64'));
    if (key?.type !== type) continue;
    entries.push({
      file,
      line: at + 1,
      marker: marker === 'revoked' || marker === 'cert-authority' ? marker : undefined,
      hosts,
      key,
    });
  }
  return entries;
}

/** Undefined if the bytes are not a key of the SSH wire format (RFC 4253 §6.6). */
export function parseHostKey(blob: Uint8Array): HostKey | undefined {
  if (blob.length < 4) return undefined;
  const view = Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength);
  const length = view.readUInt32BE(0);
  // The longest name OpenSSH has is 44 characters.
  if (length === 0 || length > 64 || blob.length <= 4 + length) return undefined;
  return { type: view.toString('latin1', 4, 4 + length), blob };
}

/**
 * What the entries say about a key shown under these names. A machine that is known under keys of other types only is
 * `changed`, not `unknown`: it was asked for those types first, so it no longer has them, or it is another machine.
 * Names after the first one count only where nothing is known for the first.
 * @param comparable key types we can ask a server for
 */
export function judgeHostKey(
  entries: readonly KnownHostEntry[],
  names: readonly string[],
  shown: HostKey,
  comparable: ReadonlySet<string>,
): HostKeyVerdict {
  const named = names.map((name) => entries.filter((entry) => hostsMatch(entry.hosts, name)));
  for (const entry of named.flat()) {
    if (entry.marker === 'revoked' && isSameKey(entry.key, shown)) {
      return { verdict: 'revoked', file: entry.file, line: entry.line };
    }
  }
  const plain = named.map((found) => found.filter(({ marker }) => marker === undefined));
  // What is known for the first name, [host]:port, says all: falling back on the plain name would let the key of another
  // sshd of that machine pass for this one's. And a key of the plain name contradicts nothing: another port may have its own.
  const [own = [], ...fallback] = plain;
  const trusted = own.length > 0 ? own : fallback.flat();
  if (trusted.some(({ key }) => isSameKey(key, shown))) return { verdict: 'known' };
  const other =
    own.find(({ key }) => key.type === shown.type) ?? own.find(({ key }) => comparable.has(key.type));
  return other === undefined
    ? { verdict: 'unknown' }
    : { verdict: 'changed', file: other.file, line: other.line };
}

/** The key types known for any of the names: what to ask the server for first. */
export function knownKeyTypes(
  entries: readonly KnownHostEntry[],
  names: readonly string[],
): ReadonlySet<string> {
  for (const name of names) {
    const found = entries.filter((entry) => entry.marker === undefined && hostsMatch(entry.hosts, name));
    if (found.length > 0) return new Set(found.map(({ key }) => key.type));
  }
  return new Set();
}

/** A line to append, without its end. */
export function knownHostLine(name: string, key: HostKey, hashName: boolean): string {
  return `${hashName ? hashedName(name) : name} ${key.type} ${Buffer.from(key.blob).toString('base64')}`;
}

/** `SHA256:…` as ssh and ssh-keygen -l print it. */
export function fingerprint({ blob }: HostKey): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

function hostsMatch(hosts: string, name: string): boolean {
  return hosts.startsWith('|')
    ? matchesHashedName(hosts, name.toLowerCase())
    : matchesPatternList(hosts.split(','), name);
}

function matchesHashedName(hosts: string, name: string): boolean {
  const [, version, salt, hash] = hosts.split('|');
  if (version !== '1' || salt === undefined || hash === undefined) return false;
  const wanted = Buffer.from(hash, 'base64');
  const got = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
  return wanted.length === got.length && timingSafeEqual(wanted, got);
}

function hashedName(name: string): string {
  // 20 bytes: the length of the SHA-1 the format is made of.
  const salt = randomBytes(20);
  const hash = createHmac('sha1', salt).update(name.toLowerCase()).digest('base64');
  return `|1|${salt.toString('base64')}|${hash}`;
}

function isSameKey(one: HostKey, other: HostKey): boolean {
  return Buffer.compare(one.blob, other.blob) === 0;
}
