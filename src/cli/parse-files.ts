// Words of --file, --repo, --daemon-key and --allow-dir into what the core takes. Pure; wrong words are usage errors.
import type { FileChoice } from '../runs/api.js';
import { text } from '../text/text.js';
import { usage } from './parse-options.js';

const { wrong } = text().words.commands;

/** What was given of each option. */
export interface FileWords {
  readonly files: readonly string[];
  readonly repos: readonly string[];
  readonly daemonKeys: readonly string[];
}

/** @throws {AirgapError} USAGE */
export function parseFiles({ files, repos, daemonKeys }: FileWords, command: string): FileChoice[] {
  return [
    ...files.map((word) => parseFile(word, command)),
    ...repos.map((word): FileChoice => {
      if (!/\.(?:repo|list|sources)$/.test(word)) throw usage(wrong.repo(word.slice(0, 100)), command);
      return { kind: 'repo', source: word };
    }),
    ...daemonKeys.map((word) => parseDaemonKey(word, command)),
  ];
}

/** `SOURCE:/TARGET[:MODE]`. The target has no colon, so the source may. */
function parseFile(word: string, command: string): FileChoice {
  const match = /^(.+):(\/[^:]*)(?::([^:]*))?$/.exec(word);
  const [, source = '', to = '', given] = match ?? [];
  if (match === null) throw usage(wrong.file(word.slice(0, 100)), command);
  if (!isPlainPath(to)) throw usage(wrong.target(to.slice(0, 100)), command);
  const digits = /^0?([0-7][0-7][0145])$/.exec(given ?? '')?.[1];
  if (given !== undefined && digits === undefined) throw usage(wrong.mode(given.slice(0, 20)), command);
  return { kind: 'file', source, to, ...(digits === undefined ? {} : { mode: `0${digits}` }) };
}

/** `KEY=JSON`: `registry-mirrors=["https://mirror.lan"]`. */
function parseDaemonKey(word: string, command: string): FileChoice {
  const at = word.indexOf('=');
  const key = word.slice(0, at);
  try {
    const value: unknown = JSON.parse(word.slice(at + 1));
    if (!/^[a-z][a-z0-9-]{0,63}$/.test(key)) throw new Error(key);
    const content = Buffer.from(JSON.stringify(Object.fromEntries([[key, value]])));
    return { kind: 'daemon', source: `--daemon-key ${key}`, content };
  } catch {
    throw usage(wrong.daemonKey(word.slice(0, 100)), command);
  }
}

/** @throws {AirgapError} USAGE */
export function parseAllow(folders: readonly string[], command: string): readonly string[] {
  return folders.map((folder) => {
    const plain = folder.replace(/\/+$/, '');
    if (!isPlainPath(`${plain}/x`)) throw usage(wrong.allowDir(folder.slice(0, 100)), command);
    return plain;
  });
}

// As src/files/policy.ts and far.sh have it; they have the last word.
function isPlainPath(path: string): boolean {
  return path.length <= 400 && /^(?:\/(?!\.{1,2}(?:\/|$)|\.airgap-)[A-Za-z0-9._+@~-]+){2,}$/.test(path);
}
