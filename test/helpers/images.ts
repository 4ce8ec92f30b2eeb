// Small random images from a seed, and writers for every flavour of archive that engines and tools make.
import { createCipheriv, createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { Codec } from '../../src/oci/descriptor.js';
import { type DiffId, type Digest, digestOf, hexOf, parseDiffId } from '../../src/oci/digest.js';
import { type TarPart, tarOf } from './tar-bytes.js';

export interface TestLayer {
  readonly tar: Buffer;
  readonly diffId: DiffId;
}

export interface TestImage {
  /** Full spelling, tag included. */
  readonly name: string;
  readonly architecture: string;
  readonly layers: readonly TestLayer[];
  readonly rawConfig: Buffer;
  readonly imageId: Digest;
}

export type Files = ReadonlyMap<string, Buffer>;

/** A seed to print, so that a failure can be repeated: AIRGAP_TEST_SEED, or by chance. */
export function testSeed(): string {
  return process.env.AIRGAP_TEST_SEED ?? Math.random().toString(36).slice(2, 10);
}

/** Bytes that do not compress, the same for the same seed. */
export function randomBytesOf(seed: string, count: number): Buffer {
  const key = createHash('sha256').update(seed).digest();
  // A stream of key bytes: as good as random, and as quick as memory.
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(count));
}

/** A layer of one file. */
export function testLayer(seed: string, contentBytes: number): TestLayer {
  const text = Buffer.from(`layer ${seed}\n`.repeat(20));
  const content = Buffer.concat([text, randomBytesOf(seed, contentBytes)]);
  const tar = tarOf([
    { path: 'files/', type: '5' },
    { path: `files/${seed}`, content },
  ]);
  return { tar, diffId: parseDiffId(digestOf(tar), 'test') };
}

export interface ImageParts {
  readonly name: string;
  readonly layers: readonly TestLayer[];
  readonly architecture?: string;
  readonly config?: object;
}

/** An image of these layers, with a config as docker writes it. */
export function testImage({ name, layers, architecture = 'amd64', config = {} }: ImageParts): TestImage {
  const rawConfig = Buffer.from(
    JSON.stringify({
      architecture,
      config: { Env: ['PATH=/bin'], Cmd: ['/bin/sh'], WorkingDir: '/', ...config },
      created: '2026-01-02T03:04:05Z',
      history: [
        ...layers.map((_layer, at) => ({ created: '2026-01-02T03:04:05Z', created_by: `COPY ${at} /` })),
        { created: '2026-01-02T03:04:05Z', created_by: `CMD ["/bin/sh"] # ${name}`, empty_layer: true },
      ],
      os: 'linux',
      rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.diffId) },
    }),
  );
  return { name, architecture, layers, rawConfig, imageId: digestOf(rawConfig) };
}

/** Two images that share their lower layers, and one with nothing in common. */
export function testImages(seed: string): readonly [TestImage, TestImage, TestImage] {
  const base = [testLayer(`${seed}-base`, 40_000), testLayer(`${seed}-lib`, 3000)];
  return [
    testImage({ name: 'docker.io/plant/bus-info:v1', layers: [...base, testLayer(`${seed}-v1`, 700)] }),
    testImage({ name: 'docker.io/plant/bus-info:v2', layers: [...base, testLayer(`${seed}-v2`, 900)] }),
    testImage({ name: 'registry.lan:5000/team/other:1', layers: [testLayer(`${seed}-other`, 10)] }),
  ];
}

/** Docker ≤ 24: a folder a layer, shared layers as links, metadata last. */
export function dockerLegacy(images: readonly TestImage[]): Buffer {
  const parts: TarPart[] = [];
  const seen = new Map<string, string>();
  const rows = images.map((image) => {
    const Layers = image.layers.map((layer, at) => {
      const v1Id = hexOf(
        digestOf(
          `${image.layers.slice(0, at + 1).map((one) => one.diffId)} ${at === image.layers.length - 1 ? image.name : ''}`,
        ),
      );
      const file = `${v1Id}/layer.tar`;
      if (parts.some((part) => part.path === file)) return file;
      parts.push({ path: `${v1Id}/`, type: '5' });
      parts.push({ path: `${v1Id}/VERSION`, content: '1.0' });
      parts.push({ path: `${v1Id}/json`, content: `{"id":"${v1Id}"}` });
      const twin = seen.get(layer.diffId);
      if (twin === undefined) parts.push({ path: file, content: layer.tar });
      else parts.push({ path: file, type: '2', link: `../${twin}` });
      seen.set(layer.diffId, twin ?? file);
      return file;
    });
    const Config = `${hexOf(image.imageId)}.json`;
    parts.push({ path: Config, content: image.rawConfig });
    return { Config, RepoTags: [familiar(image.name)], Layers };
  });
  return tarOf([
    ...parts,
    { path: 'manifest.json', content: JSON.stringify(rows) },
    { path: 'repositories', content: '{}' },
  ]);
}

/** podman save, and skopeo's docker-archive: `<diffID>.tar`, legacy folders that only hold links. */
export function podmanSave(images: readonly TestImage[]): Buffer {
  const parts = new Map<string, TarPart>();
  for (const image of images) {
    for (const layer of image.layers) {
      const file = `${hexOf(layer.diffId)}.tar`;
      const v1Id = hexOf(digestOf(`v1 ${layer.diffId}`));
      parts.set(file, { path: file, content: layer.tar });
      parts.set(v1Id, { path: `${v1Id}/layer.tar`, type: '2', link: `../${file}` });
    }
    const file = `${hexOf(image.imageId)}.json`;
    parts.set(file, { path: file, content: image.rawConfig });
  }
  const rows = images.map((image) => ({
    Config: `${hexOf(image.imageId)}.json`,
    RepoTags: [image.name],
    Layers: image.layers.map((layer) => `${hexOf(layer.diffId)}.tar`),
  }));
  return tarOf([...parts.values(), { path: 'manifest.json', content: JSON.stringify(rows) }]);
}

/** kaniko: the config under its digest, layers gzipped and named by their blob digest, metadata last. */
export function kanikoArchive(images: readonly TestImage[]): Buffer {
  const parts = new Map<string, TarPart>();
  const rows = images.map((image) => {
    parts.set(image.imageId, { path: image.imageId, content: image.rawConfig });
    const Layers = image.layers.map((layer) => {
      const blob = gzipSync(layer.tar);
      const file = `${hexOf(digestOf(blob))}.tar.gz`;
      parts.set(file, { path: file, content: blob });
      return file;
    });
    return { Config: image.imageId, RepoTags: [image.name], Layers };
  });
  return tarOf([...parts.values(), { path: 'manifest.json', content: JSON.stringify(rows) }]);
}

export interface OciOptions {
  readonly codec?: Codec;
  /** Of gzip, as another builder has it. */
  readonly level?: number;
  /** All images under one name in a nested index, as platforms of one. */
  readonly nestedAs?: string;
  /** Only the tag in ref.name and no containerd name, as older tools write it. */
  readonly tagOnly?: boolean;
}

/** The files of an OCI layout. */
export function ociFiles(
  images: readonly TestImage[],
  { codec = 'none', level, nestedAs, tagOnly }: OciOptions = {},
): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  const put = (bytes: Buffer, mediaType: string) => {
    files.set(`blobs/sha256/${hexOf(digestOf(bytes))}`, bytes);
    return { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
  };
  const vendor = 'application/vnd.oci.image';
  const manifests = images.map((image) => {
    const layers = image.layers.map((layer) =>
      put(
        level === undefined ? compress(layer.tar, codec) : gzipSync(layer.tar, { level }),
        `${vendor}.layer.v1.tar${codec === 'none' ? '' : `+${codec}`}`,
      ),
    );
    const config = put(image.rawConfig, `${vendor}.config.v1+json`);
    const mediaType = `${vendor}.manifest.v1+json`;
    const manifest = put(
      Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config, layers })),
      mediaType,
    );
    return { ...manifest, platform: { architecture: image.architecture, os: 'linux' } };
  });
  const names = (name: string): Record<string, string> =>
    tagOnly === true
      ? { 'org.opencontainers.image.ref.name': name.split(':').at(-1) ?? '' }
      : {
          'io.containerd.image.name': name,
          'org.opencontainers.image.ref.name': name.split(':').at(-1) ?? '',
        };
  const mediaType = `${vendor}.index.v1+json`;
  const entries =
    nestedAs === undefined
      ? manifests.map((manifest, at) => ({ ...manifest, annotations: names(images[at]?.name ?? '') }))
      : [
          {
            ...put(Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests })), mediaType),
            annotations: names(nestedAs),
          },
        ];
  files.set('oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}'));
  files.set('index.json', Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests: entries })));
  return files;
}

/** skopeo's and podman's oci-archive. */
export function ociArchive(images: readonly TestImage[], options: OciOptions = {}): Buffer {
  return tarOfFiles(ociFiles(images, options));
}

/** Docker ≥ 25 with either store: an OCI layout with docker's manifest.json. Blobs sorted by digest, metadata last. */
export function dockerHybrid(images: readonly TestImage[], options: OciOptions = {}): Buffer {
  const files = ociFiles(images, options);
  const codec = options.codec ?? 'none';
  const rows = images.map((image) => ({
    Config: `blobs/sha256/${hexOf(image.imageId)}`,
    RepoTags: [familiar(image.name)],
    Layers: image.layers.map((layer) => `blobs/sha256/${hexOf(digestOf(compress(layer.tar, codec)))}`),
  }));
  return tarOfFiles(files.set('manifest.json', Buffer.from(JSON.stringify(rows))));
}

/** An archive of these files, blobs first. */
export function tarOfFiles(files: Files): Buffer {
  const order = [...files].sort(
    ([a], [b]) => Number(!a.startsWith('blobs/')) - Number(!b.startsWith('blobs/')) || (a < b ? -1 : 1),
  );
  return tarOf([
    { path: 'blobs/', type: '5' },
    { path: 'blobs/sha256/', type: '5' },
    ...order.map(([path, content]) => ({ path, content })),
  ]);
}

/** Writes these files into a folder. */
export async function writeFiles(folder: string, files: Files): Promise<void> {
  for (const [name, content] of files) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
}

/** Compressed bytes, the same for the same input. */
export function compress(bytes: Buffer, codec: Codec): Buffer {
  if (codec === 'none') return bytes;
  return codec === 'gzip' ? gzipSync(bytes) : zstdCompressSync(bytes);
}

function familiar(name: string): string {
  return name.replace(/^docker\.io\/(library\/)?/, '');
}
