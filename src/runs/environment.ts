// Where this side keeps things, by the XDG base directory specification; read from the environment once.
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { AirgapError, isAirgapError } from '../errors.js';
import { digestOf, hexOf } from '../oci/digest.js';
import { makeFolder } from '../streams/make-folder.js';
import { takeLock } from '../streams/spool-lock.js';
import { inState } from './state-folder.js';

export interface Environment {
  readonly env: NodeJS.ProcessEnv;
  /** Can be thrown away: the spool, raw configs by image Id. */
  readonly cacheDirectory: string;
  /** Must last: receipts, client id, locks. */
  readonly stateDirectory: string;
}

/** @see XDG Base Directory Specification 0.8: relative values are ignored */
export function readEnvironment(env: NodeJS.ProcessEnv): Environment {
  const home = env.HOME || homedir();
  const folder = (value: string | undefined, fallback: string): string =>
    path.join(value !== undefined && path.isAbsolute(value) ? value : path.join(home, fallback), 'airgap');
  return {
    env,
    cacheDirectory: folder(env.XDG_CACHE_HOME, '.cache'),
    stateDirectory: folder(env.XDG_STATE_HOME, '.local/state'),
  };
}

const clientFile = (stateDirectory: string): string => path.join(stateDirectory, 'client-id');

/** The client id, where one has been made. */
export async function knownClientId(stateDirectory: string): Promise<string | undefined> {
  const text = await readFile(clientFile(stateDirectory), 'utf8').catch(() => '');
  return /^[0-9a-f]{16}\n$/.test(text) ? text.trim() : undefined;
}

/** 16 hex digits that name this near side on far stages; made once per user. @throws {AirgapError} STATE_DENIED */
export function clientId(stateDirectory: string): Promise<string> {
  return inState(stateDirectory, () => readOrMakeId(stateDirectory));
}

async function readOrMakeId(stateDirectory: string): Promise<string> {
  const file = clientFile(stateDirectory);
  const read = (): Promise<string | undefined> => knownClientId(stateDirectory);
  const known = await read();
  if (known !== undefined) return known;
  await makeFolder(stateDirectory);
  const made = randomBytes(8).toString('hex');
  try {
    await writeFile(file, `${made}\n`, { flag: 'wx', mode: 0o600 });
    return made;
  } catch {
    // Somebody else made it at the same moment, or it is damaged: theirs counts, damage is replaced.
    const theirs = await read();
    if (theirs !== undefined) return theirs;
    await writeFile(file, `${made}\n`, { mode: 0o600 });
    return made;
  }
}

/**
 * Makes sure that one run at a time sends from here to one stage of one host: whatever of ours still runs over there is
 * then a left-over that may be ended. @returns what gives the lock back @throws {AirgapError} RUN_BUSY, STATE_DENIED
 */
export function lockHost(stateDirectory: string, host: string, key: string): Promise<() => Promise<void>> {
  return inState(stateDirectory, () => takeHostLock(stateDirectory, host, key));
}

async function takeHostLock(stateDirectory: string, host: string, key: string): Promise<() => Promise<void>> {
  const folder = path.join(stateDirectory, 'locks');
  await makeFolder(folder);
  const readable = Buffer.from(key).toString('base64url');
  const name = readable.length <= 200 ? readable : hexOf(digestOf(key));
  try {
    const lock = await takeLock(path.join(folder, `${name}.lock`));
    return () => lock.release();
  } catch (error) {
    if (isAirgapError(error, 'SPOOL_BUSY')) throw new AirgapError('RUN_BUSY', { host, pid: error.facts.pid });
    throw error;
  }
}
