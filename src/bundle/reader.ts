// Opens a bundle from any of its places: one folder or tar, or volumes in any order and from several folders, never of two
// bundles. What is read here is only as true as SHA256SUMS; the verifier proves the rest. @see docs/format.md B-1, B-43
import type { Readable } from 'node:stream';
import { AirgapError } from '../errors.js';
import { type DiffId, type Digest, digestOf, hexOf } from '../oci/digest.js';
import { findVolumes } from './find-volumes.js';
import {
  type BundleLayer,
  type BundleManifest,
  bundleDigest,
  maxBundleManifestBytes,
  outerFiles,
  parseBundleManifest,
} from './manifest.js';
import { blobFile } from './paths.js';
import { piecesOf } from './pieces.js';
import { rangeOf, readStored, type StoredFile, streamStored, type VolumeFiles } from './stored-file.js';
import { maxSumsBytes, parseSums } from './sums.js';

export interface BundleVolume extends VolumeFiles {
  /** From 1. */
  readonly number: number;
  readonly rawSums: Buffer;
  readonly sums: ReadonlyMap<string, Digest>;
}

export interface Bundle {
  /** As the user named the first of its paths. */
  readonly path: string;
  /** Folders that were named and hold no volume. */
  readonly emptyPaths: readonly string[];
  readonly manifest: BundleManifest;
  readonly rawManifest: Buffer;
  /** Of airgap.json; it names everything inside. */
  readonly digest: Digest;
  /** The armored signature; nobody has looked at it. */
  readonly signature: Buffer | undefined;
  /** Those that were found, by number. */
  readonly volumes: readonly BundleVolume[];
  /** Numbers of those that were not. */
  readonly missing: readonly number[];
  /** Where a file lies; undefined where its volume is missing or lacks it. */
  find(path: string): StoredFile | undefined;
  /** Where a stored layer lies, piece by piece; undefined for what is not all there. */
  findLayer(diffId: DiffId): readonly StoredFile[] | undefined;
  /** The bytes of a small file, unproved. @throws {AirgapError} BUNDLE_DAMAGED, BUNDLE_VOLUME_MISSING, DRIVE_FAILED */
  read(path: string, limitBytes: number): Promise<Buffer>;
  /** The bytes of any file, unproved. @throws {AirgapError} BUNDLE_DAMAGED, BUNDLE_VOLUME_MISSING, DRIVE_FAILED */
  stream(path: string): Promise<Readable>;
  /** A part of a file that was found, unproved. @throws {AirgapError} BUNDLE_DAMAGED, DRIVE_FAILED */
  streamPart(stored: StoredFile, offset: number, bytes: number): Promise<Readable>;
}

/** `volume 999 of 999 <64 hex>` and a line feed. */
const maxVolumeBytes = 256;
/** A signature by a certificate with many principals has a few KiB. */
export const maxSignatureBytes = 64 * 1024;

/**
 * Opens the bundle whose volumes lie at these paths; a volume found twice is read from the first place. Of several drives one may
 * be empty.
 * @throws {AirgapError} BUNDLE_INVALID, BUNDLE_VERSION, BUNDLE_DAMAGED, DOCUMENT_INVALID, DRIVE_FAILED
 */
export async function openBundle(paths: readonly string[]): Promise<Bundle> {
  const [path = ''] = paths;
  const places = new Map<string, VolumeFiles>();
  const emptyPaths: string[] = [];
  for (const named of paths) {
    const volumes = await findVolumes(named);
    if (volumes.length === 0) emptyPaths.push(named);
    for (const found of volumes) if (!places.has(found.place)) places.set(found.place, found);
  }
  const opened: OpenedVolume[] = [];
  for (const files of places.values()) opened.push(await openVolume(files));
  const [first] = opened;
  if (first === undefined) throw new AirgapError('BUNDLE_INVALID', { path, problem: 'not-a-bundle' });
  const { manifest, rawManifest, digest } = first;
  if (opened.some((one) => one.digest !== digest))
    throw new AirgapError('BUNDLE_INVALID', { path, problem: 'mixed' });
  const byNumber = new Map<number, OpenedVolume>();
  for (const one of opened) if (!byNumber.has(one.volume.number)) byNumber.set(one.volume.number, one);
  const present = [...byNumber.values()].sort((a, b) => a.volume.number - b.volume.number);
  const volumes = present.map(({ volume }) => volume);
  const missing = Array.from({ length: manifest.volumes }, (_, at) => at + 1).filter(
    (number) => !byNumber.has(number),
  );
  const volumeOf = new Map(manifest.contents.map((content) => [content.path, content.volume]));
  const layers = new Map(manifest.layers.map((layer) => [layer.diffId, layer]));
  const pieces = piecesOf(manifest.contents);

  const find = (wanted: string): StoredFile | undefined => {
    const number = volumeOf.get(wanted);
    return volumes
      .filter((volume) => number === undefined || volume.number === number)
      .map((volume) => volume.files.get(wanted))
      .find((stored) => stored !== undefined);
  };
  const findAll = (layer: BundleLayer): readonly StoredFile[] | undefined => {
    const cut = pieces.get(layer.digest) ?? [];
    const files = cut.length === 0 ? [blobFile(layer.digest)] : cut.map((piece) => piece.path);
    const stored = files.map(find).filter((one) => one !== undefined);
    return stored.length === files.length ? stored : undefined;
  };
  const require = (wanted: string): StoredFile => {
    const stored = find(wanted);
    if (stored !== undefined) return stored;
    const number = volumeOf.get(wanted);
    if (number !== undefined && missing.includes(number))
      throw new AirgapError('BUNDLE_VOLUME_MISSING', { name: manifest.name, missing, of: manifest.volumes });
    throw new AirgapError('BUNDLE_DAMAGED', { path, file: wanted, problem: 'missing' });
  };
  return {
    path,
    emptyPaths,
    manifest,
    rawManifest,
    digest,
    signature: present.find((one) => one.signature !== undefined)?.signature,
    volumes,
    missing,
    find,
    findLayer: (diffId) => {
      const layer = layers.get(diffId);
      return layer === undefined ? undefined : findAll(layer);
    },
    read: async (wanted, limitBytes) => await readStored(require(wanted), limitBytes),
    stream: async (wanted) => await streamStored(require(wanted)),
    streamPart: async (stored, offset, bytes) => await streamStored(rangeOf(stored, offset, bytes)),
  };
}

interface OpenedVolume {
  readonly volume: BundleVolume;
  readonly manifest: BundleManifest;
  readonly rawManifest: Buffer;
  readonly digest: Digest;
  readonly signature: Buffer | undefined;
}

async function openVolume(files: VolumeFiles): Promise<OpenedVolume> {
  const { place } = files;
  const damaged = (file: string, problem: 'missing' | 'digest' | 'not-sealed' | 'form'): AirgapError =>
    new AirgapError('BUNDLE_DAMAGED', { path: place, file, problem });
  const outer = async (file: string, limitBytes: number): Promise<Buffer | undefined> => {
    const stored = files.files.get(file);
    return stored === undefined ? undefined : await readStored(stored, limitBytes);
  };
  const rawSums = await outer(outerFiles.seal, maxSumsBytes);
  if (rawSums === undefined) throw new AirgapError('BUNDLE_INVALID', { path: place, problem: 'no-seal' });
  const sums = parseSums(rawSums, place);
  const rawManifest = await outer(outerFiles.manifest, maxBundleManifestBytes);
  if (rawManifest === undefined) throw damaged(outerFiles.manifest, 'missing');
  const sealed = sums.get(outerFiles.manifest);
  const digest = bundleDigest(rawManifest);
  // A manifest that its own seal does not know is damage; one that it knows and others do not is another bundle.
  if (sealed !== digest) throw damaged(outerFiles.manifest, sealed === undefined ? 'not-sealed' : 'digest');
  const manifest = parseBundleManifest(rawManifest, place);
  const rawVolume = await outer(outerFiles.volume, maxVolumeBytes);
  if (rawVolume === undefined && manifest.volumes > 1) throw damaged(outerFiles.volume, 'missing');
  if (rawVolume !== undefined && sums.get(outerFiles.volume) !== digestOf(rawVolume))
    throw damaged(outerFiles.volume, 'digest');
  const number = rawVolume === undefined ? 1 : parseVolume(rawVolume, digest, manifest.volumes);
  if (number === undefined) throw damaged(outerFiles.volume, 'form');
  const signature = await outer(outerFiles.signature, maxSignatureBytes);
  return { volume: { ...files, number, rawSums, sums }, manifest, rawManifest, digest, signature };
}

/** The bytes of `volume`. @see docs/format.md B-41 */
export function formatVolume(number: number, count: number, digest: Digest): Buffer {
  return Buffer.from(`volume ${number} of ${count} ${hexOf(digest)}\n`);
}

/** Undefined for what is not the one line it must be. */
function parseVolume(raw: Buffer, digest: Digest, count: number): number | undefined {
  const number = Number(/^volume ([1-9][0-9]{0,2}) of /.exec(raw.toString('latin1'))?.[1]);
  return number >= 1 && number <= count && raw.equals(formatVolume(number, count, digest))
    ? number
    : undefined;
}
