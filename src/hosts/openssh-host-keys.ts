// Keeps the system's ssh from taking a changed host key, whatever its configuration says: `no` becomes `accept-new`.
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ConnectOptions } from '../runs/api.js';
import { parseHostInput } from './host-input.js';
import { userOptions } from './openssh-options.js';
import { parseStrict } from './ssh-values.js';
import type { ResolvedTarget } from './target.js';

export interface StrictConnectOptions {
  readonly target: ResolvedTarget;
  readonly connect: ConnectOptions;
  readonly env: NodeJS.ProcessEnv;
  /** Private; must stay as long as ssh is called with what was returned. */
  readonly folder: string;
  readonly signal: AbortSignal | undefined;
}

export interface StrictConnect {
  /** To be used in place of what was given. */
  readonly connect: ConnectOptions;
  /** Must stand before the user's options: the first one wins. */
  readonly words: readonly string[];
}

// Some hundred lines of some words; what is longer is no answer.
const answerLimitBytes = 1024 * 1024;

/** The rules for the target's own key and for those of its jump hosts. `--accept-new-host-key` is the target's alone. */
export async function strictConnect(options: StrictConnectOptions): Promise<StrictConnect> {
  const { target, connect, folder } = options;
  const { configFile, acceptNewHostKey } = connect;
  // ssh is asked, because a `Match exec` that only it can decide may hold the rule.
  const said = acceptNewHostKey === true ? 'accept-new' : await askRule(options);
  const strict = parseStrict(said ?? '') ?? target.hostKeys.strict;
  const words = [
    ...['-o', `StrictHostKeyChecking=${strict}`],
    ...['-o', 'NoHostAuthenticationForLocalhost=no'],
  ];
  // Options do not reach the ssh to a jump host, its configuration does: hops that accept anything get a rule ahead of it.
  const lax = target.jumps.filter(({ hostKeys }) => hostKeys.strict === 'accept-new');
  if (lax.length === 0) return { connect, words };
  const strictFile = path.join(folder, 'config');
  const files =
    configFile === undefined ? ['~/.ssh/config', '/etc/ssh/ssh_config'] : [path.resolve(configFile)];
  const lines = [
    ...lax.flatMap(({ name }) => [`Host ${parseHostInput(name).alias}`, 'StrictHostKeyChecking accept-new']),
    'Match all',
    ...files.map((file) => `Include "${file}"`),
  ];
  await writeFile(strictFile, `${lines.join('\n')}\n`, { mode: 0o600 });
  return { connect: { ...connect, configFile: strictFile }, words };
}

/** What ssh's own reading of everything says; undefined where it does not say. */
async function askRule({ target, connect, env, signal }: StrictConnectOptions): Promise<string | undefined> {
  const words = ['-G', ...userOptions({ target, connect })];
  const answer = await new Promise<string>((resolve) => {
    // A configuration that ssh cannot read is told when it connects.
    execFile('ssh', words, { env, encoding: 'utf8', maxBuffer: answerLimitBytes, signal }, (error, stdout) =>
      resolve(error === null ? stdout : ''),
    );
  });
  signal?.throwIfAborted();
  return /^stricthostkeychecking (\S+)$/m.exec(answer)?.[1];
}
