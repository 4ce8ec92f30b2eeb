// Resolves a host's name into everything a connection needs: options first, then ~/.ssh/config, then the system's.
import { homedir, hostname, userInfo } from 'node:os';
import path from 'node:path';
import { AirgapError } from '../errors.js';
import type { ConnectOptions } from '../runs/api.js';
import { bracketed, type HostInput, parseHostInput, parseJumps } from './host-input.js';
import { type ConfigAnswer, type ConfigFile, listAliases, queryConfig, wordSeparator } from './ssh-config.js';
import { expandPath, expandTokens, type Tokens } from './ssh-tokens.js';
import { isNo, isYes, parseSeconds, parseStrict } from './ssh-values.js';
import type { AuthMethod, AuthRules, HostKeyRules, ResolvedTarget } from './target.js';

// A chain longer than this is a ProxyJump that leads back to itself.
const jumpLimit = 8;

/**
 * What a host's name means under these options. Reads files, touches no network.
 * @throws {AirgapError} HOST_INVALID, SSH_CONFIG_INVALID
 */
export async function resolveTarget(
  input: string,
  connect: ConnectOptions,
  env: NodeJS.ProcessEnv,
): Promise<ResolvedTarget> {
  return await resolve({ input: parseHostInput(input), connect, env, jumps: undefined, depth: 0 });
}

/** Aliases of ssh_config that a user could send to. */
export async function listConfigHosts(
  connect: ConnectOptions,
  env: NodeJS.ProcessEnv,
): Promise<readonly string[]> {
  return await listAliases(configFiles(connect, homeOf(env)));
}

interface ResolveOptions {
  readonly input: HostInput;
  readonly connect: ConnectOptions;
  readonly env: NodeJS.ProcessEnv;
  /** Set for a hop whose own jumps are already in the chain. */
  readonly jumps: readonly HostInput[] | undefined;
  readonly depth: number;
}

async function resolve({ input, connect, env, jumps, depth }: ResolveOptions): Promise<ResolvedTarget> {
  if (depth > jumpLimit) throw invalid('ProxyJump', `more than ${jumpLimit} hosts in a row`);
  const home = homeOf(env);
  const localUser = localUserOf(env);
  const answer = await queryConfig(
    { alias: input.alias, user: input.user, localUser },
    [...(connect.sshOptions ?? []), ...optionsOf(input, connect)],
    configFiles(connect, home),
  );
  const asked = answer.first('hostname') ?? '%h';
  const hostName = expandTokens(asked, { letters: { h: input.alias }, home, env });
  if (hostName === undefined) throw invalid('HostName', asked);
  const port = numberOf(answer, 'port', 22, 65535);
  const user = answer.first('user') ?? localUser;
  const alias = answer.first('hostkeyalias');
  const jumpSpec = jumps === undefined ? answer.first('proxyjump') : undefined;
  const tokens: Tokens = {
    home,
    env,
    letters: {
      d: home,
      h: hostName,
      i: String(userInfo().uid),
      j: jumpSpec ?? '',
      k: alias ?? input.alias,
      L: hostname().split('.')[0] ?? '',
      l: hostname(),
      n: input.alias,
      p: String(port),
      r: user,
      u: localUser,
    },
  };
  return {
    name: input.name,
    address: `${user}@${bracketed(hostName)}:${port}`,
    hostName: hostName.toLowerCase(),
    port,
    user,
    jumps: await resolveJumps(jumps ?? parseJumps(jumpSpec ?? 'none'), connect, env, depth),
    hostKeys: hostKeyRules(answer, tokens, { alias, hostName: hostName.toLowerCase(), port }),
    auth: authRules(answer, tokens, connect),
    connectTimeoutSeconds: secondsOf(answer, 'connecttimeout', 20) || 20,
    keepaliveSeconds: secondsOf(answer, 'serveraliveinterval', 15),
    keepaliveCount: Math.min(numberOf(answer, 'serveralivecountmax', 3, Number.MAX_SAFE_INTEGER), 1000),
    family: ({ inet: 4, inet6: 6 } as const)[answer.first('addressfamily')?.toLowerCase() ?? ''],
    algorithms: {
      ciphers: answer.first('ciphers'),
      hostKeys: answer.first('hostkeyalgorithms'),
      keyExchanges: answer.first('kexalgorithms'),
    },
    unsupported: [...answer.undecided, ...unsupportedKeys(answer, jumps !== undefined)],
  };
}

// What changes which machine is reached or which key is taken, and is not done here. Ignored, it would be a lie.
const foreignKeys = ['ProxyCommand', 'RevokedHostKeys', 'KnownHostsCommand'];

function unsupportedKeys(answer: ConfigAnswer, isHop: boolean): readonly string[] {
  return foreignKeys.filter((key) => {
    // The way to a later hop of a list leads through the one before it.
    if (key === 'ProxyCommand' && isHop) return false;
    const value = answer.first(key.toLowerCase());
    return value !== undefined && value.toLowerCase() !== 'none';
  });
}

/** Each hop is resolved with the configuration of its own; `-i`, `-p`, `-o` are the target's alone, as for ssh. */
async function resolveJumps(
  hops: readonly HostInput[],
  connect: ConnectOptions,
  env: NodeJS.ProcessEnv,
  depth: number,
): Promise<readonly ResolvedTarget[]> {
  const { configFile, acceptNewHostKey } = connect;
  const shared: ConnectOptions = {
    ...(configFile === undefined ? {} : { configFile }),
    ...(acceptNewHostKey === undefined ? {} : { acceptNewHostKey }),
  };
  const chain: ResolvedTarget[] = [];
  for (const [at, input] of hops.entries()) {
    // Only the first hop of a list may have jumps of its own: the others are reached through the one before.
    const hop = await resolve({
      input,
      connect: shared,
      env,
      jumps: at === 0 ? undefined : [],
      depth: depth + 1,
    });
    chain.push(...hop.jumps, { ...hop, jumps: [] });
    if (chain.length > jumpLimit) throw invalid('ProxyJump', `more than ${jumpLimit} hosts in a row`);
  }
  return chain;
}

/** What `user@`, `:port`, -p, -i and -J say, as lines that come after -o and before the files. */
function optionsOf(input: HostInput, { port, identityFiles, jump }: ConnectOptions): readonly string[] {
  const wantedPort = input.port ?? port;
  return [
    ...(input.user === undefined ? [] : [`User=${input.user}`]),
    ...(wantedPort === undefined ? [] : [`Port=${wantedPort}`]),
    ...(identityFiles ?? []).map((file) => `IdentityFile=${file}`),
    ...(jump === undefined ? [] : [`ProxyJump=${jump}`]),
  ];
}

function hostKeyRules(
  answer: ConfigAnswer,
  tokens: Tokens,
  target: { readonly alias: string | undefined; readonly hostName: string; readonly port: number },
): HostKeyRules {
  const files = (key: string, usual: readonly string[]): readonly string[] => {
    const words = answer.first(key)?.split(wordSeparator) ?? usual;
    return words.length === 1 && words[0]?.toLowerCase() === 'none'
      ? []
      : words.map((word) => pathOf(key, word, tokens));
  };
  const asked = answer.first('stricthostkeychecking') ?? 'ask';
  const strict = parseStrict(asked);
  if (strict === undefined) throw invalid('StrictHostKeyChecking', asked.slice(0, 100));
  const { alias, hostName, port } = target;
  return {
    // A key known for the plain name is good for another port of the same machine, too, as for ssh.
    names: alias !== undefined ? [alias] : port === 22 ? [hostName] : [`[${hostName}]:${port}`, hostName],
    strict,
    hashNames: isYes(answer.first('hashknownhosts')),
    userFiles: files('userknownhostsfile', ['~/.ssh/known_hosts', '~/.ssh/known_hosts2']),
    globalFiles: files('globalknownhostsfile', ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2']),
  };
}

const usualKeyNames = ['~/.ssh/id_ed25519', '~/.ssh/id_ecdsa', '~/.ssh/id_rsa'];

function authRules(answer: ConfigAnswer, tokens: Tokens, connect: ConnectOptions): AuthRules {
  const { env } = tokens;
  const all = answer.all('identityfile').filter((file) => file.toLowerCase() !== 'none');
  const isGiven = (file: string): boolean => (connect.identityFiles ?? []).includes(file);
  const named = all.filter((file) => !isGiven(file));
  const usual = all.length > 0 || answer.all('identityfile').length > 0 ? named : usualKeyNames;
  const agent = answer.first('identityagent');
  const socket =
    agent === undefined || agent === 'SSH_AUTH_SOCK'
      ? env.SSH_AUTH_SOCK
      : agent.toLowerCase() === 'none'
        ? undefined
        : agent.startsWith('$') && !agent.startsWith('${')
          ? env[agent.slice(1)]
          : pathOf('IdentityAgent', agent, tokens);
  const methods: readonly AuthMethod[] = ['publickey', 'keyboard-interactive', 'password'];
  const allowed: Readonly<Record<AuthMethod, string | undefined>> = {
    publickey: answer.first('pubkeyauthentication'),
    'keyboard-interactive':
      answer.first('kbdinteractiveauthentication') ?? answer.first('challengeresponseauthentication'),
    password: answer.first('passwordauthentication'),
  };
  const preferred = answer.first('preferredauthentications')?.split(',') ?? methods;
  return {
    methods: preferred
      .flatMap((name) => methods.filter((method) => method === name.trim()))
      .filter((method) => !isNo(allowed[method])),
    givenKeys: all.filter(isGiven).map((file) => pathOf('-i', file, tokens)),
    usualKeys: usual.map((file) => pathOf('IdentityFile', file, tokens)),
    identitiesOnly: isYes(answer.first('identitiesonly')),
    agentSocket: socket === '' ? undefined : socket,
    batch: isYes(answer.first('batchmode')),
  };
}

function configFiles({ configFile }: ConnectOptions, home: string): readonly ConfigFile[] {
  const folder = path.join(home, '.ssh');
  if (configFile?.toLowerCase() === 'none') return [];
  // As for ssh: with -F the system's file is not read.
  if (configFile !== undefined)
    return [{ path: path.resolve(configFile), includeFolder: folder, home, isNamed: true }];
  return [
    { path: path.join(folder, 'config'), includeFolder: folder, home },
    { path: '/etc/ssh/ssh_config', includeFolder: '/etc/ssh', home },
  ];
}

const homeOf = (env: NodeJS.ProcessEnv): string => env.HOME || homedir();

function localUserOf(env: NodeJS.ProcessEnv): string {
  try {
    return userInfo().username;
  } catch {
    // No entry for this uid, as in containers.
    return env.USER ?? 'root';
  }
}

function numberOf(answer: ConfigAnswer, key: string, usual: number, largest: number): number {
  const text = answer.first(key);
  if (text === undefined) return usual;
  const number = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= (key === 'port' ? 1 : 0) && number <= largest)) throw invalid(key, text.slice(0, 100));
  return number;
}

// A day is longer than anybody waits, and a timer takes no more than 24 of them.
const longestSeconds = 86_400;

function secondsOf(answer: ConfigAnswer, key: string, usual: number): number {
  const text = answer.first(key);
  if (text === undefined) return usual;
  const seconds = parseSeconds(text);
  if (seconds === undefined) throw invalid(key, text.slice(0, 100));
  return Math.min(seconds, longestSeconds);
}

function pathOf(key: string, value: string, tokens: Tokens): string {
  const expanded = expandPath(value, tokens);
  if (expanded === undefined) throw invalid(key, value.slice(0, 100));
  return path.resolve(expanded);
}

function invalid(key: string, value: string): AirgapError {
  return new AirgapError('SSH_CONFIG_INVALID', { path: 'ssh_config', problem: `${key} ${value}` });
}
