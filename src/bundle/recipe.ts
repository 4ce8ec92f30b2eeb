// Recipes: all that import.sh needs to know, one fact a line, since a shell reads no JSON. Pure; same input, same bytes.
// @see docs/format.md "recipes/bundle", "recipes/<imageId>"
import { type ArchiveImage, type ArchiveLayer, archiveTail, blobHeader } from '../engines/archive.js';
import { layerTypes, mediaTypes } from '../oci/descriptor.js';
import { chainIds, type DiffId, type Digest, digestOf, hexOf } from '../oci/digest.js';
import { formatPlatform, type Platform } from '../oci/platform.js';
import { familiarReference, parseReference } from '../oci/reference.js';
import { type BundleLayer, type BundleManifest, type OmittedLayer, versionFor } from './manifest.js';

/**
 * The client id that names made by import.sh hold: whoever imports a bundle, its archive carries the same name.
 * Never one of a near side, whose ids are random.
 */
export const bundleClient = 'b0b0b0b0b0b0b0b0';

export interface RecipeImage {
  readonly imageId: Digest;
  /** Full name. */
  readonly reference: string;
  readonly platform: Platform;
  readonly rawConfig: Uint8Array;
  readonly diffIds: readonly DiffId[];
  /** The source's own manifest, where all that it names is carried. */
  readonly own?: OwnManifest;
}

export interface OwnManifest {
  readonly raw: Uint8Array;
  readonly mediaType: string;
}

export interface Recipe {
  readonly text: Buffer;
  readonly frames: Buffer;
  /** For index.json: describes layers as they are stored. */
  readonly stored: { readonly raw: Uint8Array; readonly digest: Digest; readonly mediaType: string };
  /** What a containerd store gets. */
  readonly loaded: Digest;
}

/** Layers by diffID, stored or omitted. */
export interface RecipeLayers {
  readonly stored: ReadonlyMap<DiffId, BundleLayer>;
  readonly omitted: ReadonlyMap<DiffId, OmittedLayer>;
}

const headerBytes = 512;

/** The name under which an image is loaded and proved. */
export function bundleTemporaryName(imageId: Digest): string {
  return `airgap.local/loading:${bundleClient}-${hexOf(imageId).slice(0, 40)}`;
}

/** One image's recipe and its frames. Every layer must be stored or omitted. */
export function buildRecipe(image: RecipeImage, layers: RecipeLayers): Recipe {
  const { imageId, reference, platform, rawConfig, diffIds, own } = image;
  const temporary = bundleTemporaryName(imageId);
  const chains = chainIds(diffIds);
  const frames: Buffer[] = [];
  const rows: string[] = [];
  const raw: ArchiveLayer[] = [];
  const asStored: ArchiveLayer[] = [];
  for (const [at, diffId] of diffIds.entries()) {
    const stored = layers.stored.get(diffId);
    const rawBytes = stored?.rawBytes ?? layers.omitted.get(diffId)?.rawBytes ?? 0;
    frames.push(blobHeader(diffId, rawBytes, 0));
    frames.push(
      stored === undefined ? Buffer.alloc(headerBytes) : blobHeader(stored.digest, stored.bytes, 0),
    );
    raw.push({ diffId, blob: { digest: diffId, size: rawBytes, mediaType: mediaTypes.ociLayer } });
    const blob =
      stored === undefined
        ? { digest: diffId as Digest, size: 0, mediaType: mediaTypes.ociLayer }
        : { digest: stored.digest, size: stored.bytes, mediaType: layerTypes[stored.codec] };
    asStored.push({ diffId, blob });
    const where = stored === undefined ? '- -' : `${hexOf(stored.digest)} ${stored.bytes}`;
    rows.push(`layer ${at} ${hexOf(diffId)} ${hexOf(chains[at] ?? diffId)} ${rawBytes} ${where}`);
  }
  const archive = { storeKind: 'containerd' as const, platform, rawConfig, name: temporary };
  const rawTail = archiveTail({ ...archive, layers: raw }, 0);
  const storedTail = archiveTail(
    { ...archive, layers: asStored, ...(own === undefined ? {} : { manifest: given(own) }) },
    0,
  );
  if (rawTail.manifest === undefined || storedTail.manifest === undefined)
    throw new Error('a tail without manifest');
  const rawAt = 2 * headerBytes * diffIds.length;
  const storedAt = rawAt + rawTail.bytes.byteLength;
  const lines = [
    'recipe 1',
    `image ${hexOf(imageId)}`,
    `name ${reference}`,
    `familiar ${familiarReference(parseReference(reference))}`,
    `temporary ${temporary}`,
    `platform ${formatPlatform(platform)}`,
    `manifest raw ${hexOf(rawTail.manifest.digest)}`,
    `manifest ${own === undefined ? 'stored' : 'own'} ${hexOf(storedTail.manifest.digest)}`,
    ...rows,
    `tail raw ${rawAt} ${rawTail.bytes.byteLength}`,
    `tail stored ${storedAt} ${storedTail.bytes.byteLength}`,
    'end',
  ];
  return {
    text: textOf(lines),
    frames: Buffer.concat([...frames, rawTail.bytes, storedTail.bytes]),
    stored: { ...storedTail.manifest, mediaType: own?.mediaType ?? mediaTypes.ociManifest },
    loaded: rawTail.manifest.digest,
  };
}

function given({ raw, mediaType }: OwnManifest): NonNullable<ArchiveImage['manifest']> {
  return { raw, descriptor: { mediaType, digest: digestOf(raw), size: raw.byteLength } };
}

/** A piece of a cut blob. */
export interface BlobPiece {
  readonly blob: Digest;
  /** From 1. */
  readonly number: number;
  readonly bytes: number;
  readonly digest: Digest;
  readonly volume: number;
}

/** recipes/bundle: the manifest, as far as a shell needs it. */
export function buildBundleRecipe(
  manifest: Omit<BundleManifest, 'contents' | 'version'>,
  pieces: readonly BlobPiece[],
): Buffer {
  const piecesOf = (blob: Digest): readonly BlobPiece[] => pieces.filter((piece) => piece.blob === blob);
  const version = versionFor(manifest);
  return textOf([
    `bundle ${version}`,
    `name ${manifest.name}`,
    `tool ${manifest.tool}`,
    `codec ${manifest.codec}`,
    `volumes ${manifest.volumes}`,
    ...manifest.images.map(({ imageId, reference, platform }) => {
      const line = `image ${hexOf(imageId)} ${familiarReference(parseReference(reference))}`;
      return version === 1 ? line : `${line} ${platform}`;
    }),
    ...manifest.layers.flatMap(({ diffId, codec, rawBytes, digest, bytes }) => [
      `blob ${hexOf(diffId)} ${codec} ${rawBytes} ${bytes} ${hexOf(digest)} ${piecesOf(digest).length}`,
      ...piecesOf(digest).map(
        (piece) =>
          `piece ${hexOf(digest)} ${piece.number} ${piece.bytes} ${hexOf(piece.digest)} ${piece.volume}`,
      ),
    ]),
    ...manifest.omitted.map(({ diffId, rawBytes }) => `omitted ${hexOf(diffId)} ${rawBytes}`),
    ...manifest.base.map(({ kind, name }) => `base ${kind} ${name}`),
    ...manifest.files.map(
      (file) => `file ${file.kind} ${file.mode} ${file.bytes} ${hexOf(file.digest)} ${file.path} ${file.to}`,
    ),
    ...manifest.packages.map(({ kind, set, names }) => ['packages', kind, set, ...names].join(' ')),
    'end',
  ]);
}

function textOf(lines: readonly string[]): Buffer {
  return Buffer.from(`${lines.join('\n')}\n`);
}
