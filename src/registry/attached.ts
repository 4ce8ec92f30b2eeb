// What is attached to a manifest: signatures, attestations, lists of parts. Found by the registry's list of referrers, by the tag that
// stands for that where it has none, and by the tags that cosign sets. @see distribution-spec 1.1 "Listing Referrers", "Referrers Tag
// Schema"; sigstore/cosign specs/SIGNATURE_SPEC.md
import { AirgapError } from '../errors.js';
import { type Attached, attachedTags, readAttached, referrersTag } from '../oci/attached.js';
import { type Descriptor, mediaTypes } from '../oci/descriptor.js';
import { type Digest, digestOf } from '../oci/digest.js';
import { maxIndexBytes } from '../oci/limits.js';
import { type ImageIndex, parseIndex } from '../oci/manifest.js';
import { text } from '../text/text.js';
import { maxAttached, maxAttachedDepth, maxAttachedPages } from './limits.js';
import { readBody } from './read-body.js';
import type { Answer, Registry } from './registry.js';
import type { FoundManifest, Repository } from './repository.js';

/**
 * Whatever is attached to these manifests of one repository, and to that again. @throws {AirgapError} REGISTRY_*, DOCUMENT_*, DIGEST_MISMATCH;
 * REGISTRY_ANSWER for more than anybody attaches
 */
export async function findAttached(
  repository: Repository,
  subjects: readonly Digest[],
  signal?: AbortSignal,
): Promise<Attached[]> {
  const found = new Map<Digest, Attached>();
  let listedCount = 0;
  const count = (subject: Digest, more: number): void => {
    listedCount += more;
    // Also of what is not there: each entry is asked for.
    if (listedCount > maxAttached) throw tooMany(repository.registry, repository.name, subject);
  };
  let level: readonly Digest[] = subjects;
  for (let depth = 0; depth < maxAttachedDepth && level.length > 0; depth += 1) {
    const next: Digest[] = [];
    for (const subject of level) {
      const listed = await listReferrers(repository.registry, repository.name, subject, signal);
      count(subject, listed.referrers.length);
      for (const { digest } of listed.referrers) {
        if (found.has(digest)) continue;
        const manifest = await repository.resolve(digest, { signal });
        // Lists outlive what they name.
        if (manifest === undefined) continue;
        found.set(digest, readAttached(manifest, repository.name));
        next.push(digest);
      }
      for (const tag of attachedTags(subject)) {
        const manifest = await repository.resolve(tag, { signal });
        if (manifest === undefined) continue;
        count(subject, 1);
        found.set(manifest.descriptor.digest, { ...readAttached(manifest, repository.name), tag });
      }
    }
    level = next;
  }
  return [...found.values()];
}

export interface Referrers {
  readonly referrers: readonly Descriptor[];
  /** Whether the registry keeps the list itself, or whoever attaches something has to. */
  readonly isKept: boolean;
}

/** @throws {AirgapError} REGISTRY_*, DOCUMENT_* */
export async function listReferrers(
  registry: Registry,
  name: string,
  subject: Digest,
  signal?: AbortSignal,
): Promise<Referrers> {
  const what = text().parts.manifest(`${registry.host}/${name}@${subject}`);
  const ask = async (
    path: string | URL,
  ): Promise<{ index: ImageIndex; next: URL | undefined } | undefined> => {
    const answer = await registry.request({
      method: 'GET',
      path,
      scope: { repository: name, actions: ['pull'] },
      headers: { accept: mediaTypes.ociIndex },
      accepts: [400, 404, 405],
      signal,
    });
    // Registries of before answer with an error, some with a page.
    const isIndex = answer.headers['content-type']?.startsWith(mediaTypes.ociIndex) === true;
    if (answer.status !== 200 || !isIndex) {
      answer.body.destroy();
      return undefined;
    }
    const raw = await readBody(answer, { limitBytes: maxIndexBytes, what });
    return { index: parseIndex(raw, what), next: nextPage(answer) };
  };
  const first = await ask(`/v2/${name}/referrers/${subject}`);
  if (first === undefined) {
    const listed = await ask(`/v2/${name}/manifests/${referrersTag(subject)}`);
    return { referrers: listed?.index.manifests ?? [], isKept: false };
  }
  const referrers = [...first.index.manifests];
  let { next } = first;
  for (let pages = 1; next !== undefined; pages += 1) {
    // A page may be empty, and lead to itself.
    if (pages >= maxAttachedPages || referrers.length > maxAttached) throw tooMany(registry, name, subject);
    const page = await ask(next);
    referrers.push(...(page?.index.manifests ?? []));
    next = page?.next;
  }
  return { referrers, isKept: true };
}

function tooMany({ host }: Registry, name: string, subject: Digest): AirgapError {
  return new AirgapError('REGISTRY_ANSWER', {
    registry: host,
    request: `GET /v2/${name}/referrers/${subject}`,
    detail: text().words.registry.tooManyAttached(maxAttached),
  });
}

/** @see RFC 8288 section 3 */
function nextPage({ headers, url }: Answer): URL | undefined {
  const [, to] = /<([^<>]{1,4096})>\s*;[^,]*\brel="?next"?/.exec(String(headers.link ?? '')) ?? [];
  if (to === undefined || !URL.canParse(to, url.href)) return undefined;
  const next = new URL(to, url);
  // What leads elsewhere is no page of this list.
  return next.origin === url.origin ? next : undefined;
}

/** The list of a registry that keeps none, with these beside those that are there. */
export function referrersIndex(before: readonly Descriptor[], attached: readonly Attached[]): FoundManifest {
  const entries = new Map(before.map((one) => [one.digest, one as object]));
  for (const { descriptor, artifactType } of attached)
    entries.set(descriptor.digest, {
      ...descriptor,
      ...(artifactType === undefined ? {} : { artifactType }),
    });
  const document = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [...entries.values()] };
  const raw = Buffer.from(JSON.stringify(document));
  return { raw, descriptor: { mediaType: mediaTypes.ociIndex, digest: digestOf(raw), size: raw.byteLength } };
}
