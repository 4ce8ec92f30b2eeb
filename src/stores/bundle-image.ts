// An image of a bundle as the rest of airgap sees it: layers are known by diffID and size before a byte is read; those that the
// bundle leaves out are told as absent. @see docs/format.md "Layers"
import { Readable } from 'node:stream';
import type { BundleImage, BundleLayer, BundleManifest } from '../bundle/manifest.js';
import type { Bundle } from '../bundle/reader.js';
import type { StoredFile } from '../bundle/stored-file.js';
import { AirgapError } from '../errors.js';
import type { Image, Layer, ReadLayersOptions } from '../image/image.js';
import { uncompressed } from '../image/partial.js';
import { blobPath } from '../oci/build.js';
import { type Descriptor, layerTypes } from '../oci/descriptor.js';
import type { DiffId } from '../oci/digest.js';
import { maxConfigBytes, maxManifestBytes } from '../oci/limits.js';
import { parseConfig, parseManifest } from '../oci/manifest.js';
import { readNamed } from '../oci/read-named.js';
import { parseReference } from '../oci/reference.js';
import { text } from '../text/text.js';

/**
 * The same with its blobs and its manifest as the bundle stores them, for whoever brings them so: an import loads what import.sh
 * loads. @throws {AirgapError} as `openBundleImage`
 */
export async function openStoredImage(bundle: Bundle, image: BundleImage): Promise<Image> {
  return await withStored(bundle, image, await openUnpacked(bundle, image));
}

/**
 * One of a bundle's images; with its blobs and its manifest where that is the source's own, which an import keeps. The bundle is
 * believed as far as it has been verified; the config's digest and the layers' diffIDs are checked again by whoever reads.
 * @throws {AirgapError} BUNDLE_DAMAGED, DIGEST_MISMATCH, DOCUMENT_INVALID, BUNDLE_VOLUME_MISSING, DRIVE_FAILED
 */
export async function openBundleImage(bundle: Bundle, image: BundleImage): Promise<Image> {
  const opened = await openUnpacked(bundle, image);
  return image.own === true ? await withStored(bundle, image, opened) : opened;
}

async function withStored(bundle: Bundle, image: BundleImage, opened: Image): Promise<Image> {
  const stored = new Map(bundle.manifest.layers.map((layer) => [layer.diffId, layer]));
  const layers = opened.layers.map((layer): Layer => {
    const found = stored.get(layer.diffId);
    return found === undefined ? layer : { ...layer, blob: blobOf(found) };
  });
  const manifest = await manifestOf(bundle, image, layers);
  return {
    ...opened,
    layers,
    ...(manifest === undefined ? {} : { manifest }),
    openStored: async (diffId, offset, length) => {
      const layer = stored.get(diffId);
      const range = { offset, length };
      return Readable.from(layer === undefined ? [] : rangeChunks(bundle, layer, range), {
        objectMode: false,
      });
    },
  };
}

function blobOf({ codec, digest, bytes: size }: BundleLayer): Descriptor {
  return { mediaType: layerTypes[codec], digest, size };
}

async function openUnpacked(bundle: Bundle, image: BundleImage): Promise<Image> {
  const source = `bundle:${bundle.manifest.name}`;
  const what = text().parts.config(image.reference);
  const rawConfig = await readNamed(bundle, image.imageId, { limitBytes: maxConfigBytes, what });
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
    async readLayers(options) {
      const theirs = options.others.flatMap(({ layers }) => layers.map(({ diffId }) => diffId));
      const known = new Set([...config.diffIds, ...theirs]);
      const unknown = [...options.wanted].find((diffId) => !known.has(diffId));
      // Passed over, it would be missed by nobody.
      if (unknown !== undefined)
        throw new AirgapError('IMAGE_INCOMPLETE', {
          image: source,
          missing: text().parts.missingLayer(unknown),
        });
      await readLayers(bundle, options);
    },
  };
}

/** The manifest of index.json, where it names nothing that is left out. */
async function manifestOf(
  bundle: Bundle,
  image: BundleImage,
  layers: readonly Layer[],
): Promise<Image['manifest']> {
  if (layers.some((layer) => layer.absent === true)) return undefined;
  const what = text().parts.manifest(image.reference);
  const raw = await readNamed(bundle, image.manifest, { limitBytes: maxManifestBytes, what });
  const { mediaType } = parseManifest(raw, what);
  return { raw, descriptor: { mediaType, digest: image.manifest, size: raw.byteLength } };
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

async function readLayers(
  bundle: Bundle,
  { wanted, asStored, sink, signal }: ReadLayersOptions,
): Promise<void> {
  for (const layer of bundle.manifest.layers) {
    if (!wanted.has(layer.diffId)) continue;
    signal?.throwIfAborted();
    const stored = Readable.from(blobChunks(bundle, layer), {
      objectMode: false,
      highWaterMark: 1024 * 1024,
    });
    if (asStored?.has(layer.diffId) === true && layer.codec !== 'none') {
      const { diffId, codec } = layer;
      try {
        await sink({
          diffId,
          uncompressedBytes: undefined,
          stream: stored,
          stored: { blob: blobOf(layer), codec },
        });
      } finally {
        stored.destroy();
      }
      continue;
    }
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

async function* blobChunks(bundle: Bundle, layer: BundleLayer): AsyncGenerator<Buffer, void, undefined> {
  for (const piece of piecesOf(bundle, layer))
    yield* (await bundle.stream(piece.path)) as AsyncIterable<Buffer>;
}

/** A range of a blob, however many pieces it lies in. */
async function* rangeChunks(
  bundle: Bundle,
  layer: BundleLayer,
  { offset, length }: { readonly offset: number; readonly length: number },
): AsyncGenerator<Buffer, void, undefined> {
  let start = 0;
  for (const piece of piecesOf(bundle, layer)) {
    const from = Math.max(offset, start);
    const to = Math.min(offset + length, start + piece.bytes);
    if (from < to) yield* (await bundle.streamPart(piece, from - start, to - from)) as AsyncIterable<Buffer>;
    start += piece.bytes;
  }
}

function piecesOf(bundle: Bundle, { diffId, digest }: BundleLayer): readonly StoredFile[] {
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
  return pieces;
}
