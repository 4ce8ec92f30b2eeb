// A host over the system's own ssh: one master connection in a private folder, one ssh process per command.
// For what the built-in SSH does not have: certificates, FIDO keys, ProxyCommand, Match, post-quantum-only servers.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AirgapError, isAirgapError } from '../errors.js';
import type { ConnectOptions } from '../runs/api.js';
import type { Host } from './host.js';
import { forwardError, stderrLimit, translateOpenSshError, withShownKey } from './openssh-errors.js';
import { execOverMaster } from './openssh-exec.js';
import { forwardOverMaster } from './openssh-forward.js';
import { type StrictConnect, strictConnect } from './openssh-host-keys.js';
import { quiet, sessionOptions, userOptions } from './openssh-options.js';
import { quoteArgv } from './quote.js';
import type { ResolvedTarget } from './target.js';

export interface OpenSshHostOptions {
  readonly target: ResolvedTarget;
  readonly connect: ConnectOptions;
  readonly env: NodeJS.ProcessEnv;
  /** ssh may ask for passphrases, passwords and host keys on the user's terminal. Without it nothing is asked. */
  readonly canAsk: boolean;
  readonly signal?: AbortSignal;
}

// AES-GCM first: twice as quick as OpenSSH's own first choice where processors have AES instructions.
const quickCipher = '^aes128-gcm@openssh.com';
// A socket's path has room for 107 bytes (sun_path), and ssh adds 17 of its own while it makes it.
const socketPathLimit = 90;
// How long a master outlives us: it ends by itself when no client has been there for so long.
const persistSeconds = 5;

const lastWordsMs = 1000;

/**
 * Connects with the system's ssh. Its options are ours: -F, -i, -p, -J, -o pass through.
 * @throws {AirgapError} PROGRAM_MISSING (no ssh), HOST_UNKNOWN, HOST_REFUSED, HOST_TIMEOUT, HOST_KEY_…, SSH_AUTH_FAILED,
 * SSH_CONFIG_INVALID, SSH_LOST, CANCELLED
 */
export async function openOpenSshHost(given: OpenSshHostOptions): Promise<Host> {
  const { target, env, signal } = given;
  signal?.throwIfAborted();
  const folder = await mkdtemp(path.join(await shortTempFolder(), 'ag-'));
  const socket = path.join(folder, 's');
  const log = path.join(folder, 'log');
  let options = given;
  /** Ends the master, if there is one, and removes what it left. */
  const end = async (): Promise<void> => {
    const words = [...sessionOptions(socket), '-O', 'exit', ...userOptions(options)];
    await runSsh(words, env, undefined).catch(() => undefined);
    await removeFolder(folder);
  };
  let master: Master;
  try {
    const strict = await strictConnect({ ...given, folder, signal });
    options = { ...given, connect: strict.connect };
    await startMaster(options, { socket, log }, strict.words);
    master = await watchMaster(socket, target);
  } catch (error) {
    await end();
    throw error;
  }
  const running = new Set<() => void>();
  let handedBytes = 0;
  return {
    name: target.name,
    address: target.address,
    get handedBytes() {
      return handedBytes;
    },
    async exec(argv, execOptions = {}) {
      const command = quoteArgv(argv);
      const exec = await execOverMaster({
        argv: (remote) => ['ssh', ...sessionOptions(socket), ...userOptions(options), remote],
        command,
        host: target.name,
        env,
        master,
        onHanded: (bytes) => {
          handedBytes += bytes;
        },
        signal: execOptions.signal,
      });
      running.add(exec.kill);
      const forget = (): boolean => running.delete(exec.kill);
      exec.exit.then(forget, forget);
      return exec;
    },
    forward: async ({ hostName, port }) => {
      const made = forwardOverMaster({
        argv: (place) => ['ssh', ...sessionOptions(socket), '-W', place, ...userOptions(options)],
        hostName,
        port,
        env,
        async reasonOf(stderr) {
          await master.check();
          if (master.isLost()) return new AirgapError('SSH_LOST', { host: target.name, detail: 'ssh ended' });
          return forwardError(stderr, await readLog(log), target.name);
        },
      });
      const kill = (): void => void made.destroy();
      running.add(kill);
      made.once('close', () => running.delete(kill));
      return made;
    },
    async close() {
      for (const kill of running) kill();
      master.close();
      if (master.isLost()) await removeFolder(folder);
      else await end();
    },
  };
}

/** What holds a master: as long as this connection to its socket is open, it does not end; when it ends, this closes. */
export interface Master {
  isLost(): boolean;
  /** Looks whether it still takes connections; if not, the listeners have been told when this resolves. */
  check(): Promise<void>;
  onLost(listener: (error: AirgapError) => void): () => void;
  close(): void;
}

interface MasterFiles {
  readonly socket: string;
  /** What it says, also when nobody holds its stderr any more: only there it tells why a forward came to nothing. */
  readonly log: string;
}

async function startMaster(
  options: OpenSshHostOptions,
  { socket, log }: MasterFiles,
  hostKeyWords: StrictConnect['words'],
): Promise<void> {
  const { target, env, canAsk, signal } = options;
  const fixed = [
    ...['-f', '-N', '-T', '-M', '-S', socket],
    ...['-o', `ControlPersist=${persistSeconds}`],
    ...(canAsk ? [] : ['-o', 'BatchMode=yes']),
    ...hostKeyWords,
    // ssh takes the first of each option; forwards that fail are none of its errors.
    ...['-E', log, '-o', 'LogLevel=INFO'],
    ...quiet,
    ...['-o', `ServerAliveInterval=${target.keepaliveSeconds}`],
    ...['-o', `ServerAliveCountMax=${target.keepaliveCount}`],
    ...['-o', `ConnectTimeout=${target.connectTimeoutSeconds}`],
  ];
  const start = async (cipher: readonly string[]): Promise<{ exitCode: number; stderr: string }> =>
    await runSsh([...fixed, ...cipher, ...userOptions(options)], env, signal);
  // A list that the user chose stands.
  const chosen = target.algorithms.ciphers !== undefined;
  let ended = await start(chosen ? [] : ['-o', `Ciphers=${quickCipher}`]);
  if (ended.exitCode !== 0 && /Bad SSH2 cipher spec|Unknown cipher/i.test(ended.stderr))
    ended = await start([]);
  signal?.throwIfAborted();
  if (ended.exitCode === 0) return;
  // On stderr: what it says before it knows of the log, banners, and what the ssh to a jump host says.
  const logged = await readLog(log);
  const own = translateOpenSshError(logged, target, canAsk);
  const error = isAirgapError(own, 'SSH_LOST')
    ? translateOpenSshError(`${ended.stderr}${logged}`, target, canAsk)
    : own;
  if (isAirgapError(error, 'HOST_KEY_UNKNOWN') && error.facts.fingerprint === '?')
    throw withShownKey(error, await askShownKey(options));
  throw isAirgapError(error, 'SSH_LOST') ? ((await askWhy(options, hostKeyWords)) ?? error) : error;
}

/**
 * With ControlPersist, ssh keeps to itself what the ssh to a jump host says. Where the reason is not known, one plain
 * attempt that asks nothing tells it.
 */
async function askWhy(
  options: OpenSshHostOptions,
  hostKeyWords: StrictConnect['words'],
): Promise<AirgapError | undefined> {
  const { target, env, signal } = options;
  const words = ['-T', '-o', 'BatchMode=yes', '-o', 'ControlPath=none', ...hostKeyWords, ...quiet];
  const ended = await runSsh([...words, ...userOptions(options), 'exit 0'], env, signal);
  return ended.exitCode === 0 ? undefined : translateOpenSshError(ended.stderr, target, false);
}

/** What a verbose ssh says of the key that it is shown; it learns nothing and logs in nowhere. */
async function askShownKey(options: OpenSshHostOptions): Promise<string> {
  const words = ['-T', '-o', 'LogLevel=DEBUG1', '-o', 'BatchMode=yes', '-o', 'ControlPath=none'];
  const strict = ['-o', 'StrictHostKeyChecking=yes', ...quiet, ...userOptions(options), 'exit 0'];
  return (await runSsh([...words, ...strict], options.env, options.signal)).stderr;
}

async function runSsh(
  words: readonly string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal | undefined,
): Promise<{ exitCode: number; stderr: string }> {
  return await new Promise((resolve, reject) => {
    // The terminal stays within reach (/dev/tty) for ssh's own questions.
    const child = spawn('ssh', words, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(0, stderrLimit);
    });
    const abort = (): boolean => child.kill();
    signal?.addEventListener('abort', abort, { once: true });
    child.once('error', (cause: NodeJS.ErrnoException) => {
      const missing = cause.code === 'ENOENT';
      reject(missing ? new AirgapError('PROGRAM_MISSING', { program: 'ssh' }, { cause }) : cause);
    });
    // After a success the master keeps the pipe open; after a failure its last words are still in it, those of the ssh to
    // a jump host, too, which may hang on a moment longer.
    child.once('exit', (code) => {
      signal?.removeEventListener('abort', abort);
      const finish = (): void => {
        clearTimeout(timer);
        child.stderr.destroy();
        resolve({ exitCode: code ?? 255, stderr });
      };
      const timer = setTimeout(finish, code === 0 ? 0 : lastWordsMs);
      child.once('close', finish);
    });
  });
}

async function watchMaster(socket: string, { name: host }: ResolvedTarget): Promise<Master> {
  const listeners = new Set<(error: AirgapError) => void>();
  const gone = new AirgapError('SSH_LOST', { host, detail: 'ssh ended' });
  let isLost = false;
  const held = net.connect(socket);
  // It greets; nothing is answered, so it waits. That wait is what keeps it.
  held.resume();
  const lose = (): void => {
    if (isLost) return;
    isLost = true;
    for (const listener of listeners) listener(gone);
    listeners.clear();
  };
  await new Promise<void>((resolve, reject) => {
    held.once('connect', resolve);
    held.once('error', (cause) =>
      reject(new AirgapError('SSH_LOST', { host, detail: 'ssh ended' }, { cause })),
    );
  });
  held.on('error', lose);
  held.on('close', lose);
  return {
    isLost: () => isLost,
    async check() {
      // A master that is just ending lets go of one socket after the other.
      await sleep(50);
      if (!isLost && !(await takesConnections(socket))) lose();
    },
    onLost(listener) {
      if (isLost) listener(gone);
      else listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      held.off('close', lose);
      held.destroy();
    },
  };
}

function takesConnections(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const knock = net.connect(socket);
    const settle = (taken: boolean): void => {
      knock.destroy();
      resolve(taken);
    };
    knock.once('connect', () => settle(true));
    knock.once('error', () => settle(false));
  });
}

async function readLog(log: string): Promise<string> {
  return (await readFile(log, 'utf8').catch(() => '')).slice(-stderrLimit);
}

async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

async function shortTempFolder(): Promise<string> {
  const usual = tmpdir();
  return usual.length + '/ag-XXXXXX/s'.length > socketPathLimit ? '/tmp' : usual;
}
