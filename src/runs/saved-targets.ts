// Hosts, folders and registries that a person added, in one small file of the state folder. It is read as if anybody had written it.
import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { AirgapError } from '../errors.js';
import { hasCode } from '../streams/fs-errors.js';
import { makeFolder } from '../streams/make-folder.js';
import { writeWhole } from '../streams/write-whole.js';
import { printable } from '../text/format.js';
import { text } from '../text/text.js';
import type { LocalCore, SavedTarget } from './local-api.js';
import { inState } from './state-folder.js';

export interface SavedTargetsOptions {
  readonly stateDirectory: string;
  /** @throws {AirgapError} for what is no host */
  readonly checkHost: (name: string) => Promise<unknown>;
  readonly home?: string;
}

const fileVersion = 1;
// Names are as long as paths may be, and nobody chooses from a list of more than this.
const maxTargets = 1000;
const maxNameLength = 1000;
const maxFileBytes = 4 * 1024 * 1024;

export function createSavedTargets({
  stateDirectory,
  checkHost,
  home = homedir(),
}: SavedTargetsOptions): Pick<LocalCore, 'targets' | 'checkTarget' | 'addTarget' | 'forgetTarget'> {
  const file = path.join(stateDirectory, 'targets.json');
  const read = (): Promise<readonly SavedTarget[]> => inState(stateDirectory, () => readTargets(file));
  const write = (targets: readonly SavedTarget[]): Promise<void> =>
    inState(stateDirectory, async () => {
      await makeFolder(stateDirectory);
      const names = targets.map(written);
      await writeWhole(file, `${JSON.stringify({ version: fileVersion, targets: names }, undefined, 2)}\n`);
    });
  const checkTarget = async (typed: string): Promise<SavedTarget> => {
    const target = await targetNamed(typed, home);
    if (target.kind === 'host') await checkHost(target.name);
    else if (target.kind === 'folder') await checkFolder(target.name);
    return target;
  };
  return {
    targets: read,
    checkTarget,
    async addTarget(typed) {
      const target = await checkTarget(typed);
      const known = await read();
      if (!known.some((one) => written(one) === written(target))) await write([...known, target]);
      return target;
    },
    async forgetTarget(typed) {
      const wanted = written(await targetNamed(typed, home));
      const known = await read();
      const left = known.filter((target) => written(target) !== wanted);
      if (left.length < known.length) await write(left);
      return left.length < known.length;
    },
  };
}

const registryScheme = 'docker://';

/** As the file has it: a registry may be called as a host is. */
const written = ({ kind, name }: SavedTarget): string =>
  kind === 'registry' ? `${registryScheme}${name}` : name;

/** What a person typed, as a target. A slash tells a registry from a host. @throws {AirgapError} REFERENCE_INVALID */
async function targetNamed(typed: string, home: string): Promise<SavedTarget> {
  if (/^[/.~]/.test(typed)) {
    const whole = typed.replace(/^~(?=\/|$)/, home);
    return { kind: 'folder', name: path.resolve(whole) };
  }
  if (!/^(?:docker|https?):\/\/|^[^/]+\/(?!\/)/.test(typed)) return { kind: 'host', name: typed };
  // What registries need is not loaded for hosts.
  const { parsePushTarget } = await import('./push-names.js');
  return { kind: 'registry', name: parsePushTarget(typed).name };
}

/** A folder that is not there yet is made by the export; anything else in its place is not. @throws {AirgapError} DRIVE_FAILED */
async function checkFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found === undefined || found.isDirectory()) return;
  throw new AirgapError('DRIVE_FAILED', { path: folder, detail: text().words.targets.notAFolder });
}

async function readTargets(file: string): Promise<readonly SavedTarget[]> {
  const words = text().words.targets;
  const invalid = (problem: string, cause?: unknown): AirgapError =>
    new AirgapError('TARGETS_INVALID', { path: file, problem }, { cause });
  let raw: Uint8Array;
  try {
    await using handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stat = await handle.stat();
    if (!stat.isFile()) throw invalid(words.notAFile);
    if (stat.size > maxFileBytes) throw invalid(words.tooLarge);
    raw = await handle.readFile();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    if (hasCode(error, 'ELOOP')) throw invalid(words.notAFile, error);
    throw error;
  }
  const names = namesIn(raw);
  if (names === undefined) throw invalid(words.form);
  return names.map((name): SavedTarget => {
    if (name.startsWith(registryScheme)) return { kind: 'registry', name: name.slice(registryScheme.length) };
    return { kind: name.startsWith('/') ? 'folder' : 'host', name };
  });
}

function namesIn(raw: Uint8Array): readonly string[] | undefined {
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(raw));
  } catch {
    return undefined;
  }
  if (typeof document !== 'object' || document === null) return undefined;
  const { version, targets } = document as { readonly version?: unknown; readonly targets?: unknown };
  if (version !== fileVersion || !Array.isArray(targets) || targets.length > maxTargets) return undefined;
  return targets.every(isName) ? targets : undefined;
}

const isName = (name: unknown): name is string =>
  typeof name === 'string' && name !== '' && name.length <= maxNameLength && printable(name) === name;
