// Where this side keeps things, by the XDG base directory specification; read from the environment once.
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { AirgapError } from '../errors.js';

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

/** 16 hex digits that name this near side on far stages; made once per user. */
export async function clientId(stateDirectory: string): Promise<string> {
  const file = clientFile(stateDirectory);
  const read = (): Promise<string | undefined> => knownClientId(stateDirectory);
  const known = await read();
  if (known !== undefined) return known;
  await mkdir(stateDirectory, { recursive: true, mode: 0o700 });
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
 * then a left-over that may be ended. @returns what gives the lock back @throws {AirgapError} RUN_BUSY
 */
export async function lockHost(
  stateDirectory: string,
  host: string,
  key: string,
): Promise<() => Promise<void>> {
  const folder = path.join(stateDirectory, 'locks');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = path.join(folder, `${Buffer.from(key).toString('base64url').slice(0, 200)}.lock`);
  const mine = `${process.pid} ${await startTime(process.pid)}\n`;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      const handle = await open(file, 'wx', 0o600);
      await handle.writeFile(mine);
      await handle.close();
      return async () => {
        const now = await readFile(file, 'utf8').catch(() => '');
        if (now === mine) await rm(file, { force: true });
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const [pidText = '', started = ''] = (await readFile(file, 'utf8').catch(() => '')).trim().split(' ');
      const pid = Number.parseInt(pidText, 10);
      if (pid > 0 && (await startTime(pid)) === started && started !== '') {
        throw new AirgapError('RUN_BUSY', { host, pid });
      }
      await rm(file, { force: true });
    }
  }
  throw new AirgapError('RUN_BUSY', { host, pid: 0 });
}

/** When a process began, in clock ticks since boot: with the pid it names one process. Empty if it does not run. */
async function startTime(pid: number): Promise<string> {
  // proc(5): field 22 of /proc/PID/stat; the name in field 2 may hold spaces, so count from its closing bracket.
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (stat !== undefined) return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  try {
    process.kill(pid, 0);
    return 'alive';
  } catch {
    return '';
  }
}
