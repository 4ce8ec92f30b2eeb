// Images of an OCI layout, folder or tar: index.json → (index →) manifest → config and layers, every step checked by digest.
// @see image-spec v1.1 image-layout.md
import { AirgapError } from '../errors.js';
import { blobPath } from '../oci/build.js';
import { type Descriptor, usualRatio } from '../oci/descriptor.js';
import { digestOf } from '../oci/digest.js';
import { checkLayoutFile, entryMatches, entryNames, entryReference } from '../oci/layout.js';
import {
  maxConfigBytes,
  maxIndexBytes,
  maxIndexDepth,
  maxIndexLeaves,
  maxLayoutFileBytes,
  maxManifestBytes,
} from '../oci/limits.js';
import {
  isIndexType,
  isManifestType,
  layerCodec,
  parseConfig,
  parseIndex,
  parseManifest,
} from '../oci/manifest.js';
import { formatPlatform } from '../oci/platform.js';
import { formatReference, type Reference } from '../oci/reference.js';
import { text } from '../text/text.js';
import {
  type Candidate,
  checkDocument,
  type FoundImage,
  type FoundIndex,
  type FoundLayer,
  type Leaf,
} from './found-image.js';
import type { Tree } from './tree.js';

/** The index.json of a tree; undefined if it has none. @throws {AirgapError} DOCUMENT_TOO_LARGE */
export async function readIndexJson(tree: Tree): Promise<Buffer | undefined> {
  return await tree.document('index.json', {
    limitBytes: maxIndexBytes,
    what: text().parts.index(tree.path),
  });
}

/** The entries of an index.json. @throws {AirgapError} DOCUMENT_INVALID, DIGEST_INVALID */
export async function ociCandidates(tree: Tree, indexJson: Buffer): Promise<Candidate[]> {
  const what = 'oci-layout';
  const layout = await tree.document('oci-layout', { limitBytes: maxLayoutFileBytes, what });
  if (layout === undefined)
    throw new AirgapError('LAYOUT_INVALID', { path: tree.path, problem: 'no-layout-file' });
  checkLayoutFile(layout, what);
  return parseIndex(indexJson, text().parts.index(tree.path)).manifests.map((entry) => {
    const reference = entryReference(entry);
    return {
      names: entryNames(entry),
      reference,
      key: entry.digest,
      matches: (name) => entryMatches(entry, name) || name === entry.digest,
      leaves: () => imageLeaves({ tree, reference, image: imageName(tree, entry) }, entry),
      index: () => imageIndex({ tree, reference, image: imageName(tree, entry) }, entry),
    };
  });
}

/** Where an image is looked for, and as what. */
export interface View {
  readonly tree: Tree;
  readonly reference: Reference | undefined;
  /** For messages. */
  readonly image: string;
}

/** The only one that there is to choose: whatever it is asked for by. */
export function soleCandidate(view: View, entry: Descriptor): Candidate {
  return {
    names: view.reference === undefined ? [] : [formatReference(view.reference)],
    reference: view.reference,
    key: entry.digest,
    matches: () => true,
    leaves: () => imageLeaves(view, entry),
    index: () => imageIndex(view, entry),
  };
}

/** The images behind a descriptor: one, or one a platform. @throws {AirgapError} IMAGE_INCOMPLETE, DOCUMENT_*, *_MISMATCH */
export async function imageLeaves(view: View, entry: Descriptor): Promise<Leaf[]> {
  const walk: Walk = { leaves: [], seen: new Set() };
  await collectLeaves(view, entry, walk, 0);
  return walk.leaves;
}

/** The index behind a descriptor; undefined where that is a manifest. @throws {AirgapError} IMAGE_INCOMPLETE, DOCUMENT_*, *_MISMATCH */
export async function imageIndex(view: View, entry: Descriptor): Promise<FoundIndex | undefined> {
  if (!isIndexType(entry.mediaType)) return undefined;
  const raw = await readIndex(view, entry);
  const { mediaType, digest, size } = entry;
  const { manifests: entries } = parseIndex(raw, text().parts.index(view.image));
  return { raw, descriptor: { mediaType, digest, size }, entries };
}

interface Walk {
  readonly leaves: Leaf[];
  /** Indexes that were entered, and manifests with their platforms: one that names another a thousand times names it once. */
  readonly seen: Set<string>;
}

async function collectLeaves(view: View, entry: Descriptor, walk: Walk, depth: number): Promise<void> {
  const what = text().parts.index(view.image);
  const { platform } = entry;
  const isIndex = isIndexType(entry.mediaType);
  const key =
    isIndex || platform === undefined ? entry.digest : `${entry.digest} ${formatPlatform(platform)}`;
  if (walk.seen.has(key)) return;
  walk.seen.add(key);
  if (walk.seen.size > maxIndexLeaves) {
    throw new AirgapError('DOCUMENT_INVALID', { what, problem: 'index-leaves' });
  }
  if (!isIndex) {
    walk.leaves.push(await manifestLeaf(view, entry));
    return;
  }
  if (depth >= maxIndexDepth) throw new AirgapError('DOCUMENT_INVALID', { what, problem: 'index-depth' });
  const raw = await readIndex(view, entry);
  for (const inner of parseIndex(raw, what).manifests.filter(isImage)) {
    // Platforms that are only named in an index may be left out of an archive: they are found missing when asked for.
    await collectLeaves(view, inner, walk, depth + 1);
  }
}

async function readIndex(view: View, entry: Descriptor): Promise<Buffer> {
  const what = text().parts.index(view.image);
  const raw = await blob(view, entry, { limitBytes: maxIndexBytes, what });
  if (raw === undefined) throw incomplete(view, text().parts.missingManifest(entry.digest));
  return raw;
}

/** Not a build attestation, a signature or some other artifact that lies beside images. */
function isImage(entry: Descriptor): boolean {
  if (entry.platform?.os === 'unknown') return false;
  if (entry.annotations?.['vnd.docker.reference.type'] !== undefined) return false;
  return isIndexType(entry.mediaType) || isManifestType(entry.mediaType);
}

async function manifestLeaf(view: View, entry: Descriptor): Promise<Leaf> {
  const load = (): Promise<FoundImage> => loadManifest(view, entry);
  const what = text().parts.manifest(view.image);
  const isHere = async (): Promise<boolean> =>
    (await blob(view, entry, { limitBytes: maxManifestBytes, what })) !== undefined;
  if (entry.platform !== undefined) return { platform: entry.platform, entry, isHere, load };
  const found = await load();
  return { platform: found.config.platform, entry, load: async () => found };
}

async function loadManifest(view: View, entry: Descriptor): Promise<FoundImage> {
  const { image, reference } = view;
  const manifestWhat = text().parts.manifest(image);
  const raw = await blob(view, entry, { limitBytes: maxManifestBytes, what: manifestWhat });
  if (raw === undefined) throw incomplete(view, text().parts.missingManifest(entry.digest));
  const manifest = parseManifest(raw, manifestWhat);
  const configWhat = text().parts.config(image);
  const rawConfig = await blob(view, manifest.config, { limitBytes: maxConfigBytes, what: configWhat });
  if (rawConfig === undefined) throw incomplete(view, text().parts.missingConfig(manifest.config.digest));
  const config = parseConfig(rawConfig, configWhat);
  if (config.diffIds.length !== manifest.layers.length) {
    const problem = `layer-count: ${manifest.layers.length} ≠ ${config.diffIds.length}`;
    throw new AirgapError('DOCUMENT_INVALID', { what: manifestWhat, problem });
  }
  const layers: FoundLayer[] = [];
  for (const [at, diffId] of config.diffIds.entries()) {
    const descriptor = manifest.layers[at];
    if (descriptor !== undefined) layers.push(await findLayer(view, { descriptor, diffId, number: at + 1 }));
  }
  const { mediaType } = manifest;
  const descriptor: Descriptor = { mediaType, digest: digestOf(raw), size: raw.byteLength };
  return {
    reference,
    imageId: digestOf(rawConfig),
    rawConfig,
    config,
    layers,
    manifest: { raw, descriptor },
  };
}

interface LayerPlace {
  readonly descriptor: Descriptor;
  readonly diffId: FoundLayer['diffId'];
  readonly number: number;
}

async function findLayer(view: View, { descriptor, diffId, number }: LayerPlace): Promise<FoundLayer> {
  const what = text().parts.layer(view.image, number);
  layerCodec(descriptor.mediaType, what);
  const file = await view.tree.find(blobPath(descriptor.digest), descriptor);
  if (file === undefined) throw incomplete(view, text().parts.missingLayer(descriptor.digest));
  if (file.size !== descriptor.size) {
    throw new AirgapError('SIZE_MISMATCH', { what, got: file.size, want: descriptor.size });
  }
  // Raw bytes are their own diffID; for the others the bytes count, not the media type: engines look at the bytes too.
  const codec = descriptor.digest === diffId ? 'none' : file.codec;
  if (codec === undefined)
    throw new AirgapError('LAYER_UNSUPPORTED', { what, mediaType: descriptor.mediaType });
  if (codec === 'none' && descriptor.digest !== diffId) {
    throw new AirgapError('DIGEST_MISMATCH', { what, got: descriptor.digest, want: diffId });
  }
  const known =
    codec === 'none'
      ? { uncompressedBytes: file.size }
      : { estimatedBytes: Math.round(file.size * usualRatio[codec]) };
  return { diffId, blob: descriptor, codec, file: file.name, ...known };
}

async function blob(
  { tree }: View,
  descriptor: Descriptor,
  limit: { readonly limitBytes: number; readonly what: string },
): Promise<Buffer | undefined> {
  const raw = await tree.document(blobPath(descriptor.digest), limit, descriptor);
  if (raw !== undefined) checkDocument(raw, descriptor, limit.what);
  return raw;
}

function imageName(tree: Tree, entry: Descriptor): string {
  return entryNames(entry)[0] ?? tree.path;
}

function incomplete({ image }: View, missing: string): AirgapError {
  return new AirgapError('IMAGE_INCOMPLETE', { image, missing });
}
