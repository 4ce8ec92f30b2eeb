// The far half of a send: one host, from its plan to its receipt. Everything it changes there before the proof carries a
// name of ours and is taken back if the run fails.
import { randomUUID } from 'node:crypto';
import { AirgapError, isAirgapError } from '../errors.js';
import type { Emit } from '../events.js';
import type { Far } from '../far/facts.js';
import type { Host } from '../hosts/host.js';
import type { Image } from '../image/image.js';
import { type DiffId, digestOf } from '../oci/digest.js';
import { travelId } from '../plan/carry.js';
import type { Plan, PlannedImage, PlannedLayer } from '../plan/plan.js';
import type { TargetState } from '../plan/target.js';
import type { ImageReceipt, Receipt } from '../receipt/receipt.js';
import type { LevelChooser } from '../streams/level.js';
import type { RateLimit } from '../streams/rate-limit.js';
import { text } from '../text/text.js';
import { createArrivals } from './arrivals.js';
import { basesOf } from './bases.js';
import {
  baseName,
  engineName,
  leftoverNames,
  type NameChange,
  previousName,
  setNames,
  temporaryName,
} from './far-names.js';
import { type CodecWish, type Feed, wishFor } from './feed.js';
import { type LoadContext, loadImage } from './load-image.js';
import { besideSending } from './play-archive.js';
import { prove } from './prove-image.js';
import { createProgress } from './send-progress.js';
import { startSender } from './sender.js';
import type { EngineSession } from './session.js';
import { type FindPulled, pullImage } from './through-registry.js';

export interface SendHostOptions {
  readonly runId: string;
  readonly tool: string;
  readonly client: string;
  readonly host: Host;
  readonly far: Far;
  readonly session: EngineSession;
  readonly target: TargetState;
  readonly plan: Plan;
  readonly images: ReadonlyMap<PlannedImage, Image>;
  readonly feed: Feed;
  readonly wish: CodecWish;
  readonly channels: number;
  readonly rateLimit: RateLimit | undefined;
  /** A name that came to be taken since the plan is an error, too. */
  readonly noClobber: boolean;
  /** Where images of the plan are pulled. */
  readonly findPulled: FindPulled | undefined;
  readonly levels: LevelChooser;
  readonly startedAt: number;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/** @throws {AirgapError} what stopped it; the far side is then as before, save for the stage, which resumes */
export async function sendToHost(options: SendHostOptions): Promise<Receipt> {
  const { far, session, plan, client, target, signal } = options;
  const progress = createProgress(options.plan, options.emit);
  const names = new Set<string>(leftoverNames(target.held.tags.keys(), client));
  const call = session.call;
  const arrivals = createArrivals();
  const sender = startSender({
    far,
    channels: options.channels,
    staged: target.staged,
    arrivals,
    rateLimit: options.rateLimit,
    onSent: progress.sent,
    onResumed: progress.resumed,
    onDrained: (bytes, busyMs) => {
      progress.drained(bytes, busyMs);
      options.levels.reportDrained(bytes, busyMs, plan.host);
    },
    signal,
  });
  sender.done.catch(() => undefined);
  try {
    // What a kill in the middle of a proof has left; it would keep its image from going.
    if (session.probe.containers.includes(client)) await far.unname(call, [], [client]);
    for (const farId of basesOf(plan, target, names)) {
      const name = baseName(client, farId);
      names.add(name);
      await far.hold(call, farId, name);
    }
    const context: LoadContext = {
      hostName: plan.host,
      far,
      call,
      engine: session.facts,
      sender,
      arrivals,
      reader: (layer) => options.feed.open(travelId(layer), wishFor(layer, options.wish)),
      sourcesRead: options.feed.done,
      allInLine: putInLine(options, sender, progress),
      brought: new Map(),
      singleSession: false,
      layoutIndex: target.held.index,
      nameFor(imageId, real) {
        // An archive has one name in it, so an image with two is two archives.
        const isOne = real !== undefined && session.facts.storeKind === 'archives';
        const name = temporaryName(client, isOne ? digestOf(`${imageId} ${real}`) : imageId);
        names.add(name);
        return name;
      },
      onPlaying: progress.playing,
      onPlayed: progress.played,
      onLoaded: (planned) => {
        progress.loaded(planned);
        progress.proving(planned);
      },
      signal,
    };
    context.allInLine.catch((error: unknown) => {
      arrivals.fail(error);
    });
    const receipts: ImageReceipt[] = [];
    const changes: NameChange[] = [];
    for (const planned of plan.images) {
      const image = options.images.get(planned);
      if (image === undefined) continue;
      signal.throwIfAborted();
      const { receipt, change } = await bring({
        context,
        progress,
        image,
        planned,
        findPulled: options.findPulled,
      });
      receipts.push(receipt);
      if (change !== undefined) changes.push(change);
    }
    await context.allInLine;
    sender.end();
    await sender.done;
    for (const { to } of changes) names.add(previousName(client, to));
    await setNames({ far, call, client, noClobber: options.noClobber }, changes);
    const receipt = makeReceipt(options, receipts, progress);
    await tidy(options, names);
    return receipt;
  } catch (error) {
    sender.abort();
    await undo(options, names, error);
    if (signal.aborted) throw new AirgapError('CANCELLED', { resumable: true }, { cause: error });
    throw error;
  }
}

interface BringOptions extends Pick<SendHostOptions, 'findPulled'> {
  readonly context: LoadContext;
  readonly progress: ReturnType<typeof createProgress>;
  readonly image: Image;
  readonly planned: PlannedImage;
}

/** Loads and proves one image, or proves the one that is there. Tells the name change that is then due. */
async function bring({ context, progress, image, planned, findPulled }: BringOptions): Promise<{
  readonly receipt: ImageReceipt;
  readonly change: NameChange | undefined;
}> {
  const { far, call } = context;
  const layout = context.engine.storeKind === 'layout';
  let farId: string;
  let from: string;
  let told: Partial<ImageReceipt> = {};
  if (planned.present === undefined) {
    progress.loading(planned);
    const pulled = planned.pull === true ? findPulled?.(planned) : undefined;
    const loaded =
      pulled === undefined
        ? await loadImage(context, image, planned)
        : await pullImage(context, image, planned, pulled);
    told = loaded.told;
    from = loaded.name;
    farId = loaded.farImage.farId;
    if (layout) {
      // One image at a time is made part of the layout: the next one's index contains it.
      await besideSending(context.sender, () => far.name(call, { from, to: planned.name, previous: from }));
      context.layoutIndex = (await besideSending(context.sender, () => far.held(call))).index;
    }
  } else {
    progress.proving(planned);
    from = planned.present.farId;
    farId = (await prove(context, image, from, planned.present.farId)).farId;
    if (planned.remade !== undefined) told = { sourceManifest: planned.remade.source };
  }
  progress.proved(planned);
  const { movesFrom, fullName } = planned;
  const routes = (route: string): number => planned.layers.filter((layer) => layer.route === route).length;
  return {
    receipt: {
      reference: planned.name,
      ...(fullName === undefined ? {} : { fullName }),
      source: planned.source,
      imageId: planned.imageId,
      farId,
      platform: planned.platform,
      diffIds: image.layers.map((layer) => layer.diffId),
      proof: context.engine.proof,
      // Of a layout it is known only now which image that was.
      ...(movesFrom === undefined || movesFrom === farId ? {} : { movedFrom: movesFrom }),
      present: planned.present !== undefined,
      layers: { held: routes('held'), sent: routes('send'), spliced: routes('splice') },
      ...told,
    },
    change:
      layout || planned.named
        ? undefined
        : { from, farId, to: engineName(context.engine, planned.name), movesFrom },
  };
}

async function putInLine(
  options: SendHostOptions,
  sender: ReturnType<typeof startSender>,
  progress: ReturnType<typeof createProgress>,
): Promise<void> {
  const put = async (layer: PlannedLayer): Promise<void> => {
    const id = travelId(layer);
    const reader = await options.feed.open(id, wishFor(layer, options.wish));
    const { made } = reader;
    if (made !== undefined) progress.follow(id, made);
    await sender.addLayer(reader);
  };
  await Promise.all(sentLayers(options.plan).map(put));
}

/** Every layer that travels, once, in the order of the plan. */
function sentLayers(plan: Plan): PlannedLayer[] {
  const sent = plan.images.flatMap((image) => image.layers.filter((layer) => layer.route === 'send'));
  return [...new Map(sent.map((layer) => [travelId(layer), layer])).values()];
}

/** Every layer of the plan that may have segments there: of this run, or of one that loaded it and was then cut. */
function stagedLayers({ plan, target }: SendHostOptions): DiffId[] {
  return [...new Set([...sentLayers(plan).map(travelId), ...target.staged.map(({ diffId }) => diffId)])];
}

/** After success: no name of ours and no byte of this run is left. What cannot go now goes with the next run. */
async function tidy(options: SendHostOptions, names: ReadonlySet<string>): Promise<void> {
  const { far, session, plan, emit } = options;
  try {
    if (names.size > 0) await far.unname(session.call, [...names]);
    await far.forget(stagedLayers(options));
  } catch (error) {
    if (!isAirgapError(error)) throw error;
    const message = text().words.progress.leftBehind(error.message);
    emit({ type: 'warning', host: plan.host, code: error.code, message });
  }
}

/** After failure: names and splices of ours go, segments stay for resume; a full disk gets this run's back as well. */
async function undo(options: SendHostOptions, names: ReadonlySet<string>, error: unknown): Promise<void> {
  const { far, session } = options;
  if (isAirgapError(error, 'SSH_LOST')) return;
  // Each by itself: the connection may go away as well, but one that fails is no reason to leave the other. What is left is
  // found by the next run. On a full disk room comes first: even taking names back needs a little.
  await far.forget(isAirgapError(error, 'TARGET_FULL') ? stagedLayers(options) : []).catch(() => undefined);
  if (names.size > 0) await far.unname(session.call, [...names]).catch(() => undefined);
}

function makeReceipt(
  options: SendHostOptions,
  images: readonly ImageReceipt[],
  progress: ReturnType<typeof createProgress>,
): Receipt {
  const { plan, host, startedAt, runId } = options;
  const started = new Date(startedAt).toISOString();
  const { held, send, splice, heldCount, sendCount, spliceCount, sharedCount } = plan.totals;
  const rate = progress.linkRate();
  return {
    version: 1,
    id: randomUUID(),
    runId,
    host: plan.host,
    address: host.address,
    engine: plan.engine,
    platform: plan.platform,
    startedAt: started,
    durationMs: Date.now() - startedAt,
    images,
    layerBytes: progress.layerBytes(),
    routeBytes: { held: held.bytes, sent: send.bytes, spliced: splice.bytes },
    layerCounts: { held: heldCount, sent: sendCount, spliced: spliceCount, shared: sharedCount },
    ...(rate === undefined ? {} : { linkRate: rate }),
    wireBytes: host.handedBytes,
    resumedBytes: progress.resumedBytes(),
    tool: options.tool,
  };
}
