// The near half of a host's way into a send: connect, ask what is there, plan. Nothing changes over there but the stage.
import { enginesBeside } from '../engines/known.js';
import { isAirgapError } from '../errors.js';
import type { Emit } from '../events.js';
import type { Far, Held } from '../far/facts.js';
import type { FarOptions } from '../far/far.js';
import type { WantedFile } from '../files/planned-file.js';
import type { Host } from '../hosts/host.js';
import { type Image, isPacked, type PackedLayer } from '../image/image.js';
import { type DiffId, type Digest, shortDigest } from '../oci/digest.js';
import type { Platform } from '../oci/platform.js';
import { estimate, exact } from '../plan/estimate.js';
import { makePlan, type PlanImage, type PlanLayer } from '../plan/make-plan.js';
import type { Plan } from '../plan/plan.js';
import type { TargetState } from '../plan/target.js';
import type { Receipt } from '../receipt/receipt.js';
import type { RunningImages } from '../stores/containerd-running.js';
import type { Spool } from '../streams/spool.js';
import { text } from '../text/text.js';
import type { CommitOptions, SendOptions } from './api.js';
import { type Environment, lockHost } from './environment.js';
import { type HostFiles, lookAtFiles } from './host-files.js';
import { type CarriedPackages, type HostPackages, lookAtPackages } from './host-packages.js';
import { knownManifests, seenLinkRate } from './memory.js';
import type { PushOptions, PushResult } from './push-options.js';
import type { RunContext } from './run.js';
import { type EngineSession, findEngine, findEngineIfAny } from './session.js';

/** An engine of this machine whose containers can be asked about; of containerd one namespace, a kubelet's if undefined. */
export type NearEngine =
  | { readonly program: 'docker' | 'podman' }
  | { readonly program: 'containerd'; readonly namespace: string | undefined };

/** What core.ts supplies: the concrete stores, hosts, far programs and spools. */
export interface SendParts {
  readonly environment: Environment;
  readonly tool: string;
  openImage(source: string, options: OpenImageOptions): Promise<Image>;
  /** @throws {AirgapError} STORE_UNKNOWN, REFERENCE_INVALID for a source that no store reads */
  checkSource(source: string): void;
  /** The images that this engine's running containers were made from, as they name them. @throws {AirgapError} ENGINE_* */
  runningImages(engine: NearEngine): Promise<RunningImages>;
  openHost(name: string, options: Pick<SendOptions, 'connect'>, context: RunContext): Promise<Host>;
  openFar(host: Host, options: FarOptions): Promise<Far>;
  openSpool(directory: string | undefined): Promise<Spool>;
  /** Whatever codec is set, what the source has packed may travel as it is. */
  readonly keepsPacked?: boolean;
  /** Where the images come out of a bundle. */
  readonly bundleName?: string;
  /** Its packages, where they are to be installed. */
  readonly packages?: CarriedPackages;
  /** Pushes; only where that may be asked for. */
  push?(options: PushOptions, context: RunContext): Promise<PushResult>;
  /** Gives a receipt its last form, before it is saved and told. */
  dressReceipt?(receipt: Receipt, plan: Plan): Receipt;
  /** Called once a host has everything and its receipt is saved, while it is still connected. */
  hostDone?(done: Pick<Prepared, 'name' | 'far' | 'session'>): Promise<void>;
  readonly receipts: { list(): Promise<readonly Receipt[]>; save(receipt: Receipt): Promise<void> };
}

export interface OpenImageOptions {
  readonly platform?: SendOptions['platform'];
  /** Of a name for several, those that are wanted; who opens one image passes over it. */
  readonly platforms?: readonly Platform[];
  /** The folder that a relative path of the source starts from; this process's own when absent. */
  readonly base?: string;
  readonly commit?: CommitOptions;
  readonly client: string;
  readonly signal: AbortSignal;
  /** Gets what must be done at the end of the run, however it ends. */
  readonly cleanUp: (() => Promise<void>)[];
  /** Told of what the way to the image is like: mirrors, limits, waits. */
  readonly emit?: Emit;
}

/** An image of this run and the name it will have there, familiar spelling. */
export interface NamedImage {
  readonly image: Image;
  readonly name: string;
  /** Its platform was named, for it alone or for all. */
  readonly platformAsked: boolean;
}

/** A host that was asked and planned for. */
export interface Prepared {
  readonly name: string;
  readonly host: Host;
  readonly far: Far;
  readonly session: EngineSession;
  readonly target: TargetState;
  readonly plan: Plan;
  /** In the order of the plan. */
  readonly images: readonly NamedImage[];
  /** Undefined where no files were asked for. */
  readonly files: HostFiles | undefined;
  /** Undefined where none are to be installed. */
  readonly packages: HostPackages | undefined;
  readonly startedAt: number;
  readonly unlock: () => Promise<void>;
}

export interface PrepareOptions {
  readonly parts: SendParts;
  readonly options: SendOptions;
  readonly context: RunContext;
  readonly imageCount: number;
  /** The images for a host of this platform. */
  readonly imagesFor: (platform: Platform) => Promise<readonly NamedImage[]>;
  readonly wanted: readonly WantedFile[];
  /** That the engines pull from. */
  readonly registry?: string | undefined;
  readonly spool: Spool;
  readonly client: string;
  readonly name: string;
  readonly cleanUp: (() => Promise<void>)[];
}

/** @throws {AirgapError} whatever keeps this host from being sent to; told as host.failed */
export async function prepareHost(prep: PrepareOptions): Promise<Prepared> {
  const { parts, options, context, imageCount, wanted, spool, client, name, cleanUp } = prep;
  const { emit, ask } = context;
  const startedAt = Date.now();
  const step = (type: 'step.started' | 'step.finished', what: 'connect' | 'probe' | 'plan'): void =>
    emit({ type, step: what, host: name });
  try {
    step('step.started', 'connect');
    const host = await parts.openHost(name, options, context);
    cleanUp.push(() => host.close());
    const unlock = await lockHost(
      parts.environment.stateDirectory,
      name,
      `${host.address} ${options.stage ?? ''}`,
    );
    cleanUp.push(unlock);
    const far = await parts.openFar(host, {
      hostName: name,
      client,
      stage: options.stage,
      engine: options.engine,
      signal: context.signal,
    });
    step('step.finished', 'connect');
    step('step.started', 'probe');
    const asking = { far, hostName: name, engine: options.engine, ask };
    const session = imageCount === 0 ? await findEngineIfAny(asking) : await findEngine(asking);
    // However it is spelt, and by whichever way: what runs on one stage is ended by its own next run only.
    const identity = stageIdentity(session, far.stage);
    if (identity !== undefined)
      cleanUp.push(await lockHost(parts.environment.stateDirectory, name, identity));
    await far.begin();
    const images = imageCount === 0 ? [] : await prep.imagesFor(session.facts.platform);
    const held = images.length === 0 ? nothingHeld : await far.held(session.call);
    // A layer's segments are those of its tar, or of its blob.
    const travelling = images.flatMap(({ image }) =>
      image.layers.flatMap((layer) =>
        isPacked(layer) ? [layer.diffId, layer.blob.digest as DiffId] : [layer.diffId],
      ),
    );
    const staged = await far.staged([...new Set(travelling)]);
    step('step.finished', 'probe');
    step('step.started', 'plan');
    const receipts = await parts.receipts.list();
    const rate = seenLinkRate(receipts, host.address);
    const target: TargetState = {
      host: name,
      engine: session.facts,
      held,
      staged,
      tools: session.probe.tools,
      stagePath: far.stage,
      free: session.probe.free,
      devices: session.probe.devices,
      knownManifests: knownManifests(receipts, host.address),
      ...(rate === undefined ? {} : { linkRate: rate }),
    };
    const asked = options.compress;
    const files =
      wanted.length === 0
        ? undefined
        : await lookAtFiles({ far, hostName: name, session, wanted, allow: options.allowFolders ?? [], ask });
    const carried = parts.packages;
    const packages =
      carried === undefined
        ? undefined
        : await lookAtPackages({ far, hostName: name, session, files, carried, ask });
    const imagePlan = makePlan({
      target,
      images: planImages(images, spool),
      ...(asked === undefined || asked === 'auto' ? {} : { codec: asked.codec }),
      levelAsked: asked !== undefined && asked !== 'auto' && asked.level !== undefined,
      platformAsked: options.platform !== undefined,
      noClobber: options.noClobber === true,
      keepsPacked: parts.keepsPacked === true,
      ...(parts.bundleName === undefined ? {} : { bundle: parts.bundleName }),
      ...(prep.registry === undefined ? {} : { registry: prep.registry }),
      spool: { path: spool.directory, freeBytes: await spool.freeBytes() },
      ...(packages === undefined ? {} : { packages: packages.room }),
    });
    const unasked = options.engine === undefined && images.length > 0;
    const otherEngines = unasked ? enginesBeside(session.probe, session.call.engine) : [];
    const chosen = otherEngines.length === 0 ? imagePlan : { ...imagePlan, otherEngines };
    const plan = withPackages(withFiles(chosen, files), packages);
    emit({ type: 'plan', host: name, plan });
    step('step.finished', 'plan');
    if (options.dryRun !== true && plan.refusals.length === 0) warnOfNames(plan, emit);
    return { name, host, far, session, target, plan, images, files, packages, startedAt, unlock };
  } catch (error) {
    if (isAirgapError(error)) emit({ type: 'host.failed', host: name, error: error.toJSON() });
    throw error;
  }
}

const nothingHeld: Held = { images: [], tags: new Map(), blobs: new Map() };

function withFiles(plan: Plan, found: HostFiles | undefined): Plan {
  if (found === undefined) return plan;
  const files = found.files.map(({ planned }) => planned);
  return { ...plan, files, refusals: [...plan.refusals, ...found.refusals] };
}

function withPackages(plan: Plan, found: HostPackages | undefined): Plan {
  if (found === undefined) return plan;
  return { ...plan, packages: found.planned, refusals: [...plan.refusals, ...found.refusals] };
}

/** A plan shows it; a send that was not preceded by one must say it, too. */
function warnOfNames({ host, engine, images }: Plan, emit: RunContext['emit']): void {
  const { moves, shadowed } = text().words.plan;
  const warn = (code: string, message: string): void => emit({ type: 'warning', host, code, message });
  for (const { name, fullName = name, movesFrom, shadowedBy } of images) {
    if (movesFrom !== undefined) warn('TAG_MOVES', moves(fullName, shortDigest(movesFrom)));
    if (shadowedBy !== undefined) warn('SHADOWED_NAME', shadowed(name, shadowedBy, engine.name, fullName));
  }
}

/** One stage on one machine. Containers share a kernel and may have equal paths: their engines tell them apart. */
export function stageIdentity({ probe }: Pick<EngineSession, 'probe'>, stage: string): string | undefined {
  if (probe.bootId === undefined) return undefined;
  const info = probe.engine.state === 'up' ? probe.engine.info : undefined;
  const engineId = typeof info === 'object' && info !== null && 'ID' in info ? String(info.ID) : '';
  return `stage ${probe.bootId} ${engineId} ${probe.user.uid} ${stage}`;
}

/** A layer that two of them hold packed in two ways is packed as the first has it: sources are read once. */
function planImages(images: readonly NamedImage[], spool: Spool): PlanImage[] {
  const packings = new Map<DiffId, Digest>();
  for (const layer of images.flatMap(({ image }) => image.layers.filter(isPacked)))
    if (!packings.has(layer.diffId)) packings.set(layer.diffId, layer.blob.digest);
  return images.map((one) => planImage(one, spool, packings));
}

function planImage(
  { image, name, platformAsked }: NamedImage,
  spool: Spool,
  packings: ReadonlyMap<DiffId, Digest>,
): PlanImage {
  return {
    source: image.source,
    imageId: image.imageId,
    platform: image.platform,
    name,
    platformAsked,
    ...(image.manifest === undefined ? {} : { manifest: image.manifest.descriptor }),
    layers: image.layers.map((layer) => {
      const known = spool.layer(layer.diffId);
      const bytes = known.rawBytes ?? layer.uncompressedBytes;
      const raw = bytes === undefined ? estimate(layer.estimatedBytes ?? 0) : exact(bytes);
      const absent = layer.absent === true && known.whole.size === 0 ? { absent: true } : {};
      const isFirst = packings.get(layer.diffId) === layer.blob?.digest;
      const packed = !isPacked(layer)
        ? {}
        : isFirst
          ? { packed: packedBlob(layer, spool) }
          : { packedOtherwise: true as const };
      return { diffId: layer.diffId, raw, ...absent, ...packed, spooled: Object.fromEntries(known.whole) };
    }),
  };
}

function packedBlob({ blob, codec }: PackedLayer, spool: Spool): NonNullable<PlanLayer['packed']> {
  const { digest, size, mediaType } = blob;
  const spooled = spool.layer(digest as DiffId).whole.has('none');
  return { digest, size, mediaType, codec, spooled };
}
