import test from 'ava';
import { blobPath, buildDockerManifestJson, buildIndex, buildManifest } from '../../src/oci/build.js';
import { mediaTypes } from '../../src/oci/descriptor.js';
import { digestOf } from '../../src/oci/digest.js';
import { entryMatches, entryNames, entryReference, mergeIndex } from '../../src/oci/layout.js';
import { parseIndex, parseManifest } from '../../src/oci/manifest.js';
import { formatReference } from '../../src/oci/reference.js';

const digest = digestOf('x');
const other = digestOf('y');
const manifest = { mediaType: mediaTypes.ociManifest, digest, size: 7 };
const platform = { os: 'linux', architecture: 'amd64' };
const name = 'docker.io/library/x:1';

test('a built manifest is canonical and read back', (t) => {
  const layers = [{ mediaType: mediaTypes.ociLayer, digest: other, size: 5, annotations: { a: 'b' } }];
  const raw = buildManifest({ config: { digest, size: 3 }, layers });
  t.is(
    Buffer.from(raw).toString(),
    `{"schemaVersion":2,"mediaType":"${mediaTypes.ociManifest}","config":{"mediaType":"${mediaTypes.ociConfig}","digest":"${digest}","size":3},"layers":[{"mediaType":"${mediaTypes.ociLayer}","digest":"${other}","size":5}]}`,
  );
  t.deepEqual(parseManifest(raw, 'm').layers[0]?.digest, other);
  t.deepEqual(buildManifest({ config: { size: 3, digest }, layers }), raw);
});

test('a built index names the image in full in both annotations', (t) => {
  const [entry] = parseIndex(buildIndex({ manifest, platform, name }), 'i').manifests;
  t.deepEqual(entry?.annotations, {
    'io.containerd.image.name': name,
    'org.opencontainers.image.ref.name': name,
  });
  t.deepEqual(entry?.platform, platform);
});

test('a docker manifest.json points into the blobs', (t) => {
  const rows: unknown = JSON.parse(
    Buffer.from(buildDockerManifestJson({ config: digest, layers: [other], name })).toString(),
  );
  t.deepEqual(rows, [{ Config: blobPath(digest), RepoTags: [name], Layers: [blobPath(other)] }]);
});

test('an image added to an index leaves the others as they were written, unknown fields too', (t) => {
  const kept = {
    mediaType: 'm',
    digest: other,
    size: 1,
    annotations: { 'org.opencontainers.image.ref.name': 'docker.io/library/y:1', z: '1' },
    data: 'eA==',
  };
  const existing = Buffer.from(
    JSON.stringify({ schemaVersion: 2, manifests: [kept], annotations: { top: 'x' } }),
  );
  const merged = JSON.parse(Buffer.from(buildIndex({ manifest, platform, name, existing })).toString()) as {
    manifests: unknown[];
    annotations: object;
  };
  t.deepEqual(merged.manifests[0], kept);
  t.is(merged.manifests.length, 2);
  t.deepEqual(merged.annotations, { top: 'x' });
});

test('an entry of the same name gives way, however the name is spelled', (t) => {
  for (const spelling of ['x:1', 'docker.io/library/x:1', 'index.docker.io/library/x:1']) {
    const old = {
      mediaType: 'm',
      digest: other,
      size: 1,
      annotations: { 'org.opencontainers.image.ref.name': spelling },
    };
    const existing = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [old] }));
    t.is(parseIndex(buildIndex({ manifest, platform, name, existing }), 'i').manifests.length, 1, spelling);
  }
});

test('a nameless entry gives way only to its own digest', (t) => {
  const nameless = (of: string) => ({ mediaType: 'm', digest: of, size: 1 });
  const existing = Buffer.from(
    JSON.stringify({ schemaVersion: 2, manifests: [nameless(digest), nameless(other)] }),
  );
  const merged = mergeIndex(existing, { ...manifest, annotations: {} }, { digest }) as {
    manifests: { digest: string }[];
  };
  t.deepEqual(merged.manifests.map((entry) => entry.digest) as string[], [other, digest]);
});

test('an entry is known by the containerd name before ref.name, and a bare tag is no reference', (t) => {
  const entry = {
    ...manifest,
    annotations: { 'org.opencontainers.image.ref.name': 'latest', 'io.containerd.image.name': name },
  };
  t.deepEqual(entryNames(entry), [name, 'latest']);
  t.is(formatReference(entryReference(entry)!), name);
  t.true(entryMatches(entry, 'latest'));
  t.true(entryMatches(entry, 'x:1'));
  t.false(entryMatches(entry, 'x:2'));
  t.is(
    entryReference({ ...manifest, annotations: { 'org.opencontainers.image.ref.name': 'latest' } }),
    undefined,
  );
});
