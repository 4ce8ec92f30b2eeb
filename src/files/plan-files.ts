// Plans the files of one host: where each goes there, what changes, and why it must not start. Pure: what lies there was asked
// before (the `files` call), what comes was read before.
import { AirgapError, type ErrorCode, type ErrorFacts } from '../errors.js';
import type { FilesLook, FoundFile } from '../far/file-facts.js';
import { digestOf } from '../oci/digest.js';
import { isTarget } from '../oci/host-file.js';
import type { Refusal } from '../plan/plan.js';
import { text } from '../text/text.js';
import { daemonJsonPath, mergeDaemon, parseDaemon } from './daemon-json.js';
import { canValidate, unknownDaemonKey } from './daemon-keys.js';
import type { PlannedFile, WantedFile } from './planned-file.js';
import { isAllowed, keptMode } from './policy.js';
import { keyProblem, lintRepo, type RepoForm, repoFolder, repoFolders, repoForm } from './repo-file.js';
import { isShowable, masked } from './secrets.js';
import { unifiedDiff } from './unified-diff.js';

/** A planned file and the bytes it will have. */
export interface ReadyFile {
  readonly planned: PlannedFile;
  readonly content: Uint8Array;
}

export interface FilesPlan {
  readonly files: readonly ReadyFile[];
  readonly refusals: readonly Refusal[];
}

/** Every path that must be looked at, before the family of the host is known. */
export function targetsOf(wanted: readonly WantedFile[]): string[] {
  const targets = wanted.flatMap((file) => {
    const form = repoForm(file.to ?? file.from);
    const named = file.to === undefined ? [] : [file.to];
    if (form === undefined || !isAnyHome(file.to, form)) return named;
    return repoFolders(form).map((folder) => `${folder}/${baseName(file.to ?? file.from)}`);
  });
  return [...new Set(targets)].filter(isTarget);
}

/** @returns what will be done; what must stop it is in `refusals`, nothing is thrown */
export function planFiles(options: {
  readonly host: string;
  readonly wanted: readonly WantedFile[];
  readonly look: FilesLook;
  readonly allow: readonly string[];
  /** Of the engine there, where one answers. */
  readonly engineVersion?: string;
}): FilesPlan {
  const { host, wanted, look } = options;
  const files: ReadyFile[] = [];
  const refusals: Refusal[] = [];
  const found = new Map(look.files.map((file) => [file.path, file]));
  for (const file of joinDaemon(wanted.map(knownKind))) {
    const to = placeOf(file, look.family);
    const refused = to === undefined ? familyRefusal(host, file, look) : problemOf(host, file, to, options);
    if (refused !== undefined || to === undefined) {
      if (refused !== undefined) refusals.push(refused);
      continue;
    }
    const there = found.get(to) ?? { state: 'absent', path: to };
    if (there.state === 'refused') {
      refusals.push(refusal('FILE_REFUSED', { host, path: to, problem: there.problem }));
      continue;
    }
    if (files.some(({ planned }) => planned.to === to)) {
      refusals.push(invalid(host, to, text().files.twice));
      continue;
    }
    const ready = file.kind === 'daemon' ? readyDaemon(file, to, there) : readyFile(file, to, there);
    if (ready === undefined) refusals.push(invalid(host, to, text().files.notJsonThere));
    else files.push(ready);
  }
  const isDaemon = (path: string): boolean => path === daemonJsonPath;
  return {
    // daemon.json last: what it may need, keys and folders, is there before it.
    files: files.toSorted((a, b) => Number(isDaemon(a.planned.to)) - Number(isDaemon(b.planned.to))),
    refusals,
  };
}

/** A file that goes where repo files go is one, and daemon.json is never replaced, however it is named. */
export function knownKind(file: WantedFile): WantedFile {
  if (file.kind !== 'file' || file.to === undefined) return file;
  if (file.to === daemonJsonPath) return { ...file, kind: 'daemon' };
  const form = repoForm(file.to);
  const isRepo = form !== undefined && repoFolders(form).includes(folderOf(file.to));
  return isRepo ? { ...file, kind: 'repo' } : file;
}

/** Keys from several places become one file; a later one wins. */
export function joinDaemon(wanted: readonly WantedFile[]): WantedFile[] {
  const daemons = wanted.filter(({ kind }) => kind === 'daemon');
  if (daemons.length < 2) return [...wanted];
  let joined = '{}';
  for (const { content } of daemons) {
    const keys = parseDaemon(textOf(content) ?? '');
    // What is no JSON is refused by itself, below.
    if (keys === undefined) return [...wanted];
    joined = mergeDaemon(joined, keys)?.text ?? joined;
  }
  const [first] = daemons;
  const others = wanted.filter(({ kind }) => kind !== 'daemon');
  const keyPlaces = new Map(daemons.flatMap(({ keyPlaces: places }) => [...(places ?? [])]));
  return first === undefined ? others : [...others, { ...first, content: Buffer.from(joined), keyPlaces }];
}

function placeOf(file: WantedFile, family: string): string | undefined {
  if (file.kind !== 'repo') return file.to;
  const form = repoForm(file.to ?? file.from);
  if (form === undefined) return file.to ?? `/${baseName(file.from)}`;
  const folder = repoFolder(form, family);
  if (folder === undefined) return undefined;
  return isAnyHome(file.to, form) ? `${folder}/${baseName(file.to ?? file.from)}` : file.to;
}

/** Whether it goes where its package manager looks: each has a folder of its own for that. */
function isAnyHome(to: string | undefined, form: RepoForm): boolean {
  return to === undefined || repoFolders(form).includes(folderOf(to));
}

function familyRefusal(host: string, file: WantedFile, look: FilesLook): Refusal {
  return refusal('FILE_FAMILY', {
    host,
    path: file.to ?? baseName(file.from),
    family: look.distribution || look.family,
  });
}

/** Why it may not be put there, whatever lies there and whoever the host is. */
export function problemOf(
  host: string,
  file: WantedFile,
  to: string,
  { allow, engineVersion }: { readonly allow: readonly string[]; readonly engineVersion?: string },
): Refusal | undefined {
  const content = textOf(file.content);
  if (file.kind === 'repo') {
    const form = repoForm(to);
    if (form === undefined) return invalid(host, to, text().files.repoName);
    const problem = content === undefined ? undefined : lintRepo(form, content);
    if (content === undefined) return invalid(host, to, text().files.notText);
    if (problem !== undefined) return invalid(host, to, text().files.repoProblem(problem));
  }
  if (file.kind === 'daemon') {
    const keys = content === undefined ? undefined : parseDaemon(content);
    if (keys === undefined) return invalid(host, to, text().files.notJsonHere);
    const unknown = canValidate(engineVersion) ? undefined : unknownDaemonKey(keys);
    if (unknown !== undefined) {
      const place = file.keyPlaces?.get(unknown.key);
      return invalid(host, to, text().files.unknownKey(unknown.key.slice(0, 100), unknown.near, place));
    }
  }
  if (file.kind === 'key') {
    const problem = keyProblem(file.content);
    if (problem !== undefined) return invalid(host, to, text().files.keyProblems[problem]);
  }
  const form = repoForm(to);
  if (form !== undefined && isStrayRepo(to, form))
    return invalid(host, to, text().files.strayRepo(repoFolders(form)));
  if (!isTarget(to) || !isAllowed(to, allow))
    return refusal('FILE_REFUSED', { host, path: to, problem: 'folder' });
  return undefined;
}

/** Where the package managers of the other kind look, which would pass over it. */
function isStrayRepo(to: string, form: RepoForm): boolean {
  const homes = [...repoFolders('repo'), ...repoFolders('list')];
  return homes.includes(folderOf(to)) && !repoFolders(form).includes(folderOf(to));
}

function readyFile(file: WantedFile, to: string, there: FoundFile): ReadyFile {
  return ready({ file, to, there, content: file.content });
}

function readyDaemon(file: WantedFile, to: string, there: FoundFile): ReadyFile | undefined {
  const present = there.state === 'file' ? textOf(there.content ?? new Uint8Array([0])) : undefined;
  if (there.state === 'file' && present === undefined) return undefined;
  const merged = mergeDaemon(present, parseDaemon(textOf(file.content) ?? '') ?? {});
  if (merged === undefined) return undefined;
  const content = Buffer.from(merged.text);
  return ready({ file, to, there, content, merged });
}

function ready(options: {
  readonly file: WantedFile;
  readonly to: string;
  readonly there: FoundFile;
  readonly content: Uint8Array;
  readonly merged?: { readonly reload: readonly string[]; readonly restart: readonly string[] };
}): ReadyFile {
  const { file, to, there, content, merged } = options;
  const digest = digestOf(content);
  const previous = there.state === 'file' ? there : undefined;
  const mode = file.mode ?? (previous === undefined ? '0644' : keptMode(previous.mode));
  const same = previous?.digest === digest && previous.mode === mode;
  const diff = diffOf(previous, content, mode);
  return {
    content,
    planned: {
      kind: file.kind,
      from: file.from,
      ...(file.source === undefined ? {} : { source: file.source }),
      to,
      state: previous === undefined ? 'new' : same ? 'same' : 'change',
      mode,
      bytes: content.byteLength,
      digest,
      ...(previous === undefined
        ? {}
        : {
            previous: {
              digest: previous.digest,
              mode: previous.mode,
              uid: previous.uid,
              gid: previous.gid,
            },
          }),
      ...(diff === undefined ? {} : { diff }),
      ...(merged === undefined ? {} : { reload: merged.reload, restart: merged.restart }),
    },
  };
}

function diffOf(
  previous: Extract<FoundFile, { state: 'file' }> | undefined,
  content: Uint8Array,
  mode: string,
): string | undefined {
  if (previous === undefined || previous.content === undefined) return undefined;
  if (!isShowable(previous.mode) || !isShowable(mode)) return undefined;
  const [before, after] = [textOf(previous.content), textOf(content)];
  if (before === undefined || after === undefined || before === after) return undefined;
  return masked(unifiedDiff(before, after));
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Undefined for what is no text. */
export function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

export function invalid(host: string, path: string, detail: string): Refusal {
  return refusal('FILE_INVALID', { host, path, detail });
}

function refusal<C extends Refusal['code'] & ErrorCode>(code: C, facts: ErrorFacts[C]): Refusal {
  const { message, hint } = new AirgapError(code, facts);
  return { code, facts, message, hint };
}
