// Whether the documents of a bundle say what its manifest says: recipes and frames are made again from the configs and compared
// byte for byte; index.json and manifest.json must name the images, and nothing else. @see docs/format.md B-14, B-30
import { isDeepStrictEqual } from 'node:util';
import { isAirgapError } from '../errors.js';
import { blobPath, nameAnnotations } from '../oci/build.js';
import { mediaTypes } from '../oci/descriptor.js';
import { digestOf } from '../oci/digest.js';
import { layoutFile } from '../oci/layout.js';
import { parseConfig } from '../oci/manifest.js';
import { formatPlatform, type Platform, parsePlatform } from '../oci/platform.js';
import { formatReference, parseReference } from '../oci/reference.js';
import type { Problem } from './check-manifest.js';
import { type BundleImage, type BundleManifest, outerFiles } from './manifest.js';
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
    ]),
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
  for (const image of manifest.images) {
    const rawConfig = documents.get(blobFile(image.imageId));
    if (rawConfig === undefined) continue;
    const recipe = makeRecipe(image, rawConfig, layers);
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
  }
  const pieces = [...piecesOf(manifest.contents).values()].flat();
  compare(bundleRecipe, buildBundleRecipe(manifest, pieces), 'recipe');
  problems.push(...layoutProblems(manifest, documents));
  return problems;
}

function makeRecipe(image: BundleImage, rawConfig: Buffer, layers: RecipeLayers): Recipe | Problem {
  const { imageId, reference } = image;
  const file = blobFile(imageId);
  try {
    const { diffIds, platform } = parseConfig(rawConfig, file);
    if (!isDeepStrictEqual(diffIds, image.layers)) return { file, problem: 'diff-id' };
    if (!diffIds.every((diffId) => layers.stored.has(diffId) || layers.omitted.has(diffId)))
      return { file: outerFiles.manifest, problem: 'form' };
    if (formatPlatform(platform) !== image.platform || digestOf(rawConfig) !== imageId)
      return { file: outerFiles.manifest, problem: 'recipe' };
    return buildRecipe({ imageId, reference, platform, rawConfig, diffIds }, layers);
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
  const manifests = manifest.images.map((image) => ({
    mediaType: mediaTypes.ociManifest,
    digest: image.manifest,
    size: sizes.get(blobFile(image.manifest)),
    platform: wirePlatform(parsePlatform(image.platform)),
    annotations: nameAnnotations(image.reference),
  }));
  check('index.json', (value) =>
    isDeepStrictEqual(value, { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests }),
  );
  const entries = manifest.images.map((image) => ({
    Config: blobPath(image.imageId),
    RepoTags: [image.reference],
    Layers: image.layers.map((diffId) => wire.get(diffId) ?? blobPath(diffId)),
  }));
  check('manifest.json', (value) => isDeepStrictEqual(value, entries));
  return problems;
}

function wirePlatform({ os, architecture, variant }: Platform): object {
  return { architecture, os, ...(variant === undefined ? {} : { variant }) };
}

/** The value of JSON that has one meaning only: a key that stands twice means another image to another reader. */
function parseUnambiguous(raw: Buffer): unknown {
  const text = raw.toString('utf8');
  try {
    const value: unknown = JSON.parse(text);
    const compact = text.replace(/("[^"\\]*(?:\\.[^"\\]*)*")|\s+/g, '$1');
    return JSON.stringify(value) === compact ? value : undefined;
  } catch {
    return undefined;
  }
}
