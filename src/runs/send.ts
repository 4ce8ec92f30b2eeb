// The run behind `airgap send` and `airgap plan`: opens the images, asks the hosts, plans, then feeds one spool and sends to
// every host side by side from it.
import { AirgapError, isAirgapError } from '../errors.js';
import type { Far } from '../far/facts.js';
import type { FarOptions } from '../far/far.js';
import type { Host } from '../hosts/host.js';
import type { Image } from '../image/image.js';
import type { DiffId } from '../oci/digest.js';
import { estimate, exact } from '../plan/estimate.js';
import { makePlan, type PlanImage } from '../plan/make-plan.js';
import type { Plan, PlannedImage } from '../plan/plan.js';
import type { TargetState } from '../plan/target.js';
import type { Receipt } from '../receipt/receipt.js';
import { createLevelChooser } from '../streams/level.js';
import { createRateLimit } from '../streams/rate-limit.js';
import type { Spool } from '../streams/spool.js';
import type { SendOptions, SendResult } from './api.js';
import { clientId, type Environment, lockHost } from './environment.js';
import { familiarName, fullName, untaggedName } from './far-names.js';
import { type CodecWish, startFeed } from './feed.js';
import { knownManifests, seenLinkRate } from './memory.js';
import type { RunContext } from './run.js';
import { sendToHost } from './send-host.js';
import { type EngineSession, findEngine } from './session.js';

/** What core.ts supplies: the concrete stores, hosts, far programs and spools. */
export interface SendParts {
  readonly environment: Environment;
  readonly tool: string;
  openImage(
    source: string,
    options: { platform?: SendOptions['platform']; signal: AbortSignal },
  ): Promise<Image>;
  openHost(name: string, options: SendOptions, context: RunContext): Promise<Host>;
  openFar(host: Host, options: FarOptions): Promise<Far>;
  openSpool(directory: string | undefined): Promise<Spool>;
  readonly receipts: { list(): Promise<readonly Receipt[]>; save(receipt: Receipt): Promise<void> };
}

interface NamedImage {
  readonly image: Image;
  readonly name: string;
}

interface Prepared {
  readonly name: string;
  readonly host: Host;
  readonly far: Far;
  readonly session: EngineSession;
  readonly target: TargetState;
  readonly plan: Plan;
  readonly startedAt: number;
  readonly unlock: () => Promise<void>;
}

/** @throws {AirgapError} one host's own error if there is one host, HOSTS_FAILED if some of several failed */
export async function send(parts: SendParts, options: SendOptions, context: RunContext): Promise<SendResult> {
  const { emit, signal } = context;
  const spool = await parts.openSpool(options.spool);
  const cleanUp: (() => Promise<void>)[] = [];
  let finished = false;
  try {
    const images = await openImages(parts, options, signal);
    const client = await clientId(parts.environment.stateDirectory);
    const outcomes = await Promise.allSettled(
      options.hosts.map((name) => prepare({ parts, options, context, images, spool, client, name, cleanUp })),
    );
    const ready = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    const errors = new Map<string, unknown>();
    for (const [at, outcome] of outcomes.entries()) {
      if (outcome.status === 'rejected') errors.set(options.hosts[at] ?? '', outcome.reason);
    }
    const plans = ready.map((one) => one.plan);
    if (options.dryRun === true) return finish(options, errors, { plans, receipts: [] }, context);
    const willing = ready.filter(({ name, plan }) => {
      const refusal = plan.refusals[0];
      if (refusal === undefined) return true;
      const error = new AirgapError(refusal.code, refusal.facts as never);
      errors.set(name, error);
      emit({ type: 'host.failed', host: name, error: error.toJSON() });
      return false;
    });
    await spool.need(wantedOf(willing));
    const receipts = await sendAll({ parts, options, context, images, spool, client, errors }, willing);
    finished = errors.size === 0;
    return finish(options, errors, { plans, receipts }, context);
  } finally {
    for (const close of cleanUp.reverse()) await close().catch(() => undefined);
    await spool.close({ finished });
    if (finished) await spool.prune({ all: false });
  }
}

async function openImages(
  parts: SendParts,
  options: SendOptions,
  signal: AbortSignal,
): Promise<NamedImage[]> {
  const images: NamedImage[] = [];
  for (const { source, as } of options.images) {
    const platform = options.platform === undefined ? {} : { platform: options.platform };
    const image = await parts.openImage(source, { ...platform, signal });
    const own = image.reference === undefined ? untaggedName(image.imageId) : fullName(referenceText(image));
    images.push({ image, name: familiarName(as ?? own) });
  }
  return images;
}

function referenceText({ reference }: Image): string {
  if (reference === undefined) return '';
  const { registry, repository, tag } = reference;
  return `${registry}/${repository}:${tag ?? 'latest'}`;
}

interface PrepareOptions {
  readonly parts: SendParts;
  readonly options: SendOptions;
  readonly context: RunContext;
  readonly images: readonly NamedImage[];
  readonly spool: Spool;
  readonly client: string;
  readonly name: string;
  readonly cleanUp: (() => Promise<void>)[];
}

/** Connects, asks what is there, plans. Changes nothing over there but the stage. */
async function prepare(prep: PrepareOptions): Promise<Prepared> {
  const { parts, options, context, images, spool, client, name, cleanUp } = prep;
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
      signal: context.signal,
    });
    step('step.finished', 'connect');
    step('step.started', 'probe');
    const session = await findEngine({ far, hostName: name, engine: options.engine, ask });
    await far.begin();
    const held = await far.held(session.call);
    const diffIds = [...new Set(images.flatMap(({ image }) => image.layers.map((layer) => layer.diffId)))];
    const staged = await far.staged(diffIds);
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
      knownManifests: knownManifests(receipts, host.address),
      ...(rate === undefined ? {} : { linkRate: rate }),
    };
    const asked = options.compress;
    const plan = makePlan({
      target,
      images: images.map((one) => planImage(one, spool)),
      ...(asked === undefined || asked === 'auto' ? {} : { codec: asked.codec }),
      platformAsked: options.platform !== undefined,
      noClobber: options.noClobber === true,
      spool: { path: spool.directory, freeBytes: await spool.freeBytes() },
    });
    emit({ type: 'plan', host: name, plan });
    step('step.finished', 'plan');
    return { name, host, far, session, target, plan, startedAt, unlock };
  } catch (error) {
    if (isAirgapError(error)) emit({ type: 'host.failed', host: name, error: error.toJSON() });
    throw error;
  }
}

function planImage({ image, name }: NamedImage, spool: Spool): PlanImage {
  return {
    source: image.source,
    imageId: image.imageId,
    platform: image.platform,
    name,
    layers: image.layers.map((layer) => {
      const known = spool.layer(layer.diffId);
      const bytes = known.rawBytes ?? layer.uncompressedBytes;
      const raw = bytes === undefined ? estimate(layer.estimatedBytes ?? 0) : exact(bytes);
      return { diffId: layer.diffId, raw, spooled: Object.fromEntries(known.whole) };
    }),
  };
}

interface SendAllOptions extends Omit<PrepareOptions, 'name' | 'cleanUp'> {
  readonly errors: Map<string, unknown>;
}

async function sendAll(all: SendAllOptions, hosts: readonly Prepared[]): Promise<Receipt[]> {
  const { parts, options, context, images, spool, client, errors } = all;
  if (hosts.length === 0) return [];
  // Its own switch: when every host has failed, nobody needs the rest of the sources.
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  const fixed = options.compress === undefined || options.compress === 'auto' ? undefined : options.compress;
  const rates = hosts.flatMap(({ target }) => (target.linkRate === undefined ? [] : [target.linkRate]));
  const levels = createLevelChooser({
    ...(fixed?.level === undefined ? {} : { fixedLevel: fixed.level }),
    // The slowest link gains most from a smaller layer; the fast ones wait for nothing but the far engine.
    ...(rates.length === 0 ? {} : { linkRate: Math.min(...rates) }),
  });
  const wishes = new Map(hosts.map((host) => [host, wishOf(host.plan, fixed === undefined)]));
  const feed = startFeed({
    spool,
    images: images.map(({ image }) => image),
    wanted: wantedLayers(hosts, wishes),
    levels,
    emit: context.emit,
    signal,
  });
  const receipts = await Promise.all(
    hosts.map(async (one) => {
      try {
        const receipt = await sendToHost({
          ...one,
          runId: context.runId,
          tool: parts.tool,
          client,
          images: new Map<PlannedImage, Image>(
            one.plan.images.flatMap((planned, at) => {
              const image = images[at]?.image;
              return image === undefined ? [] : [[planned, image] as const];
            }),
          ),
          feed,
          wish: wishes.get(one) ?? { codec: one.plan.codec, orRaw: false },
          channels: options.channels ?? 4,
          rateLimit:
            options.limitBytesPerSecond === undefined
              ? undefined
              : createRateLimit({ bytesPerSecond: options.limitBytesPerSecond }),
          levels,
          emit: context.emit,
          signal: context.signal,
        });
        await parts.receipts.save(receipt);
        context.emit({ type: 'host.finished', host: one.name, receipt });
        return receipt;
      } catch (error) {
        errors.set(one.name, error);
        if (isAirgapError(error))
          context.emit({ type: 'host.failed', host: one.name, error: error.toJSON() });
        return undefined;
      }
    }),
  );
  stop.abort(new AirgapError('CANCELLED', { resumable: true }));
  await feed.done.catch(() => undefined);
  return receipts.filter((receipt) => receipt !== undefined);
}

function wishOf(plan: Plan, auto: boolean): CodecWish {
  return { codec: plan.codec, orRaw: auto && plan.codec === 'zstd' };
}

function wantedOf(hosts: readonly Prepared[]): Set<DiffId> {
  const layers = hosts.flatMap(({ plan }) => plan.images.flatMap((image) => image.layers));
  return new Set(layers.filter((layer) => layer.route === 'send').map((layer) => layer.diffId));
}

function wantedLayers(
  hosts: readonly Prepared[],
  wishes: ReadonlyMap<Prepared, CodecWish>,
): Map<DiffId, CodecWish[]> {
  const wanted = new Map<DiffId, CodecWish[]>();
  for (const host of hosts) {
    const wish = wishes.get(host);
    const sent = host.plan.images.flatMap((image) => image.layers.filter((layer) => layer.route === 'send'));
    for (const { diffId } of sent)
      if (wish !== undefined) wanted.set(diffId, [...(wanted.get(diffId) ?? []), wish]);
  }
  return wanted;
}

function finish(
  options: SendOptions,
  errors: ReadonlyMap<string, unknown>,
  result: SendResult,
  context: RunContext,
): SendResult {
  if (errors.size === 0) return result;
  const [first] = errors.values();
  if (context.signal.aborted) throw new AirgapError('CANCELLED', { resumable: true }, { cause: first });
  // A bug must not hide behind a count.
  const bug = [...errors.values()].find((error) => !isAirgapError(error));
  if (bug !== undefined) throw bug;
  // Nothing at all was done: the first host's own error tells more than "3 of 3 failed".
  if (errors.size === options.hosts.length) throw first;
  const facts = { failed: errors.size, total: options.hosts.length };
  throw new AirgapError('HOSTS_FAILED', facts, { cause: first });
}
