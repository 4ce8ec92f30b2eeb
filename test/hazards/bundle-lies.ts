// Bundles whose seal and digests all fit, and whose documents lie: what only making them again can find.
import { rm } from 'node:fs/promises';
import test from 'ava';
import { indexOfJust } from '../../src/bundle/bundle-index.js';
import type { BundleAttached, BundleManifest } from '../../src/bundle/manifest.js';
import { openBundle } from '../../src/bundle/reader.js';
import { verifyBundle } from '../../src/bundle/verifier.js';
import { mediaTypes } from '../../src/oci/descriptor.js';
import { type Digest, digestOf, hexOf, parseDiffId } from '../../src/oci/digest.js';
import { type BundleSpec, writeBundle } from '../helpers/bundles.js';
import { testImage, testImages, testLayer } from '../helpers/images.js';
import { withTempDir } from '../helpers/tmp.js';

const [bus, bus2, other] = testImages('lies');
const images = [bus, bus2, other];

async function problemsOf(spec: Partial<BundleSpec>, deep = false): Promise<string[]> {
  return await withTempDir(async (folder) => {
    const paths = await writeBundle(folder, { images, ...spec });
    const { findings } = await verifyBundle(await openBundle(paths), { deep });
    return findings.map(({ file, problem }) => `${file}: ${problem}`);
  });
}

/** A document changed by text. */
const edit =
  (file: string, from: string | RegExp, to: string): NonNullable<BundleSpec['lie']> =>
  (documents) => {
    const text = documents.get(file)?.toString('latin1') ?? '';
    documents.set(file, Buffer.from(text.replace(from, to), 'latin1'));
  };

const recipe = `recipes/${hexOf(bus.imageId)}`;

test('a recipe that names another image, layer or range is found', async (t) => {
  for (const [from, to] of [
    [/^name .*$/m, 'name docker.io/library/redis:4'],
    [/^temporary .*$/m, 'temporary docker.io/library/redis:4'],
    [/^tail raw \d+/m, 'tail raw 0'],
    [/^layer 1 .*\n/m, ''],
    ['end\n', 'end\nend\n'],
  ] as const)
    t.deepEqual(await problemsOf({ lie: edit(recipe, from, to) }), [`${recipe}: recipe`], String(from));
});

test('frames that carry another config than the one that was proved are found', async (t) => {
  t.deepEqual(await problemsOf({ lie: edit(`${recipe}.frames`, '/bin/sh', '/bin/xx') }), [
    `${recipe}.frames: recipe`,
  ]);
});

test('a bundle recipe that says other than airgap.json is found', async (t) => {
  for (const [from, to] of [
    [/^image (\S+) .*$/m, 'image $1 redis:4'],
    [/^blob .*\n/m, ''],
    ['end\n', `file file 0644 1 ${'0'.repeat(64)} files/001-x /etc/passwd\nend\n`],
  ] as const)
    t.deepEqual(await problemsOf({ lie: edit('recipes/bundle', from, to) }), ['recipes/bundle: recipe']);
});

test('an index that names other images than airgap.json is found', async (t) => {
  for (const [from, to] of [
    ['bus-info:v1', 'bus-info:v9'],
    ['"schemaVersion":2', '"schemaVersion":2,"schemaVersion":2'],
    ['"manifests":[', '"manifests":[],"manifests":['],
    ['{"schemaVersion"', '{"x":1,"schemaVersion"'],
  ] as const)
    t.deepEqual(await problemsOf({ lie: edit('index.json', from, to) }), ['index.json: index'], from);
  t.deepEqual(await problemsOf({ lie: edit('manifest.json', 'bus-info:v1', 'bus-info:v3') }), [
    'manifest.json: index',
  ]);
  t.deepEqual(await problemsOf({ lie: edit('manifest.json', '"Layers":[', '"Layers":[],"Layers":[') }), [
    'manifest.json: index',
  ]);
  t.deepEqual(await problemsOf({ lie: edit('oci-layout', '1.0.0', '9.0.0') }), ['oci-layout: index']);
});

test('a file that airgap.json lists and nothing needs is found', async (t) => {
  const lie = (documents: Map<string, Buffer>): void => {
    documents.set('files/001-passwd', Buffer.from('root::0:0'));
  };
  t.deepEqual(await problemsOf({ lie }), ['files/001-passwd: unknown']);
});

test('a manifest that claims another diffID, size, image or platform is found', async (t) => {
  const false1 = parseDiffId(digestOf('another'), 'test');
  const lies: readonly NonNullable<BundleSpec['lieManifest']>[] = [
    (manifest) => ({ ...manifest, layers: manifest.layers.map((one) => ({ ...one, diffId: false1 })) }),
    (manifest) => ({ ...manifest, layers: manifest.layers.slice(1) }),
    (manifest) => ({ ...manifest, layers: [...manifest.layers, ...manifest.layers.slice(0, 1)] }),
    (manifest) => ({ ...manifest, images: manifest.images.slice(1) }),
    (manifest) => ({
      ...manifest,
      images: manifest.images.map((one) => ({ ...one, platform: 'linux/arm64' })),
    }),
    (manifest) => ({
      ...manifest,
      images: manifest.images.map((one) => ({ ...one, loaded: digestOf('x') })),
    }),
    (manifest) => ({ ...manifest, images: manifest.images.map((one) => ({ ...one, layers: [] })) }),
    (manifest) => ({ ...manifest, omitted: [{ diffId: false1, rawBytes: 1 }] }),
    (manifest) => ({ ...manifest, packages: [{ set: 'tools', kind: 'deb', names: [] }] }),
    (manifest) => ({ ...manifest, contents: [{ path: 'import.sh', bytes: 1, digest: digestOf('x') }] }),
  ];
  for (const [at, lieManifest] of lies.entries())
    t.not((await problemsOf({ lieManifest })).length, 0, `lie ${at}`);
});

test('sizes of a layer that do not fit its tar are found by unpacking', async (t) => {
  const image = testImage({ name: 'docker.io/plant/app:1', layers: [testLayer('one', 500)] });
  const lieManifest: BundleSpec['lieManifest'] = (manifest) => ({
    ...manifest,
    layers: manifest.layers.map((one) => ({ ...one, rawBytes: one.rawBytes + 512 })),
  });
  t.true(
    (await problemsOf({ images: [image], lieManifest }, true)).some((one) => /^blobs.*: diff-id$/.test(one)),
  );
});

test('a blob that unpacks to another layer is found by unpacking, and only then', async (t) => {
  const image = testImage({ name: 'docker.io/plant/app:1', layers: [testLayer('one', 500)] });
  const tar = testLayer('two', 500).tar;
  const swapped = { ...image, layers: image.layers.map((one) => ({ ...one, tar })) };
  t.deepEqual(await problemsOf({ images: [swapped] }), []);
  t.regex((await problemsOf({ images: [swapped] }, true)).join(), /^blobs\/sha256\/[0-9a-f]{64}: diff-id$/);
  t.regex((await problemsOf({ images: [swapped], codec: 'none' })).join(), /: diff-id$/);
});

test('a bundle of a later version is refused', async (t) => {
  await withTempDir(async (folder) => {
    const lieManifest: BundleSpec['lieManifest'] = (manifest) => ({ ...manifest, version: 3 });
    const paths = await writeBundle(folder, { images, lieManifest });
    await t.throwsAsync(openBundle(paths), { code: 'BUNDLE_VERSION' });
    await rm(folder, { recursive: true });
  });
});

test('a differential bundle passes, with the omitted layers named', async (t) => {
  const [base] = bus.layers;
  t.deepEqual(await problemsOf({ omit: base === undefined ? [] : [base.diffId] }, true), []);
});

test('lying-attachment: rows of what is attached name their blobs, all of them, and an image of the bundle', async (t) => {
  // Any manifest with blobs will do: this is the image's own.
  const told = (change: (row: BundleAttached, manifest: BundleManifest) => readonly object[]) =>
    problemsOf({
      images: [bus],
      lieManifest: (manifest) => {
        const [first] = manifest.images;
        if (first === undefined) throw new Error('there is no image');
        const { reference, manifest: digest, imageId } = first;
        const row: BundleAttached = {
          reference,
          manifest: digest,
          mediaType: mediaTypes.ociManifest,
          blobs: [imageId, ...manifest.layers.map((layer) => layer.digest)],
        };
        return { ...manifest, version: 2, attached: change(row, manifest) as readonly BundleAttached[] };
      },
    });
  t.deepEqual(await told((row) => [row]), [], 'an honest one');
  const cosign = (of: Digest): string => `sha256-${hexOf(of)}.sig`;
  t.deepEqual(await told((row) => [{ ...row, tag: cosign(row.manifest) }]), [], 'an honest name');
  const lies: readonly Parameters<typeof told>[0][] = [
    () => [],
    (row) => [{ ...row, blobs: row.blobs.slice(1) }],
    (row) => [{ ...row, blobs: [...row.blobs, digestOf('more')] }],
    (row) => [{ ...row, manifest: digestOf('none') }],
    (row) => [{ ...row, manifest: row.blobs[0] }],
    (row) => [{ ...row, reference: 'docker.io/plant/other:1' }],
    (row) => [{ ...row, tag: '../../x' }],
    // The name of an image that the site has.
    (row) => [{ ...row, tag: 'prod' }],
    (row) => [{ ...row, tag: cosign(digestOf('none')) }],
    (row) => [{ ...row, mediaType: 'a\nb' }],
  ];
  for (const [at, lie] of lies.entries())
    t.not((await told(lie).catch((error: unknown) => [String(error)])).length, 0, `lie ${at}`);
});

test('posing-attachment: what is attached stands in an index as for no platform, or it would be an image', (t) => {
  const entry = (of: string, os: string) => ({
    ...{ mediaType: mediaTypes.ociManifest, digest: digestOf(of), size: 9 },
    platform: { os, architecture: os === 'unknown' ? os : 'arm64' },
  });
  const own = entry('own', 'linux');
  const told = (os: string) => {
    const manifests = [own, entry('attached', os)];
    const raw = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests }));
    return indexOfJust(raw, [own], [digestOf('attached')]);
  };
  t.deepEqual(told('unknown'), { mediaType: mediaTypes.ociIndex });
  t.is(told('linux'), undefined);
});
