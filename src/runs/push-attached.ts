// What is attached to images goes along with them, as it is: before them, so that an index may name it, and nothing that is there
// is sent again. Names that it has are set last of all, with those of the images.
import { type Attached, referrersTag } from '../oci/attached.js';
import type { Descriptor } from '../oci/descriptor.js';
import type { MovedName } from '../plan/push-plan.js';
import { listReferrers, referrersIndex } from '../registry/attached.js';
import type { PushRepository, PutManifest } from '../registry/push-repository.js';
import { uploadBlob } from '../registry/upload.js';
import type { RateLimit } from '../streams/rate-limit.js';
import type { AttachedFound } from './find-attached.js';
import { bytesSource, unknownBlob } from './push-blobs.js';
import type { PushMemory } from './push-memory.js';
import { toldName } from './push-names.js';
import { movedName, type PushTag } from './push-tags.js';
import type { RunContext } from './run.js';

/** What one name has attached, and where it goes. */
export interface AttachedPlan extends AttachedFound {
  readonly repository: PushRepository;
  /** That it came out of. */
  readonly bundle?: string | undefined;
}

/** The names that it has there beside its digests. */
export function attachedNames({ repository, attached, bundle }: AttachedPlan): PushTag[] {
  const named = { registry: repository.registry.host, repository: repository.name };
  return attached.flatMap(({ tag, raw, descriptor }) =>
    tag === undefined
      ? []
      : [{ name: toldName({ ...named, tag }), repository, tag, raw, descriptor, bundle }],
  );
}

/** Those of these names that stand for something else there now. @throws {AirgapError} REGISTRY_* */
export async function movedNames(tags: readonly PushTag[], signal: AbortSignal): Promise<MovedName[]> {
  const moved: MovedName[] = [];
  for (const { name, repository, tag, descriptor } of tags) {
    const before = await repository.manifestDigest(tag, signal);
    if (before !== undefined && before !== descriptor.digest) moved.push({ name, movesFrom: before });
  }
  return moved;
}

export interface BringAttachedOptions extends Pick<RunContext, 'signal'> {
  readonly memory: PushMemory;
  readonly limit: RateLimit | undefined;
  readonly onWait: (ms: number, why: string) => void;
}

/** Brings all of it under its digests, proved by reading it back. @returns bytes of blobs that were sent. @throws {AirgapError} REGISTRY_*, what `blob` throws */
export async function bringAttached(
  { repository, attached, blob }: AttachedPlan,
  { signal, memory, limit, onWait }: BringAttachedOptions,
): Promise<number> {
  let sentBytes = 0;
  for (const { raw, descriptor, blobs } of attached) {
    for (const needed of blobs) {
      if ((await repository.blobBytes(needed.digest, signal)) === needed.size) continue;
      await uploadBlob({
        repository,
        blob: bytesSource(needed.digest, await blob(needed)),
        kept: memory.uploads,
        limit,
        onBytes: (more) => {
          sentBytes += more;
        },
        onWait,
        signal,
      });
    }
    if ((await repository.manifestDigest(descriptor.digest, signal)) !== descriptor.digest)
      await putProved(repository, { raw, descriptor, signal });
  }
  await keepLists(repository, attached, signal);
  return sentBytes;
}

async function putProved(repository: PushRepository, manifest: PutManifest): Promise<void> {
  const { descriptor, tag = descriptor.digest, signal } = manifest;
  if ((await repository.putManifest(manifest)) === 'blob-unknown')
    throw unknownBlob(repository, descriptor.digest);
  const got = await repository.readBack(tag, descriptor.mediaType, signal);
  if (got !== descriptor.digest) throw movedName(repository, descriptor.digest, got);
}

/** Where the registry keeps no list of what is attached to a manifest, it is kept for it. @see distribution-spec 1.1 "Pushing Manifests with Subject" */
async function keepLists(
  repository: PushRepository,
  attached: readonly Attached[],
  signal: AbortSignal,
): Promise<void> {
  const bySubject = Map.groupBy(attached, ({ subject }) => subject);
  for (const [subject, all] of bySubject) {
    if (subject === undefined) continue;
    const { referrers, isKept } = await listReferrers(repository.registry, repository.name, subject, signal);
    if (isKept || all.every(({ descriptor }) => referrers.some(({ digest }) => digest === descriptor.digest)))
      continue;
    // Lists outlive what they name, and registries take none that names what is gone.
    const there: Descriptor[] = [];
    for (const one of referrers)
      if ((await repository.manifestDigest(one.digest, signal)) !== undefined) there.push(one);
    await putProved(repository, { ...referrersIndex(there, all), tag: referrersTag(subject), signal });
  }
}
