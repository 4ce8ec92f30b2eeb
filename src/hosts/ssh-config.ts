// Reads ssh_config files and answers what they say about one host: the first value of a key wins, Include is followed.
// @see ssh_config(5) of OpenSSH 9.2
import { glob, open } from 'node:fs/promises';
import path from 'node:path';
import SSHConfig, { type Directive, type Line } from 'ssh-config';
import { AirgapError } from '../errors.js';
import { matchesPatternList, wordsOf } from './ssh-patterns.js';

/** What is asked about: the facts `Host` and `Match` lines are compared with. */
export interface ConfigQuery {
  readonly alias: string;
  readonly user: string | undefined;
  readonly localUser: string;
}

/** Between the words of a value that is a list of files: no word can hold it. */
export const wordSeparator = '\n';

/** What the files say. Keys are lower case. */
export interface ConfigAnswer {
  /** The first value of a key. */
  first(key: string): string | undefined;
  /** Every value of a key that adds up (IdentityFile, CertificateFile). */
  all(key: string): readonly string[];
  /** Things that could not be decided here, such as `Match exec`. */
  readonly undecided: readonly string[];
}

export interface ConfigFile {
  readonly path: string;
  /** Where relative Include paths begin. */
  readonly includeFolder: string;
  readonly home: string;
  /** It was named: unlike the usual ones it must be there. */
  readonly isNamed?: true;
}

// Real files have some hundred lines; 1 MiB is far beyond any and still parses in a blink.
const fileLimitBytes = 1024 * 1024;
// OpenSSH's own limit of Include depth (READCONF_MAX_DEPTH).
const includeDepthLimit = 16;

/**
 * Reads what `options` (`-o`, as written, most important first) and then `files` say about a host. A file that is not
 * there says nothing, unless it was named. @throws {AirgapError} SSH_CONFIG_INVALID
 */
export async function queryConfig(
  query: ConfigQuery,
  options: readonly string[],
  files: readonly ConfigFile[],
): Promise<ConfigAnswer> {
  const reading: Reading = { query, values: new Map(), undecided: [] };
  for (const option of options) {
    const match = /^\s*([A-Za-z0-9]+)(?:\s*=\s*|\s+)(\S.*?)\s*$/s.exec(option);
    if (match === null) throw invalid('-o', `"${option.slice(0, 100)}" is not Key=Value`);
    const key = (match[1] ?? '').toLowerCase();
    const value = match[2] ?? '';
    const words = listKeys.has(key) ? (value.match(/"[^"]*"|\S+/g) ?? []) : [value];
    record(reading, key, words.map(unquoted).join(wordSeparator));
  }
  for (const file of files) await readLines(reading, await parseFile(file.path, file.isNamed), file, 0);
  return {
    first: (key) => reading.values.get(key)?.[0],
    all: (key) => reading.values.get(key) ?? [],
    undecided: reading.undecided,
  };
}

/** The aliases a user could type: names of `Host` lines without wildcards, in the order of the files. */
export async function listAliases(files: readonly ConfigFile[]): Promise<readonly string[]> {
  const found = new Set<string>();
  const visit = async (lines: readonly Line[], file: ConfigFile, depth: number): Promise<void> => {
    for (const line of lines) {
      if (!isDirective(line)) continue;
      const key = line.param.toLowerCase();
      if (key === 'host') {
        for (const word of wordsOf(line.value)) if (!/[*?!]/.test(word)) found.add(word);
      }
      if (key === 'include') {
        for (const included of await includedFiles(line, file, depth)) {
          await visit(await parseFile(included), file, depth + 1);
        }
      }
      if ('config' in line) await visit(line.config, file, depth);
    }
  };
  for (const file of files) await visit(await parseFile(file.path, file.isNamed), file, 0);
  return [...found];
}

interface Reading {
  readonly query: ConfigQuery;
  readonly values: Map<string, string[]>;
  readonly undecided: string[];
}

async function readLines(
  reading: Reading,
  lines: readonly Line[],
  file: ConfigFile,
  depth: number,
): Promise<void> {
  for (const line of lines) {
    if (!isDirective(line)) continue;
    const key = line.param.toLowerCase();
    if (/[\r\n]/.test(key)) throw invalid(file.path, `${key.split(/[\r\n]/)[0]} has no value`);
    if ('config' in line) {
      const applies = key === 'host' ? hostApplies(reading, line) : matchApplies(reading, line);
      if (applies) await readLines(reading, line.config, file, depth);
    } else if (key === 'include') {
      for (const included of await includedFiles(line, file, depth)) {
        await readLines(reading, await parseFile(included), file, depth + 1);
      }
    } else {
      record(reading, key, wordsOf(line.value).join(wordSeparator));
    }
  }
}

// ProxyJump and ProxyCommand are two ways to say the same thing: whichever comes first silences the other.
const rivals: Readonly<Record<string, string>> = { proxyjump: 'proxycommand', proxycommand: 'proxyjump' };
const listKeys = new Set(['userknownhostsfile', 'globalknownhostsfile']);
const adding = new Set(['identityfile', 'certificatefile']);

function record({ values }: Reading, key: string, value: string): void {
  if (values.has(rivals[key] ?? '')) return;
  const known = values.get(key);
  if (known === undefined) values.set(key, [value]);
  else if (adding.has(key)) known.push(value);
}

function hostApplies({ query }: Reading, line: Directive): boolean {
  return matchesPatternList(wordsOf(line.value), query.alias);
}

/** All criteria must hold. One that needs a program or a second pass is told in `undecided` or taken as not met. */
function matchApplies(reading: Reading, line: Directive): boolean {
  const words = wordsOf(line.value);
  const { query, values, undecided } = reading;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const negated = word.startsWith('!');
    const keyword = word.replace(/^!/, '').toLowerCase();
    if (keyword === 'all') continue;
    // `canonical` and `final` speak of a second pass, which is not made here; what Fedora keeps there are algorithms.
    if (keyword === 'canonical' || keyword === 'final') {
      if (negated) continue;
      return false;
    }
    at += 1;
    const patterns = (words[at] ?? '').split(',');
    const subject = {
      host: values.get('hostname')?.[0]?.replaceAll('%h', query.alias) ?? query.alias,
      originalhost: query.alias,
      user: query.user ?? values.get('user')?.[0] ?? query.localUser,
      localuser: query.localUser,
    }[keyword];
    if (subject === undefined) {
      undecided.push(`Match ${keyword}`);
      return false;
    }
    if (matchesPatternList(patterns, subject) === negated) return false;
  }
  return true;
}

async function includedFiles(line: Directive, file: ConfigFile, depth: number): Promise<readonly string[]> {
  if (depth >= includeDepthLimit) throw invalid(file.path, 'too many files include each other');
  const files: string[] = [];
  for (const word of wordsOf(line.value)) {
    const pattern = word.startsWith('~/') ? path.join(file.home, word.slice(2)) : word;
    const found: string[] = [];
    for await (const name of glob(path.resolve(file.includeFolder, pattern))) found.push(name);
    files.push(...found.sort());
  }
  return files;
}

async function parseFile(file: string, mustBeThere = false): Promise<readonly Line[]> {
  const raw = await readLimited(file);
  if (raw === undefined && mustBeThere) throw invalid(file, 'it cannot be read');
  if (raw === undefined) return [];
  try {
    return SSHConfig.parse(raw);
  } catch (cause) {
    throw invalid(file, 'a line cannot be read', cause);
  }
}

async function readLimited(file: string): Promise<string | undefined> {
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    handle = await open(file, 'r');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES') return undefined;
    throw invalid(file, String(code), cause);
  }
  try {
    if (!(await handle.stat()).isFile()) return undefined;
    const buffer = Buffer.alloc(fileLimitBytes + 1);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length);
    if (bytesRead > fileLimitBytes) throw invalid(file, 'it is larger than 1 MiB');
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

const isDirective = (line: Line): line is Extract<Line, Directive> => line.type === SSHConfig.DIRECTIVE;

const unquoted = (value: string): string => value.replace(/^"(.*)"$/s, '$1');

function invalid(file: string, problem: string, cause?: unknown): AirgapError {
  return new AirgapError('SSH_CONFIG_INVALID', { path: file, problem }, { cause });
}
