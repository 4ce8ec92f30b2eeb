// One name on several platforms, as an OCI layout: made images, an index over them, and what builders put beside them.
import { digestOf, hexOf } from '../../src/oci/digest.js';
import { ociFiles, type TestImage, testImage, testLayer } from './images.js';

/** An image a platform, of one base that they share and a layer of their own. */
export function platformImages(seed: string, architectures: readonly string[]): TestImage[] {
  const base = testLayer(`${seed}-base`, 20_000);
  return architectures.map((architecture) =>
    testImage({
      name: 'docker.io/plant/multi:1',
      architecture,
      layers: [base, testLayer(`${seed}-${architecture}`, 3000)],
    }),
  );
}

export interface PlatformFilesOptions {
  readonly codec?: 'none' | 'gzip' | 'zstd';
  /** With an attestation for each, as buildkit makes them. */
  readonly attested?: boolean;
  /** Every image by itself in index.json, all of one name. */
  readonly flat?: boolean;
}

/** The files of a layout with them under one name, and the bytes of their index. */
export function platformFiles(
  name: string,
  images: readonly TestImage[],
  { codec = 'gzip', attested = false, flat = false }: PlatformFilesOptions = {},
): { readonly files: Map<string, Buffer>; readonly index: Buffer } {
  if (flat) {
    const named = images.map((image) => ({ ...image, name }));
    return { files: ociFiles(named, { codec }), index: Buffer.alloc(0) };
  }
  const files = ociFiles(images, { codec, nestedAs: name });
  const top = JSON.parse(files.get('index.json')?.toString() ?? '{}');
  const file = `blobs/sha256/${hexOf(top.manifests[0].digest)}`;
  const index = files.get(file) ?? Buffer.alloc(0);
  if (!attested) return { files, index };
  const put = (bytes: Buffer, mediaType: string) => {
    files.set(`blobs/sha256/${hexOf(digestOf(bytes))}`, bytes);
    return { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
  };
  const vendor = 'application/vnd.oci.image';
  const value = JSON.parse(index.toString());
  const attestations = value.manifests.map((subject: { digest: string }) => {
    const statement = put(
      Buffer.from(JSON.stringify({ subject: subject.digest })),
      'application/vnd.in-toto+json',
    );
    const config = put(
      Buffer.from(
        JSON.stringify({
          architecture: 'unknown',
          os: 'unknown',
          config: {},
          rootfs: { type: 'layers', diff_ids: [statement.digest] },
        }),
      ),
      `${vendor}.config.v1+json`,
    );
    const mediaType = `${vendor}.manifest.v1+json`;
    const manifest = { schemaVersion: 2, mediaType, config, layers: [statement] };
    return {
      ...put(Buffer.from(JSON.stringify(manifest)), mediaType),
      platform: { architecture: 'unknown', os: 'unknown' },
      annotations: {
        'vnd.docker.reference.digest': subject.digest,
        'vnd.docker.reference.type': 'attestation-manifest',
      },
    };
  });
  const whole = Buffer.from(JSON.stringify({ ...value, manifests: [...value.manifests, ...attestations] }));
  files.delete(file);
  top.manifests[0] = { ...top.manifests[0], ...put(whole, `${vendor}.index.v1+json`) };
  files.set('index.json', Buffer.from(JSON.stringify(top)));
  return { files, index: whole };
}
