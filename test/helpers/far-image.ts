// A small real image cut into segments, and the recipe that plays it: what the near side would send.
import { randomBytes } from 'node:crypto';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { Header } from 'tar';
import { archiveTail, blobHeader } from '../../src/engines/archive.js';
import type { StoreKind } from '../../src/engines/engine.js';
import type { Far, RecipeLine } from '../../src/far/facts.js';
import { type Codec, mediaTypes } from '../../src/oci/descriptor.js';
import { type DiffId, type Digest, digestOf, parseDiffId } from '../../src/oci/digest.js';

export interface FarSegment {
  readonly diffId: DiffId;
  readonly index: number;
  readonly digest: Digest;
  readonly bytes: number;
  readonly body: Buffer;
}

export interface FarTestImage {
  readonly imageId: Digest;
  readonly diffIds: readonly DiffId[];
  readonly manifest: Digest | undefined;
  readonly segments: readonly FarSegment[];
  readonly recipe: readonly RecipeLine[];
}

export interface FarImageOptions {
  readonly storeKind: StoreKind;
  readonly name: string;
  /** Unpacked bytes of the one file in each layer. */
  readonly layers?: readonly number[];
  readonly codec?: Codec;
  /** Cut small, so that there are several. */
  readonly segmentBytes?: number;
  readonly existingIndex?: Uint8Array;
  /** Layers that the archive describes but does not bring. */
  readonly omit?: number;
  readonly rawLayers?: readonly Buffer[];
}

const compress: Readonly<Record<Codec, (bytes: Buffer) => Buffer>> = {
  none: (bytes) => bytes,
  gzip: (bytes) => gzipSync(bytes),
  zstd: (bytes) => zstdCompressSync(bytes),
};

/** A tar with one file of random bytes. */
export function randomLayer(size: number, path = 'data'): Buffer {
  const block = Buffer.alloc(512);
  new Header({ path, size, mode: 0o644, uid: 0, gid: 0, mtime: new Date(0), type: 'File' }).encode(block, 0);
  const padding = Buffer.alloc((512 - (size % 512)) % 512);
  return Buffer.concat([block, randomBytes(size), padding, Buffer.alloc(1024)]);
}

/** Cuts bytes into segments of a layer. */
export function cut(
  raw: Buffer,
  diffId: DiffId,
  { codec = 'none', size = 1 << 20 }: { codec?: Codec; size?: number } = {},
): FarSegment[] {
  const segments: FarSegment[] = [];
  for (let at = 0; at < raw.byteLength; at += size) {
    const body = compress[codec](raw.subarray(at, at + size));
    segments.push({ diffId, index: segments.length, digest: digestOf(body), bytes: body.byteLength, body });
  }
  return segments;
}

/** Builds the image, its segments and its recipe. */
export function farImage(options: FarImageOptions): FarTestImage {
  const { storeKind, name, codec = 'none', segmentBytes = 1 << 20, existingIndex, omit = 0 } = options;
  const raws = options.rawLayers ?? (options.layers ?? [300_000]).map((size) => randomLayer(size));
  const layers = raws.map((raw) => ({ raw, diffId: parseDiffId(digestOf(raw), 'test') }));
  const segments: FarSegment[] = [];
  const recipe: RecipeLine[] = [];
  const piece = (bytes: Buffer): void => {
    const digest = digestOf(bytes);
    const [segment] = cut(bytes, parseDiffId(digest, 'test'), { size: bytes.byteLength });
    if (segment === undefined) return;
    segments.push(segment);
    recipe.push({ op: 'segment', diffId: segment.diffId, index: 0, digest, codec: 'none' });
  };
  let previous = 0;
  for (const { raw, diffId } of layers.slice(omit)) {
    piece(blobHeader(diffId, raw.byteLength, previous));
    for (const segment of cut(raw, diffId, { codec, size: segmentBytes })) {
      segments.push(segment);
      recipe.push({ op: 'segment', diffId, index: segment.index, digest: segment.digest, codec });
    }
    previous = raw.byteLength;
  }
  const config = {
    architecture: 'amd64',
    os: 'linux',
    config: { Cmd: ['/data'] },
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
  };
  const rawConfig = Buffer.from(JSON.stringify(config));
  const described = layers.map(({ raw, diffId }) => ({
    diffId,
    blob: { digest: diffId, size: raw.byteLength, mediaType: mediaTypes.ociLayer },
  }));
  const platform = { os: 'linux', architecture: 'amd64' };
  const tail = archiveTail(
    { storeKind, platform, rawConfig, layers: described, name },
    previous,
    existingIndex,
  );
  piece(tail.bytes);
  recipe.push({ op: 'end' });
  const diffIds = layers.map(({ diffId }) => diffId);
  return { imageId: digestOf(rawConfig), diffIds, manifest: tail.manifest?.digest, segments, recipe };
}

/** Puts every segment over one channel. */
export async function putAll(far: Far, segments: readonly FarSegment[]): Promise<void> {
  const put = await far.openPut();
  for (const segment of segments) await put.write(segment, 0, segment.body);
  await put.finish();
}
