// What a push does once it is planned: blobs, then manifests under their digests, each proved; names last of all, when everything of
// the run is there.
import { AirgapError } from '../errors.js';
import type { Digest } from '../oci/digest.js';
import { layerCodec } from '../oci/manifest.js';
import { formatPlatform } from '../oci/platform.js';
import type { PushPlan } from '../plan/push-plan.js';
import type { ImageReceipt } from '../receipt/receipt.js';
import { tellWaits } from '../registry/notices.js';
import type { RateLimit } from '../streams/rate-limit.js';
import type { Planned, PushIndex, ReadyItem } from './plan-push.js';
import { type BringOptions, type Brought, bringBlobs, unknownBlob } from './push-blobs.js';
import { manifestOf, type PushManifest } from './push-manifest.js';
import { type PushTarget, toldName } from './push-names.js';
import type { PushOptions } from './push-options.js';
import { movedName, type PushTag, setTags } from './push-tags.js';
import type { RunContext } from './run.js';

export interface PushImagesOptions extends Pick<BringOptions, 'memory' | 'shelf'> {
  readonly options: PushOptions;
  readonly target: PushTarget;
  readonly plan: PushPlan;
  readonly planned: Planned;
  /** Names of what is attached, which is there. */
  readonly attachedTags: readonly PushTag[];
  readonly limit: RateLimit | undefined;
  readonly context: RunContext;
}

export interface PushDone {
  readonly brought: Brought;
  readonly images: readonly ImageReceipt[];
  /** What each name stood for that now stands for something else. */
  readonly movedFrom: ReadonlyMap<string, Digest>;
}

/** An image whose blobs and manifest are there. */
interface Ready {
  readonly item: ReadyItem;
  readonly manifest: PushManifest;
}

/** @throws {AirgapError} REGISTRY_*, NAME_TAKEN, what sources throw; then every name that had moved stands for what it was before */
export async function pushImages(all: PushImagesOptions): Promise<PushDone> {
  const { options, target, plan, planned, memory, shelf, attachedTags, limit, context } = all;
  const { emit, signal } = context;
  const { upload } = plan.totals;
  let doneBytes = 0;
  const bringing: BringOptions = {
    registry: target.name,
    memory,
    shelf,
    limit,
    emit,
    signal,
    onWait: tellWaits(target.host, emit),
    onBytes(bytes) {
      doneBytes += bytes;
      const estimate = upload.kind === 'estimate';
      const totalBytes = Math.max(upload.bytes, doneBytes);
      emit({ type: 'host.progress', host: target.name, doneBytes, totalBytes, estimate });
    },
  };
  emit({ type: 'step.started', step: 'send', host: target.name });
  let brought = await bringBlobs(planned.tasks, bringing);
  emit({ type: 'step.finished', step: 'send', host: target.name });
  emit({ type: 'step.started', step: 'verify', host: target.name });
  const ready: Ready[] = [];
  for (const item of planned.items) {
    const { image, repository, reference } = item.item;
    const manifest = manifestOf(item, await image.rawConfig({ signal }));
    const { raw, descriptor } = manifest;
    const want = item.plan.manifest;
    // What was planned, and where there is no tag it is the name.
    if (want !== undefined && want !== descriptor.digest)
      throw new AirgapError('DIGEST_MISMATCH', { what: toldName(reference), got: descriptor.digest, want });
    const isThere = (await repository.manifestDigest(descriptor.digest, signal)) !== undefined;
    if (!isThere && (await repository.putManifest({ raw, descriptor, signal })) === 'blob-unknown') {
      // It said that it had a blob, and has it not: some remember what was cleaned up.
      const more = await bringBlobs(allOf(item), { ...bringing, isForced: true });
      brought = { ...more, uploadedBytes: more.uploadedBytes + brought.uploadedBytes };
      if ((await repository.putManifest({ raw, descriptor, signal })) === 'blob-unknown')
        throw unknownBlob(repository, descriptor.digest);
    }
    const got = await repository.readBack(descriptor.digest, descriptor.mediaType, signal);
    if (got !== descriptor.digest) throw movedName(repository, descriptor.digest, got);
    ready.push({ item, manifest });
  }
  await putIndexes(ready, all);
  const movedFrom = await setTags([...attachedTags, ...tagsOf(ready)], {
    host: target.host,
    noClobber: options.noClobber === true,
    emit,
    signal,
  });
  // Proved is what its name was read back for, too.
  for (const { item } of ready) {
    const label = toldName(item.item.reference);
    emit({
      type: 'item.finished',
      id: `verify:${target.name}:${label}`,
      kind: 'image',
      phase: 'verify',
      host: target.name,
      label,
      doneBytes: 0,
    });
  }
  const images = ready.map(({ item, manifest }) => {
    const { index, reference } = item.item;
    return imageReceipt(item, manifest, movedFrom.get(toldName((index ?? { reference }).reference)));
  });
  emit({ type: 'step.finished', step: 'verify', host: target.name });
  return { brought, images, movedFrom };
}

/** Everything of an image, to be sent whatever the registry says it has. */
function allOf({ item, layers }: ReadyItem): Planned['tasks'] {
  const { image, repository } = item;
  const places = [{ repository }];
  return [
    ...image.layers.map((layer, at) => {
      const there = layers[at];
      const blob = there === undefined || 'mediaType' in there ? there : there.result;
      const own = blob !== undefined && blob.digest === layer.blob?.digest ? blob.digest : undefined;
      if (layer.absent === true) throw unknownBlob(repository, blob?.digest ?? layer.diffId);
      const size = { bytes: blob?.size ?? 0, kind: 'exact' as const };
      return { image, diffId: layer.diffId, digest: own, size, places, result: undefined };
    }),
    {
      image,
      diffId: undefined,
      digest: image.imageId,
      size: { bytes: 0, kind: 'estimate' },
      places,
      result: undefined,
    },
  ];
}

/** What the receipt tells of an image, whose name stands for it now. */
function imageReceipt(
  { item, plan }: ReadyItem,
  { descriptor: { digest }, layers }: PushManifest,
  before: Digest | undefined,
): ImageReceipt {
  const { image, reference, index } = item;
  const held = plan.blobs.filter(
    ({ kind, route, shared }) =>
      kind === 'layer' && (route === 'there' || route === 'mount' || shared === true),
  );
  return {
    reference: toldName(index?.reference ?? reference),
    source: item.source,
    imageId: image.imageId,
    farId: digest,
    platform: formatPlatform(image.platform),
    diffIds: image.layers.map((layer) => layer.diffId),
    proof: 'registry-digests',
    ...(before === undefined ? {} : { movedFrom: before }),
    present: plan.named && plan.blobs.every(({ route }) => route === 'there'),
    layers: { held: held.length, sent: image.layers.length - held.length, spliced: 0 },
    manifest: {
      digest,
      layers: layers.map(({ digest: blob, size, mediaType }) => ({
        digest: blob,
        size,
        codec: layerCodec(mediaType, item.source),
      })),
    },
    ...(index === undefined ? {} : { index: index.descriptor.digest }),
  };
}

/** Indexes under their digests, now that all that they name is there. */
async function putIndexes(
  ready: readonly Ready[],
  { context: { signal } }: PushImagesOptions,
): Promise<void> {
  const put = new Set<PushIndex>();
  for (const { item } of ready) {
    const { index, repository } = item.item;
    if (index === undefined || put.has(index)) continue;
    put.add(index);
    const { raw, descriptor } = index;
    const { digest, mediaType } = descriptor;
    const isThere = (await repository.manifestDigest(digest, signal)) !== undefined;
    if (!isThere && (await repository.putManifest({ raw, descriptor, signal })) === 'blob-unknown')
      throw unknownBlob(repository, digest);
    const got = await repository.readBack(digest, mediaType, signal);
    if (got !== digest) throw movedName(repository, digest, got);
  }
}

/** Every tag of the run, once: an image's own, or its index's. */
function tagsOf(ready: readonly Ready[]): PushTag[] {
  const tags = new Map<string, PushTag>();
  for (const { item, manifest } of ready) {
    const { index, repository, reference, bundle } = item.item;
    const { raw, descriptor } = index ?? manifest;
    const { tag } = (index ?? { reference }).reference;
    const name = toldName((index ?? { reference }).reference);
    if (tag !== undefined) tags.set(name, { name, repository, tag, raw, descriptor, bundle });
  }
  return [...tags.values()];
}
