// Puts made images into a real registry by its own API, as any client does.
import { gzipSync } from 'node:zlib';
import { type Descriptor, mediaTypes } from '../../src/oci/descriptor.js';
import { type Digest, digestOf } from '../../src/oci/digest.js';
import { compress, type TestImage } from './images.js';

export interface Pushed {
  readonly digest: Digest;
  /** Blobs of layers, base first. */
  readonly layers: readonly Descriptor[];
}

/** A registry that takes everything from everybody. */
export interface Push {
  blob(repository: string, bytes: Buffer): Promise<Digest>;
  manifest(repository: string, tag: string, mediaType: string, document: object): Promise<Digest>;
  /** The image under `tag`. */
  image(repository: string, tag: string, image: TestImage, codec?: 'none' | 'gzip' | 'zstd'): Promise<Pushed>;
}

/** Pushes to `http://127.0.0.1:PORT`. */
export function pushTo(origin: string): Push {
  const there = new Set<string>();
  const blob: Push['blob'] = async (repository, bytes) => {
    const digest = digestOf(bytes);
    if (there.has(`${repository} ${digest}`)) return digest;
    const begun = await fetch(`${origin}/v2/${repository}/blobs/uploads/`, { method: 'POST' });
    const place = new URL(begun.headers.get('location') ?? '', origin);
    place.searchParams.set('digest', digest);
    const headers = { 'content-type': 'application/octet-stream' };
    await expectCreated(await fetch(place, { method: 'PUT', body: new Uint8Array(bytes), headers }));
    there.add(`${repository} ${digest}`);
    return digest;
  };
  const manifest: Push['manifest'] = async (repository, tag, mediaType, document) => {
    const raw = JSON.stringify(document);
    const headers = { 'content-type': mediaType };
    await expectCreated(
      await fetch(`${origin}/v2/${repository}/manifests/${tag}`, { method: 'PUT', body: raw, headers }),
    );
    return digestOf(raw);
  };
  return {
    blob,
    manifest,
    async image(repository, tag, image, codec = 'gzip') {
      const layers: Descriptor[] = [];
      for (const layer of image.layers) {
        const bytes = codec === 'gzip' ? gzipSync(layer.tar) : compress(layer.tar, codec);
        const mediaType = {
          none: mediaTypes.ociLayer,
          gzip: mediaTypes.ociLayerGzip,
          zstd: mediaTypes.ociLayerZstd,
        }[codec];
        layers.push({ mediaType, digest: await blob(repository, bytes), size: bytes.byteLength });
      }
      const digest = await blob(repository, image.rawConfig);
      const config = { mediaType: mediaTypes.ociConfig, digest, size: image.rawConfig.byteLength };
      const mediaType = mediaTypes.ociManifest;
      const document = { schemaVersion: 2, mediaType, config, layers };
      return { digest: await manifest(repository, tag, mediaType, document), layers };
    },
  };
}

async function expectCreated(answer: Response): Promise<void> {
  const text = await answer.text();
  if (answer.status !== 201) throw new Error(`${answer.url}: ${answer.status} ${text}`);
}
