// Decides whether the key that a machine shows is accepted: known_hosts, the rules of ssh_config, a person.
import { AirgapError } from '../errors.js';
import type { Ask } from '../events.js';
import { hostKeyAlgorithms } from './algorithms.js';
import {
  fingerprint,
  type HostKey,
  judgeHostKey,
  type KnownHostEntry,
  knownHostLine,
  knownKeyTypes,
  parseHostKey,
} from './known-hosts.js';
import { appendKnownHost, readKnownHosts } from './known-hosts-file.js';
import type { ResolvedTarget } from './target.js';

export interface HostKeyCheck {
  /** Key types to ask the server for first. */
  readonly knownTypes: ReadonlySet<string>;
  /**
   * Resolves if the key is accepted; a new one is then written down. May ask.
   * @throws {AirgapError} HOST_KEY_UNKNOWN, HOST_KEY_CHANGED, HOST_KEY_REVOKED
   */
  accept(blob: Uint8Array): Promise<void>;
}

export interface HostKeyOptions {
  readonly target: ResolvedTarget;
  readonly ask: Ask;
  /** --accept-new-host-key: as `StrictHostKeyChecking accept-new`. */
  readonly acceptNew: boolean;
}

/** Reads the files once; the check serves one connection. */
export async function openHostKeyCheck({ target, ask, acceptNew }: HostKeyOptions): Promise<HostKeyCheck> {
  const { names, userFiles, globalFiles } = target.hostKeys;
  const entries = await readKnownHosts([...userFiles, ...globalFiles]);
  return {
    knownTypes: knownKeyTypes(entries, names),
    async accept(blob) {
      const key = parseHostKey(blob);
      if (key === undefined)
        throw new AirgapError('SSH_UNSUPPORTED', { host: target.name, problem: 'host key' });
      if (judge(target, entries, key) === 'known') return;
      await acceptUnknown({ target, ask, acceptNew }, key);
    },
  };
}

const comparableTypes: ReadonlySet<string> = new Set(hostKeyAlgorithms);

function judge(
  { name: host, hostKeys }: ResolvedTarget,
  entries: readonly KnownHostEntry[],
  key: HostKey,
): 'known' | 'unknown' {
  const found = judgeHostKey(entries, hostKeys.names, key, comparableTypes);
  if (found.verdict === 'known' || found.verdict === 'unknown') return found.verdict;
  const { verdict, file, line } = found;
  const facts = { host, keyType: key.type, fingerprint: fingerprint(key), file, line };
  throw verdict === 'changed'
    ? new AirgapError('HOST_KEY_CHANGED', facts)
    : new AirgapError('HOST_KEY_REVOKED', facts);
}

async function acceptUnknown({ target, ask, acceptNew }: HostKeyOptions, key: HostKey): Promise<void> {
  const { name: host, hostKeys, auth } = target;
  const shown = { host, keyType: key.type, fingerprint: fingerprint(key) };
  const refused = new AirgapError('HOST_KEY_UNKNOWN', {
    ...shown,
    files: [...hostKeys.userFiles, ...hostKeys.globalFiles],
  });
  if (!acceptNew && hostKeys.strict !== 'accept-new') {
    if (hostKeys.strict === 'yes' || auth.batch) throw refused;
    if ((await ask({ kind: 'host-key', ...shown })) !== 'yes') throw refused;
  }
  const [file] = hostKeys.userFiles;
  const [name] = hostKeys.names;
  if (file === undefined || name === undefined) return;
  // Where it cannot be written (a read-only home), the person is asked again next time: as ssh does.
  await appendKnownHost(file, knownHostLine(name, key, hostKeys.hashNames)).catch(() => undefined);
}
