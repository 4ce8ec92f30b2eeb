// An OCI layout's index.json: how images are named in it, and how one is added. Pure.
// @see image-spec v1.1 image-layout.md, annotations.md
import * as z from 'zod';
import { AirgapError, isAirgapError } from '../errors.js';
import { type Descriptor, mediaTypes } from './descriptor.js';
import { type Digest, isDigest } from './digest.js';
import { decodeJson, parseJson } from './json.js';
import { maxIndexBytes, maxLayoutFileBytes } from './limits.js';
import { formatReference, parseReference, type Reference } from './reference.js';

const containerdName = 'io.containerd.image.name';
const refName = 'org.opencontainers.image.ref.name';

/** The file that makes a folder a layout. */
export const layoutFile = '{"imageLayoutVersion":"1.0.0"}';

/** Checks the oci-layout file. @throws {AirgapError} DOCUMENT_INVALID for an unknown version, DOCUMENT_TOO_LARGE */
export function checkLayoutFile(raw: Uint8Array, what: string): void {
  const schema = z.object({ imageLayoutVersion: z.string().max(100) });
  const { imageLayoutVersion } = parseJson(raw, { schema, limitBytes: maxLayoutFileBytes, what });
  if (/^1\.\d+\.\d+$/.test(imageLayoutVersion)) return;
  throw new AirgapError('DOCUMENT_INVALID', { what, problem: `layout-version: ${imageLayoutVersion}` });
}

/** What a descriptor of index.json is called: the annotations as written, the most telling first. */
export function entryNames(entry: Descriptor): string[] {
  const names = [entry.annotations?.[containerdName], entry.annotations?.[refName]];
  return [...new Set(names.filter((name) => name !== undefined && name !== ''))] as string[];
}

/** The reference a descriptor of index.json stands for; undefined if it has no name, or only a tag. */
export function entryReference(entry: Descriptor): Reference | undefined {
  for (const name of entryNames(entry)) {
    // A bare word is a tag (`oci:DIR:latest`): it must not become docker.io/library/latest.
    const reference = /[/:]/.test(name) ? tryReference(name) : undefined;
    if (reference !== undefined) return reference;
  }
  return undefined;
}

/** Whether a user's `name` means this entry: letter by letter, or as the same full reference. */
export function entryMatches(entry: Descriptor, name: string): boolean {
  if (entryNames(entry).includes(name)) return true;
  const wanted = tryReference(name);
  const own = entryReference(entry);
  return wanted !== undefined && own !== undefined && formatReference(wanted) === formatReference(own);
}

/** What a layout's names stand for, by the full name. An index that cannot be read has none: whoever writes it anew tells why. */
export function namesInIndex(raw: Uint8Array): ReadonlyMap<string, Digest> {
  const decoded = decodeJson(raw, { schema: indexSchema, limitBytes: maxIndexBytes });
  const names = new Map<string, Digest>();
  if (decoded.problem !== undefined) return names;
  for (const { digest, annotations } of decoded.value.manifests) {
    if (!isDigest(digest)) continue;
    const reference = entryReference({ mediaType: '', digest, size: 0, annotations: annotations ?? {} });
    if (reference !== undefined) names.set(formatReference(reference), digest);
  }
  return names;
}

const indexSchema = z.looseObject({
  schemaVersion: z.literal(2),
  manifests: z.array(
    z.looseObject({ digest: z.string(), annotations: z.record(z.string(), z.string()).nullish() }),
  ),
});

/**
 * The index.json that `existing` becomes when `entry` is added: an entry of the same name gives way, and so does a
 * nameless one of the same digest; all else stays as it was written.
 * @throws {AirgapError} DOCUMENT_INVALID, DOCUMENT_TOO_LARGE
 */
export function mergeIndex(existing: Uint8Array, entry: Descriptor, written: object): object {
  const what = 'index.json';
  const document = parseJson(existing, { schema: indexSchema, limitBytes: maxIndexBytes, what });
  const stays = document.manifests.filter((other) => {
    const annotations = other.annotations ?? {};
    const named: Descriptor = { ...entry, annotations };
    const names = entryNames(named);
    if (names.length === 0) return other.digest !== entry.digest;
    return !entryNames(entry).some((name) => entryMatches(named, name));
  });
  return { mediaType: mediaTypes.ociIndex, ...document, manifests: [...stays, written] };
}

/** The reference, or undefined for what is none. */
export function tryReference(name: string): Reference | undefined {
  try {
    return parseReference(name);
  } catch (error) {
    if (isAirgapError(error, 'REFERENCE_INVALID')) return undefined;
    throw error;
  }
}
