// One pass over `docker save`: layers to whoever wants them, raw configs as they pass by. Knows what each engine's save looks
// like: Docker ≤ 24 (`<v1id>/layer.tar`), ≥ 25 (`blobs/sha256/<diffID>`), containerd stores (blobs as held), podman (`<diffID>.tar`).
import { createHash } from 'node:crypto';
import { pipeline, type Readable, Transform } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { AirgapError } from '../errors.js';
import { createCursor } from '../image/bytes-cursor.js';
import type { LayerBytes, PackedLayer } from '../image/image.js';
import { detectBytes, detectCompression, uncompressed, unpackLimit } from '../image/partial.js';
import { type ChainId, chainIds, type DiffId, type Digest, digestOf, hexOf } from '../oci/digest.js';
import { maxConfigBytes } from '../oci/limits.js';
import type { Platform } from '../oci/platform.js';
import type { Reference } from '../oci/reference.js';
import { text } from '../text/text.js';
import type { DockerCli } from './docker-cli.js';
import { streamSave } from './docker-save-stream.js';
import { identifyLegacyLayer } from './legacy-layer-ids.js';
import { type TarEntry, walkTar } from './tar-walk.js';

/** An image to save, and what is known of it. */
export interface SavedImage {
  /** The engine's own. */
  readonly id: Digest;
  readonly source: string;
  readonly reference: Reference | undefined;
  readonly imageId: Digest;
  readonly platform: Platform;
  readonly diffIds: readonly DiffId[];
  /** The layer's blob on a containerd store; its diffID elsewhere. In the order of diffIds. */
  readonly blobs: readonly Digest[];
  /** Those that the engine holds compressed. */
  readonly packed: readonly PackedLayer[];
}

export interface SaveOptions {
  readonly images: readonly SavedImage[];
  readonly wanted: ReadonlySet<DiffId>;
  /** Which of them to hand over as the engine holds them. */
  readonly asStored?: ReadonlySet<DiffId> | undefined;
  readonly sink: (layer: LayerBytes) => Promise<void>;
  /** Configs wanted, by digest. */
  readonly configs: ReadonlySet<Digest>;
  readonly onConfig: (imageId: Digest, raw: Buffer) => void;
  readonly signal?: AbortSignal | undefined;
}

/** The json of a v1 layer: a container configuration. */
const maxLegacyJsonBytes = 1024 * 1024;

/**
 * Saves these images and reads what is wanted; stops as soon as it has all. Every layer wanted came once, or it throws.
 * @throws {AirgapError} IMAGE_INCOMPLETE, SOURCE_GONE, ENGINE_*, DIGEST_MISMATCH for a config
 */
export async function readSave(cli: DockerCli, options: SaveOptions): Promise<void> {
  const { images, signal } = options;
  const pass = createPass(options);
  await streamSave(
    cli,
    {
      ids: images.map(({ id }) => id),
      platforms: images.map(({ platform }) => platform),
      source: images[0]?.source ?? '',
      reference: images[0]?.reference,
      signal,
    },
    async (stdout) => {
      const path = `${cli.program} save`;
      const cursor = createCursor(stdout as AsyncIterable<Buffer>);
      for await (const entry of walkTar(cursor, { path })) {
        signal?.throwIfAborted();
        if (entry.kind === 'file') await pass.visit(entry);
        if (pass.isDone()) return 'stop';
      }
      return 'done';
    },
  );
  pass.check();
}

interface Pass {
  visit(entry: TarEntry): Promise<void>;
  isDone(): boolean;
  /** @throws {AirgapError} IMAGE_INCOMPLETE */
  check(): void;
}

function createPass({ images, wanted, asStored, sink, configs, onConfig }: SaveOptions): Pass {
  const layers = new Set(wanted);
  const waitingConfigs = new Set(configs);
  const byHex = new Map<string, DiffId>();
  const chains = new Map<ChainId, DiffId>();
  for (const { diffIds, blobs } of images) {
    for (const [at, chainId] of chainIds(diffIds).entries()) {
      const diffId = diffIds[at];
      const blob = blobs[at];
      if (diffId === undefined || blob === undefined) continue;
      byHex.set(hexOf(blob), diffId);
      chains.set(chainId, diffId);
    }
  }
  const packed = new Map(
    images.flatMap((image) => image.packed.map((layer) => [layer.blob.digest as string, layer] as const)),
  );
  const legacyJsons = new Map<string, string>();

  /** The blob as it is; whoever reads it knows its digest. */
  const deliverStored = async (entry: TarEntry, { diffId, blob, codec }: PackedLayer): Promise<void> => {
    const stream = entry.stream();
    stream.on('error', () => undefined);
    layers.delete(diffId);
    await sink({ diffId, uncompressedBytes: undefined, stream, stored: { blob, codec }, mayFree: true });
    stream.destroy();
  };

  const deliver = async (entry: TarEntry, diffId: DiffId | undefined): Promise<void> => {
    const detected = detectCompression(await entry.peek(detectBytes));
    const codec = detected === 'gzip' || detected === 'zstd' ? detected : 'none';
    const what = diffId ?? entry.path;
    const stream = uncompressed(entry.stream(), { codec, what, limitBytes: unpackLimit(entry.size) });
    stream.on('error', () => undefined);
    const uncompressedBytes = codec === 'none' ? entry.size : undefined;
    if (diffId !== undefined) {
      layers.delete(diffId);
      await sink({ diffId, uncompressedBytes, stream, mayFree: true });
    } else {
      // Only its digest tells which layer it was; the reader hashes too, but does not say what it found.
      const hashed = hashing(stream);
      await sink({ diffId, uncompressedBytes, stream: hashed.stream, mayFree: true });
      for (const wantedId of layers) if (wantedId === hashed.digest()) layers.delete(wantedId);
    }
    stream.destroy();
  };

  return {
    async visit(entry) {
      const config = [...waitingConfigs].find((digest) => configNames(digest).includes(entry.path));
      if (config !== undefined && entry.size <= maxConfigBytes) {
        const raw = await buffer(entry.stream());
        const got = digestOf(raw);
        if (got !== config)
          throw new AirgapError('DIGEST_MISMATCH', { what: text().parts.config(config), got, want: config });
        waitingConfigs.delete(config);
        onConfig(config, raw);
        return;
      }
      const [, blobHex] = /^(?:blobs\/sha256\/)?([0-9a-f]{64})(?:\.tar)?$/.exec(entry.path) ?? [];
      if (blobHex !== undefined) {
        const diffId = byHex.get(blobHex);
        if (diffId === undefined || !layers.has(diffId)) return;
        const held = asStored?.has(diffId) === true ? packed.get(`sha256:${blobHex}`) : undefined;
        if (held === undefined) await deliver(entry, diffId);
        else await deliverStored(entry, held);
        return;
      }
      const [, v1Id, file] = /^([0-9a-f]{64})\/(json|layer\.tar)$/.exec(entry.path) ?? [];
      if (v1Id === undefined) return;
      if (file === 'json') {
        if (entry.size <= maxLegacyJsonBytes)
          legacyJsons.set(v1Id, (await buffer(entry.stream())).toString('utf8'));
        return;
      }
      const diffId = identifyLegacyLayer({ v1Id, json: legacyJsons.get(v1Id) ?? '', chains });
      legacyJsons.delete(v1Id);
      if (diffId === undefined ? layers.size > 0 : layers.has(diffId)) await deliver(entry, diffId);
    },
    isDone: () => layers.size === 0 && waitingConfigs.size === 0,
    check() {
      const [layer] = layers;
      const [config] = waitingConfigs;
      const missing =
        layer === undefined ? config && text().parts.missingConfig(config) : text().parts.missingLayer(layer);
      if (missing === undefined) return;
      const owner = images.find((image) =>
        layer ? image.diffIds.includes(layer) : image.imageId === config,
      );
      throw new AirgapError('IMAGE_INCOMPLETE', { image: owner?.source ?? images[0]?.source ?? '', missing });
    },
  };
}

function configNames(digest: Digest): string[] {
  return [`${hexOf(digest)}.json`, `blobs/sha256/${hexOf(digest)}`];
}

function hashing(source: Readable): { readonly stream: Readable; digest(): string } {
  const hash = createHash('sha256');
  let digest = '';
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
    flush(done) {
      digest = `sha256:${hash.digest('hex')}`;
      done();
    },
  });
  pipeline(source, stream, () => undefined);
  return { stream, digest: () => digest };
}
