// What is attached to images goes along with them, as it is: before them, so that an index may name it, and nothing that is there
// is sent again.
import { buffer } from 'node:stream/consumers';
import { AirgapError } from '../errors.js';
import type { Descriptor } from '../oci/descriptor.js';
import { type Digest, digestOf } from '../oci/digest.js';
import { parseReference } from '../oci/reference.js';
import {
  type Attached,
  findAttached,
  listReferrers,
  readAttached,
  referrersIndex,
  referrersTag,
} from '../registry/attached.js';
import { maxAttachedBytes } from '../registry/limits.js';
import type { Registries } from '../registry/open-registries.js';
import type { PushRepository } from '../registry/push-repository.js';
import type { FoundManifest, Repository } from '../registry/repository.js';
import { uploadBlob } from '../registry/upload.js';
import type { OpenedIndex } from '../stores/store.js';
import { bytesSource, unknownBlob } from './push-blobs.js';
import type { PushMemory } from './push-memory.js';
import { movedName } from './push-tags.js';
import type { RunContext } from './run.js';

/** What one name has attached, and where it goes. */
export interface AttachedPlan {
  readonly repository: PushRepository;
  readonly attached: readonly Attached[];
  /** The source's own index, where what is attached is all that was left of it. */
  readonly index?: FoundManifest;
  blob(descriptor: Descriptor): Promise<Buffer>;
}

export interface FindOptions {
  readonly registries: Registries;
  /** `docker://…` */
  readonly source: string;
  readonly opened: OpenedIndex | undefined;
  /** Of the images that go with their digests. */
  readonly manifests: readonly Digest[];
  readonly repository: PushRepository;
  readonly signal: AbortSignal;
}

const transport = 'docker://';

/** Undefined for what comes from no registry. @throws {AirgapError} REGISTRY_*, DOCUMENT_* */
export async function findAttachedOf(options: FindOptions): Promise<AttachedPlan | undefined> {
  const { registries, source, opened, manifests, repository, signal } = options;
  if (!source.startsWith(transport)) return undefined;
  const reference = parseReference(source.slice(transport.length));
  const from = await registries.source(reference);
  const ask = async <T>(work: (one: Repository) => Promise<T | undefined>): Promise<T | undefined> =>
    await from.first(work, signal);
  const whole = await ask((one) => one.resolve(reference.digest ?? reference.tag ?? 'latest', { signal }));
  const left = opened?.index?.left ?? [];
  const isWhole = left.length > 0 && left.every(({ reason }) => reason === 'attestation');
  const inside: Attached[] = [];
  for (const { digest } of isWhole ? left : []) {
    const manifest = await ask((one) => one.resolve(digest, { signal }));
    if (manifest === undefined) throw gone(source, digest);
    inside.push(readAttached(manifest, source));
  }
  const index = isWhole ? whole : undefined;
  const digests = [...new Set([...(whole === undefined ? [] : [whole.descriptor.digest]), ...manifests])];
  const attached = (await ask((one) => findAttached(one, digests, signal))) ?? [];
  return {
    repository,
    attached: [...new Map([...inside, ...attached].map((one) => [one.descriptor.digest, one])).values()],
    ...(index === undefined ? {} : { index }),
    async blob(descriptor) {
      const { digest, size } = descriptor;
      if (size > maxAttachedBytes)
        throw new AirgapError('DOCUMENT_TOO_LARGE', { what: source, limitBytes: maxAttachedBytes });
      const stream = await ask((one) => one.blob(descriptor, { signal }));
      if (stream === undefined) throw gone(source, digest);
      const bytes = await buffer(stream);
      const got = digestOf(bytes);
      if (got !== digest) throw new AirgapError('DIGEST_MISMATCH', { what: source, got, want: digest });
      return bytes;
    },
  };
}

function gone(source: string, digest: Digest): AirgapError {
  return new AirgapError('SOURCE_GONE', { source, detail: digest });
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

/** For plans and receipts. */
export function attachedBytes(plans: readonly AttachedPlan[]): {
  readonly count: number;
  readonly bytes: number;
} {
  const all = plans.flatMap(({ attached }) => attached);
  return {
    count: all.length,
    bytes: all.reduce(
      (sum, { blobs, raw }) => sum + raw.byteLength + blobs.reduce((a, { size }) => a + size, 0),
      0,
    ),
  };
}
