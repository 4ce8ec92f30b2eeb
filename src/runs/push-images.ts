// What a push does once it is planned: blobs, then manifests under their digests, each proved; names last of all, when everything of
// the run is there.
import { AirgapError } from '../errors.js';
import type { Digest } from '../oci/digest.js';
import { formatPlatform } from '../oci/platform.js';
import type { PushPlan } from '../plan/push-plan.js';
import type { ImageReceipt } from '../receipt/receipt.js';
import { eventOf } from '../registry/notices.js';
import { createRateLimit } from '../streams/rate-limit.js';
import type { Planned, PushIndex, ReadyItem } from './plan-push.js';
import { type BringOptions, type Brought, bringBlobs, unknownBlob } from './push-blobs.js';
import { manifestOf, type PushManifest } from './push-manifest.js';
import { type PushTarget, toldName } from './push-names.js';
import type { PushOptions } from './push-options.js';
import type { RunContext } from './run.js';

export interface PushImagesOptions extends Pick<BringOptions, 'memory' | 'shelf'> {
  readonly options: PushOptions;
  readonly target: PushTarget;
  readonly plan: PushPlan;
  readonly planned: Planned;
  readonly context: RunContext;
}

export interface PushDone {
  readonly brought: Brought;
  readonly images: readonly ImageReceipt[];
}

/** @throws {AirgapError} REGISTRY_*, NAME_TAKEN, what sources throw; then no name was moved, unless it was the last step that failed */
export async function pushImages(all: PushImagesOptions): Promise<PushDone> {
  const { options, target, plan, planned, memory, shelf, context } = all;
  const { emit, signal } = context;
  const { upload } = plan.totals;
  let doneBytes = 0;
  const rate = options.limitBytesPerSecond;
  const bringing: BringOptions = {
    registry: target.name,
    memory,
    shelf,
    limit: rate === undefined ? undefined : createRateLimit({ bytesPerSecond: rate }),
    emit,
    signal,
    onWait: (ms, why) => emit(eventOf({ kind: 'waiting', registry: target.host, ms, why })),
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
  const ready: { readonly item: ReadyItem; readonly manifest: PushManifest }[] = [];
  for (const item of planned.items) {
    const { image, repository, reference } = item.item;
    const manifest = manifestOf(item, await image.rawConfig({ signal }));
    const { raw, descriptor } = manifest;
    const isThere = (await repository.manifestDigest(descriptor.digest, signal)) !== undefined;
    if (!isThere && (await repository.putManifest({ raw, descriptor, signal })) === 'blob-unknown') {
      // It said that it had a blob, and has it not: some remember what was cleaned up.
      const more = await bringBlobs(allOf(item), { ...bringing, isForced: true });
      brought = { ...more, uploadedBytes: more.uploadedBytes + brought.uploadedBytes };
      if ((await repository.putManifest({ raw, descriptor, signal })) === 'blob-unknown')
        throw unknownBlob(repository, descriptor.digest);
    }
    const got = await repository.readBack(descriptor.digest, descriptor.mediaType, signal);
    if (got !== descriptor.digest) throw moved(item, descriptor.digest, got);
    ready.push({ item, manifest });
    const label = toldName(reference);
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
  const images: ImageReceipt[] = [];
  for (const { item, manifest } of ready) images.push(await setName(item, manifest, all));
  for (const [at, one] of (await setIndexes(planned.items, images, all)).entries()) images[at] = one;
  emit({ type: 'step.finished', step: 'verify', host: target.name });
  return { brought, images };
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

/** The tag, and the proof that it stands for what was pushed. */
async function setName(
  ready: ReadyItem,
  { raw, descriptor, layers }: PushManifest,
  { options, target, context: { signal } }: PushImagesOptions,
): Promise<ImageReceipt> {
  const { item, plan } = ready;
  const { image, repository, reference } = item;
  const { tag } = reference;
  const { digest, mediaType } = descriptor;
  const before = tag === undefined ? undefined : await repository.manifestDigest(tag, signal);
  if (tag !== undefined && before !== digest) {
    if (before !== undefined && options.noClobber === true)
      throw new AirgapError('NAME_TAKEN', { host: target.host, name: toldName(reference) });
    if ((await repository.putManifest({ raw, descriptor, tag, signal })) === 'blob-unknown')
      throw unknownBlob(repository, digest);
  }
  const got = await repository.readBack(tag ?? digest, mediaType, signal);
  if (got !== digest) throw moved(ready, digest, got);
  const held = plan.blobs.filter(
    ({ kind, route, shared }) =>
      kind === 'layer' && (route === 'there' || route === 'mount' || shared === true),
  );
  return {
    reference: toldName(reference),
    source: item.source,
    imageId: image.imageId,
    farId: digest,
    platform: formatPlatform(image.platform),
    diffIds: image.layers.map((layer) => layer.diffId),
    proof: 'registry-digests',
    ...(before === undefined || before === digest ? {} : { movedFrom: before }),
    present: plan.blobs.every(({ route }) => route === 'there'),
    layers: { held: held.length, sent: image.layers.length - held.length, spliced: 0 },
    manifest: { digest, layers: layers.map((layer) => ({ digest: layer.digest, size: layer.size })) },
  };
}

/** Indexes, once all that they name is there. @returns the receipts, with what their names stand for */
async function setIndexes(
  items: readonly ReadyItem[],
  receipts: readonly ImageReceipt[],
  { options, target, context: { signal } }: PushImagesOptions,
): Promise<readonly ImageReceipt[]> {
  const movedFrom = new Map<PushIndex, Digest | undefined>();
  for (const ready of items) {
    const { index, repository } = ready.item;
    if (index === undefined || movedFrom.has(index)) continue;
    const { raw, descriptor, reference } = index;
    const { digest, mediaType } = descriptor;
    const { tag } = reference;
    const before = tag === undefined ? undefined : await repository.manifestDigest(tag, signal);
    if (tag !== undefined && before !== undefined && before !== digest && options.noClobber === true)
      throw new AirgapError('NAME_TAKEN', { host: target.host, name: toldName(reference) });
    const names = before === digest ? [] : [{}, ...(tag === undefined ? [] : [{ tag }])];
    for (const name of names) {
      if ((await repository.putManifest({ raw, descriptor, ...name, signal })) === 'blob-unknown')
        throw unknownBlob(repository, digest);
    }
    const got = await repository.readBack(tag ?? digest, mediaType, signal);
    if (got !== digest) throw moved(ready, digest, got);
    movedFrom.set(index, before === digest ? undefined : before);
  }
  return receipts.map((receipt, at) => {
    const index = items[at]?.item.index;
    if (index === undefined) return receipt;
    const from = movedFrom.get(index);
    return {
      ...receipt,
      reference: toldName(index.reference),
      index: index.descriptor.digest,
      ...(from === undefined ? {} : { movedFrom: from }),
    };
  });
}

function moved({ item: { repository } }: ReadyItem, digest: Digest, got: Digest | undefined): AirgapError {
  const facts = {
    registry: repository.registry.host,
    repository: repository.name,
    digest,
    detail: got ?? '',
  };
  return new AirgapError('REGISTRY_PUSH', { ...facts, problem: 'moved' });
}
