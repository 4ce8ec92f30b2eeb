// Whole bundles of test images, written through the same containers and documents as real ones; and bundles that lie.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import zlib from 'node:zlib';
import { openFolderContainer } from '../../src/bundle/folder-container.js';
import {
  type BundleContent,
  type BundleFile,
  type BundleImage,
  type BundleLayer,
  type BundleManifest,
  formatBundleManifest,
  outerFiles,
  versionFor,
} from '../../src/bundle/manifest.js';
import {
  blobFile,
  bundleRecipe,
  framesFile,
  payloadFile,
  recipeFile,
  volumeName,
} from '../../src/bundle/paths.js';
import { formatVolume } from '../../src/bundle/reader.js';
import {
  type BlobPiece,
  buildBundleRecipe,
  buildRecipe,
  type RecipeLayers,
} from '../../src/bundle/recipe.js';
import { formatSums } from '../../src/bundle/sums.js';
import { openTarContainer } from '../../src/bundle/tar-container.js';
import { openVolumes, type Volumes } from '../../src/bundle/volumes.js';
import { blobPath, nameAnnotations } from '../../src/oci/build.js';
import { type Codec, layerTypes, mediaTypes } from '../../src/oci/descriptor.js';
import { type DiffId, type Digest, digestOf } from '../../src/oci/digest.js';
import { layoutFile } from '../../src/oci/layout.js';
import type { TestImage, TestLayer } from './images.js';

export interface BundleSpec {
  readonly name?: string;
  readonly images: readonly TestImage[];
  readonly codec?: Codec;
  readonly form?: 'folder' | 'tar';
  /** Cuts into volumes of so many bytes. */
  readonly volumeBytes?: number;
  /** Target path to content. */
  readonly files?: Readonly<Record<string, string>>;
  /** Set to its files; each set asks for the package `tool`. */
  readonly packages?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Left out, as if the host had them. */
  readonly omit?: readonly DiffId[];
  /** Stored in place of what is cut into units, and carried. */
  readonly carried?: (layer: TestLayer) => Buffer;
  /** Manifests that count as the sources' own; `honest` is one. */
  readonly own?: (honest: OwnParts) => Buffer;
  /** Signs airgap.json. */
  readonly sign?: (rawManifest: Buffer) => Promise<Uint8Array>;
  /** Changes documents before their digests are taken: a bundle that is consistent and lies. */
  readonly lie?: (documents: Map<string, Buffer>) => void;
  readonly lieManifest?: (manifest: BundleManifest) => BundleManifest;
}

export interface OwnParts {
  readonly schemaVersion: 2;
  readonly mediaType: string;
  readonly config: object;
  readonly layers: readonly object[];
}

const segmentBytes = 8 * 1024 * 1024;

/** Writes it into a folder; returns the places of its volumes. */
export async function writeBundle(folder: string, spec: BundleSpec): Promise<string[]> {
  const { name = 'test', codec = 'zstd', form = 'folder', volumeBytes, omit = [] } = spec;
  await mkdir(folder, { recursive: true });
  const placeOf = (number: number): string => {
    const base = volumeBytes === undefined ? name : volumeName(name, number);
    return join(folder, form === 'tar' ? `${base}.tar` : base);
  };
  const volumes = await openVolumes({
    openContainer: (number) => (form === 'tar' ? openTarContainer : openFolderContainer)(placeOf(number)),
    reservedBytes: volumeBytes === undefined ? 0 : 48 * 1024,
    ...(volumeBytes === undefined ? {} : { volumeBytes }),
  });
  const contents: BundleContent[] = [];
  const pieces: BlobPiece[] = [];
  const layers: BundleLayer[] = [];
  for (const layer of uniqueLayers(spec.images).filter(({ diffId }) => !omit.includes(diffId))) {
    const packed = spec.carried?.(layer);
    const blob = await writeLayer(volumes, layer, packed ?? codec);
    contents.push(...blob.contents.map((one) => inVolume(one, volumeBytes !== undefined)));
    pieces.push(...blob.pieces);
    const { digest, bytes } = blob;
    layers.push({
      diffId: layer.diffId,
      codec,
      rawBytes: layer.tar.byteLength,
      digest,
      bytes,
      ...(packed === undefined ? {} : { carried: true }),
    });
  }
  const omitted = uniqueLayers(spec.images)
    .filter(({ diffId }) => omit.includes(diffId))
    .map(({ diffId, tar }) => ({ diffId, rawBytes: tar.byteLength }));
  const documents = new Map<string, Buffer>();
  const images = addImages(spec.images, documents, {
    stored: new Map(layers.map((one) => [one.diffId, one])),
    omitted: new Map(omitted.map((one) => [one.diffId, one])),
    ...(spec.own === undefined ? {} : { own: spec.own }),
  });
  const payload = Object.entries(spec.files ?? {}).map(([to, content], at) => ({
    raw: Buffer.from(content),
    to,
    path: payloadFile(at + 1, to),
  }));
  const files = payload.map(
    ({ raw, to, path }): BundleFile => ({
      path,
      to,
      mode: '0644',
      kind: 'file',
      bytes: raw.byteLength,
      digest: digestOf(raw),
    }),
  );
  const sets = Object.entries(spec.packages ?? {});
  const honest: BundleManifest = {
    version: versionFor({ images, layers }),
    tool: 'airgap 0.1.0',
    name,
    codec,
    level: codec === 'none' ? 0 : 3,
    images,
    layers,
    omitted,
    base: omitted.length === 0 ? [] : [{ kind: 'passport', name: 'edge1', digest: digestOf('edge1') }],
    files,
    packages: sets.map(([set]) => ({ set, kind: 'deb', names: ['tool'] })),
    volumes: volumes.count,
    contents: [],
  };
  const before = spec.lieManifest?.(honest) ?? honest;
  documents.set(bundleRecipe, buildBundleRecipe(before, pieces));
  documents.set('import.sh', Buffer.from('#!/bin/sh\necho imported\n'));
  documents.set('oci-layout', Buffer.from(layoutFile));
  addIndexes(before, documents);
  spec.lie?.(documents);
  // In the order of docs/format.md B-2.
  const addDocuments = async (isWanted: (path: string) => boolean): Promise<void> => {
    for (const [path, raw] of documents)
      if (isWanted(path)) contents.push(await volumes.addEverywhere(path, raw));
  };
  const isBlob = (path: string): boolean => path.startsWith('blobs/');
  const isRecipe = (path: string): boolean => path.startsWith('recipes/');
  await addDocuments(isBlob);
  await addDocuments(isRecipe);
  for (const { path, raw } of payload) contents.push(await volumes.addFile(path, once(raw), raw.byteLength));
  for (const [set, members] of sets) {
    for (const [file, content] of Object.entries(members)) {
      const raw = Buffer.from(content);
      contents.push(await volumes.addFile(`packages/${set}/${file}`, once(raw), raw.byteLength));
    }
  }
  await addDocuments((path) => !isBlob(path) && !isRecipe(path));
  const manifest = { ...before, contents: [...before.contents, ...contents] };
  await seal(volumes, manifest, spec, volumeBytes !== undefined);
  await volumes.close();
  return volumes.containers.map(({ place }) => place);
}

async function seal(
  volumes: Volumes,
  manifest: BundleManifest,
  spec: BundleSpec,
  isSplit: boolean,
): Promise<void> {
  const rawManifest = formatBundleManifest(manifest);
  const signature = await spec.sign?.(rawManifest);
  for (const [at, container] of volumes.containers.entries()) {
    const number = at + 1;
    const outer = new Map<string, Uint8Array>([[outerFiles.manifest, rawManifest]]);
    if (signature !== undefined) outer.set(outerFiles.signature, signature);
    if (isSplit) outer.set(outerFiles.volume, formatVolume(number, volumes.count, digestOf(rawManifest)));
    const digests = new Map<string, Digest>(
      manifest.contents
        .filter(({ volume }) => volume === undefined || volume === number)
        .map(({ path, digest }) => [path, digest]),
    );
    for (const [path, raw] of outer) {
      const output = await container.open();
      await output.write(raw);
      await (await output.end()).name(path);
      digests.set(path, digestOf(raw));
    }
    await container.seal(formatSums(digests));
  }
}

async function writeLayer(volumes: Volumes, { tar }: TestLayer, codec: Codec | Buffer) {
  const writer = volumes.openBlob();
  if (typeof codec !== 'string') {
    await writer.write(codec);
    return await writer.end();
  }
  for (let at = 0; at < Math.max(1, tar.byteLength); at += segmentBytes) {
    const raw = tar.subarray(at, at + segmentBytes);
    await writer.write(
      codec === 'none' ? raw : codec === 'gzip' ? zlib.gzipSync(raw) : zlib.zstdCompressSync(raw),
    );
  }
  return await writer.end();
}

function addImages(
  images: readonly TestImage[],
  documents: Map<string, Buffer>,
  { own: makeOwn, ...layers }: RecipeLayers & Pick<BundleSpec, 'own'>,
): BundleImage[] {
  return images.map((image) => {
    const { name: reference, imageId, rawConfig } = image;
    const diffIds = image.layers.map(({ diffId }) => diffId);
    const platform = { os: 'linux', architecture: image.architecture };
    const raw = makeOwn?.({
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: { mediaType: mediaTypes.ociConfig, digest: imageId, size: rawConfig.byteLength },
      layers: diffIds.map((diffId) => {
        const { codec = 'none', digest, bytes: size } = layers.stored.get(diffId) ?? {};
        return { mediaType: layerTypes[codec], digest, size };
      }),
    });
    const own = raw === undefined ? {} : { own: { raw, mediaType: mediaTypes.ociManifest } };
    const recipe = buildRecipe({ imageId, reference, platform, rawConfig, diffIds, ...own }, layers);
    documents.set(blobFile(imageId), rawConfig);
    documents.set(blobFile(recipe.stored.digest), Buffer.from(recipe.stored.raw));
    documents.set(recipeFile(imageId), recipe.text);
    documents.set(framesFile(imageId), recipe.frames);
    return {
      reference,
      imageId,
      platform: `linux/${image.architecture}`,
      manifest: recipe.stored.digest,
      ...(raw === undefined ? {} : { own: true }),
      loaded: recipe.loaded,
      layers: diffIds,
      source: `docker-daemon:${reference}`,
    };
  });
}

function addIndexes({ images, layers }: BundleManifest, documents: Map<string, Buffer>): void {
  const manifests = images.map((image) => ({
    mediaType: mediaTypes.ociManifest,
    digest: image.manifest,
    size: documents.get(blobFile(image.manifest))?.byteLength,
    platform: { architecture: image.platform.split('/')[1], os: 'linux' },
    annotations: nameAnnotations(image.reference),
  }));
  const blobs = new Map(layers.map(({ diffId, digest }) => [diffId, digest]));
  const rows = images.map((image) => ({
    Config: blobPath(image.imageId),
    RepoTags: [image.reference],
    Layers: image.layers.map((diffId) => blobPath(blobs.get(diffId) ?? diffId)),
  }));
  documents.set('manifest.json', Buffer.from(JSON.stringify(rows)));
  documents.set(
    'index.json',
    Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests })),
  );
}

function uniqueLayers(images: readonly TestImage[]): TestLayer[] {
  return [...new Map(images.flatMap(({ layers }) => layers.map((one) => [one.diffId, one]))).values()];
}

function inVolume({ volume, ...content }: BundleContent, isSplit: boolean): BundleContent {
  return isSplit && volume !== undefined ? { ...content, volume } : content;
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
