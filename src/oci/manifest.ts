// Manifests, indexes and configs: wire types, spec spelling, parsed once from raw bytes under named size limits.
// @see image-spec v1.1 manifest.md, image-index.md, config.md; docker manifest v2 schema 2
import * as z from 'zod';
import { AirgapError } from '../errors.js';
import { type Codec, type Descriptor, mediaTypes } from './descriptor.js';
import { type DiffId, parseDiffId, parseDigest } from './digest.js';
import { parseJson } from './json.js';
import { maxConfigBytes, maxIndexBytes, maxLayerCount, maxManifestBytes } from './limits.js';
import { normalisePlatform, type Platform } from './platform.js';

/** What an image's config blob says. Its bytes come from `Image.rawConfig()`; digests are taken of those only. */
export interface ImageConfig {
  readonly platform: Platform;
  readonly created: string | undefined;
  readonly author: string | undefined;
  readonly config: RunConfig;
  readonly diffIds: readonly DiffId[];
  readonly history: readonly HistoryEntry[];
}

/** What `docker inspect` users ask for. */
export interface RunConfig {
  readonly User?: string;
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly WorkingDir?: string;
  readonly ExposedPorts?: Readonly<Record<string, unknown>>;
  readonly Volumes?: Readonly<Record<string, unknown>>;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly StopSignal?: string;
}

export interface HistoryEntry {
  readonly created?: string;
  readonly created_by?: string;
  readonly comment?: string;
  readonly empty_layer?: boolean;
}

export interface ImageManifest {
  readonly raw: Uint8Array;
  readonly mediaType: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

export interface ImageIndex {
  readonly raw: Uint8Array;
  readonly mediaType: string;
  readonly manifests: readonly Descriptor[];
}

/** Parses a config blob. @throws {AirgapError} DOCUMENT_INVALID, DOCUMENT_TOO_LARGE, DIGEST_INVALID */
export function parseConfig(raw: Uint8Array, what: string): ImageConfig {
  const parsed = parseJson(raw, { schema: configSchema, limitBytes: maxConfigBytes, what });
  // Docker's oldest images name no platform; every engine takes them for linux/amd64.
  const { os = 'linux', architecture = 'amd64', variant } = parsed;
  return {
    platform: normalisePlatform({ os, architecture, ...(variant ? { variant } : {}) }),
    created: parsed.created ?? undefined,
    author: parsed.author || undefined,
    config: parseRunConfig(parsed.config ?? {}, what),
    diffIds: (parsed.rootfs.diff_ids ?? []).map((text) => parseDiffId(text, what)),
    history: (parsed.history ?? []).map(withoutAbsent),
  };
}

/** Reads the run settings out of a config, or of what `docker image inspect` shows of it. @throws {AirgapError} DOCUMENT_INVALID */
export function parseRunConfig(value: unknown, what: string): RunConfig {
  const parsed = runConfigSchema.safeParse(value ?? {});
  if (parsed.success) return withoutAbsent(parsed.data);
  const field = parsed.error.issues[0]?.path.map(String).join('.') ?? '';
  throw new AirgapError(
    'DOCUMENT_INVALID',
    { what, problem: `field: config.${field}` },
    { cause: parsed.error },
  );
}

/** Parses an image manifest, docker's or OCI's. @throws {AirgapError} DOCUMENT_INVALID, DOCUMENT_TOO_LARGE, DIGEST_INVALID */
export function parseManifest(raw: Uint8Array, what: string): ImageManifest {
  const parsed = parseJson(raw, { schema: manifestSchema, limitBytes: maxManifestBytes, what });
  // A document that is a manifest and an index at once means different images to different tools (CVE-2021-41190).
  if (parsed.manifests !== undefined || parsed.fsLayers !== undefined) refuse(what, 'two-kinds');
  const mediaType = parsed.mediaType ?? mediaTypes.ociManifest;
  if (!isManifestType(mediaType)) refuse(what, `media-type: ${mediaType.slice(0, 100)}`);
  const config = parseDescriptor(parsed.config, what);
  if (config.mediaType !== mediaTypes.ociConfig && config.mediaType !== mediaTypes.dockerConfig) {
    refuse(what, `not-an-image: ${config.mediaType.slice(0, 100)}`);
  }
  return { raw, mediaType, config, layers: parsed.layers.map((layer) => parseDescriptor(layer, what)) };
}

/** Parses an image index or manifest list. @throws {AirgapError} DOCUMENT_INVALID, DOCUMENT_TOO_LARGE, DIGEST_INVALID */
export function parseIndex(raw: Uint8Array, what: string): ImageIndex {
  const parsed = parseJson(raw, { schema: indexSchema, limitBytes: maxIndexBytes, what });
  if (parsed.layers !== undefined || parsed.config !== undefined) refuse(what, 'two-kinds');
  const mediaType = parsed.mediaType ?? mediaTypes.ociIndex;
  if (!isIndexType(mediaType)) refuse(what, `media-type: ${mediaType.slice(0, 100)}`);
  return { raw, mediaType, manifests: parsed.manifests.map((entry) => parseDescriptor(entry, what)) };
}

/** True for the media types of an index or manifest list. */
export function isIndexType(mediaType: string): boolean {
  return mediaType === mediaTypes.ociIndex || mediaType === mediaTypes.dockerIndex;
}

/** True for the media types of an image manifest. */
export function isManifestType(mediaType: string): boolean {
  return mediaType === mediaTypes.ociManifest || mediaType === mediaTypes.dockerManifest;
}

/**
 * How a layer of that media type is compressed. Foreign (non-distributable), encrypted and non-image layers are refused.
 * @throws {AirgapError} LAYER_UNSUPPORTED
 */
export function layerCodec(mediaType: string, what: string): Codec {
  const codec = layerCodecs[mediaType];
  if (codec !== undefined) return codec;
  throw new AirgapError('LAYER_UNSUPPORTED', { what, mediaType: mediaType.slice(0, 200) });
}

// A null prototype: media types come from outside, and "constructor" is not one.
const layerCodecs: Readonly<Record<string, Codec>> = Object.assign(
  Object.create(null) as object,
  {
    [mediaTypes.ociLayer]: 'none',
    [mediaTypes.ociLayerGzip]: 'gzip',
    [mediaTypes.ociLayerZstd]: 'zstd',
    [mediaTypes.dockerLayer]: 'none',
    [mediaTypes.dockerLayerGzip]: 'gzip',
    // Written by buildkit with compression=zstd and docker media types.
    'application/vnd.docker.image.rootfs.diff.tar.zstd': 'zstd',
  } as const,
);

const maybe = <T extends z.ZodType>(schema: T) => schema.nullish();
const strings = z.array(z.string());
const anything = z.record(z.string(), z.unknown());

const runConfigSchema = z.object({
  User: maybe(z.string()),
  Env: maybe(strings),
  // The oldest configs hold one string here.
  Entrypoint: maybe(z.union([strings, z.string().transform((word) => [word])])),
  Cmd: maybe(z.union([strings, z.string().transform((word) => [word])])),
  WorkingDir: maybe(z.string()),
  ExposedPorts: maybe(anything),
  Volumes: maybe(anything),
  Labels: maybe(z.record(z.string(), z.string())),
  StopSignal: maybe(z.string()),
});

const configSchema = z.object({
  os: z.string().max(40).optional(),
  architecture: z.string().max(40).optional(),
  variant: maybe(z.string().max(40)),
  created: maybe(z.string().max(100)),
  author: maybe(z.string()),
  config: maybe(anything),
  rootfs: z.object({ type: z.literal('layers'), diff_ids: z.array(z.string()).max(maxLayerCount).nullish() }),
  history: maybe(
    z.array(
      z.object({
        created: maybe(z.string()),
        created_by: maybe(z.string()),
        comment: maybe(z.string()),
        empty_layer: maybe(z.boolean()),
      }),
    ),
  ),
});

const descriptorSchema = z.object({
  mediaType: z.string().max(255),
  digest: z.string(),
  size: z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER),
  platform: maybe(z.object({ os: z.string(), architecture: z.string(), variant: maybe(z.string()) })),
  annotations: maybe(z.record(z.string(), z.string())),
  artifactType: maybe(z.string().max(255)),
});

const manifestSchema = z.object({
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  config: descriptorSchema,
  layers: z.array(descriptorSchema).max(maxLayerCount),
  manifests: z.unknown().optional(),
  fsLayers: z.unknown().optional(),
});

const indexSchema = z.object({
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  manifests: z.array(descriptorSchema),
  config: z.unknown().optional(),
  layers: z.unknown().optional(),
});

function parseDescriptor(wire: z.infer<typeof descriptorSchema>, where: string): Descriptor {
  const { mediaType, size, platform, annotations, artifactType } = wire;
  return {
    mediaType,
    digest: parseDigest(wire.digest, where),
    size,
    ...(platform ? { platform: platformOf(platform) } : {}),
    ...(annotations ? { annotations } : {}),
    ...(artifactType ? { artifactType } : {}),
  };
}

function platformOf(wire: {
  os: string;
  architecture: string;
  variant?: string | null | undefined;
}): Platform {
  const { os, architecture, variant } = wire;
  return normalisePlatform({ os, architecture, ...(variant ? { variant } : {}) });
}

/** The same object without fields that are null or undefined. */
function withoutAbsent<T extends object>(value: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const entries = Object.entries(value).filter(([, field]) => field !== null && field !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: NonNullable<T[K]> };
}

function refuse(what: string, problem: string): never {
  throw new AirgapError('DOCUMENT_INVALID', { what, problem });
}
