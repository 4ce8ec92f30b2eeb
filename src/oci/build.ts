// Documents that airgap writes itself: manifest, index, docker's manifest.json. Pure; same input, same bytes.
// @see image-spec v1.1 manifest.md, image-index.md, image-layout.md; docker's manifest.json (moby image/spec/v1.2.md)
import { type Descriptor, mediaTypes } from './descriptor.js';
import { type DiffId, type Digest, hexOf } from './digest.js';
import { mergeIndex } from './layout.js';
import type { Platform } from './platform.js';

/** An OCI manifest. Key order is fixed; annotations and platform of the descriptors are left out. */
export function buildManifest(parts: {
  readonly config: Omit<Descriptor, 'mediaType'> & { readonly mediaType?: string };
  /** Base first. */
  readonly layers: readonly Descriptor[];
}): Uint8Array {
  return encode({
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: pointer({ ...parts.config, mediaType: parts.config.mediaType ?? mediaTypes.ociConfig }),
    layers: parts.layers.map(pointer),
  });
}

/** A config of nothing but a stack of layers. @see image-spec v1.1 config.md, required properties */
export function buildConfig({ os, architecture, variant }: Platform, diffIds: readonly DiffId[]): Uint8Array {
  return encode({
    architecture,
    os,
    ...(variant === undefined ? {} : { variant }),
    config: {},
    rootfs: { type: 'layers', diff_ids: diffIds },
  });
}

export interface BuildIndexParts {
  readonly manifest: Descriptor;
  /** None for an index, which has several. */
  readonly platform?: Platform | undefined;
  /** Full, normalised spelling; without it the image has no name. */
  readonly name?: string;
  /** A layout's index.json: its other images stay; one of the same name gives way. */
  readonly existing?: Uint8Array;
}

/**
 * An index.json. The full name stands in both annotations: with only the tag in ref.name, two images of the same tag
 * shadow each other.
 * @throws {AirgapError} DOCUMENT_INVALID, DOCUMENT_TOO_LARGE for `existing`
 */
export function buildIndex({ manifest, platform, name, existing }: BuildIndexParts): Uint8Array {
  const entry: Descriptor = {
    mediaType: manifest.mediaType,
    digest: manifest.digest,
    size: manifest.size,
    ...(platform === undefined ? {} : { platform }),
    ...(name === undefined ? {} : { annotations: nameAnnotations(name) }),
  };
  const written = indexEntry(entry);
  if (existing !== undefined) return encode(mergeIndex(existing, entry, written));
  return encode({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [written] });
}

/** An index of manifests by platform, as a registry has it: no names. */
export function buildPlatformIndex(manifests: readonly Descriptor[]): Uint8Array {
  return encode({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: manifests.map(indexEntry) });
}

/** Docker's manifest.json for one image whose blobs lie under blobs/sha256/. */
export function buildDockerManifestJson(image: {
  readonly config: Digest;
  /** Blobs as the archive has them, base first. */
  readonly layers: readonly Digest[];
  readonly name?: string;
}): Uint8Array {
  return encode([
    {
      Config: blobPath(image.config),
      RepoTags: image.name === undefined ? null : [image.name],
      Layers: image.layers.map(blobPath),
    },
  ]);
}

/** Where a layout keeps a blob. */
export function blobPath(digest: Digest): string {
  return `blobs/sha256/${hexOf(digest)}`;
}

/** Both name annotations. @see image-spec v1.1 annotations.md; containerd's archive importer */
export function nameAnnotations(name: string): Readonly<Record<string, string>> {
  return { 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': name };
}

function indexEntry(entry: Descriptor): object {
  const { os, architecture, variant } = entry.platform ?? {};
  return {
    ...pointer(entry),
    ...(os === undefined
      ? {}
      : { platform: { architecture, os, ...(variant === undefined ? {} : { variant }) } }),
    ...(entry.annotations === undefined ? {} : { annotations: entry.annotations }),
  };
}

function pointer({ mediaType, digest, size }: Descriptor): object {
  return { mediaType, digest, size };
}

function encode(document: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(document));
}
