// What is attached to a manifest: signatures, attestations, lists of parts. Found by the registry's list of referrers, by the tag that
// stands for that where it has none, and by the tags that cosign sets. @see distribution-spec 1.1 "Listing Referrers", "Referrers Tag
// Schema"; sigstore/cosign specs/SIGNATURE_SPEC.md
import * as z from 'zod';
import { AirgapError } from '../errors.js';
import { type Descriptor, mediaTypes } from '../oci/descriptor.js';
import { type Digest, digestOf, hexOf, parseDigest } from '../oci/digest.js';
import { parseJson } from '../oci/json.js';
import { maxIndexBytes, maxManifestBytes } from '../oci/limits.js';
import { type ImageIndex, parseIndex } from '../oci/manifest.js';
import { text } from '../text/text.js';
import { maxAttached, maxAttachedDepth } from './limits.js';
import { readBody } from './read-body.js';
import type { Answer, Registry } from './registry.js';
import type { FoundManifest, Repository } from './repository.js';

export interface Attached extends FoundManifest {
  /** What it says it belongs to; cosign's tags and attestations inside of an index say nothing. */
  readonly subject: Digest | undefined;
  readonly artifactType: string | undefined;
  /** What it needs beside itself. */
  readonly blobs: readonly Descriptor[];
  /** The name it has in its repository beside its digest. */
  readonly tag?: string;
}

const cosignSuffixes = ['sig', 'att', 'sbom'] as const;

/** `sha256-<hex>`: where a registry without the list keeps it. */
export const referrersTag = (subject: Digest): string => `sha256-${hexOf(subject)}`;

/**
 * Whatever is attached to these manifests of one repository, and to that again. @throws {AirgapError} REGISTRY_*, DOCUMENT_*, DIGEST_MISMATCH;
 * DOCUMENT_TOO_LARGE for more than anybody attaches
 */
export async function findAttached(
  repository: Repository,
  subjects: readonly Digest[],
  signal?: AbortSignal,
): Promise<Attached[]> {
  const found = new Map<Digest, Attached>();
  const add = (one: Attached): void => {
    found.set(one.descriptor.digest, one);
    if (found.size <= maxAttached) return;
    throw new AirgapError('DOCUMENT_TOO_LARGE', { what: repository.name, limitBytes: maxAttached });
  };
  let level: readonly Digest[] = subjects;
  for (let depth = 0; depth < maxAttachedDepth && level.length > 0; depth += 1) {
    const next: Digest[] = [];
    for (const subject of level) {
      const listed = await listReferrers(repository.registry, repository.name, subject, signal);
      for (const { digest } of listed.referrers) {
        if (found.has(digest)) continue;
        const manifest = await repository.resolve(digest, { signal });
        // Lists outlive what they name.
        if (manifest === undefined) continue;
        add(readAttached(manifest, repository.name));
        next.push(digest);
      }
      for (const suffix of cosignSuffixes) {
        const tag = `${referrersTag(subject)}.${suffix}`;
        const manifest = await repository.resolve(tag, { signal });
        if (manifest !== undefined) add({ ...readAttached(manifest, repository.name), tag });
      }
    }
    level = next;
  }
  return [...found.values()];
}

/** Reads what is no image. @throws {AirgapError} DOCUMENT_INVALID */
export function readAttached({ raw, descriptor }: FoundManifest, what: string): Attached {
  const parsed = parseJson(raw, { schema: artifactSchema, limitBytes: maxManifestBytes, what });
  const { subject, artifactType, config, layers = [] } = parsed;
  const blobs = [...(config === undefined ? [] : [config]), ...layers].map((one) => blobOf(one, what));
  return {
    raw,
    descriptor,
    subject: subject === undefined ? undefined : parseDigest(subject.digest, what),
    artifactType: artifactType ?? config?.mediaType,
    blobs,
  };
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
  for (let { next } = first; next !== undefined && referrers.length <= maxAttached; ) {
    const page = await ask(next);
    referrers.push(...(page?.index.manifests ?? []));
    next = page?.next;
  }
  return { referrers, isKept: true };
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

const blobSchema = z.object({
  mediaType: z.string().max(255),
  digest: z.string().max(200),
  size: z.number().int().nonnegative(),
});

const artifactSchema = z.object({
  artifactType: z.string().max(255).optional(),
  config: blobSchema.optional(),
  layers: z.array(blobSchema).max(1000).optional(),
  subject: z.object({ digest: z.string().max(200) }).optional(),
});

function blobOf({ mediaType, digest, size }: z.infer<typeof blobSchema>, what: string): Descriptor {
  return { mediaType, digest: parseDigest(digest, what), size };
}
