// Whether the documents of a bundle say what its manifest says: recipes and frames are made again from the configs and compared
// byte for byte; index.json and manifest.json must name the images, and nothing else. @see docs/format.md B-14, B-30
import { isDeepStrictEqual } from 'node:util';
import { isAirgapError } from '../errors.js';
import { readAttached } from '../oci/attached.js';
import { blobPath, nameAnnotations } from '../oci/build.js';
import { type Descriptor, mediaTypes } from '../oci/descriptor.js';
import { digestOf } from '../oci/digest.js';
import { layoutFile } from '../oci/layout.js';
import { parseConfig } from '../oci/manifest.js';
import { parseUnambiguous } from '../oci/plain-documents.js';
import { formatPlatform, type Platform, parsePlatform } from '../oci/platform.js';
import { formatReference, parseReference } from '../oci/reference.js';
import { type IndexedImage, indexOfJust, repoTags } from './bundle-index.js';
import type { Problem } from './check-manifest.js';
import { type BundleImage, type BundleManifest, outerFiles } from './manifest.js';
import { ownManifest } from './own-manifest.js';
import { blobFile, bundleRecipe, framesFile, recipeFile } from './paths.js';
import { piecesOf } from './pieces.js';
import { buildBundleRecipe, buildRecipe, type Recipe, type RecipeLayers } from './recipe.js';

/** The bytes of a document whose digest was right; undefined for one that is missing or damaged, which was told already. */
export type Documents = ReadonlyMap<string, Buffer>;

/** The paths of what `checkDocuments` reads. */
export function documentPaths(manifest: BundleManifest): Set<string> {
  return new Set<string>([
    bundleRecipe,
    'oci-layout',
    'index.json',
    'manifest.json',
    ...manifest.images.flatMap((image) => [
      recipeFile(image.imageId),
      framesFile(image.imageId),
      blobFile(image.imageId),
      blobFile(image.manifest),
      ...(image.index === undefined ? [] : [blobFile(image.index)]),
    ]),
    ...(manifest.attached ?? []).map((one) => blobFile(one.manifest)),
  ]);
}

/** All that is wrong with them. */
export function checkDocuments(manifest: BundleManifest, documents: Documents): Problem[] {
  const problems: Problem[] = [];
  const compare = (file: string, want: Uint8Array, problem: Problem['problem']): void => {
    const got = documents.get(file);
    if (got !== undefined && !got.equals(want)) problems.push({ file, problem });
  };
  // Names and platforms are words of documents that are made below.
  if (!manifest.images.every(isNamed)) return [{ file: outerFiles.manifest, problem: 'form' }];
  const layers: RecipeLayers = {
    stored: new Map(manifest.layers.map((layer) => [layer.diffId, layer])),
    omitted: new Map(manifest.omitted.map((layer) => [layer.diffId, layer])),
  };
  const manifests: Manifests = new Map();
  for (const image of manifest.images) {
    const rawConfig = documents.get(blobFile(image.imageId));
    if (rawConfig === undefined) continue;
    const recipe = makeRecipe(image, rawConfig, { layers, documents });
    if ('problem' in recipe) {
      problems.push(recipe);
      continue;
    }
    // An image under two names has one recipe, which names the first of them.
    if (manifest.images.find(({ imageId }) => imageId === image.imageId) === image)
      compare(recipeFile(image.imageId), recipe.text, 'recipe');
    compare(framesFile(image.imageId), recipe.frames, 'recipe');
    compare(blobFile(image.manifest), recipe.stored.raw, 'recipe');
    if (recipe.stored.digest !== image.manifest || recipe.loaded !== image.loaded)
      problems.push({ file: outerFiles.manifest, problem: 'recipe' });
    manifests.set(image, {
      image: { reference: image.reference, platform: parsePlatform(image.platform) },
      manifest: recipe.stored,
    });
  }
  problems.push(...indexProblems(manifest, documents, manifests));
  problems.push(...attachedProblems(manifest, documents));
  const pieces = [...piecesOf(manifest.contents).values()].flat();
  compare(bundleRecipe, buildBundleRecipe(manifest, pieces), 'recipe');
  problems.push(...layoutProblems(manifest, documents));
  return problems;
}

type Manifests = Map<BundleImage, Pick<IndexedImage, 'image' | 'manifest'>>;

/** Indexes by platform: plain ones, that name the images of their name and no others. */
function indexProblems(
  { images, attached = [] }: BundleManifest,
  documents: Documents,
  manifests: Manifests,
): Problem[] {
  return images.flatMap((image): Problem[] => {
    const { index, reference } = image;
    const raw = index === undefined ? undefined : documents.get(blobFile(index));
    if (index === undefined || raw === undefined) return [];
    const wanted = images
      .filter((one) => one.reference === reference)
      .flatMap((one) => {
        const found = manifests.get(one);
        return found === undefined
          ? []
          : [{ ...descriptorOf(found.manifest), platform: found.image.platform }];
      });
    const beside = attached.filter((one) => one.reference === reference).map((one) => one.manifest);
    return indexOfJust(raw, wanted, beside) === undefined
      ? [{ file: blobFile(index), problem: 'index' }]
      : [];
  });
}

/** What is attached needs just the blobs that its row names. */
function attachedProblems({ attached = [], contents }: BundleManifest, documents: Documents): Problem[] {
  const sizes = new Map(contents.map(({ path, bytes }) => [path, bytes]));
  return attached.flatMap(({ manifest, mediaType, blobs }): Problem[] => {
    const file = blobFile(manifest);
    const raw = documents.get(file);
    if (raw === undefined) return [];
    try {
      const descriptor = { mediaType, digest: manifest, size: raw.byteLength };
      const needed = readAttached({ raw, descriptor }, file).blobs;
      const isRight =
        isDeepStrictEqual([...new Set(needed.map(({ digest }) => digest))], blobs) &&
        needed.every(({ digest, size }) => sizes.get(blobFile(digest)) === size);
      return isRight ? [] : [{ file, problem: 'index' }];
    } catch (error) {
      if (isAirgapError(error)) return [{ file, problem: 'form' }];
      throw error;
    }
  });
}

function descriptorOf({ raw, digest, mediaType }: Recipe['stored']): Descriptor {
  return { mediaType, digest, size: raw.byteLength };
}

interface RecipeParts {
  readonly layers: RecipeLayers;
  readonly documents: Documents;
}

function makeRecipe(
  image: BundleImage,
  rawConfig: Buffer,
  { layers, documents }: RecipeParts,
): Recipe | Problem {
  const { imageId, reference } = image;
  const file = blobFile(imageId);
  try {
    const { diffIds, platform } = parseConfig(rawConfig, file);
    if (!isDeepStrictEqual(diffIds, image.layers)) return { file, problem: 'diff-id' };
    if (!diffIds.every((diffId) => layers.stored.has(diffId) || layers.omitted.has(diffId)))
      return { file: outerFiles.manifest, problem: 'form' };
    if (formatPlatform(platform) !== image.platform || digestOf(rawConfig) !== imageId)
      return { file: outerFiles.manifest, problem: 'recipe' };
    const parts = { imageId, reference, platform, rawConfig, diffIds };
    if (image.own !== true) return buildRecipe(parts, layers);
    const raw = documents.get(blobFile(image.manifest));
    const own = raw === undefined ? undefined : ownManifest(raw, parts, layers);
    return own === undefined
      ? { file: blobFile(image.manifest), problem: 'recipe' }
      : buildRecipe({ ...parts, own }, layers);
  } catch (error) {
    if (isAirgapError(error)) return { file, problem: 'form' };
    throw error;
  }
}

function isNamed({ reference, platform }: BundleImage): boolean {
  try {
    return (
      formatReference(parseReference(reference)) === reference &&
      formatPlatform(parsePlatform(platform)) === platform
    );
  } catch (error) {
    if (isAirgapError(error)) return false;
    throw error;
  }
}

/** oci-layout, index.json and manifest.json: what other tools read. */
function layoutProblems(manifest: BundleManifest, documents: Documents): Problem[] {
  const problems: Problem[] = [];
  const check = (file: string, isRight: (value: unknown) => boolean): void => {
    const raw = documents.get(file);
    if (raw !== undefined && !isRight(parseUnambiguous(raw))) problems.push({ file, problem: 'index' });
  };
  const sizes = new Map(manifest.contents.map(({ path, bytes }) => [path, bytes]));
  const wire = new Map(manifest.layers.map((layer) => [layer.diffId, blobPath(layer.digest)]));
  check('oci-layout', (value) => isDeepStrictEqual(value, JSON.parse(layoutFile)));
  const firsts = manifest.images.filter(
    ({ index, reference }, at) =>
      index === undefined || manifest.images.findIndex((one) => one.reference === reference) === at,
  );
  const manifests = firsts.map(({ index, manifest: own, platform, reference }) => {
    const digest = index ?? own;
    return {
      mediaType: mediaTypeOf(documents.get(blobFile(digest)), index !== undefined),
      digest,
      size: sizes.get(blobFile(digest)),
      ...(index === undefined ? { platform: wirePlatform(parsePlatform(platform)) } : {}),
      annotations: nameAnnotations(reference),
    };
  });
  check('index.json', (value) =>
    isDeepStrictEqual(value, { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests }),
  );
  const entries = manifest.images.map((image, at) => ({
    Config: blobPath(image.imageId),
    RepoTags: repoTags(manifest.images, at),
    Layers: image.layers.map((diffId) => wire.get(diffId) ?? blobPath(diffId)),
  }));
  check('manifest.json', (value) => isDeepStrictEqual(value, entries));
  return problems;
}

/** As the document says of itself; one that says nothing is OCI's. */
function mediaTypeOf(raw: Buffer | undefined, isIndex: boolean): string {
  const value = raw === undefined ? undefined : parseUnambiguous(raw);
  const told =
    typeof value === 'object' && value !== null && 'mediaType' in value ? value.mediaType : undefined;
  if (typeof told === 'string') return told;
  return isIndex ? mediaTypes.ociIndex : mediaTypes.ociManifest;
}

function wirePlatform({ os, architecture, variant }: Platform): object {
  return { architecture, os, ...(variant === undefined ? {} : { variant }) };
}
