// The packages of one host in an import: planned before anything moves, then brought as a local repository, and installed from it
// by the host's own package manager. What import.sh does with `--install-packages`.
import { AirgapError } from '../errors.js';
import type { Ask, Emit } from '../events.js';
import type { Far } from '../far/facts.js';
import type { RootCall } from '../far/file-facts.js';
import type { PackageKind, SetFile } from '../far/package-facts.js';
import type { PlannedPackages, Refusal } from '../plan/plan.js';
import type { PackageRoom } from '../plan/room.js';
import type { PackagesReceipt } from '../receipt/receipt.js';
import { text } from '../text/text.js';
import { followSet } from './follow-set.js';
import { findRoot, type HostFiles } from './host-files.js';
import type { EngineSession } from './session.js';

/** A set on its way: files and what is installed from them. */
export interface CarriedSet {
  readonly set: string;
  readonly kind: PackageKind;
  readonly names: readonly string[];
  readonly files: readonly SetFile[];
}

export interface CarriedPackages {
  /** Name of the bundle: the folder of its sets. */
  readonly bundle: string;
  readonly sets: readonly CarriedSet[];
}

export interface HostPackages extends CarriedPackages {
  readonly root: RootCall;
  readonly planned: readonly PlannedPackages[];
  readonly room: PackageRoom;
  readonly refusals: readonly Refusal[];
}

export interface LookOptions {
  readonly far: Far;
  readonly hostName: string;
  readonly session: EngineSession;
  /** A password that was asked for them is not asked for again. */
  readonly files: HostFiles | undefined;
  readonly carried: CarriedPackages;
  readonly ask: Ask;
}

// As packages.sh has it.
const packagesRoot = '/srv/airgap/packages';

/** @throws {AirgapError} FAR_SUDO_DENIED where there is no way to install there, FAR_* */
export async function lookAtPackages(options: LookOptions): Promise<HostPackages> {
  const { far, hostName, session, files, carried } = options;
  const first = await far.packages({ sudo: 'no' });
  const call = files?.root.password === undefined ? session.call : files.root;
  const root = await findRoot(first.root, { ...options, call, user: session.probe.user.name });
  const { managers, room } = root.sudo === 'no' ? first : await far.packages(root);
  const kinds = [...new Set(carried.sets.map(({ kind }) => kind))];
  const planned = carried.sets.map((one) => planSet(carried.bundle, one));
  const sizes = planned.map(({ bytes }) => bytes);
  return {
    ...carried,
    root,
    planned,
    room: {
      path: packagesRoot,
      bytes: sizes.reduce((sum, bytes) => sum + bytes, 0),
      stageBytes: Math.max(0, ...sizes),
      freeBytes: room?.freeBytes,
      device: room?.device,
    },
    refusals: kinds.filter((kind) => !managers.has(kind)).map((kind) => refuseKind(hostName, kind)),
  };
}

function planSet(bundle: string, { set, kind, names, files }: CarriedSet): PlannedPackages {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return { set, kind, names, fileCount: files.length, bytes, place: `${packagesRoot}/${bundle}/${set}` };
}

function refuseKind(host: string, kind: PackageKind): Refusal {
  const facts = { host, detail: text().words.packages.noManager(kind) };
  const { message, hint } = new AirgapError('PACKAGES_FAILED', facts);
  return { code: 'PACKAGES_FAILED', facts, message, hint };
}

export interface BringOptions {
  readonly far: Far;
  readonly hostName: string;
  readonly packages: HostPackages;
  readonly emit: Emit;
  /** Told of each that is at its place. */
  readonly onDone: (done: PackagesReceipt) => void;
}

/**
 * Brings every set; nothing is installed yet.
 * @throws {AirgapError} INSTALL_FAILED, TARGET_FULL, BUNDLE_DAMAGED, DRIVE_FAILED, FAR_*, SSH_LOST
 */
export async function bringSets({ far, hostName, packages, emit, onDone }: BringOptions): Promise<void> {
  const { bundle, sets, root } = packages;
  for (const { set, kind, names, files } of sets) {
    const follow = followSet({ set, phase: 'send', host: hostName, files, emit });
    const followed = files.map((file) => ({ ...file, open: async () => follow(await file.open()) }));
    const place = await far.putSet(root, { bundle, set }, followed);
    onDone({ set, kind, names, place, installed: false });
  }
}

/** Installs from every set. `onDone` is told of each. @throws {AirgapError} PACKAGES_FAILED, FAR_*, SSH_LOST */
export async function installSets(
  far: Far,
  { bundle, sets, root }: HostPackages,
  onDone: (set: string) => void,
): Promise<void> {
  for (const { set, kind, names } of sets) {
    await far.setUp(root, { bundle, set }, { kind, names });
    onDone(set);
  }
}
