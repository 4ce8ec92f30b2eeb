// What kind of document somebody has given: what is said of it and the document itself must agree, or the document alone says it.
// @see CVE-2021-41190: one that means two things is refused
import * as z from 'zod';
import { AirgapError } from '../errors.js';
import { mediaTypes } from './descriptor.js';
import { parseJson } from './json.js';
import { isIndexType, isManifestType } from './manifest.js';

const shape = z.object({
  schemaVersion: z.number().optional(),
  mediaType: z.string().optional(),
  manifests: z.unknown().optional(),
  layers: z.unknown().optional(),
  fsLayers: z.unknown().optional(),
});

/** `header`: of a registry, where one has said it. @throws {AirgapError} DOCUMENT_INVALID */
export function mediaTypeOf(header: string | undefined, raw: Uint8Array, what: string): string {
  const refuse = (problem: string): never => {
    throw new AirgapError('DOCUMENT_INVALID', { what, problem });
  };
  const said = header?.split(';')[0]?.trim().toLowerCase() ?? '';
  const isSchema1 = said.startsWith('application/vnd.docker.distribution.manifest.v1');
  const told = parseJson(raw, { schema: shape, limitBytes: raw.byteLength, what });
  if (isSchema1 || told.schemaVersion === 1 || told.fsLayers !== undefined) return refuse('schema1');
  const isKnown = isIndexType(said) || isManifestType(said);
  if (isKnown && told.mediaType !== undefined && told.mediaType !== said)
    return refuse(`media-type: ${told.mediaType.slice(0, 100)} ≠ ${said}`);
  if (isKnown) return said;
  // Some registries and many proxies say application/json, text/plain or nothing.
  const type =
    told.mediaType ??
    (told.manifests !== undefined
      ? mediaTypes.ociIndex
      : told.layers !== undefined
        ? mediaTypes.ociManifest
        : said);
  return isIndexType(type) || isManifestType(type) ? type : refuse(`media-type: ${type.slice(0, 100)}`);
}
