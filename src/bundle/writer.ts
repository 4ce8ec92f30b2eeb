// Writes a bundle in the order that makes it crash-safe: layers as they come, then everything that names them, the seal last.
// @see docs/format.md B-2
import { AirgapError } from '../errors.js';
import { type DiffId, type Digest, digestOf, hexOf } from '../oci/digest.js';
import { layoutFile } from '../oci/layout.js';
import { formatPlatform } from '../oci/platform.js';
import {
  buildBundleIndex,
  buildBundleManifestJson,
  type IndexedImage,
  type PlatformIndex,
  platformIndexOf,
} from './bundle-index.js';
import type { PlacedLayer } from './journal.js';
import { filesOf } from './journal.js';
import {
  type BundleContent,
  type BundleFile,
  type BundleImage,
  type BundleManifest,
  bundleDigest,
  formatBundleManifest,
  outerFiles,
  versionFor,
} from './manifest.js';
import { ownManifest } from './own-manifest.js';
import { blobFile, bundleRecipe, framesFile, payloadFile, recipeFile } from './paths.js';
import { type BlobPiece, buildBundleRecipe, buildRecipe, type Recipe, type RecipeImage } from './recipe.js';
import { formatSums } from './sums.js';
import type { Chunks, Volumes } from './volumes.js';
import { addAttachedBlobs, attachedRow, type WrittenAttached } from './write-attached.js';

/** A file to go along. */
export interface Payload {
  readonly to: string;
  readonly mode: string;
  readonly kind: BundleFile['kind'];
  readonly size: number;
  open(): Chunks;
}

/** A file of a package repository. */
export interface PackageFile {
  /** Under packages/. */
  readonly path: string;
  readonly size: number;
  open(): Chunks;
}

export interface FinishOptions {
  readonly volumes: Volumes;
  readonly tool: string;
  readonly name: string;
  readonly codec: BundleManifest['codec'];
  readonly level: number;
  readonly images: readonly WrittenImage[];
  /** In the order of the images that need them. */
  readonly layers: readonly PlacedLayer[];
  readonly omitted: BundleManifest['omitted'];
  readonly base: BundleManifest['base'];
  readonly payloads: readonly Payload[];
  readonly packages: BundleManifest['packages'];
  readonly packageFiles: readonly PackageFile[];
  readonly attached?: readonly WrittenAttached[];
  readonly importProgram: Uint8Array;
  /** Signs airgap.json. @throws SIGNATURE_INVALID */
  readonly sign?: (rawManifest: Uint8Array) => Promise<Uint8Array>;
  /** Called before the seal: what else lies in the folders must go. `keep` holds `<volume> <path>`. */
  readonly tidy: (volumes: number, keep: ReadonlySet<string>) => Promise<void>;
}

export interface WrittenImage extends Omit<RecipeImage, 'own'> {
  readonly source: string;
  /** The source's own manifest, if the bundle is to keep it. */
  readonly manifest?: Uint8Array;
  /** One of several platforms of its name. */
  readonly platforms?: {
    /** The source's own index, if the bundle is to keep it. */
    readonly index?: Uint8Array;
  };
}

export interface WrittenBundle {
  readonly digest: Digest;
  readonly manifest: BundleManifest;
  /** Every file with its volume, the seals too. */
  readonly files: readonly (BundleContent & { readonly volume: number })[];
}

/** Writes what comes after the layers, and the seals. @throws {AirgapError} DRIVE_*, VOLUME_TOO_SMALL, SIGNATURE_INVALID */
export async function finishBundle(options: FinishOptions): Promise<WrittenBundle> {
  const { volumes, images } = options;
  const stored = new Map(options.layers.map((placed) => [placed.layer.diffId, placed]));
  const { attached = [] } = options;
  const recipes = withIndexes(
    images.map((image) => recipeOf(image, options, stored)),
    attached,
  );

  // Files that lie in one volume first: they decide how many volumes there are.
  const files: BundleFile[] = [];
  const contents: BundleContent[] = options.layers.flatMap((placed) =>
    filesOf(placed).map(({ path, bytes, digest, volume }) => ({
      path,
      bytes,
      digest,
      ...inVolume(volumes, volume),
    })),
  );
  const lonely: BundleContent[] = [];
  for (const [at, payload] of options.payloads.entries()) {
    const { to, mode, kind, size } = payload;
    const content = await volumes.addFile(payloadFile(at + 1, to), payload.open(), size);
    lonely.push(content);
    files.push({ path: content.path, to, mode, kind, bytes: size, digest: content.digest });
  }
  for (const file of options.packageFiles)
    lonely.push(await volumes.addFile(`packages/${file.path}`, file.open(), file.size));
  const documents = new Map([
    ...recipes.flatMap(({ image, manifest, index }) => [
      [image.imageId, image.rawConfig] as const,
      [manifest.digest, manifest.raw] as const,
      ...(index === undefined ? [] : [[index.digest, index.raw] as const]),
    ]),
    ...attached.map(({ manifest }) => [digestOf(manifest), manifest] as const),
  ]);
  const known = new Set([...contents.map(({ path }) => path), ...[...documents.keys()].map(blobFile)]);
  lonely.push(...(await addAttachedBlobs(volumes, attached, known)));

  // From here on every volume gets the same.
  const everywhere: BundleContent[] = [];
  const add = async (path: string, bytes: Uint8Array): Promise<void> => {
    everywhere.push(await volumes.addEverywhere(path, bytes));
  };
  for (const [digest, bytes] of documents) await add(blobFile(digest), bytes);
  const bundleImages = recipes.map(
    ({ image, manifest, loaded, isOwn, index }): BundleImage => ({
      reference: image.reference,
      imageId: image.imageId,
      platform: formatPlatform(image.platform),
      manifest: manifest.digest,
      ...(isOwn ? { own: true } : {}),
      ...(index === undefined ? {} : { index: index.digest }),
      loaded,
      layers: image.diffIds,
      source: image.source,
    }),
  );
  const head = {
    tool: options.tool,
    name: options.name,
    codec: options.codec,
    level: options.level,
    images: bundleImages,
    layers: options.layers.map(({ layer }) => layer),
    omitted: options.omitted,
    base: options.base,
    files,
    packages: options.packages,
    ...(attached.length === 0 ? {} : { attached: attached.map(attachedRow) }),
    volumes: volumes.count,
  };
  const pieces: BlobPiece[] = options.layers.flatMap((placed) => placed.pieces);
  await add(bundleRecipe, buildBundleRecipe(head, pieces));
  const seen = new Set<Digest>();
  for (const { image, text, frames } of recipes) {
    if (seen.has(image.imageId)) continue;
    seen.add(image.imageId);
    await add(recipeFile(image.imageId), text);
    await add(framesFile(image.imageId), frames);
  }
  await add('import.sh', options.importProgram);
  await add('oci-layout', Buffer.from(layoutFile));
  await add('manifest.json', buildBundleManifestJson(bundleImages, stored));
  await add('index.json', buildBundleIndex(recipes));

  const manifest: BundleManifest = {
    version: versionFor(head),
    ...head,
    contents: sorted([...contents, ...lonely, ...everywhere]),
  };
  const rawManifest = formatBundleManifest(manifest);
  const digest = bundleDigest(rawManifest);
  const outer: BundleContent[] = [await volumes.addEverywhere(outerFiles.manifest, rawManifest)];
  if (options.sign !== undefined)
    outer.push(await volumes.addEverywhere(outerFiles.signature, await options.sign(rawManifest)));
  const written = [...manifest.contents, ...outer];
  return { digest, manifest, files: await sealAll({ ...options, written, digest }) };
}

interface SealOptions extends FinishOptions {
  readonly written: readonly BundleContent[];
  readonly digest: Digest;
}

async function sealAll(options: SealOptions): Promise<(BundleContent & { readonly volume: number })[]> {
  const { volumes, written, digest } = options;
  const all: (BundleContent & { readonly volume: number })[] = [];
  const sums = volumes.containers.map(() => new Map<string, Digest>());
  for (const [at, container] of volumes.containers.entries()) {
    const number = at + 1;
    const mine = written.filter((content) => content.volume === undefined || content.volume === number);
    if (volumes.isSplit) {
      const line = Buffer.from(`volume ${number} of ${volumes.count} ${hexOf(digest)}\n`);
      mine.push(await addTo(container, outerFiles.volume, line));
    }
    for (const content of mine) {
      sums[at]?.set(content.path, content.digest);
      all.push({ ...content, volume: number });
    }
  }
  await options.tidy(volumes.count, new Set(all.map(({ volume, path }) => `${volume} ${path}`)));
  // The first volume last: whoever has it can be sure that all were finished.
  for (const [at, container] of [...volumes.containers.entries()].toReversed()) {
    const seal = formatSums(sums[at] ?? new Map());
    const least = container.usedBytes() + container.costOf(seal.byteLength);
    if (volumes.volumeBytes !== undefined && least > volumes.volumeBytes)
      throw new AirgapError('VOLUME_TOO_SMALL', { splitBytes: volumes.volumeBytes, leastBytes: least });
    await container.seal(seal);
    all.push({ path: outerFiles.seal, bytes: seal.byteLength, digest: digestOf(seal), volume: at + 1 });
  }
  return all;
}

async function addTo(
  container: Volumes['containers'][number],
  path: string,
  bytes: Uint8Array,
): Promise<BundleContent> {
  const output = await container.open();
  await output.write(bytes);
  await (await output.end()).name(path);
  return { path, bytes: bytes.byteLength, digest: digestOf(bytes) };
}

interface WrittenRecipe extends Omit<Recipe, 'stored'>, IndexedImage {
  readonly image: WrittenImage;
  readonly isOwn: boolean;
}

function recipeOf(
  image: WrittenImage,
  options: FinishOptions,
  placed: ReadonlyMap<DiffId, PlacedLayer>,
): WrittenRecipe {
  const omitted = new Map(options.omitted.map((layer) => [layer.diffId, layer]));
  const lost = image.diffIds.find((diffId) => !placed.has(diffId) && !omitted.has(diffId));
  if (lost !== undefined) throw new AirgapError('IMAGE_INCOMPLETE', { image: image.source, missing: lost });
  const layers = { stored: new Map([...placed].map(([diffId, { layer }]) => [diffId, layer])), omitted };
  // One recipe for an image, whatever its names: the first that has a manifest of its own tells it.
  const raw = options.images.find(
    (one) => one.imageId === image.imageId && one.manifest !== undefined,
  )?.manifest;
  const own = raw === undefined ? undefined : ownManifest(raw, image, layers);
  const { stored: manifest, ...recipe } = buildRecipe(
    { ...image, ...(own === undefined ? {} : { own }) },
    layers,
  );
  return { image, manifest, ...recipe, isOwn: own !== undefined };
}

/** The images of one name on several platforms get the index that names them. */
function withIndexes(
  recipes: readonly WrittenRecipe[],
  attached: readonly WrittenAttached[],
): readonly WrittenRecipe[] {
  const indexes = new Map<string, PlatformIndex>();
  return recipes.map((recipe) => {
    const { reference, platforms } = recipe.image;
    if (platforms === undefined) return recipe;
    const index =
      indexes.get(reference) ??
      platformIndexOf(
        recipes.filter(({ image }) => image.reference === reference),
        platforms.index,
        attached.filter((one) => one.reference === reference).map(({ manifest }) => digestOf(manifest)),
      );
    indexes.set(reference, index);
    return { ...recipe, index };
  });
}

function inVolume(volumes: Volumes, volume: number): { readonly volume?: number } {
  return volumes.isSplit ? { volume } : {};
}

function sorted(contents: readonly BundleContent[]): BundleContent[] {
  return [...contents].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}
