// Manifests of what is attached to others: signatures, attestations, lists of parts. Pure. @see image-spec 1.1 manifest.md "subject";
// sigstore/cosign specs/SIGNATURE_SPEC.md
import * as z from 'zod';
import type { Descriptor } from './descriptor.js';
import { type Digest, hexOf, parseDigest } from './digest.js';
import { parseJson } from './json.js';
import { maxManifestBytes } from './limits.js';

export interface AttachedManifest {
  readonly raw: Uint8Array;
  readonly descriptor: Descriptor;
}

export interface Attached extends AttachedManifest {
  /** What it says it belongs to; cosign's tags and attestations inside of an index say nothing. */
  readonly subject: Digest | undefined;
  readonly artifactType: string | undefined;
  /** What it needs beside itself. */
  readonly blobs: readonly Descriptor[];
  /** The name it has in its repository beside its digest. */
  readonly tag?: string;
}

/** `sha256-<hex>`: where a registry without the list keeps it. */
export const referrersTag = (subject: Digest): string => `sha256-${hexOf(subject)}`;

export const isReferrersTag = (tag: string): boolean => /^sha256-[0-9a-f]{64}$/.test(tag);

const cosignSuffixes = ['sig', 'att', 'sbom'] as const;

/** The names that cosign gives to what is attached to a manifest. */
export const attachedTags = (subject: Digest): string[] =>
  cosignSuffixes.map((suffix) => `${referrersTag(subject)}.${suffix}`);

/** Whether it is such a name: anything else would be the name of an image. */
export const isAttachedTag = (tag: string): boolean => /^sha256-[0-9a-f]{64}\.(?:sig|att|sbom)$/.test(tag);

/** Those of them that are attached to these manifests, and what is attached to that again. */
export function attachedTo(all: readonly Attached[], subjects: readonly Digest[]): Attached[] {
  const found = new Map<Digest, Attached>();
  for (let level = subjects; level.length > 0; ) {
    const next = all.filter(
      ({ subject, tag, descriptor }) =>
        !found.has(descriptor.digest) &&
        level.some((one) => subject === one || (tag !== undefined && attachedTags(one).includes(tag))),
    );
    for (const one of next) found.set(one.descriptor.digest, one);
    level = next.map(({ descriptor }) => descriptor.digest);
  }
  return [...found.values()];
}

/** What goes along with these manifests, and with what an index that goes whole names beside its images. */
export function belongingTo(
  all: readonly Attached[],
  subjects: readonly Digest[],
  { isIndexWhole }: { readonly isIndexWhole: boolean },
): Attached[] {
  const inside = isIndexWhole ? all.filter((one) => !isApart(one)) : [];
  const digests = inside.map(({ descriptor }) => descriptor.digest);
  return [...new Set([...inside, ...attachedTo(all, [...subjects, ...digests])])];
}

/** What says itself what it belongs to; what an index names says nothing. */
const isApart = ({ subject, tag }: Attached): boolean => subject !== undefined || tag !== undefined;

/** Reads what is no image. @throws {AirgapError} DOCUMENT_INVALID */
export function readAttached({ raw, descriptor }: AttachedManifest, what: string): Attached {
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
