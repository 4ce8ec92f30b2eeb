// The run behind `airgap push`: opens images and bundles, asks the registry, plans; then blobs, manifests, proof; names last of all,
// when everything of the run is there.
import path from 'node:path';
import type { BundleImage } from '../bundle/manifest.js';
import type { Bundle } from '../bundle/reader.js';
import { AirgapError } from '../errors.js';
import type { Image } from '../image/image.js';
import { belongingTo } from '../oci/attached.js';
import type { Digest } from '../oci/digest.js';
import { formatPlatform } from '../oci/platform.js';
import { type Reference, withoutDigest } from '../oci/reference.js';
import { type PushPlan, pushTotals } from '../plan/push-plan.js';
import { eventOf, tellWaits } from '../registry/notices.js';
import { openRegistries } from '../registry/open-registries.js';
import { openPushRepository, type PushRepository } from '../registry/push-repository.js';
import type { FoundManifest } from '../registry/repository.js';
import type { OpenedIndex } from '../stores/store.js';
import { createRateLimit } from '../streams/rate-limit.js';
import { text } from '../text/text.js';
import { chooseImages } from './choose-images.js';
import { clientId } from './environment.js';
import type { ExportParts } from './export.js';
import { attachedBytes, lookForAttached } from './find-attached.js';
import { openImages } from './open-images.js';
import { createIndexOpener, type IndexParts } from './open-indexes.js';
import { type Planned, type PushIndex, type PushItem, planPush } from './plan-push.js';
import type { SendParts } from './prepare-host.js';
import { type AttachedPlan, attachedNames, bringAttached, movedNames } from './push-attached.js';
import { pushImages } from './push-images.js';
import { knownHolders, openPushMemory } from './push-memory.js';
import {
  type PushRenames,
  type PushTarget,
  parsePushTarget,
  pushName,
  pushRenames,
  toldName,
} from './push-names.js';
import type { PushOptions, PushResult } from './push-options.js';
import { receiptOf } from './push-receipt.js';
import { nameTaken } from './push-refusals.js';
import { openShelf } from './push-shelf.js';
import { openBundleImages, type PushedChoice, splitSources } from './push-sources.js';
import { createLayerFinder } from './registry-layers.js';
import type { RunContext } from './run.js';
import { openTunnel } from './tunnel.js';

/** What core.ts supplies. */
export interface PushParts
  extends Pick<SendParts, 'environment' | 'tool' | 'checkSource' | 'runningImages' | 'openHost' | 'receipts'>,
    IndexParts,
    Pick<ExportParts, 'attached'> {
  openBundleImage(bundle: Bundle, image: BundleImage): Promise<Image>;
  readonly env: NodeJS.ProcessEnv;
}

/** @throws {AirgapError} what opening images and bundles throws; REGISTRY_*, PUSH_BASE_MISSING, NAME_TAKEN, CANCELLED */
export async function push(parts: PushParts, options: PushOptions, context: RunContext): Promise<PushResult> {
  const { emit, signal } = context;
  const startedAt = Date.now();
  const target = parsePushTarget(options.registry, options.prefix);
  const { stateDirectory, cacheDirectory } = parts.environment;
  const { images, bundles } = await splitSources(options.images);
  const chosen = await chooseImages({ ...options, images }, parts, emit);
  const client = await clientId(stateDirectory);
  const memory = await openPushMemory(stateDirectory, target.host);
  const cleanUp: (() => Promise<void>)[] = [];
  const shelf = openShelf(path.join(cacheDirectory, 'push'));
  cleanUp.push(() => shelf.close());
  try {
    const { indexes, openImage } = createIndexOpener(parts);
    const opened: readonly PushedChoice[] = [
      ...(await openImages({
        ...context,
        parts: { openImage },
        chosen: chosen.images,
        asked: options,
        client,
        cleanUp,
        // Other platforms, or layers packed in another way, are another digest.
        identify: (image) =>
          (indexes.get(image)?.index ?? image.manifest)?.descriptor.digest ?? image.imageId,
      })),
      ...(
        await Promise.all(
          bundles.map((bundle) => openBundleImages(bundle, parts.openBundleImage, options.platform)),
        )
      ).flat(),
    ];
    const renames = chosen.spec === undefined ? undefined : pushRenames(chosen.spec, opened);
    const connect = await openTunnel(parts, options, context, cleanUp);
    const all = openRegistries(parts.env, { connect });
    const end = all.listen((notice) => emit(eventOf(notice)));
    cleanUp.push(async () => {
      end();
      all.close();
    });
    const registry = await all.registry(target.host);
    const repositories = new Map<string, PushRepository>();
    const openRepository = (name: string): PushRepository => {
      const known = repositories.get(name) ?? openPushRepository(registry, name);
      repositories.set(name, known);
      return known;
    };
    const attached = new Map<PushedChoice, AttachedPlan>();
    const toRepository = (one: PushedChoice): PushRepository =>
      openRepository(pushName(target, one, renames).repository);
    for (const one of opened) {
      const { bundle } = one;
      if (one.attached !== undefined)
        attached.set(one, { ...one.attached, repository: toRepository(one), bundle });
    }
    if (options.withReferrers === true) {
      for (const one of opened.filter(({ bundle }) => bundle === undefined)) {
        const platforms = one.platforms ?? indexes.get(one.image);
        const images = platforms?.images ?? [one.image];
        const manifests = images.flatMap(({ manifest }) => manifest?.descriptor.digest ?? []);
        const known = { opened: platforms, manifests };
        const found = await lookForAttached(one.chosen, known, { parts, client, cleanUp, emit, signal });
        if (found === undefined) continue;
        const { index } = platforms ?? {};
        const kept = found.index ?? (index?.isOriginal === true ? index : undefined);
        const subjects = kept === undefined ? manifests : [...manifests, kept.descriptor.digest];
        const taken = belongingTo(found.attached, subjects, { isIndexWhole: found.index !== undefined });
        const left = found.attached.length - taken.length;
        if (left > 0) emit({ type: 'note', message: text().words.export.attachedLeft(one.name, left) });
        attached.set(one, { ...found, attached: taken, repository: toRepository(one) });
      }
    }
    const items = opened.flatMap((one) =>
      itemsOf(one, one.platforms ?? indexes.get(one.image), {
        target,
        renames,
        openRepository,
        emit,
        whole: attached.get(one)?.index,
      }),
    );
    refuseTwice(items);
    if (items.length === 0)
      throw new AirgapError('USAGE', { problem: text().words.push.nothing, command: 'push' });
    emit({ type: 'step.started', step: 'plan', host: target.name });
    const receipts = await parts.receipts.list();
    const planned = await planPush({
      registry: target.host,
      items,
      noClobber: options.noClobber === true,
      blobsOf: memory.blobsOf,
      holders: knownHolders(receipts, target.host),
      openRepository,
      layersIn: createLayerFinder(registry, signal),
      signal,
    });
    emit({ type: 'step.finished', step: 'plan', host: target.name });
    const attachedTags = [...attached.values()].flatMap(attachedNames);
    const moves = await movedNames(attachedTags, signal);
    const bundleOf = (name: string) => attachedTags.find((tag) => tag.name === name)?.bundle;
    const taken = moves.map(({ name }) => nameTaken(target.host, name, bundleOf(name)));
    const refusals = options.noClobber === true ? taken : [];
    const own = planOf(target, options, planned);
    const plan: PushPlan = {
      ...own,
      // Where nobody asked, nothing is told of what is not there.
      ...(options.withReferrers === true || attached.size > 0
        ? {
            attached: {
              ...attachedBytes([...attached.values()]),
              ...(moves.length === 0 ? {} : { moves }),
            },
          }
        : {}),
      refusals: [...own.refusals, ...refusals],
    };
    emit({ type: 'push.plan', plan });
    if (options.dryRun === true) return { plan };
    const [refused] = plan.refusals;
    if (refused !== undefined) throw new AirgapError(refused.code, refused.facts as never);
    const rate = options.limitBytesPerSecond;
    const limit = rate === undefined ? undefined : createRateLimit({ bytesPerSecond: rate });
    let sentBytes = 0;
    for (const one of attached.values())
      sentBytes += await bringAttached(one, { signal, memory, limit, onWait: tellWaits(target.host, emit) });
    const done = await pushImages({
      options,
      target,
      plan,
      planned,
      memory,
      shelf,
      attachedTags,
      limit,
      context,
    });
    const { tool } = parts;
    const receipt = receiptOf(
      { tool, runId: context.runId, target, plan, bundles, startedAt, attachedBytes: sentBytes },
      done,
    );
    await parts.receipts.save(receipt);
    emit({ type: 'host.finished', host: target.name, receipt });
    return { plan, receipt };
  } finally {
    for (const close of cleanUp.reverse()) await close().catch(() => undefined);
  }
}

interface ItemsOptions {
  readonly target: PushTarget;
  readonly renames: PushRenames | undefined;
  readonly openRepository: (name: string) => PushRepository;
  readonly emit: RunContext['emit'];
  /** The source's own index, where all that it names goes. */
  readonly whole: FoundManifest | undefined;
}

/** One, or one a platform. */
function itemsOf(
  one: PushedChoice,
  platforms: OpenedIndex | undefined,
  { target, renames, openRepository, emit, whole }: ItemsOptions,
): PushItem[] {
  const reference = pushName(target, one, renames);
  const { image, chosen } = one;
  const { registry, repository } = reference;
  const source = chosen.inSpec ? chosen.source : image.source;
  const shared = {
    source,
    repository: openRepository(repository),
    ...(one.bundle === undefined ? {} : { bundle: one.bundle }),
  };
  // Without a tag the name is what goes there, not what its source was asked for: that may have been one of several platforms.
  const named = (digest: Digest | undefined): Reference => {
    if (reference.tag !== undefined) return reference;
    if (digest !== undefined) return { registry, repository, digest };
    // An engine that keeps no manifest of it: it gets the tag that a host would give it.
    if (reference.digest !== undefined)
      return { registry, repository, tag: withoutDigest(reference).tag ?? 'latest' };
    throw new AirgapError('USAGE', { problem: text().words.push.nameless(source), command: 'push' });
  };
  const { index: opened } = platforms ?? {};
  const left = whole === undefined ? (opened?.left ?? []) : [];
  const isWhole = opened !== undefined && (opened.isOriginal || whole !== undefined);
  const say = text().words.push;
  // An index of one image is kept where it is the source's own; nobody needs one that was made for it.
  if (platforms === undefined || opened === undefined || (platforms.images.length === 1 && !isWhole)) {
    const single = named(image.manifest?.descriptor.digest);
    if (left.length > 0)
      emit({
        type: 'note',
        message: say.single(toldName(single), formatPlatform(image.platform), left.length),
      });
    return [{ ...shared, image, reference: single }];
  }
  const { raw, descriptor } = whole ?? opened;
  const index: PushIndex = { reference: named(descriptor.digest), raw, descriptor };
  if (left.length > 0) emit({ type: 'note', message: say.left(toldName(index.reference), left.length) });
  return platforms.images.flatMap((part) => {
    const digest = part.manifest?.descriptor.digest;
    return digest === undefined
      ? []
      : [{ ...shared, image: part, index, reference: { registry, repository, digest } }];
  });
}

function refuseTwice(items: readonly PushItem[]): void {
  const seen = new Map<string, Digest>();
  for (const { reference, image, index } of items) {
    const name = toldName(index?.reference ?? reference);
    const id = index?.descriptor.digest ?? image.manifest?.descriptor.digest ?? image.imageId;
    const before = seen.get(name);
    if (before !== undefined && before !== id)
      throw new AirgapError('USAGE', {
        problem: text().words.commands.wrong.sameName(name),
        command: 'push',
      });
    seen.set(name, id);
  }
}

function planOf(target: PushTarget, { through }: PushOptions, { items, refusals }: Planned): PushPlan {
  const images = items.map(({ plan }) => plan);
  return {
    registry: target.name,
    ...(through === undefined ? {} : { through }),
    images,
    totals: pushTotals(images),
    refusals,
  };
}
