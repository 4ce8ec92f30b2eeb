// Bundles for tests, written by the very pieces that an export is made of: honest ones, or sealed by a hostile maker.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Container } from '../../src/bundle/container.js';
import { openFolderContainer } from '../../src/bundle/folder-container.js';
import {
  type BundleContent,
  type BundleFile,
  type BundleLayer,
  type BundleManifest,
  type BundlePackages,
  bundleDigest,
  formatBundleManifest,
} from '../../src/bundle/manifest.js';
import { packLayer } from '../../src/bundle/pack-layer.js';
import { bundleRecipe, framesFile, payloadFile, recipeFile, volumeName } from '../../src/bundle/paths.js';
import { type BlobPiece, buildBundleRecipe, buildRecipe, type Recipe } from '../../src/bundle/recipe.js';
import { formatSums } from '../../src/bundle/sums.js';
import { openTarContainer } from '../../src/bundle/tar-container.js';
import { openVolumes } from '../../src/bundle/volumes.js';
import { importProgram } from '../../src/far/program.js';
import { daemonJsonPath } from '../../src/files/daemon-json.js';
import { blobPath, buildDockerManifestJson, buildIndex } from '../../src/oci/build.js';
import { type Codec, mediaTypes } from '../../src/oci/descriptor.js';
import { type DiffId, type Digest, digestOf, hexOf } from '../../src/oci/digest.js';
import { openCompressor } from '../../src/streams/codec.js';
import { createFramePool } from '../../src/streams/frame-pool.js';
import type { TestImage, TestLayer } from './images.js';

export interface BundleSpec {
  /** Where its folder or tars are put. */
  readonly folder: string;
  readonly images: readonly TestImage[];
  readonly name?: string;
  readonly codec?: Codec;
  readonly form?: 'folder' | 'tar';
  readonly volumeBytes?: number;
  /** Layers left out. */
  readonly omit?: ReadonlySet<DiffId>;
  /** Payload files by target path. */
  readonly files?: Readonly<Record<string, string>>;
  /** Sets of packages, their files by path below the set. */
  readonly packages?: readonly (BundlePackages & { readonly files: Readonly<Record<string, string>> })[];
  /** What a hostile maker writes instead, before it is sealed. */
  readonly lie?: (path: string, bytes: Buffer) => Buffer;
  /** Other bytes stored as this layer. */
  readonly lieOfLayer?: (layer: TestLayer) => Buffer;
}

export interface TestBundle {
  /** Folders or tars, in order. */
  readonly volumes: readonly string[];
  readonly manifest: BundleManifest;
  readonly digest: Digest;
}

const pool = createFramePool(2);
const room = 200_000;

/** Writes a bundle. */
export async function makeBundle(spec: BundleSpec): Promise<TestBundle> {
  const { folder, images, name = 'site', codec = 'gzip', form = 'folder', volumeBytes } = spec;
  await mkdir(folder, { recursive: true });
  const placeOf = (number: number): string =>
    join(
      folder,
      `${volumeBytes === undefined ? name : volumeName(name, number)}${form === 'tar' ? '.tar' : ''}`,
    );
  const volumes = await openVolumes({
    openContainer: (number) =>
      form === 'tar' ? openTarContainer(placeOf(number)) : openFolderContainer(placeOf(number)),
    ...(volumeBytes === undefined ? {} : { volumeBytes }),
    reservedBytes: volumeBytes === undefined ? 0 : room,
  });
  const contents: BundleContent[] = [];
  const put = async (path: string, bytes: Uint8Array): Promise<void> => {
    const told = spec.lie?.(path, Buffer.from(bytes)) ?? bytes;
    contents.push(await volumes.addEverywhere(path, told));
  };

  const { layers, pieces } = await putLayers(spec, volumes, contents, codec);
  const omitted = [...uniqueLayers(images).values()]
    .filter(({ diffId }) => spec.omit?.has(diffId))
    .map(({ diffId, tar }) => ({ diffId, rawBytes: tar.byteLength }));
  const recipes = new Map(images.map((image) => [image, recipeOf(image, layers, omitted)]));
  const once = new Map<string, Uint8Array>();
  for (const [image, recipe] of recipes) {
    once.set(blobPath(image.imageId), image.rawConfig);
    once.set(blobPath(recipe.stored.digest), recipe.stored.raw);
  }
  for (const [path, bytes] of once) await put(path, bytes);
  const files: BundleFile[] = [];
  for (const [at, [to, text]] of Object.entries(spec.files ?? {}).entries()) {
    const bytes = Buffer.from(text);
    const path = payloadFile(at + 1, to);
    contents.push(await volumes.addFile(path, Readable.from([bytes]), bytes.byteLength));
    const kind = to === daemonJsonPath ? 'daemon' : 'file';
    files.push({ path, to, mode: '0644', kind, bytes: bytes.byteLength, digest: digestOf(bytes) });
  }
  for (const { set, files: inSet } of spec.packages ?? []) {
    for (const [at, text] of Object.entries(inSet)) {
      const bytes = Buffer.from(text);
      contents.push(await volumes.addFile(`packages/${set}/${at}`, Readable.from([bytes]), bytes.byteLength));
    }
  }
  const manifest: Omit<BundleManifest, 'contents'> = {
    version: 1,
    tool: 'airgap 0.1.0',
    name,
    codec,
    level: 1,
    images: [...recipes].map(([image, recipe]) => ({
      reference: image.name,
      imageId: image.imageId,
      platform: `linux/${image.architecture}`,
      manifest: recipe.stored.digest,
      loaded: recipe.loaded,
      layers: image.layers.map(({ diffId }) => diffId),
      source: 'test',
    })),
    layers,
    omitted,
    base: omitted.length === 0 ? [] : [{ kind: 'passport', name: 'site.json', digest: digestOf('passport') }],
    files,
    packages: (spec.packages ?? []).map(({ set, kind, names }) => ({ set, kind, names })),
    volumes: volumes.count,
  };
  await put(bundleRecipe, buildBundleRecipe(manifest, pieces));
  const told = new Set<Digest>();
  for (const [image, recipe] of recipes) {
    // An image under two names has one recipe.
    if (told.has(image.imageId)) continue;
    told.add(image.imageId);
    await put(recipeFile(image.imageId), recipe.text);
    await put(framesFile(image.imageId), recipe.frames);
  }
  await put('import.sh', importProgram());
  await put('oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}'));
  await put('manifest.json', dockerManifests(recipes, layers));
  await put('index.json', index(recipes));
  const raw = formatBundleManifest({ ...manifest, contents });
  const digest = bundleDigest(raw);
  for (const [at, container] of volumes.containers.entries()) {
    const own = contents.filter(({ volume }) => volume === undefined || volume === at + 1);
    const sums = new Map<string, Digest>(own.map((content) => [content.path, content.digest]));
    const add = async (path: string, bytes: Uint8Array): Promise<void> => {
      await putInto(container, path, bytes);
      sums.set(path, digestOf(bytes));
    };
    await add('airgap.json', raw);
    if (volumes.isSplit)
      await add('volume', Buffer.from(`volume ${at + 1} of ${volumes.count} ${hexOf(digest)}\n`));
    await container.seal(formatSums(sums));
  }
  await volumes.close();
  return {
    volumes: volumes.containers.map(({ place }) => place),
    manifest: { ...manifest, contents },
    digest,
  };
}

function uniqueLayers(images: readonly TestImage[]): Map<DiffId, TestLayer> {
  return new Map(images.flatMap((image) => image.layers.map((layer) => [layer.diffId, layer])));
}

async function putLayers(
  spec: BundleSpec,
  volumes: Awaited<ReturnType<typeof openVolumes>>,
  contents: BundleContent[],
  codec: Codec,
): Promise<{ readonly layers: BundleLayer[]; readonly pieces: BlobPiece[] }> {
  const compressor = await openCompressor(codec);
  const layers: BundleLayer[] = [];
  const pieces: BlobPiece[] = [];
  for (const layer of uniqueLayers(spec.images).values()) {
    if (spec.omit?.has(layer.diffId)) continue;
    const tar = spec.lieOfLayer?.(layer) ?? layer.tar;
    const packed = await packLayer({
      diffId: undefined,
      isWanted: () => true,
      stream: Readable.from([tar]),
      compress: (raw) => compressor.compress(raw, codec === 'none' ? 0 : 1),
      pool,
      writer: volumes.openBlob(),
    });
    if (packed === undefined) throw new Error('a layer that nobody wants');
    const { digest, bytes } = packed.blob;
    layers.push({ diffId: layer.diffId, codec, rawBytes: layer.tar.byteLength, digest, bytes });
    pieces.push(...packed.blob.pieces);
    contents.push(
      ...packed.blob.contents.map(({ volume, ...content }) =>
        volumes.isSplit && volume !== undefined ? { ...content, volume } : content,
      ),
    );
  }
  await compressor.close();
  return { layers, pieces };
}

function recipeOf(
  image: TestImage,
  layers: readonly BundleLayer[],
  omitted: BundleManifest['omitted'],
): Recipe {
  return buildRecipe(
    {
      imageId: image.imageId,
      reference: image.name,
      platform: { os: 'linux', architecture: image.architecture },
      rawConfig: image.rawConfig,
      diffIds: image.layers.map(({ diffId }) => diffId),
    },
    {
      stored: new Map(layers.map((layer) => [layer.diffId, layer])),
      omitted: new Map(omitted.map((layer) => [layer.diffId, layer])),
    },
  );
}

function dockerManifests(recipes: ReadonlyMap<TestImage, Recipe>, layers: readonly BundleLayer[]): Buffer {
  const rows = [...recipes.keys()].map((image) => {
    const digests = image.layers.map(
      ({ diffId }) => layers.find((layer) => layer.diffId === diffId)?.digest ?? diffId,
    );
    const made = buildDockerManifestJson({ config: image.imageId, layers: digests, name: image.name });
    return Buffer.from(made).toString().slice(1, -1);
  });
  return Buffer.from(`[${rows.join(',')}]`);
}

function index(recipes: ReadonlyMap<TestImage, Recipe>): Uint8Array {
  let existing: Uint8Array | undefined;
  for (const [image, { stored }] of recipes) {
    existing = buildIndex({
      manifest: { mediaType: mediaTypes.ociManifest, digest: stored.digest, size: stored.raw.byteLength },
      platform: { os: 'linux', architecture: image.architecture },
      name: image.name,
      ...(existing === undefined ? {} : { existing }),
    });
  }
  return existing ?? Buffer.from('{}');
}

async function putInto(container: Container, path: string, bytes: Uint8Array): Promise<void> {
  const output = await container.open();
  await output.write(bytes);
  await (await output.end()).name(path);
}
