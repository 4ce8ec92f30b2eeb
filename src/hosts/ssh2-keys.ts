// Private keys for the built-in SSH: the agent's, and files, whose passphrase is asked for only when the server takes the key.
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import ssh2, { type ParsedKey } from 'ssh2';
import { AirgapError } from '../errors.js';
import type { Ask } from '../events.js';
import type { ResolvedTarget } from './target.js';

/** One thing to try with method `publickey`: the agent, or one key. */
export interface KeyAttempt {
  /** For the list of what was tried: never a path. */
  readonly label: string;
  readonly agent: ssh2.BaseAgent;
}

// The largest real key file is a 16384 bit RSA key: 13 kB.
const keyFileLimitBytes = 64 * 1024;
const passphraseTries = 3;
// An agent lists its keys at once, one at the end of a forwarded connection after some round trips.
const agentAnswerMs = 5000;

/**
 * Everything to try, in order: keys given by -i, the agent's, then those of ssh_config or the usual ones. A file whose key
 * the agent holds is left to the agent, so nobody is asked for its passphrase.
 * @throws {AirgapError} SSH_KEY_UNREADABLE for a key given by -i
 */
export async function keyAttempts(target: ResolvedTarget, ask: Ask): Promise<readonly KeyAttempt[]> {
  const { agentSocket, givenKeys, usualKeys, identitiesOnly } = target.auth;
  const agent = agentSocket === undefined ? undefined : ssh2.createAgent(agentSocket);
  const held = agent === undefined ? [] : await agentKeys(agent);
  const given = await readKeys(givenKeys, true);
  const usual = await readKeys(usualKeys, false);
  const heldKey = (file: KeyFile): ParsedKey | undefined =>
    held.find((key) => file.publicKey !== undefined && isSameKey(key, file.publicKey));
  const attemptFor = (file: KeyFile): KeyAttempt[] => {
    const key = heldKey(file);
    if (key !== undefined && agent !== undefined) return [{ label: file.label, agent: subset(agent, [key]) }];
    return file.isPrivate ? [{ label: file.label, agent: fileAgent(file, ask) }] : [];
  };
  const usualHeld = usual.filter((file) => heldKey(file) !== undefined);
  const named = new Set([...given, ...usualHeld].map(heldKey));
  const others = identitiesOnly ? [] : held.filter((key) => !named.has(key));
  return [
    ...given.flatMap(attemptFor),
    ...usualHeld.flatMap(attemptFor),
    ...(agent !== undefined && others.length > 0 ? [{ label: 'agent', agent: subset(agent, others) }] : []),
    ...usual.filter((file) => !usualHeld.includes(file)).flatMap(attemptFor),
  ];
}

interface KeyFile {
  readonly label: string;
  readonly raw: Buffer;
  /** False for a file that is only a public key (`-i key.pub` with the private one in the agent). */
  readonly isPrivate: boolean;
  /** Unknown for old encrypted files without a .pub beside. */
  readonly publicKey: ParsedKey | undefined;
}

async function readKeys(files: readonly string[], given: boolean): Promise<readonly KeyFile[]> {
  const keys: KeyFile[] = [];
  for (const file of files) {
    const label = path.basename(file);
    const raw = await readSmall(file);
    const key = raw === undefined ? undefined : await parseFile(file, label, raw);
    if (key !== undefined) keys.push(key);
    else if (given) {
      const problem =
        raw === undefined ? `…/${label} cannot be read` : `…/${label} is no private key of a known kind`;
      throw new AirgapError('SSH_KEY_UNREADABLE', { problem });
    }
  }
  return keys;
}

async function parseFile(file: string, label: string, raw: Buffer): Promise<KeyFile | undefined> {
  const parsed = firstKey(ssh2.utils.parseKey(raw));
  if (!(parsed instanceof Error)) {
    return { label, raw, isPrivate: parsed.isPrivateKey(), publicKey: parsed };
  }
  if (!/passphrase/i.test(parsed.message)) return undefined;
  const inside = publicPart(raw);
  const beside = inside ?? (await readSmall(`${file}.pub`));
  const publicKey = beside === undefined ? parsed : firstKey(ssh2.utils.parseKey(beside));
  return { label, raw, isPrivate: true, publicKey: publicKey instanceof Error ? undefined : publicKey };
}

/** An agent that holds one file: asks for its passphrase when a signature is wanted, so only for a key the server takes. */
function fileAgent({ raw, label, publicKey }: KeyFile, ask: Ask): ssh2.BaseAgent {
  let unlocked: ParsedKey | undefined;
  const unlock = async (): Promise<ParsedKey> => {
    unlocked ??= await unlockKey(raw, label, ask);
    return unlocked;
  };
  return agentOf(
    async () => [publicKey ?? (await unlock())],
    async (_key, bytes, hash) => {
      const signature: unknown = (await unlock()).sign(bytes, hash);
      if (Buffer.isBuffer(signature)) return signature;
      throw signature;
    },
  );
}

async function unlockKey(raw: Buffer, label: string, ask: Ask): Promise<ParsedKey> {
  const plain = firstKey(ssh2.utils.parseKey(raw));
  if (!(plain instanceof Error)) return plain;
  for (let tries = 0; tries < passphraseTries; tries += 1) {
    const passphrase = await ask({ kind: 'passphrase', key: label });
    if (passphrase === undefined) break;
    // ssh2 takes an empty passphrase for none at all: it can only be wrong.
    const key = passphrase === '' ? plain : firstKey(ssh2.utils.parseKey(raw, passphrase));
    if (!(key instanceof Error)) return key;
  }
  throw new AirgapError('SSH_KEY_UNREADABLE', { problem: `${label} stays locked` }, { cause: plain });
}

/** The same agent with only these keys. */
function subset(agent: ssh2.BaseAgent, keys: readonly ParsedKey[]): ssh2.BaseAgent {
  return agentOf(
    async () => keys,
    async (key, bytes, hash) =>
      await new Promise<Buffer>((resolve, reject) => {
        const options = hash === undefined ? {} : { hash };
        agent.sign(key, bytes, options, (error, signature) => {
          if (signature === undefined) reject(error ?? new Error('the agent did not sign'));
          else resolve(signature);
        });
      }),
  );
}

type AnyKey = string | Buffer | ParsedKey;
type Hash = 'sha1' | 'sha256' | 'sha512' | undefined;

function agentOf(
  keys: () => Promise<readonly ParsedKey[]>,
  sign: (key: AnyKey, bytes: Buffer, hash: Hash) => Promise<Buffer>,
): ssh2.BaseAgent {
  class OwnAgent extends ssh2.BaseAgent {
    override getIdentities(callback: ssh2.IdentityCallback): void {
      keys().then(
        (found) => callback(undefined, [...found]),
        (error: Error) => callback(error),
      );
    }
    override sign(
      key: AnyKey,
      bytes: Buffer,
      optionsOrCallback: ssh2.SigningRequestOptions | ssh2.SignCallback,
      lastCallback?: ssh2.SignCallback,
    ): void {
      const hasOptions = typeof optionsOrCallback === 'object';
      const callback = hasOptions ? lastCallback : optionsOrCallback;
      sign(key, bytes, hasOptions ? optionsOrCallback.hash : undefined).then(
        (signature) => callback?.(undefined, signature),
        (error: Error) => callback?.(error),
      );
    }
  }
  return new OwnAgent();
}

/** What the agent holds; nothing where it cannot be asked or does not answer (a forwarded one whose connection hangs). */
function agentKeys(agent: ssh2.BaseAgent): Promise<readonly ParsedKey[]> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve([]), agentAnswerMs);
    agent.getIdentities((error, keys) => {
      clearTimeout(timer);
      const found = error ? [] : (keys ?? []);
      resolve(
        found.flatMap((key) => {
          const parsed =
            typeof key === 'string' || Buffer.isBuffer(key) ? firstKey(ssh2.utils.parseKey(key)) : key;
          return parsed instanceof Error || !('getPublicSSH' in parsed) ? [] : [parsed];
        }),
      );
    });
  });
}

/** The public key that an encrypted `openssh-key-v1` file holds in the clear (PROTOCOL.key of OpenSSH), as a .pub line. */
function publicPart(raw: Buffer): string | undefined {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\sA-Za-z0-9+/=]+)-----END/.exec(
    raw.toString('latin1'),
  )?.[1];
  const bytes = Buffer.from(body ?? '', 'base64');
  const magic = 'openssh-key-v1\0';
  if (bytes.toString('latin1', 0, magic.length) !== magic) return undefined;
  let at = magic.length;
  const next = (): Buffer => {
    if (at + 4 > bytes.length) return Buffer.alloc(0);
    const length = bytes.readUInt32BE(at);
    const piece = bytes.subarray(at + 4, at + 4 + length);
    at += 4 + length;
    return piece;
  };
  // cipher, kdf, kdf options, then the number of keys, then the first public key.
  for (let skip = 0; skip < 3; skip += 1) next();
  at += 4;
  const blob = next();
  if (blob.length < 8) return undefined;
  const type = blob.toString('latin1', 4, 4 + Math.min(blob.readUInt32BE(0), 64));
  return `${type} ${blob.toString('base64')}`;
}

async function readSmall(file: string): Promise<Buffer | undefined> {
  const size = await stat(file).then(
    (found) => (found.isFile() ? found.size : Number.POSITIVE_INFINITY),
    () => Number.POSITIVE_INFINITY,
  );
  return size > keyFileLimitBytes ? undefined : await readFile(file).catch(() => undefined);
}

function firstKey(parsed: ParsedKey | ParsedKey[] | Error): ParsedKey | Error {
  return Array.isArray(parsed) ? (parsed[0] ?? new Error('no key in the file')) : parsed;
}

function isSameKey(one: ParsedKey, other: ParsedKey): boolean {
  return one.getPublicSSH().equals(other.getPublicSSH());
}
