// Words about files that are put on a host: what is wrong with one, what a plan and a receipt say, what a rollback did.
import type { RepoProblem } from '../files/repo-file.js';
import { count } from './format.js';

const repoProblems: Readonly<Record<RepoProblem['problem'], (detail: string) => string>> = {
  form: (detail) => `"${detail}" is not of its form`,
  'no-section': (detail) => `"${detail}" stands before the first [section]`,
  'no-url': (detail) => `section ${detail} has no baseurl`,
  'no-field': (detail) => `a stanza lacks ${detail}`,
  empty: () => 'it names no repository',
  'not-text': () => 'it holds control characters',
};

/** Of files that are put on a host. */
export const files = {
  repoProblem: ({ line, problem, detail }: RepoProblem) =>
    `${line === 0 ? '' : `line ${line}: `}${repoProblems[problem](detail)}`,
  repoName: 'its name ends neither with .repo nor with .list or .sources',
  notText: 'it is no text',
  keyProblems: { private: 'it holds a private key', 'no-key': 'it is no public key of OpenPGP' },
  strayRepo: (folders: readonly string[]) => `files of its form are read in ${folders.join(' or ')} only`,
  notJsonHere: 'it is no object of JSON',
  notJsonThere: 'what lies there is no object of JSON',
  unknownKey: (key: string, near: readonly string[], place?: string) =>
    `${place === undefined ? '' : `${place}: `}dockerd has no setting "${key}", and would not start with it${near.length === 0 ? '' : `; did you mean ${near.join(', ')}?`}`,
  twice: 'two files would go there',
  anyHost: 'any host',
  noRoot: 'this user may not write there, and sudo does not let it',
  notReloaded: (keys: readonly string[]) => `docker info does not show ${keys.join(', ')} after the reload`,
  question: (n: number, host: string) => `Change ${count(n, 'file')} on ${host}?`,
  states: { new: 'new', same: 'same', change: 'changes' },
  owner: (uid: number, gid: number) => `owner ${uid}:${gid}`,
  line: (facts: { to: string; state: 'new' | 'same' | 'change'; mode: string; more: string }) =>
    `${facts.to}  ${files.states[facts.state]}, mode ${facts.mode}${facts.more}`,
  modeWas: (mode: string) => ` (was ${mode})`,
  /** Behind the mode: what it was, who owns the file. */
  more: (was: string, owner: string) => `${was}, ${owner}`,
  reload: (keys: readonly string[]) =>
    `in effect after a reload of the engine (--reload): ${keys.join(', ')}`,
  restart: (keys: readonly string[]) =>
    `in effect once the engine is started again, which airgap never does: ${keys.join(', ')}`,
  installed: (to: string) => `${to}: in place`,
  unchanged: (to: string) => `${to}: was so already`,
  failed: (message: string) => `No file was changed: ${message}`,
  /** Without a host: on this machine. */
  back: (id: string, host: string | undefined) =>
    `airgap rollback ${host === undefined ? '--receipt' : host} ${id}`,
  rolledBack: { restored: 'is as it was', removed: 'is gone again', kept: 'was so already' },
  rollbackOf: (by: 'airgap' | 'import.sh', id: string) => `What ${by} had changed, receipt ${id}:`,
  rollback: (path: string, done: 'restored' | 'removed' | 'kept') => `${path} ${files.rolledBack[done]}`,
  noEngine: 'no engine',
  reloaded: (shown: readonly string[]) =>
    shown.length === 0
      ? 'the engine was reloaded'
      : `the engine was reloaded; docker info shows ${shown.join(', ')}`,
  unshown: (keys: readonly string[]) => `docker info says nothing of ${keys.join(', ')}`,
};

/** What a wrong --file, --repo, --allow-dir or --daemon-key is told. */
export const wrongFiles = {
  file: (got: string) => `--file cannot be "${got}"; write SOURCE:/TARGET or SOURCE:/TARGET:MODE`,
  mode: (got: string) => `"${got}" is no mode for a file; others may not write to it: 0644`,
  target: (got: string) => `"${got}" cannot be a target: a whole path of letters, digits and . _ + @ ~ : -`,
  allowDir: (got: string) => `--allow-dir cannot be "${got}"; it is a whole path below /`,
  repo: (got: string) => `--repo cannot be "${got}"; its name ends with .repo, .list or .sources`,
  daemonKey: (got: string) => `--daemon-key cannot be "${got}"; write KEY=JSON`,
  unreadable: (path: string, detail: string) => `"${path}" cannot be read: ${detail}`,
  tooLarge: (path: string) => `"${path}" is larger than 64 MiB; put it into an image or copy it by hand`,
};
