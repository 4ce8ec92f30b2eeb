// An image out of a folder or an archive, as the rest of airgap sees it.
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { AirgapError } from '../errors.js';
import { type Image, isPacked, type ReadLayersOptions } from '../image/image.js';
import { uncompressed, unpackLimit } from '../image/partial.js';
import type { DiffId, Digest } from '../oci/digest.js';
import type { Fill } from '../streams/file-at.js';
import { text } from '../text/text.js';
import type { FoundImage, FoundLayer } from './found-image.js';
import type { Tree } from './tree.js';

export interface TreeImageOptions {
  readonly tree: Tree;
  /** As the user would name it. */
  readonly source: string;
  readonly transport: string;
  /** Instead of `unpackLimit`. */
  readonly unpackLimitBytes?: number;
}

// What is behind an Image of this file, for passes over several of them.
const founds = new WeakMap<Image, FoundImage>();

/** The image view of what was found. */
export function createTreeImage(found: FoundImage, options: TreeImageOptions): Image {
  const { tree, source, transport } = options;
  const image: Image = {
    source,
    reference: found.reference,
    platform: found.config.platform,
    imageId: found.imageId,
    config: found.config,
    rawConfig: async () => found.rawConfig,
    layers: found.layers,
    ...(found.manifest === undefined ? {} : { manifest: found.manifest }),
    readGroup: `${transport}:${tree.key}`,
    readLayers: (reading) => readLayers([image, ...reading.others], reading, options),
  };
  founds.set(image, found);
  return image;
}

async function readLayers(
  images: readonly Image[],
  { wanted, asStored, sink, signal }: ReadLayersOptions,
  { tree, source, unpackLimitBytes }: TreeImageOptions,
): Promise<void> {
  const byFile = new Map<string, { readonly layer: FoundLayer; readonly what: string }>();
  const missing = new Set(wanted);
  for (const image of images) {
    for (const [at, layer] of (founds.get(image)?.layers ?? []).entries()) {
      if (missing.delete(layer.diffId))
        byFile.set(layer.file, { layer, what: text().parts.layer(image.source, at + 1) });
    }
  }
  const [lost] = missing;
  if (lost !== undefined) throw incomplete(source, lost);
  const waiting = new Set(byFile.keys());
  await tree.read(waiting, {
    ...(signal === undefined ? {} : { signal }),
    async visit(file, raw, fill) {
      const place = byFile.get(file.name);
      if (place === undefined) return;
      byFile.delete(file.name);
      const { layer, what } = place;
      // What a description said was a promise; these are the bytes.
      const codec = layer.codec === 'none' ? 'none' : file.codec;
      if (codec === undefined)
        throw new AirgapError('LAYER_UNSUPPORTED', { what, mediaType: layer.blob?.mediaType ?? '' });
      const checked = checkedBytes(raw, {
        source,
        what,
        digest: codec === 'none' ? undefined : layer.blob?.digest,
      });
      if (asStored?.has(layer.diffId) === true && isPacked(layer)) {
        const { diffId, blob } = layer;
        const stored = { blob, codec };
        try {
          await sink({ diffId, uncompressedBytes: undefined, stream: checked, stored, mayFree: true });
        } finally {
          checked.destroy();
        }
        return;
      }
      const limitBytes = unpackLimitBytes ?? unpackLimit(file.size);
      const stream = uncompressed(checked, { codec, what, limitBytes });
      stream.on('error', () => undefined);
      try {
        const uncompressedBytes = codec === 'none' ? file.size : undefined;
        const straight = codec === 'none' && fill !== undefined ? { fill: checkedFill(fill, source) } : {};
        await sink({ diffId: layer.diffId, uncompressedBytes, stream, mayFree: true, ...straight });
      } finally {
        stream.destroy();
        checked.destroy();
      }
    },
  });
  const [left] = byFile.values();
  if (left !== undefined) throw incomplete(source, left.layer.diffId);
}

interface CheckOptions {
  readonly source: string;
  readonly what: string;
  /** Of the bytes as stored; undefined where the reader's own check of the diffID says the same. */
  readonly digest: Digest | undefined;
}

/** The same bytes; those of a compressed blob are checked before their end is told. */
function checkedBytes(raw: Readable, options: CheckOptions): Readable {
  const result = Readable.from(check(raw, options), { objectMode: false, highWaterMark: 1024 * 1024 });
  result.on('error', () => undefined);
  result.once('close', () => raw.destroy());
  return result;
}

async function* check(
  raw: Readable,
  { source, what, digest }: CheckOptions,
): AsyncGenerator<Buffer, void, undefined> {
  const hash = digest === undefined ? undefined : createHash('sha256');
  try {
    for await (const chunk of raw as AsyncIterable<Buffer>) {
      hash?.update(chunk);
      yield chunk;
    }
  } catch (error) {
    throw sourceError(error, source);
  }
  const got = hash === undefined ? undefined : `sha256:${hash.digest('hex')}`;
  if (got !== undefined && digest !== undefined && got !== digest) {
    throw new AirgapError('DIGEST_MISMATCH', { what, got, want: digest });
  }
}

/** Bytes as they lie there: the reader's own check of the diffID says whether they are right. */
function checkedFill(fill: Fill, source: string): Fill {
  return async (into) => {
    try {
      return await fill(into);
    } catch (error) {
      throw sourceError(error, source);
    }
  };
}

function sourceError(error: unknown, source: string): unknown {
  if (!(error instanceof Error && 'errno' in error)) return error;
  return new AirgapError('SOURCE_GONE', { source, detail: error.message }, { cause: error });
}

function incomplete(image: string, diffId: DiffId): AirgapError {
  return new AirgapError('IMAGE_INCOMPLETE', { image, missing: text().parts.missingLayer(diffId) });
}
