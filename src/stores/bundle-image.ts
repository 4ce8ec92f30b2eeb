// An image of a bundle as the rest of airgap sees it: layers are known by diffID and size before a byte is read; those that the
// bundle leaves out are told as absent. @see docs/format.md "Layers"
import { Readable } from 'node:stream';
import type { BundleImage, BundleLayer, BundleManifest } from '../bundle/manifest.js';
import type { Bundle } from '../bundle/reader.js';
import { AirgapError } from '../errors.js';
import type { Image, Layer, ReadLayersOptions } from '../image/image.js';
import { uncompressed } from '../image/partial.js';
import { blobPath } from '../oci/build.js';
import { type DiffId, digestOf } from '../oci/digest.js';
import { maxConfigBytes } from '../oci/limits.js';
import { parseConfig } from '../oci/manifest.js';
import { parseReference } from '../oci/reference.js';
import { text } from '../text/text.js';

/**
 * One of a bundle's images. The bundle is believed as far as it has been verified; the config's digest and the layers'
 * diffIDs are checked again by whoever reads.
 * @throws {AirgapError} BUNDLE_DAMAGED, DIGEST_MISMATCH, DOCUMENT_INVALID, BUNDLE_VOLUME_MISSING, DRIVE_FAILED
 */
export async function openBundleImage(bundle: Bundle, image: BundleImage): Promise<Image> {
  const source = `bundle:${bundle.manifest.name}`;
  const rawConfig = await bundle.read(blobPath(image.imageId), maxConfigBytes);
  const got = digestOf(rawConfig);
  const what = text().parts.config(image.reference);
  if (got !== image.imageId) throw new AirgapError('DIGEST_MISMATCH', { what, got, want: image.imageId });
  const config = parseConfig(rawConfig, what);
  return {
    source,
    reference: parseReference(image.reference),
    platform: config.platform,
    imageId: image.imageId,
    config,
    rawConfig: async () => rawConfig,
    layers: layersOf(bundle.manifest, config.diffIds),
    readGroup: `bundle:${bundle.digest}`,
    readLayers: (options) => readLayers(bundle, options),
  };
}

function layersOf({ layers, omitted }: BundleManifest, diffIds: readonly DiffId[]): Layer[] {
  const stored = new Map(layers.map((layer) => [layer.diffId, layer]));
  const absent = new Map(omitted.map((layer) => [layer.diffId, layer.rawBytes]));
  return diffIds.map((diffId): Layer => {
    const layer = stored.get(diffId);
    if (layer !== undefined) return { diffId, codec: layer.codec, uncompressedBytes: layer.rawBytes };
    const rawBytes = absent.get(diffId);
    return {
      diffId,
      codec: 'none',
      absent: true,
      ...(rawBytes === undefined ? {} : { uncompressedBytes: rawBytes }),
    };
  });
}

async function readLayers(bundle: Bundle, { wanted, sink, signal }: ReadLayersOptions): Promise<void> {
  for (const layer of bundle.manifest.layers) {
    if (!wanted.has(layer.diffId)) continue;
    signal?.throwIfAborted();
    const stored = Readable.from(blobChunks(bundle, layer), {
      objectMode: false,
      highWaterMark: 1024 * 1024,
    });
    const what = `${bundle.path}: ${blobPath(layer.digest)}`;
    // One byte more than it should be is a lie that the diffID would find only after all of them.
    const stream = uncompressed(stored, { codec: layer.codec, what, limitBytes: layer.rawBytes });
    stream.on('error', () => undefined);
    try {
      await sink({ diffId: layer.diffId, uncompressedBytes: layer.rawBytes, stream });
    } finally {
      stream.destroy();
      stored.destroy();
    }
  }
}

async function* blobChunks(
  bundle: Bundle,
  { diffId, digest }: BundleLayer,
): AsyncGenerator<Buffer, void, undefined> {
  const pieces = bundle.findLayer(diffId);
  if (pieces === undefined) {
    const { manifest, missing } = bundle;
    if (missing.length > 0)
      throw new AirgapError('BUNDLE_VOLUME_MISSING', { name: manifest.name, missing, of: manifest.volumes });
    throw new AirgapError('BUNDLE_DAMAGED', {
      path: bundle.path,
      file: blobPath(digest),
      problem: 'missing',
    });
  }
  for (const piece of pieces) yield* (await bundle.stream(piece.path)) as AsyncIterable<Buffer>;
}
