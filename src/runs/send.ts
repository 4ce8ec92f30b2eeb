// The run behind `airgap send` and `airgap plan`: opens the images, asks the hosts, plans, then feeds one spool and sends to
// every host side by side from it.
import { AirgapError, isAirgapError } from '../errors.js';
import type { Image } from '../image/image.js';
import type { DiffId } from '../oci/digest.js';
import { travelId } from '../plan/carry.js';
import type { Plan, PlannedImage } from '../plan/plan.js';
import type { Receipt } from '../receipt/receipt.js';
import { createLevelChooser } from '../streams/level.js';
import { createRateLimit } from '../streams/rate-limit.js';
import type { SendOptions, SendResult } from './api.js';
import { chooseImages, targetsOf } from './choose-images.js';
import { clientId } from './environment.js';
import { refuseAddresses } from './far-names.js';
import { type CodecWish, startFeed, wishFor } from './feed.js';
import { changeQuestion } from './host-files.js';
import { imagesForHosts, openImages } from './open-images.js';
import { payloadFiles, refusePackages } from './payload.js';
import { type Prepared, type PrepareOptions, prepareHost, type SendParts } from './prepare-host.js';
import type { PushResult } from './push-options.js';
import { readFiles } from './read-files.js';
import type { RunContext } from './run.js';
import { addFiles } from './send-files.js';
import { sendToHost } from './send-host.js';
import { type FindPulled, pulledOf, pushBefore, registryOf } from './through-registry.js';

/** @throws {AirgapError} one host's own error if there is one host, HOSTS_FAILED if some of several failed */
export async function send(parts: SendParts, asked: SendOptions, context: RunContext): Promise<SendResult> {
  const { emit } = context;
  const chosen = await chooseImages(asked, parts, emit);
  const options = { ...asked, hosts: targetsOf(asked, chosen) };
  refusePackages(chosen.spec);
  const registry = registryOf(options, chosen);
  // First of all: a receipt that cannot be kept must not be found out after the sending.
  const client = await clientId(parts.environment.stateDirectory);
  const spool = await parts.openSpool(options.spool);
  const cleanUp: (() => Promise<void>)[] = [];
  let finished = false;
  let failed = false;
  try {
    // The line has the last word: of daemon.json a later key wins.
    const wanted = await readFiles([...(await payloadFiles(chosen.spec)), ...(options.files ?? [])]);
    const opening = { ...context, parts, chosen: chosen.images, asked, client, cleanUp, anyPlatform: true };
    const images = await openImages(opening);
    refuseAddresses(images.map(({ name }) => name));
    const imagesFor = imagesForHosts(images, opening);
    const imageCount = chosen.images.length;
    const outcomes = await Promise.allSettled(
      options.hosts.map((name) =>
        prepareHost({
          parts,
          options,
          context,
          imageCount,
          imagesFor,
          wanted,
          registry,
          spool,
          client,
          name,
          cleanUp,
        }),
      ),
    );
    const ready = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    const errors = new Map<string, unknown>();
    for (const [at, outcome] of outcomes.entries()) {
      if (outcome.status === 'rejected') errors.set(options.hosts[at] ?? '', outcome.reason);
    }
    const plans = ready.map((one) => one.plan);
    const push = (): Promise<PushResult | undefined> => pushFirst(parts, options, context);
    if (options.dryRun === true) {
      const pushed = (await push())?.plan;
      return finish(
        options,
        errors,
        { plans, receipts: [], ...(pushed === undefined ? {} : { pushed }) },
        context,
      );
    }
    const willing: Prepared[] = [];
    for (const one of ready) {
      const error = await whyNot(one, context);
      if (error === undefined) willing.push(one);
      else {
        errors.set(one.name, error);
        emit({ type: 'host.failed', host: one.name, error: error.toJSON() });
      }
    }
    await spool.need(wantedOf(willing));
    const pushed = willing.length === 0 ? undefined : await push();
    const findPulled = pushed === undefined ? undefined : pulledOf(pushed);
    const receipts = await sendAll({ parts, options, context, spool, client, errors, findPulled }, willing);
    if (pushed?.receipt !== undefined) receipts.unshift(pushed.receipt);
    finished = errors.size === 0;
    return finish(options, errors, { plans, receipts }, context);
  } catch (error) {
    failed = true;
    throw error;
  } finally {
    for (const close of cleanUp.reverse()) await close().catch(() => undefined);
    // What stopped the run tells more than what the spool says when it is closed after that.
    await spool.close({ finished }).catch((error: unknown) => {
      if (!failed) throw error;
    });
    if (finished) await spool.prune({ all: false });
  }
}

/** The images go to the registry that the hosts pull from, where there is one. */
async function pushFirst(
  { push }: SendParts,
  options: SendOptions,
  context: RunContext,
): Promise<PushResult | undefined> {
  const { throughRegistry } = options;
  if (throughRegistry === undefined) return undefined;
  if (push === undefined) throw new Error('nothing pushes');
  return await push(pushBefore(options, throughRegistry), context);
}

/** What the plan refuses, or that nobody agreed to a change of files that are there. */
async function whyNot(
  { name, plan, files }: Prepared,
  { ask }: RunContext,
): Promise<AirgapError | undefined> {
  const [refusal] = plan.refusals;
  if (refusal !== undefined) return new AirgapError(refusal.code, refusal.facts as never);
  const question = files === undefined ? undefined : changeQuestion(name, files);
  if (question === undefined || (await ask({ kind: 'confirm', question })) === 'yes') return undefined;
  return new AirgapError('PROMPT_REFUSED', { question, flag: '--yes' });
}

interface SendAllOptions extends Pick<PrepareOptions, 'parts' | 'options' | 'context' | 'spool' | 'client'> {
  readonly errors: Map<string, unknown>;
  readonly findPulled: FindPulled | undefined;
}

async function sendAll(all: SendAllOptions, hosts: readonly Prepared[]): Promise<Receipt[]> {
  const { parts, options, context, spool, client, errors, findPulled } = all;
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
    images: [...new Set(hosts.flatMap((host) => host.images.map(({ image }) => image)))],
    wanted: wantedLayers(hosts, wishes),
    staged: hosts.flatMap(({ target }) => target.staged),
    levels,
    emit: context.emit,
    signal,
  });
  const receipts = await Promise.all(
    hosts.map(async (one) => {
      try {
        const sent = await sendToHost({
          ...one,
          runId: context.runId,
          tool: parts.tool,
          client,
          images: new Map<PlannedImage, Image>(
            one.plan.images.flatMap((planned, at) => {
              const image = one.images[at]?.image;
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
          noClobber: options.noClobber === true,
          findPulled,
          levels,
          emit: context.emit,
          signal: context.signal,
        });
        const done = await addFiles(one, sent, options.reload === true, context.emit);
        const receipt = parts.dressReceipt?.(done.receipt, one.plan) ?? done.receipt;
        const { failure } = done;
        // Images that arrived are told even where the files could not be changed.
        const isWorth =
          receipt.images.length > 0 || receipt.packages?.some(({ installed }) => installed) === true;
        if (failure === undefined || isWorth) await parts.receipts.save(receipt);
        if (failure !== undefined) throw failure;
        context.emit({ type: 'host.finished', host: one.name, receipt });
        await parts.hostDone?.(one);
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
  return new Set(layers.filter((layer) => layer.route === 'send').map(travelId));
}

function wantedLayers(
  hosts: readonly Prepared[],
  wishes: ReadonlyMap<Prepared, CodecWish>,
): Map<DiffId, CodecWish[]> {
  const wanted = new Map<DiffId, CodecWish[]>();
  for (const host of hosts) {
    const wish = wishes.get(host);
    const sent = host.plan.images.flatMap((image) => image.layers.filter((layer) => layer.route === 'send'));
    for (const layer of sent) {
      const id = travelId(layer);
      if (wish !== undefined) wanted.set(id, [...(wanted.get(id) ?? []), wishFor(layer, wish)]);
    }
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
