import test from 'ava';
import { AirgapError } from '../../src/errors.js';
import { digestOf } from '../../src/oci/digest.js';
import { maxConfigBytes, maxManifestBytes } from '../../src/oci/limits.js';
import { layerCodec, parseConfig, parseIndex, parseManifest } from '../../src/oci/manifest.js';
import { mediaTypeOf } from '../../src/oci/media-type.js';

const bytes = (document: unknown): Buffer => Buffer.from(JSON.stringify(document));
const digest = digestOf('x');
const pointer = (mediaType: string) => ({ mediaType, digest, size: 1 });
const oci = 'application/vnd.oci.image';
const docker = 'application/vnd.docker';

function codeOf(fn: () => unknown): string {
  try {
    fn();
  } catch (error) {
    if (error instanceof AirgapError) {
      return `${error.code} ${(error.facts as { problem?: string }).problem ?? ''}`.trim();
    }
    throw error;
  }
  return 'fine';
}

test('a config keeps what engines need and loses nothing by null', (t) => {
  const config = parseConfig(
    bytes({
      architecture: 'arm64',
      variant: 'v8',
      os: 'linux',
      created: null,
      author: '',
      config: {
        Env: ['A=1'],
        Cmd: null,
        Entrypoint: ['/x'],
        Labels: { a: 'b' },
        Volumes: null,
        Healthcheck: { Test: [] },
      },
      rootfs: { type: 'layers', diff_ids: [digest] },
      history: [{ created_by: 'COPY', empty_layer: null }, { empty_layer: true }],
    }),
    'config',
  );
  t.deepEqual(config.platform, { os: 'linux', architecture: 'arm64' });
  t.deepEqual(config.config, { Env: ['A=1'], Entrypoint: ['/x'], Labels: { a: 'b' } });
  t.deepEqual(config.diffIds as readonly string[], [digest]);
  t.deepEqual(config.history, [{ created_by: 'COPY' }, { empty_layer: true }]);
  t.is(config.created, undefined);
  t.is(config.author, undefined);
});

test('a config without layers, history and run settings is a config', (t) => {
  const config = parseConfig(bytes({ rootfs: { type: 'layers', diff_ids: null } }), 'config');
  t.deepEqual([config.diffIds, config.history, config.config], [[], [], {}]);
});

test('a config that is none is refused with the field', (t) => {
  const rootfs = { type: 'layers', diff_ids: [digest] };
  t.is(
    codeOf(() => parseConfig(Buffer.from('{'), 'c')),
    'DOCUMENT_INVALID json',
  );
  t.is(
    codeOf(() => parseConfig(Buffer.from([0x7b, 0xff, 0x7d]), 'c')),
    'DOCUMENT_INVALID json',
  );
  t.is(
    codeOf(() => parseConfig(bytes([]), 'c')),
    'DOCUMENT_INVALID shape',
  );
  t.is(
    codeOf(() => parseConfig(bytes({}), 'c')),
    'DOCUMENT_INVALID field: rootfs',
  );
  t.is(
    codeOf(() => parseConfig(bytes({ rootfs: { type: 'x' } }), 'c')),
    'DOCUMENT_INVALID field: rootfs.type',
  );
  t.is(
    codeOf(() => parseConfig(bytes({ rootfs, config: { Env: 'x' } }), 'c')),
    'DOCUMENT_INVALID field: config.Env',
  );
  t.is(
    codeOf(() => parseConfig(bytes({ rootfs: { type: 'layers', diff_ids: ['sha256:XX'] } }), 'c')),
    'DIGEST_INVALID',
  );
  t.is(
    codeOf(() => parseConfig(Buffer.alloc(maxConfigBytes + 1), 'c')),
    'DOCUMENT_TOO_LARGE',
  );
});

test('manifests of docker and of OCI are read alike, and keep their bytes', (t) => {
  for (const [manifest, config, layer] of [
    [`${oci}.manifest.v1+json`, `${oci}.config.v1+json`, `${oci}.layer.v1.tar+gzip`],
    [
      `${docker}.distribution.manifest.v2+json`,
      `${docker}.container.image.v1+json`,
      `${docker}.image.rootfs.diff.tar.gzip`,
    ],
  ] as const) {
    const raw = bytes({
      schemaVersion: 2,
      mediaType: manifest,
      config: pointer(config),
      layers: [pointer(layer)],
    });
    const parsed = parseManifest(raw, 'm');
    t.is(parsed.raw, raw);
    t.is(parsed.mediaType, manifest);
    t.is(layerCodec(parsed.layers[0]!.mediaType, 'l'), 'gzip');
  }
});

test('a manifest of another kind is refused', (t) => {
  const config = pointer(`${oci}.config.v1+json`);
  const good = { schemaVersion: 2, config, layers: [] };
  t.is(
    codeOf(() => parseManifest(bytes(good), 'm')),
    'fine',
  );
  t.is(
    codeOf(() => parseManifest(bytes({ ...good, schemaVersion: 1 }), 'm')),
    'DOCUMENT_INVALID field: schemaVersion',
  );
  t.is(
    codeOf(() => parseManifest(bytes({ ...good, manifests: [] }), 'm')),
    'DOCUMENT_INVALID two-kinds',
  );
  t.is(
    codeOf(() => parseManifest(bytes({ ...good, fsLayers: [] }), 'm')),
    'DOCUMENT_INVALID two-kinds',
  );
  t.is(
    codeOf(() => parseIndex(bytes({ schemaVersion: 2, manifests: [], layers: [] }), 'm')),
    'DOCUMENT_INVALID two-kinds',
  );
  t.is(
    codeOf(() => parseManifest(bytes({ ...good, mediaType: 'x' }), 'm')),
    'DOCUMENT_INVALID media-type: x',
  );
  const chart = 'application/vnd.cncf.helm.config.v1+json';
  t.is(
    codeOf(() => parseManifest(bytes({ ...good, config: pointer(chart) }), 'm')),
    `DOCUMENT_INVALID not-an-image: ${chart}`,
  );
  t.is(
    codeOf(() => parseManifest(Buffer.alloc(maxManifestBytes + 1), 'm')),
    'DOCUMENT_TOO_LARGE',
  );
  for (const size of [-1, 1.5, '1', 2 ** 60]) {
    t.regex(
      codeOf(() => parseManifest(bytes({ ...good, config: { ...config, size } }), 'm')),
      /^DOCUMENT_INVALID field: config.size/,
    );
  }
  for (const wrong of ['sha256:abc', 'sha512:00', `SHA256:${'0'.repeat(64)}`, '']) {
    t.is(
      codeOf(() => parseManifest(bytes({ ...good, config: { ...config, digest: wrong } }), 'm')),
      'DIGEST_INVALID',
    );
  }
});

test('kind-untold: a document that nobody has named the kind of tells it by itself, or is refused', (t) => {
  const told = (document: object): string => codeOf(() => mediaTypeOf(undefined, bytes(document), 'd'));
  t.is(mediaTypeOf(undefined, bytes({ manifests: [] }), 'd'), `${oci}.index.v1+json`);
  t.is(mediaTypeOf(undefined, bytes({ layers: [] }), 'd'), `${oci}.manifest.v1+json`);
  const list = `${docker}.distribution.manifest.list.v2+json`;
  t.is(mediaTypeOf(undefined, bytes({ mediaType: list }), 'd'), list);
  t.is(told({ schemaVersion: 1, fsLayers: [] }), 'DOCUMENT_INVALID schema1');
  t.is(told({ mediaType: 'x', layers: [] }), 'DOCUMENT_INVALID media-type: x');
  t.is(told({}), 'DOCUMENT_INVALID media-type:');
});

test('an index tells platforms and annotations', (t) => {
  const platform = { os: 'linux', architecture: 'arm', variant: 'v7', 'os.version': 'x' };
  const raw = bytes({
    schemaVersion: 2,
    manifests: [{ ...pointer(`${oci}.manifest.v1+json`), platform, annotations: { a: 'b' } }],
  });
  const [entry] = parseIndex(raw, 'i').manifests;
  t.deepEqual(entry?.platform, { os: 'linux', architecture: 'arm', variant: 'v7' });
  t.deepEqual(entry?.annotations, { a: 'b' });
});

test('JSON nested a million deep is refused without harm', (t) => {
  t.regex(
    codeOf(() => parseManifest(Buffer.from('['.repeat(2_000_000) + ']'.repeat(2_000_000)), 'm')),
    /^DOCUMENT_INVALID/,
  );
});
