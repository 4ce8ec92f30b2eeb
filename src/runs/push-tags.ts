// The last step of a push: tags, set when everything is there, and put back if that cannot be finished.
import { AirgapError, isAirgapError } from '../errors.js';
import type { Emit } from '../events.js';
import type { Descriptor } from '../oci/descriptor.js';
import type { Digest } from '../oci/digest.js';
import type { PushRepository } from '../registry/push-repository.js';
import { type FoundManifest, openRepository } from '../registry/repository.js';
import { text } from '../text/text.js';
import { unknownBlob } from './push-blobs.js';

/** A tag, and the manifest or index that it is to stand for, which is there. */
export interface PushTag {
  /** As it is told. */
  readonly name: string;
  readonly repository: PushRepository;
  readonly tag: string;
  readonly raw: Uint8Array;
  readonly descriptor: Descriptor;
  /** That it came out of. */
  readonly bundle?: string | undefined;
}

export interface SetTagsOptions {
  /** For messages. */
  readonly host: string;
  readonly noClobber: boolean;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/** A tag that is being set, and what it stood for. */
interface Change {
  readonly one: PushTag;
  readonly before: FoundManifest | undefined;
}

/** Putting names back is not waited for longer than this, as after Ctrl-C. */
const putBackMs = 10_000;

/**
 * Sets all tags, each proved by reading it back. If one fails, those that had moved are put back; registries cannot take away one
 * that is new, so those stay, and are told. @returns what moved names stood for, by name. @throws {AirgapError} NAME_TAKEN, REGISTRY_*
 */
export async function setTags(
  tags: readonly PushTag[],
  options: SetTagsOptions,
): Promise<ReadonlyMap<string, Digest>> {
  const { host, noClobber, emit, signal } = options;
  const movedFrom = new Map<string, Digest>();
  const todo: Change[] = [];
  for (const one of tags) {
    const { name, repository, tag, descriptor, bundle } = one;
    // What it stands for now counts, not what the plan saw.
    const digest = await repository.manifestDigest(tag, signal);
    if (digest === descriptor.digest) continue;
    if (digest !== undefined && noClobber) {
      const own = bundle === undefined ? {} : { bundle };
      throw new AirgapError('NAME_TAKEN', { host, name, ...own });
    }
    if (digest !== undefined) movedFrom.set(name, digest);
    todo.push({ one, before: digest === undefined ? undefined : await readBefore(one, digest, signal) });
  }
  const begun: Change[] = [];
  try {
    for (const change of todo) {
      const { one } = change;
      const { repository, raw, descriptor, tag } = one;
      // One that fails may have been set all the same: its answer was lost.
      begun.push(change);
      const put = repository.putManifest({ raw, descriptor, tag, signal });
      const became = await put.catch((error: unknown) => {
        throw ofBundle(error, one);
      });
      if (became === 'blob-unknown') throw unknownBlob(repository, descriptor.digest);
    }
    for (const { repository, tag, descriptor } of tags) {
      const got = await repository.readBack(tag, descriptor.mediaType, signal);
      if (got !== descriptor.digest) throw movedName(repository, descriptor.digest, got);
    }
  } catch (error) {
    const left: string[] = [];
    // A registry that does not answer is not waited for again with each name.
    let isGone = false;
    for (const change of begun.reverse()) {
      const isBack: boolean | undefined = isGone ? false : await putBack(change).catch(() => undefined);
      isGone ||= isBack === undefined;
      if (isBack !== true) left.push(change.one.name);
    }
    if (left.length > 0) emit({ type: 'note', message: text().words.push.namesLeft(left) });
    throw error;
  }
  return movedFrom;
}

/** As registries say it, with the bundle whose names they are. */
function ofBundle(error: unknown, { bundle }: PushTag): unknown {
  if (!isAirgapError(error, 'REGISTRY_PUSH') || bundle === undefined) return error;
  return new AirgapError('REGISTRY_PUSH', { ...error.facts, bundle }, { cause: error });
}

/** Undefined for what is no manifest that we read: a name may be taken from that, but not given back. */
async function readBefore(
  { repository }: PushTag,
  digest: Digest,
  signal: AbortSignal,
): Promise<FoundManifest | undefined> {
  try {
    const { registry, name } = repository;
    return await openRepository(registry, name, () => undefined).resolve(digest, { signal });
  } catch (error) {
    signal.throwIfAborted();
    if (isAirgapError(error, 'DOCUMENT_INVALID') || isAirgapError(error, 'DOCUMENT_TOO_LARGE'))
      return undefined;
    throw error;
  }
}

/** @returns whether the name stands for what it did before, or somebody else has moved it since */
async function putBack({ one, before }: Change): Promise<boolean> {
  const { repository, tag, descriptor } = one;
  const signal = AbortSignal.timeout(putBackMs);
  if ((await repository.manifestDigest(tag, signal)) !== descriptor.digest) return true;
  if (before === undefined) return false;
  return (await repository.putManifest({ ...before, tag, signal })) === 'put';
}

/** A name or digest stands for something else than what was just put there. */
export function movedName(
  { registry, name: repository }: PushRepository,
  digest: Digest,
  got: Digest | undefined,
): AirgapError {
  const facts = { registry: registry.host, repository, digest, detail: got ?? '' };
  return new AirgapError('REGISTRY_PUSH', { ...facts, problem: 'moved' });
}
