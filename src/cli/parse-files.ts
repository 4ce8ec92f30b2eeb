// Words of --file, --repo, --daemon-key and --allow-dir into what the core takes. Pure; wrong words are usage errors.
import { fileWordPattern, isTarget, parseMode } from '../oci/host-file.js';
import type { FileChoice } from '../runs/api.js';
import { type Catalogue, text } from '../text/text.js';
import { usage } from './parse-options.js';

const wrong = (): Catalogue['words']['commands']['wrong'] => text().words.commands.wrong;

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
      if (!/\.(?:repo|list|sources)$/.test(word)) throw usage(wrong().repo(word.slice(0, 100)), command);
      return { kind: 'repo', source: word };
    }),
    ...daemonKeys.map((word) => parseDaemonKey(word, command)),
  ];
}

function parseFile(word: string, command: string): FileChoice {
  const match = fileWordPattern.exec(word);
  const [, source = '', to = '', given] = match ?? [];
  if (match === null) throw usage(wrong().file(word.slice(0, 100)), command);
  if (!isTarget(to)) throw usage(wrong().target(to.slice(0, 100)), command);
  if (given === undefined) return { kind: 'file', source, to };
  const mode = parseMode(given);
  if (mode === undefined) throw usage(wrong().mode(given.slice(0, 20)), command);
  return { kind: 'file', source, to, mode };
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
    throw usage(wrong().daemonKey(word.slice(0, 100)), command);
  }
}

/** @throws {AirgapError} USAGE */
export function parseAllow(folders: readonly string[], command: string): readonly string[] {
  return folders.map((folder) => {
    const plain = folder.replace(/\/+$/, '');
    if (!isTarget(`${plain}/x`)) throw usage(wrong().allowDir(folder.slice(0, 100)), command);
    return plain;
  });
}
