// The archive that an engine's load reads, as pieces: tar headers from us, layers from the stage or the far engine, metadata
// last, so that a stream cut anywhere can never be taken for a whole image. One image and one name an archive.
// @see docs/engines.md "The archive"; POSIX.1-1988 ustar
import { Header } from 'tar';
import { buildDockerManifestJson, buildIndex, buildManifest } from '../oci/build.js';
import { type Descriptor, mediaTypes } from '../oci/descriptor.js';
import { type DiffId, type Digest, digestOf, hexOf } from '../oci/digest.js';
import type { Platform } from '../oci/platform.js';
import { type StoreKind, storeRules } from './engine.js';

/** A layer as the manifest will describe it. */
export interface ArchiveLayer {
  readonly diffId: DiffId;
  /** What the engine is to find: the raw tar under its diffID, or a blob it has. Size unknown only on graphdrivers and, at times, podman. */
  readonly blob: { readonly digest: Digest; readonly size: number | undefined; readonly mediaType: string };
}

export interface ArchiveImage {
  readonly storeKind: StoreKind;
  readonly platform: Platform;
  readonly rawConfig: Uint8Array;
  readonly layers: readonly ArchiveLayer[];
  /** Full spelling, for all three places that name the image. */
  readonly name: string;
  /** The source's own manifest, instead of one that is made. It names the layers' blobs as they are here. */
  readonly manifest?: { readonly raw: Uint8Array; readonly descriptor: Descriptor };
}

/** The end of an archive and what it will be known by. */
export interface ArchiveTail {
  readonly bytes: Buffer;
  /** The OCI manifest, for stores that keep one. */
  readonly manifest?: { readonly raw: Uint8Array; readonly digest: Digest };
}

const blockBytes = 512;

/** The tar header of a blob entry, with the padding of the entry before it in front. */
export function blobHeader(digest: Digest, size: number, previousSize: number): Buffer {
  return Buffer.concat([padding(previousSize), entryHeader(`blobs/sha256/${hexOf(digest)}`, size)]);
}

/**
 * Everything after the layers: config, manifest, index, docker's manifest.json, end of archive. Deterministic.
 * `existingIndex` is the layout's own index.json, whose other images stay.
 */
export function archiveTail(
  image: ArchiveImage,
  previousSize: number,
  existingIndex?: Uint8Array,
): ArchiveTail {
  const config = digestOf(image.rawConfig);
  const manifestJson = buildDockerManifestJson({
    config,
    layers: image.layers.map((layer) => layer.blob.digest),
    name: image.name,
  });
  const pieces = [padding(previousSize), ...entry(`blobs/sha256/${hexOf(config)}`, image.rawConfig)];
  const manifest = storeRules[image.storeKind].readsOci ? manifestOf(image, config) : undefined;
  if (manifest !== undefined) {
    const descriptor: Descriptor = {
      mediaType: image.manifest?.descriptor.mediaType ?? mediaTypes.ociManifest,
      digest: manifest.digest,
      size: manifest.raw.byteLength,
    };
    const index = buildIndex({
      manifest: descriptor,
      platform: image.platform,
      name: image.name,
      ...(existingIndex === undefined ? {} : { existing: existingIndex }),
    });
    pieces.push(
      ...entry(`blobs/sha256/${hexOf(manifest.digest)}`, manifest.raw),
      ...entry('oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}')),
      ...entry('index.json', index),
    );
  }
  // A layout of many images has no one docker manifest.json; engines that load need it.
  if (image.storeKind !== 'layout') pieces.push(...entry('manifest.json', manifestJson));
  pieces.push(Buffer.alloc(2 * blockBytes));
  return { bytes: Buffer.concat(pieces), ...(manifest === undefined ? {} : { manifest }) };
}

function manifestOf(
  image: ArchiveImage,
  config: Digest,
): { readonly raw: Uint8Array; readonly digest: Digest } {
  const { manifest } = image;
  return manifest === undefined
    ? ociManifest(image, config)
    : { raw: manifest.raw, digest: manifest.descriptor.digest };
}

/** The manifest that the archive will carry; also what an earlier send of the same image carried. */
export function ociManifest(
  image: Pick<ArchiveImage, 'layers' | 'rawConfig'>,
  config: Digest,
): { readonly raw: Uint8Array; readonly digest: Digest } {
  const raw = buildManifest({
    config: { mediaType: mediaTypes.ociConfig, digest: config, size: image.rawConfig.byteLength },
    layers: image.layers.map(({ blob }) => ({
      mediaType: blob.mediaType,
      digest: blob.digest,
      // Stores that keep manifests tell the size of what they hold; 0 here would be a bug that their check finds. podman, whose list of
      // layers may be closed to us, puts the right size there itself.
      size: blob.size ?? 0,
    })),
  });
  return { raw, digest: digestOf(raw) };
}

function entry(path: string, content: Uint8Array): Buffer[] {
  return [entryHeader(path, content.byteLength), Buffer.from(content), padding(content.byteLength)];
}

function entryHeader(path: string, size: number): Buffer {
  const block = Buffer.alloc(blockBytes);
  // Fixed owner and time: same image, same bytes. Sizes over 8 GiB are written in base 256, which every engine reads.
  const header = new Header({ path, size, mode: 0o644, uid: 0, gid: 0, mtime: new Date(0), type: 'File' });
  header.encode(block, 0);
  return block;
}

function padding(size: number): Buffer {
  return Buffer.alloc((blockBytes - (size % blockBytes)) % blockBytes);
}
