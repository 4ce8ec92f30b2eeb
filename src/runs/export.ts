// The run behind `airgap export`: opens the images, plans, packs each layer once into a bundle, seals it, reads it back.
import { type DriveRoom, driveRoom, onDrive } from '../bundle/drive-errors.js';
import { type Journal, type Made, openJournal } from '../bundle/journal.js';
import type { BundleBase, BundleManifest } from '../bundle/manifest.js';
import type { Passport } from '../bundle/passport.js';
import {
  checkDrive,
  choosePlace,
  findReusable,
  isTaken,
  journalFile,
  openContainer,
  overheadOf,
  type Place,
  removeOthers,
  usedBytesOf,
} from '../bundle/place.js';
import type { ExportPlan } from '../bundle/plan-export.js';
import { reserveIn, volumeNeeds } from '../bundle/volume-room.js';
import { openVolumes, type Volumes, type VolumesOptions } from '../bundle/volumes.js';
import type { WrittenAttached } from '../bundle/write-attached.js';
import { finishBundle, type WrittenBundle } from '../bundle/writer.js';
import { AirgapError } from '../errors.js';
import type { Emit } from '../events.js';
import type { Host } from '../hosts/host.js';
import type { Digest } from '../oci/digest.js';
import type { Platform } from '../oci/platform.js';
import type { AttachedPlace } from '../stores/attached-place.js';
import type { OpenedIndex } from '../stores/store.js';
import { text } from '../text/text.js';
import type { ExportOptions, ExportResult } from './api.js';
import { chooseImages, isContainerSource } from './choose-images.js';
import { type FoundAttached, findForExport, takeAttached, withWholeIndex } from './export-attached.js';
import { fullName, refuseAddresses } from './far-names.js';
import { followPackages } from './follow-set.js';
import { compareLock, lockOf, saveLock } from './lock-spec.js';
import { type OpenedPlatform, openPlatforms } from './open-images.js';
import { asPlanned, isStored, type PackedLayers, packLayers } from './pack-layers.js';
import { type PackedPayload, packPayload } from './pack-payload.js';
import { type OpenedImage, planOf, readPassport, sameImages, workOf } from './prepare-export.js';
import type { OpenImageOptions, SendParts } from './prepare-host.js';
import { rereadBundle } from './reread-bundle.js';
import type { RunContext } from './run.js';

/** What core.ts supplies. */
export interface ExportParts extends Pick<SendParts, 'tool' | 'openImage' | 'checkSource' | 'runningImages'> {
  /** An image on all the platforms it is for, or on these. */
  openIndex(
    source: string,
    options: Omit<OpenImageOptions, 'platform'> & { readonly platforms?: readonly Platform[] },
  ): Promise<OpenedIndex>;
  /** Who leaves images of containers on the near engine. */
  clientId(): Promise<string>;
  /** This machine. */
  readonly local: Host;
  /** Where what is attached to an image is looked for; undefined where none is kept. */
  attached(source: string, options: Omit<OpenImageOptions, 'platform'>): Promise<AttachedPlace | undefined>;
  /** The manifest of an earlier bundle, and its digest. */
  readBundle(place: string): Promise<{ readonly manifest: BundleManifest; readonly digest: Digest }>;
  readonly importProgram: () => Uint8Array;
  /** Rejects what is no key. */
  checkKey(key: string, place: string): Promise<void>;
  sign(rawManifest: Uint8Array, key: string, place: string): Promise<Uint8Array>;
}

const leastFreeShare = 0.1;
const sizeOf = ({ size }: { readonly size: number }): number => size;

/**
 * @throws {AirgapError} what opening images throws; SPEC_INVALID, LOCK_DRIFT, FILE_*, PACKAGES_INVALID, BUNDLE_EXISTS,
 * DRIVE_*, VOLUME_TOO_SMALL, BUNDLE_DAMAGED, CANCELLED
 */
export async function exportBundle(
  parts: ExportParts,
  options: ExportOptions,
  context: RunContext,
): Promise<ExportResult> {
  const { emit, signal } = context;
  const startedAt = Date.now();
  const cleanUp: (() => Promise<void>)[] = [];
  try {
    const asked = await chooseImages(options, parts, emit);
    const { spec } = asked;
    if (spec === undefined && options.locked === true)
      throw new AirgapError('USAGE', { problem: text().words.spec.noSpec, command: 'export' });
    const name = options.name ?? spec?.name ?? defaultName;
    const place = choosePlace({
      destination: options.destination,
      name,
      isSplit: options.splitBytes !== undefined,
    });
    // Before a registry is asked and containers are committed: a drive that is not mounted is what happens most.
    await checkDrive(place);
    if (options.signKey !== undefined) await parts.checkKey(options.signKey, place.shown);
    const passports = await Promise.all((options.passports ?? []).map(readPassport));
    const bases = await Promise.all((options.bases ?? []).map((base) => parts.readBundle(base)));
    const payload = await packPayload({ options, spec, host: parts.local, signal });
    const isCommitting = asked.images.some(({ source }) => isContainerSource(source));
    const client = isCommitting ? await parts.clientId() : '';
    const opening = { ...context, parts, asked: options, client, cleanUp };
    const images = await openPlatforms({ ...opening, parts, chosen: asked.images });
    refuseAddresses(images.map((one) => one.name));
    const found = options.withReferrers === true ? await findForExport(images, opening) : new Map();
    const lock = spec === undefined ? undefined : { spec, now: await lockOf(spec, images, signal) };
    if (lock !== undefined && options.locked === true) await compareLock(lock.spec, lock.now);
    const opened = images.map((one) => withWholeIndex(asOpened(one), found));
    const result = await write(
      { parts, options, name, place, passports, bases, payload, images: opened, found, startedAt },
      context,
    );
    if (lock !== undefined && options.dryRun !== true) await saveLock(lock.spec, lock.now, emit);
    return result;
  } finally {
    for (const close of cleanUp.reverse()) await close().catch(() => undefined);
  }
}

function asOpened({ image, name, chosen, platforms }: OpenedPlatform): OpenedImage {
  // As the spec says it: where its folder lies on this machine is nobody's business over there.
  return {
    image,
    reference: fullName(name),
    source: chosen.inSpec ? chosen.source : image.source,
    ...(platforms === undefined ? {} : { platforms }),
  };
}

interface Chosen {
  readonly parts: ExportParts;
  readonly options: ExportOptions;
  readonly name: string;
  readonly place: Place;
  readonly passports: readonly { readonly passport: Passport; readonly digest: Digest }[];
  readonly bases: readonly { readonly manifest: BundleManifest; readonly digest: Digest }[];
  readonly payload: PackedPayload;
  readonly images: readonly OpenedImage[];
  readonly found: FoundAttached;
  readonly startedAt: number;
}

async function write(chosen: Chosen, context: RunContext): Promise<ExportResult> {
  const { parts, options, place, passports, bases, payload, images, startedAt } = chosen;
  const { emit } = context;
  const room = await onDrive(place.folder, () => driveRoom(place.folder));
  const given = { parts, options, images, payload: payload.planned, passports, bases };
  const attached = takeAttached(chosen.found, () => planOf(given)([], room.free), emit);
  const planned = planOf({ ...given, attached: attached.planned });
  const fresh = planned([], room.free);
  const limits = limitsOf(place, options, room);
  const files = [...payload.payloads.map(sizeOf), ...payload.packageFiles.map(sizeOf), ...attached.sizes];
  const reservedBytes =
    limits.volumeBytes === undefined
      ? fresh.reservedBytes
      : reserveIn(limits.volumeBytes, volumeNeeds(fresh, files, { overheadBytes: overheadOf(place) }));
  const made: Made = {
    codec: fresh.codec,
    level: fresh.level,
    work: workOf({ ...fresh, reservedBytes }, parts.tool, options),
  };
  const taken = await isTaken(place, {
    isSame: (sealed) => sameImages(sealed.manifest, images),
    replace: options.replace === true,
  });
  const found = options.dryRun === true || taken ? [] : await findReusable(place, made);
  const isOfUse = asPlanned(fresh);
  const reusable = found.filter(({ layer }) => isOfUse(layer));
  // Again: what was torn is gone.
  const { free } = await onDrive(place.folder, () => driveRoom(place.folder));
  const plan = planned(reusable, free);
  emit({ type: 'export.plan', place: place.shown, plan });
  if (taken) throw new AirgapError('BUNDLE_EXISTS', { path: place.shown });
  if (plan.neededBytes > plan.freeBytes) {
    const { neededBytes, freeBytes } = plan;
    throw new AirgapError('DRIVE_FULL', { path: place.folder, neededBytes, freeBytes });
  }
  if (options.dryRun === true) return { place: place.shown, plan, durationMs: Date.now() - startedAt };

  const kept = reusable.filter(({ layer }) => isStored(plan, layer.diffId));
  const used = usedBytesOf(place, kept);
  const volumeCount = Math.max(0, ...used.keys());
  const open = (number: number) => openContainer(place, number, used.get(number) ?? 0);
  const volumes = await openVolumes(
    { openContainer: open, reservedBytes, ...limits },
    await inOrder(volumeCount, open),
  );
  let journal: Journal | undefined;
  try {
    journal = await openJournal(journalFile(place), made, kept);
    const layers = await packLayers({
      plan,
      journal,
      volumes,
      images: images.map(({ image }) => image),
      kept,
      context,
    });
    emit({ type: 'step.started', step: 'seal' });
    const written = await finish({ ...chosen, plan, volumes, layers, attached: attached.written }, emit);
    await journal.remove();
    emit({ type: 'step.finished', step: 'seal' });
    const bypassed = options.readBack === false ? undefined : await rereadBundle({ place, written, context });
    const left = await driveRoom(place.folder);
    if (left.free < left.total * leastFreeShare) {
      const message = text().words.export.lowRoom(place.folder, left.free);
      emit({ type: 'warning', code: 'DRIVE_LOW', message });
    }
    return {
      place: place.shown,
      plan,
      written: {
        name: written.manifest.name,
        digest: written.digest,
        volumes: written.manifest.volumes,
        bytes: written.files.reduce((sum, file) => sum + file.bytes, 0),
        fileCount: written.files.length,
        readBack: bypassed === undefined ? 'not-done' : bypassed ? 'done' : 'from-memory',
      },
      durationMs: Date.now() - startedAt,
    };
  } finally {
    await volumes.close({ keep: journal?.isEmpty === false });
  }
}

const defaultName = 'airgap-bundle';

/** A tar is one file: a limit of files is one of its volumes, and one that is not split meets it when it gets there. */
function limitsOf(
  { form }: Place,
  { splitBytes }: ExportOptions,
  { maxFileBytes }: DriveRoom,
): Pick<VolumesOptions, 'volumeBytes' | 'maxFileBytes'> {
  if (form === 'tar')
    return splitBytes === undefined ? {} : { volumeBytes: Math.min(splitBytes, maxFileBytes ?? Infinity) };
  return {
    ...(splitBytes === undefined ? {} : { volumeBytes: splitBytes }),
    ...(maxFileBytes === undefined ? {} : { maxFileBytes }),
  };
}

async function inOrder<T>(count: number, make: (number: number) => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  for (let number = 1; number <= count; number += 1) made.push(await make(number));
  return made;
}

interface FinishAll extends Chosen {
  readonly plan: ExportPlan;
  readonly volumes: Volumes;
  readonly layers: PackedLayers;
  readonly attached: readonly WrittenAttached[];
}

async function finish(all: FinishAll, emit: Emit): Promise<WrittenBundle> {
  const { parts, options, place, plan, layers, passports, bases } = all;
  const order = [...new Set(plan.images.flatMap((image) => image.layers.map((layer) => layer.diffId)))];
  const omitted = order.filter((diffId) => !layers.placed.has(diffId));
  const base: BundleBase[] = [
    ...passports.map(({ passport, digest }) => ({ kind: 'passport' as const, name: passport.host, digest })),
    ...bases.map(({ manifest, digest }) => ({ kind: 'bundle' as const, name: manifest.name, digest })),
  ];
  const images: Parameters<typeof finishBundle>[0]['images'][number][] = [];
  for (const [at, { image, reference, source, platforms }] of all.images.entries()) {
    images.push({
      imageId: image.imageId,
      reference,
      platform: image.platform,
      rawConfig: await image.rawConfig(),
      diffIds: image.layers.map((layer) => layer.diffId),
      source,
      ...('kept' in (plan.images[at]?.manifest ?? {}) && image.manifest !== undefined
        ? { manifest: image.manifest.raw }
        : {}),
      ...(platforms === undefined
        ? {}
        : { platforms: platforms.index?.isOriginal === true ? { index: platforms.index.raw } : {} }),
    });
  }
  const { signKey } = options;
  return await finishBundle({
    volumes: all.volumes,
    tool: parts.tool,
    name: all.name,
    codec: plan.codec,
    level: plan.level,
    images,
    layers: order.flatMap((diffId) => layers.placed.get(diffId) ?? []),
    omitted: omitted.map((diffId) => ({ diffId, rawBytes: layers.rawBytes.get(diffId) ?? 0 })),
    base: omitted.length === 0 ? [] : base,
    payloads: all.payload.payloads,
    packages: all.payload.packages,
    packageFiles: followPackages(all.payload.packageFiles, emit),
    attached: all.attached,
    importProgram: parts.importProgram(),
    ...(signKey === undefined ? {} : { sign: (raw: Uint8Array) => parts.sign(raw, signKey, place.shown) }),
    tidy: (volumes, keep) => removeOthers(place, volumes, keep),
  });
}
