// The biggest files of an image's layers: each layer is streamed once out of its store, and no more of it is kept than what is
// shown. The bytes are hashed on the way, so that what is told is of this very layer.
import { createHash } from 'node:crypto';
import { AirgapError } from '../errors.js';
import type { Image, Layer, LayerBytes } from '../image/image.js';
import { type DiffId, digestFromHex, shortDigest } from '../oci/digest.js';
import type { FoundFile, LayerFiles } from './local-api.js';
import type { RunContext } from './run.js';

/** The entries of a layer's tar, to its last byte. */
export type WalkLayer = (
  chunks: AsyncIterable<Buffer>,
  what: string,
) => AsyncIterable<{ readonly path: string; readonly kind: string; readonly size: number }>;

export interface LayerFilesOptions {
  readonly image: Image;
  readonly walk: WalkLayer;
  /** A number from 1 = base, or the beginning of a diffID; all layers if undefined. */
  readonly layer: string | undefined;
}

const shownFiles = 20;
// Between two files that are big enough to be told, people still want to see it go on.
const tellEvery = 500;

/**
 * In the order of the image, each layer once. Tells what was found so far while it reads.
 * @throws {AirgapError} LAYER_UNKNOWN, DIGEST_MISMATCH, ARCHIVE_*, and what `readLayers` throws
 */
export async function listLayerFiles(
  { image, walk, layer }: LayerFilesOptions,
  { emit, signal }: Pick<RunContext, 'emit' | 'signal'>,
): Promise<readonly LayerFiles[]> {
  const wanted = new Set(chooseLayers(image, layer).map(({ diffId }) => diffId));
  const found = new Map<DiffId, LayerFiles>();
  await image.readLayers({
    wanted,
    others: [],
    signal,
    sink: async (bytes) => {
      const tell = (files: Omit<LayerFiles, 'diffId'>): void => {
        if (bytes.diffId !== undefined)
          emit({ type: 'layer.files', diffId: bytes.diffId, ...files, isWhole: false });
      };
      const { diffId, ...files } = await readFiles(bytes, { walk, tell, signal });
      // Where only the digest tells which layer it is, it may be one that nobody asked for.
      if (!wanted.has(diffId)) return;
      emit({ type: 'layer.files', diffId, ...files, isWhole: true });
      found.set(diffId, { diffId, ...files });
    },
  });
  return [...wanted].flatMap((diffId) => found.get(diffId) ?? []);
}

function chooseLayers({ layers, source }: Image, asked: string | undefined): readonly Layer[] {
  // Of an absent layer there is nothing to read; asked for by name, the store says so itself.
  if (asked === undefined) return layers.filter(({ absent }) => absent !== true);
  const start = asked.replace(/^sha256:/, '').toLowerCase();
  const numbered = /^[1-9]\d{0,2}$/.test(asked) ? layers[Number(asked) - 1] : undefined;
  const named =
    numbered === undefined && /^[0-9a-f]{4,64}$/.test(start)
      ? layers.filter(({ diffId }) => diffId.slice('sha256:'.length).startsWith(start))
      : [];
  const only = numbered ?? (new Set(named.map(({ diffId }) => diffId)).size === 1 ? named[0] : undefined);
  if (only !== undefined) return [only];
  throw new AirgapError('LAYER_UNKNOWN', { image: source, layer: asked.slice(0, 100), count: layers.length });
}

async function readFiles(
  { diffId, stream }: LayerBytes,
  options: {
    readonly walk: WalkLayer;
    readonly tell: (files: Omit<LayerFiles, 'diffId'>) => void;
    readonly signal: AbortSignal;
  },
): Promise<LayerFiles> {
  const { walk, tell, signal } = options;
  const what = diffId === undefined ? '' : shortDigest(diffId);
  const hash = createHash('sha256');
  const hashed = async function* (): AsyncGenerator<Buffer, void, undefined> {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      signal.throwIfAborted();
      hash.update(chunk);
      yield chunk;
    }
  };
  let biggest: readonly FoundFile[] = [];
  let fileCount = 0;
  let bytes = 0;
  for await (const { path, kind, size } of walk(hashed(), what)) {
    if (kind !== 'file') continue;
    fileCount += 1;
    bytes += size;
    const before = biggest;
    biggest = withFile(biggest, { path, bytes: size });
    if (biggest !== before || fileCount % tellEvery === 0) tell({ fileCount, bytes, biggest });
  }
  const digest = digestFromHex(hash.digest('hex'), 'a layer') as DiffId;
  if (diffId !== undefined && digest !== diffId)
    throw new AirgapError('DIGEST_MISMATCH', { what: `layer ${what}`, got: digest, want: diffId });
  return { diffId: digest, fileCount, bytes, biggest };
}

/** Biggest first; the same list where the file is too small for it. */
function withFile(biggest: readonly FoundFile[], file: FoundFile): readonly FoundFile[] {
  if (biggest.length === shownFiles && file.bytes <= (biggest.at(-1)?.bytes ?? 0)) return biggest;
  const at = biggest.findIndex(({ bytes }) => bytes < file.bytes);
  return biggest.toSpliced(at < 0 ? biggest.length : at, 0, file).slice(0, shownFiles);
}
