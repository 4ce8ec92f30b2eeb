// The files of one host in a send: look and plan before anything moves, install after the images are proved and named,
// reload the engine where that was asked for, and prove it or put everything back.
import { setTimeout as sleep } from 'node:timers/promises';
import { AirgapError, isAirgapError } from '../errors.js';
import type { Ask } from '../events.js';
import type { Far } from '../far/facts.js';
import type { FilesLook, RootCall } from '../far/file-facts.js';
import { isShownByInfo, parseDaemon } from '../files/daemon-json.js';
import { type FilesPlan, planFiles, type ReadyFile, targetsOf } from '../files/plan-files.js';
import type { WantedFile } from '../files/planned-file.js';
import type { FileReceipt, ReloadReceipt } from '../receipt/receipt.js';
import { text } from '../text/text.js';
import type { EngineSession } from './session.js';

export interface HostFiles extends FilesPlan {
  readonly root: RootCall;
  readonly allow: readonly string[];
}

export interface LookOptions {
  readonly far: Far;
  readonly hostName: string;
  readonly session: EngineSession;
  readonly wanted: readonly WantedFile[];
  readonly allow: readonly string[];
  readonly ask: Ask;
}

/** @throws {AirgapError} FAR_SUDO_DENIED where there is no way to write there, FAR_* */
export async function lookAtFiles(options: LookOptions): Promise<HostFiles> {
  const { far, hostName, session, wanted, allow } = options;
  const targets = targetsOf(wanted);
  const asked = { allow, targets };
  const first = await far.files({ sudo: 'no' }, asked);
  const root = await findRoot(first.root, { ...options, call: session.call, user: session.probe.user.name });
  const look: FilesLook =
    root.sudo === 'no'
      ? first
      : { ...(await far.files(root, asked)), family: first.family, distribution: first.distribution };
  const engineVersion = session.facts.version;
  return { ...planFiles({ host: hostName, wanted, look, allow, engineVersion }), root, allow };
}

/** The right to write, by what the far side said of it. A password that was asked for before is not asked for again. */
export async function findRoot(
  way: FilesLook['root'],
  options: {
    readonly hostName: string;
    readonly user: string;
    readonly ask: Ask;
    readonly call?: { readonly password?: string };
  },
): Promise<RootCall> {
  const { hostName, user, ask, call } = options;
  switch (way) {
    case 'no':
      return { sudo: 'no' };
    case 'n':
      return { sudo: 'n' };
    case 'password': {
      const password = call?.password ?? (await ask({ kind: 'sudo', host: hostName, user }));
      if (password !== undefined) return { sudo: 'ask', password };
    }
  }
  throw new AirgapError('FAR_SUDO_DENIED', { host: hostName, problem: text().files.noRoot });
}

export interface InstallOptions {
  readonly far: Far;
  readonly hostName: string;
  readonly session: EngineSession;
  readonly files: HostFiles;
  /** Names the backup. */
  readonly receiptId: string;
  readonly reload: boolean;
}

export interface InstalledFiles {
  readonly files: readonly FileReceipt[];
  readonly reload?: ReloadReceipt;
}

/**
 * Puts them in place. Everything is as it was if it throws.
 * @throws {AirgapError} FILE_*, INSTALL_FAILED, TARGET_FULL, FAR_*, SSH_LOST
 */
export async function installFiles(options: InstallOptions): Promise<InstalledFiles> {
  const { far, files, receiptId } = options;
  const changing = files.files.filter(({ planned }) => planned.state !== 'same');
  if (changing.length > 0) {
    await far.install(files.root, {
      receipt: receiptId,
      allow: files.allow,
      files: changing.map(({ planned, content }) => ({
        kind: planned.kind,
        mode: planned.mode,
        content,
        digest: planned.digest,
        was: planned.previous?.digest,
        target: planned.to,
      })),
    });
  }
  const daemon = changing.find(({ planned }) => planned.kind === 'daemon');
  const isReloaded = options.reload && daemon !== undefined;
  if (isReloaded) await reloadOrUndo(options, daemon);
  return {
    files: files.files.map(({ planned }) => ({
      to: planned.to,
      digest: planned.digest,
      previous: planned.previous?.digest ?? null,
      mode: planned.mode,
      backup: planned.state === 'same' ? null : receiptId,
      ...(planned.source === undefined ? {} : { kind: planned.kind, source: planned.source }),
    })),
    ...(isReloaded ? { reload: tellReload(daemon) } : {}),
  };
}

/** What was proved, and what nobody can. */
function tellReload({ planned, content }: ReadyFile): ReloadReceipt {
  const { reload = [], restart = [] } = planned;
  const wanted = parseDaemon(Buffer.from(content).toString('utf8')) ?? {};
  const isTold = (key: string): boolean => isShownByInfo({}, key, wanted[key]) !== undefined;
  return { shown: reload.filter(isTold), unshown: reload.filter((key) => !isTold(key)), restart };
}

// dockerd reads its file a moment after the signal; a busy machine takes longer.
const reloadTries = 20;
const reloadPauseMs = 250;

async function reloadOrUndo(options: InstallOptions, daemon: ReadyFile): Promise<void> {
  const { far, files, hostName } = options;
  try {
    await far.reload(files.root);
    const missing = await keysNotShown(options, daemon);
    if (missing.length === 0) return;
    const detail = text().files.notReloaded(missing);
    throw new AirgapError('INSTALL_FAILED', { host: hostName, path: daemon.planned.to, detail });
  } catch (error) {
    if (isAirgapError(error, 'SSH_LOST')) throw error;
    await undoFiles(options, { isReloaded: true });
    throw error;
  }
}

/** Every file as it was; the engine goes back to what it had, too. If it cannot be reloaded it has never left it. */
export async function undoFiles(
  { far, files, receiptId }: Pick<InstallOptions, 'far' | 'files' | 'receiptId'>,
  { isReloaded }: { readonly isReloaded: boolean },
): Promise<void> {
  await far.rollback(files.root, { receipt: receiptId, force: false });
  if (isReloaded) await far.reload(files.root).catch(() => undefined);
}

/** Asks docker until it shows every key that it shows at all, or long enough. */
async function keysNotShown(
  { far, session, files }: InstallOptions,
  daemon: ReadyFile,
): Promise<readonly string[]> {
  const wanted = parseDaemon(Buffer.from(daemon.content).toString('utf8')) ?? {};
  const keys = daemon.planned.reload ?? [];
  const call = { ...files.root, engine: session.call.engine };
  let missing: readonly string[] = keys;
  for (let tries = 0; tries < reloadTries; tries++) {
    const { engine } = await far.probe(session.probe.engine.state === 'up' ? session.call : call);
    const info = engine.state === 'up' ? engine.info : undefined;
    missing = keys.filter((key) => isShownByInfo(info, key, wanted[key]) === false);
    if (engine.state === 'up' && missing.length === 0) return [];
    await sleep(reloadPauseMs);
  }
  return missing;
}

/** A question about files that are there already, undefined where there are none. */
export function changeQuestion(hostName: string, { files }: FilesPlan): string | undefined {
  const changing = files.filter(({ planned }) => planned.state === 'change');
  return changing.length === 0 ? undefined : text().files.question(changing.length, hostName);
}
