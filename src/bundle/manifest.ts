// airgap.json: what a bundle holds, as a type, as a schema for reading, and as the bytes that are written.
// @see docs/format.md "airgap.json"
import * as z from 'zod';
import { AirgapError } from '../errors.js';
import { isAttachedTag } from '../oci/attached.js';
import type { Codec } from '../oci/descriptor.js';
import { type DiffId, type Digest, digestOf, isDigest } from '../oci/digest.js';
import { parseJson } from '../oci/json.js';
import { maxLayerCount } from '../oci/limits.js';
import { isBundlePath } from './paths.js';

/** Of bundles that carry something as its source has it; all others are of the first, and what they are made of. */
export const bundleVersion = 2;

/** The format that a bundle needs: as low as can be, so that older readers read it. @see docs/format.md B-23 */
export function versionFor({
  images,
  layers,
  attached = [],
}: Pick<BundleManifest, 'images' | 'layers' | 'attached'>): 1 | 2 {
  const isNew =
    attached.length > 0 ||
    layers.some(({ carried }) => carried === true) ||
    images.some(({ own, index }) => own === true || index !== undefined);
  return isNew ? 2 : 1;
}

/** The files at the top of a bundle that `contents` does not list. */
export const outerFiles = {
  manifest: 'airgap.json',
  signature: 'airgap.json.sig',
  volume: 'volume',
  seal: 'SHA256SUMS',
} as const;

/** What `airgap.json` may weigh: 100 bytes a file, and room for 300,000 of them. */
export const maxBundleManifestBytes = 32 * 1024 * 1024;

export interface BundleImage {
  /** Full name. */
  readonly reference: string;
  readonly imageId: Digest;
  readonly platform: string;
  /** Of the manifest in index.json or `index`, which describes layers as they are stored. */
  readonly manifest: Digest;
  /** That manifest is the source's own, byte for byte. */
  readonly own?: true;
  /** Of the index in index.json that has this image as one of several platforms. */
  readonly index?: Digest;
  /** Of the manifest that a containerd store gets: it describes layers raw. */
  readonly loaded: Digest;
  /** Base first. */
  readonly layers: readonly DiffId[];
  readonly source: string;
}

/** A stored layer. */
export interface BundleLayer {
  readonly diffId: DiffId;
  readonly codec: Codec;
  readonly rawBytes: number;
  /** Of the blob as stored. */
  readonly digest: Digest;
  readonly bytes: number;
  /** The blob is as the source had it, and cut into units by nobody. */
  readonly carried?: true;
}

export interface OmittedLayer {
  readonly diffId: DiffId;
  readonly rawBytes: number;
}

export const fileKinds = ['file', 'repo', 'key', 'compose', 'daemon'] as const;
export type FileKind = (typeof fileKinds)[number];

/** A payload file and where it goes over there. */
export interface BundleFile {
  /** In the bundle. */
  readonly path: string;
  /** Absolute. */
  readonly to: string;
  /** Four octal digits. */
  readonly mode: string;
  readonly kind: FileKind;
  readonly bytes: number;
  readonly digest: Digest;
}

export interface BundlePackages {
  /** `packages/<set>/` is a repository. */
  readonly set: string;
  readonly kind: 'deb' | 'rpm';
  /** What is installed when it is asked for. */
  readonly names: readonly string[];
}

/** What is attached to an image, to its index, or to something attached: a signature, an attestation. A registry's business. */
export interface BundleAttached {
  /** Full name of the image whose repository it belongs into. */
  readonly reference: string;
  /** The source's own, byte for byte; a file of the bundle, as each of `blobs` is. */
  readonly manifest: Digest;
  readonly mediaType: string;
  /** A name that it has beside its digest. */
  readonly tag?: string;
  readonly blobs: readonly Digest[];
}

/** Of each name what something may be attached to: the manifests of its images, and its index. */
export function subjectsByName({ images }: Pick<BundleManifest, 'images'>): ReadonlyMap<string, Digest[]> {
  const subjects = new Map<string, Digest[]>();
  for (const { reference, manifest, index } of images) {
    const own = subjects.get(reference) ?? [];
    own.push(manifest, ...(index === undefined ? [] : [index]));
    subjects.set(reference, own);
  }
  return subjects;
}

export interface BundleBase {
  readonly kind: 'passport' | 'bundle';
  readonly name: string;
  /** Of the passport file, or of the bundle. */
  readonly digest: Digest;
}

/** A file of the bundle. `volume` where only one volume has it. */
export interface BundleContent {
  readonly path: string;
  readonly bytes: number;
  readonly digest: Digest;
  readonly volume?: number;
}

export interface BundleManifest {
  readonly version: number;
  readonly tool: string;
  readonly name: string;
  readonly codec: Codec;
  readonly level: number;
  readonly images: readonly BundleImage[];
  readonly layers: readonly BundleLayer[];
  readonly omitted: readonly OmittedLayer[];
  readonly base: readonly BundleBase[];
  readonly files: readonly BundleFile[];
  readonly packages: readonly BundlePackages[];
  readonly attached?: readonly BundleAttached[];
  readonly volumes: number;
  readonly contents: readonly BundleContent[];
}

const digest = z.custom<Digest>(isDigest);
const diffId = z.custom<DiffId>(isDigest);
const bytes = z.number().int().nonnegative();
const text = z.string().max(4096);
/** Also a word of recipes and a folder's name. */
const word = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/);
const codec = z.enum(['none', 'gzip', 'zstd']);
const bundlePath = z.string().refine(isBundlePath);
/** No quote, no space, nothing that moves upwards: a shell writes to it. */
const target = z
  .string()
  .max(1000)
  .regex(/^\/[A-Za-z0-9._+@~:/-]*[A-Za-z0-9._+@~:-]$/)
  .refine((path) => !path.split('/').some((part) => part === '..' || part === '.'));

const image = z.object({
  reference: text,
  imageId: digest,
  platform: z.string().regex(/^[a-z0-9._-]+\/[a-z0-9._-]+(?:\/[a-z0-9._-]+)?$/),
  manifest: digest,
  loaded: digest,
  layers: z.array(diffId).max(maxLayerCount),
  source: text,
});
const layer = z.object({ diffId, codec, rawBytes: bytes, digest, bytes });

const schema = z.object({
  airgap: z.literal('bundle'),
  version: z.literal(1),
  tool: text,
  name: word,
  codec,
  level: bytes.max(22),
  images: z.array(image),
  layers: z.array(layer),
  omitted: z.array(z.object({ diffId, rawBytes: bytes })),
  base: z.array(z.object({ kind: z.enum(['passport', 'bundle']), name: text, digest })),
  files: z.array(
    z.object({
      path: bundlePath,
      to: target,
      mode: z.string().regex(/^0[0-7]{3}$/),
      kind: z.enum(fileKinds),
      bytes,
      digest,
    }),
  ),
  packages: z.array(
    z.object({
      set: word,
      kind: z.enum(['deb', 'rpm']),
      names: z.array(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.+:~_-]{0,199}$/)),
    }),
  ),
  volumes: z.number().int().min(1).max(999),
  contents: z.array(
    z.object({ path: bundlePath, bytes, digest, volume: z.number().int().min(1).max(999).exactOptional() }),
  ),
});

const schemaOf2 = schema.extend({
  version: z.literal(2),
  images: z.array(image.extend({ own: z.literal(true).exactOptional(), index: digest.exactOptional() })),
  layers: z.array(layer.extend({ carried: z.literal(true).exactOptional() })),
  attached: z
    .array(
      z.object({
        reference: text,
        manifest: digest,
        mediaType: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9!#$&^_.+/-]{0,254}$/),
        tag: z.string().refine(isAttachedTag).exactOptional(),
        blobs: z.array(digest).max(1001),
      }),
    )
    .exactOptional(),
});

/** Reads airgap.json. @throws {AirgapError} DOCUMENT_TOO_LARGE, DOCUMENT_INVALID, BUNDLE_VERSION */
export function parseBundleManifest(raw: Uint8Array, where: string): BundleManifest {
  const what = `${where}: ${outerFiles.manifest}`;
  const limitBytes = maxBundleManifestBytes;
  const head = z.object({ airgap: z.literal('bundle'), version: z.number().int() });
  const { version } = parseJson(raw, { schema: head, limitBytes, what });
  if (version < 1 || version > bundleVersion)
    throw new AirgapError('BUNDLE_VERSION', { path: where, version, known: bundleVersion });
  return version === 1
    ? parseJson(raw, { schema, limitBytes, what })
    : parseJson(raw, { schema: schemaOf2, limitBytes, what });
}

/** The bytes of airgap.json: the same manifest, the same bytes. */
export function formatBundleManifest(manifest: BundleManifest): Buffer {
  const head = {
    airgap: 'bundle',
    version: manifest.version,
    tool: manifest.tool,
    name: manifest.name,
    codec: manifest.codec,
    level: manifest.level,
  };
  const scalars = Object.entries(head).map(
    ([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`,
  );
  const list = (key: string, rows: readonly object[]): string =>
    rows.length === 0
      ? `  ${JSON.stringify(key)}: []`
      : `  ${JSON.stringify(key)}: [\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n  ]`;
  const lines = [
    ...scalars,
    list('images', manifest.images),
    list('layers', manifest.layers),
    list('omitted', manifest.omitted),
    list('base', manifest.base),
    list('files', manifest.files),
    list('packages', manifest.packages),
    ...(manifest.attached === undefined ? [] : [list('attached', manifest.attached)]),
    `  "volumes": ${manifest.volumes}`,
    // B-20: a shell looks up a line of these, so the keys have a fixed order.
    list('contents', manifest.contents.map(contentRow)),
  ];
  return Buffer.from(`{\n${lines.join(',\n')}\n}\n`);
}

/** A row of `contents` with its keys in their order. */
export function contentRow({ path, bytes: size, digest: named, volume }: BundleContent): object {
  return { path, bytes: size, digest: named, ...(volume === undefined ? {} : { volume }) };
}

/** The bundle's digest: that of airgap.json. */
export function bundleDigest(rawManifest: Uint8Array): Digest {
  return digestOf(rawManifest);
}
