// What is attached to images goes along with them, as it is: before them, so that an index may name it, and nothing that is there
// is sent again.
import { type Attached, referrersTag } from '../oci/attached.js';
import { listReferrers, referrersIndex } from '../registry/attached.js';
import type { PushRepository } from '../registry/push-repository.js';
import { uploadBlob } from '../registry/upload.js';
import type { AttachedFound } from './find-attached.js';
import { bytesSource, unknownBlob } from './push-blobs.js';
import type { PushMemory } from './push-memory.js';
import { movedName } from './push-tags.js';
import type { RunContext } from './run.js';

/** What one name has attached, and where it goes. */
export interface AttachedPlan extends AttachedFound {
  readonly repository: PushRepository;
}

export interface BringAttachedOptions extends Pick<RunContext, 'signal'> {
  readonly memory: PushMemory;
  readonly onWait: (ms: number, why: string) => void;
}

/** Brings all of it, proved by reading it back. @returns bytes of blobs that were sent. @throws {AirgapError} REGISTRY_*, what `blob` throws */
export async function bringAttached(
  { repository, attached, blob }: AttachedPlan,
  { signal, memory, onWait }: BringAttachedOptions,
): Promise<number> {
  let sentBytes = 0;
  for (const one of attached) {
    const { raw, descriptor, tag } = one;
    for (const needed of one.blobs) {
      if ((await repository.blobBytes(needed.digest, signal)) === needed.size) continue;
      await uploadBlob({
        repository,
        blob: bytesSource(needed.digest, await blob(needed)),
        kept: memory.uploads,
        onBytes: (more) => {
          sentBytes += more;
        },
        onWait,
        signal,
      });
    }
    for (const name of tag === undefined ? [descriptor.digest] : [descriptor.digest, tag]) {
      if ((await repository.manifestDigest(name, signal)) === descriptor.digest) continue;
      const put = await repository.putManifest({
        raw,
        descriptor,
        signal,
        ...(name === descriptor.digest ? {} : { tag: name }),
      });
      if (put === 'blob-unknown') throw unknownBlob(repository, descriptor.digest);
      const got = await repository.readBack(name, descriptor.mediaType, signal);
      if (got !== descriptor.digest) throw movedName(repository, descriptor.digest, got);
    }
  }
  await keepLists(repository, attached, signal);
  return sentBytes;
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
    const list = referrersIndex(referrers, all);
    await repository.putManifest({ ...list, tag: referrersTag(subject), signal });
  }
}
