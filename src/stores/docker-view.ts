// Images of an archive with docker's manifest.json: docker save of any version, podman save, skopeo, kaniko.
// @see moby image/spec/v1.2.md "Combined Image JSON + Filesystem Changeset Format"
import * as z from 'zod';
import { AirgapError } from '../errors.js';
import { digestFromHex, digestOf } from '../oci/digest.js';
import { parseJson } from '../oci/json.js';
import { tryReference } from '../oci/layout.js';
import { maxArchiveManifestBytes, maxConfigBytes, maxLayerCount } from '../oci/limits.js';
import { parseConfig } from '../oci/manifest.js';
import { formatReference } from '../oci/reference.js';
import { text } from '../text/text.js';
import { type Candidate, checkDocument, type FoundImage, type FoundLayer } from './found-image.js';
import { hostileName, plainPath } from './tar-names.js';
import type { Tree } from './tree.js';

const manifestJson = z.array(
  z.object({
    Config: z.string().min(1).max(4096),
    RepoTags: z.array(z.string().max(512)).nullish(),
    Layers: z.array(z.string().min(1).max(4096)).max(maxLayerCount).nullish(),
  }),
);

type Row = z.infer<typeof manifestJson>[number];

/** The manifest.json of a tree; undefined if it has none. @throws {AirgapError} DOCUMENT_TOO_LARGE */
export async function readManifestJson(tree: Tree): Promise<Buffer | undefined> {
  return await tree.document('manifest.json', {
    limitBytes: maxArchiveManifestBytes,
    what: `${tree.path}: manifest.json`,
  });
}

/** The entries of a manifest.json. @throws {AirgapError} DOCUMENT_INVALID */
export function dockerCandidates(tree: Tree, raw: Buffer): Candidate[] {
  const rows = parseJson(raw, {
    schema: manifestJson,
    limitBytes: maxArchiveManifestBytes,
    what: `${tree.path}: manifest.json`,
  });
  return rows.map((row) => {
    const names = row.RepoTags ?? [];
    const references = names.flatMap((name) => tryReference(name) ?? []);
    const spellings = new Set([...names, ...references.map(formatReference)]);
    let loaded: Promise<FoundImage> | undefined;
    const load = (): Promise<FoundImage> => {
      loaded ??= loadRow(tree, row, names[0] ?? tree.path);
      return loaded;
    };
    const hex = configHex(row);
    return {
      names,
      reference: references[0],
      key: row.Config,
      matches(name) {
        if (spellings.has(name) || (hex !== undefined && name === `sha256:${hex}`)) return true;
        const wanted = tryReference(name);
        return wanted !== undefined && spellings.has(formatReference(wanted));
      },
      async leaves() {
        const found = await load();
        return [{ platform: found.config.platform, load }];
      },
    };
  });
}

async function loadRow(tree: Tree, row: Row, image: string): Promise<FoundImage> {
  const what = text().parts.config(image);
  const rawConfig = await tree.document(inside(tree, row.Config), { limitBytes: maxConfigBytes, what });
  if (rawConfig === undefined) {
    throw new AirgapError('IMAGE_INCOMPLETE', { image, missing: text().parts.missingConfig(row.Config) });
  }
  // Every tool names the config by its digest; one that does not match was changed afterwards.
  const hex = configHex(row);
  if (hex !== undefined) checkDocument(rawConfig, { digest: digestFromHex(hex, what) }, what);
  const config = parseConfig(rawConfig, what);
  const names = row.Layers ?? [];
  if (names.length !== config.diffIds.length) {
    const problem = `layer-count: ${names.length} ≠ ${config.diffIds.length}`;
    throw new AirgapError('DOCUMENT_INVALID', { what: text().parts.manifest(image), problem });
  }
  const layers: FoundLayer[] = [];
  for (const [at, diffId] of config.diffIds.entries()) {
    const name = names[at] ?? '';
    const file = await tree.find(inside(tree, name));
    if (file === undefined)
      throw new AirgapError('IMAGE_INCOMPLETE', { image, missing: text().parts.missingLayer(name) });
    const { codec, size } = file;
    if (codec === undefined) {
      throw new AirgapError('LAYER_UNSUPPORTED', {
        what: text().parts.layer(image, at + 1),
        mediaType: name,
      });
    }
    layers.push({ diffId, codec, file: file.name, ...(codec === 'none' ? { uncompressedBytes: size } : {}) });
  }
  return {
    reference: (row.RepoTags ?? []).flatMap((name) => tryReference(name) ?? [])[0],
    imageId: digestOf(rawConfig),
    rawConfig,
    config,
    layers,
  };
}

/** `<hex>.json` (docker ≤ 24, podman), `blobs/sha256/<hex>` (docker ≥ 25), `sha256:<hex>` (kaniko). */
function configHex(row: Row): string | undefined {
  return /(?:^|[/:])([0-9a-f]{64})(?:\.json)?$/.exec(row.Config)?.[1];
}

function inside(tree: Tree, name: string): string {
  if (hostileName(name) === undefined) return plainPath(name);
  throw new AirgapError('ARCHIVE_HOSTILE', {
    path: tree.path,
    entry: name.slice(0, 200),
    problem: 'layer-path',
  });
}
