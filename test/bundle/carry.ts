// Layers that travel as their source has packed them: the same blobs, the same manifests, the same digests.
import { execFile } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { formatPassport } from '../../src/bundle/passport.js';
import { openBundle } from '../../src/bundle/reader.js';
import { verifyBundle } from '../../src/bundle/verifier.js';
import { digestOf, hexOf } from '../../src/oci/digest.js';
import type { ExportOptions, ExportResult } from '../../src/runs/api.js';
import { createOciLayoutStore } from '../../src/stores/oci-layout.js';
import { exportTo, filesBelow } from '../helpers/exports.js';
import { ociFiles, type TestImage, testImage, testImages, testLayer, writeFiles } from '../helpers/images.js';
import { withTempDir } from '../helpers/tmp.js';

const [v1, v2, other] = testImages('carry');

interface Made {
  readonly done: ExportResult;
  readonly files: ReadonlyMap<string, Buffer>;
  /** Of the layout's manifests, by name. */
  readonly digests: ReadonlyMap<string, string>;
}

/** Exports these images out of a layout with layers of that codec. */
async function exportPacked(
  home: string,
  images: readonly TestImage[],
  options: Partial<ExportOptions> & { readonly codec?: 'none' | 'gzip' | 'zstd' } = {},
): Promise<Made> {
  const { codec = 'gzip', ...rest } = options;
  const layout = join(home, `layout-${codec}`);
  const files = ociFiles(images, { codec });
  await writeFiles(layout, files);
  const done = await exportTo(home, {
    destination: join(home, 'usb'),
    images: images.map(({ name }) => ({ source: `oci:${layout}:${name}` })),
    ...rest,
  });
  const { manifests } = JSON.parse(files.get('index.json')?.toString() ?? '{}');
  const digests = new Map<string, string>(
    manifests.map((one: { digest: string; annotations: Record<string, string> }) => [
      one.annotations['io.containerd.image.name'],
      one.digest,
    ]),
  );
  return { done, files: await filesBelow(done.place), digests };
}

async function findings(place: string): Promise<string[]> {
  const { findings: found } = await verifyBundle(await openBundle([place]), { deep: true });
  return found.map(({ file, problem }) => `${file}: ${problem}`);
}

test('gzip layers of a layout are carried as they are, and manifests keep their digests', async (t) => {
  await withTempDir(async (home) => {
    const { done, files, digests } = await exportPacked(home, [v1, v2, other]);
    t.deepEqual(await findings(done.place), []);
    const { manifest } = await openBundle([done.place]);
    t.is(manifest.version, 2);
    t.true(manifest.layers.every(({ carried, codec }) => carried === true && codec === 'gzip'));
    for (const image of manifest.images) {
      t.is<string | undefined, string | undefined>(image.manifest, digests.get(image.reference));
      t.true(image.own);
    }
    t.deepEqual(
      done.plan.images.map(({ manifest: route }) => route),
      [v1, v2, other].map(({ name }) => ({ kept: digests.get(name) })),
    );
    t.is(done.plan.totals.carryCount, 5);
    t.true(files.has(`blobs/sha256/${hexOf(manifest.layers[0]!.digest)}`));
    const store = createOciLayoutStore({ path: done.place });
    const opened = await store.open(v1.name);
    t.is<string | undefined, string | undefined>(opened.manifest!.descriptor.digest, digests.get(v1.name));
    await store.close();
    const { stdout } = await promisify(execFile)('skopeo', [
      'inspect',
      '--raw',
      `oci:${done.place}:${v1.name}`,
    ]);
    t.is<string | undefined, string | undefined>(digestOf(Buffer.from(stdout)), digests.get(v1.name));
  });
});

test('a codec that is asked for, and layers that are not packed, make a bundle of version 1', async (t) => {
  await withTempDir(async (home) => {
    const asked = await exportPacked(home, [v1], {
      compress: { codec: 'gzip' },
      destination: join(home, 'a'),
    });
    const raw = await exportPacked(home, [v1], { codec: 'none', destination: join(home, 'b') });
    for (const { done } of [asked, raw]) {
      const { manifest } = await openBundle([done.place]);
      t.is(manifest.version, 1);
      t.true(manifest.layers.every(({ carried }) => carried === undefined));
      t.deepEqual(await findings(done.place), []);
    }
    t.deepEqual(asked.done.plan.images[0]!.manifest, { made: 'asked' });
    t.deepEqual(raw.done.plan.images[0]!.manifest, { made: 'codec' });
  });
});

test('zstd layers are carried only where every host reads zstd', async (t) => {
  await withTempDir(async (home) => {
    const blind = await exportPacked(home, [v1], { codec: 'zstd', destination: join(home, 'a') });
    t.deepEqual(blind.done.plan.images[0]!.manifest, { made: 'codec' });
    t.is(blind.done.plan.codec, 'gzip');
    const passport = join(home, 'edge1.json');
    const engine = {
      name: 'docker',
      version: '28.5',
      store: 'containerd overlayfs',
      kind: 'containerd' as const,
    };
    await writeFiles(
      home,
      new Map([
        [
          'edge1.json',
          Buffer.from(
            formatPassport({
              airgap: 'passport',
              version: 1,
              host: 'edge1',
              made: '2026-01-02T03:04:05Z',
              engine,
              platform: 'linux/amd64',
              tools: ['zstd'],
              free: {},
              images: [],
              blobs: [],
            }),
          ),
        ],
      ]),
    );
    const seen = await exportPacked(home, [v1], {
      codec: 'zstd',
      destination: join(home, 'b'),
      passports: [passport],
    });
    t.deepEqual(seen.done.plan.images[0]!.manifest, { kept: seen.digests.get(v1.name) });
    t.deepEqual(await findings(seen.done.place), []);
  });
});

test('a layer that two sources have packed differently is there once, and the second gets a manifest made for it', async (t) => {
  await withTempDir(async (home) => {
    const gzip = join(home, 'gzip');
    const stored = join(home, 'stored');
    await writeFiles(gzip, ociFiles([v1], { codec: 'gzip' }));
    const files = ociFiles([v2], { codec: 'gzip', level: 1 });
    await writeFiles(stored, files);
    const done = await exportTo(home, {
      destination: join(home, 'usb'),
      images: [{ source: `oci:${gzip}:${v1.name}` }, { source: `oci:${stored}:${v2.name}` }],
    });
    t.deepEqual(await findings(done.place), []);
    const [first, second] = done.plan.images;
    t.true('kept' in first!.manifest);
    t.deepEqual(second!.manifest, { made: 'shared' });
    const { manifest } = await openBundle([done.place]);
    t.is(manifest.layers.length, 4);
    t.deepEqual(
      manifest.images.map(({ own }) => own),
      [true, undefined],
    );
  });
});

test('a carried layer is cut over volumes, goes into a tar, and is gone on with after a cut', async (t) => {
  await withTempDir(async (home) => {
    const image = testImage({
      name: 'docker.io/plant/large:1',
      layers: [testLayer('carry-large', 3_000_000), testLayer('carry-more', 900_000)],
    });
    const split = await exportPacked(home, [image], { splitBytes: 1_500_000, destination: join(home, 'a') });
    const folders = split.done.written!.volumes;
    t.true(folders > 2);
    const places = Array.from({ length: folders }, (_, at) =>
      split.done.place.replace('.vol001', `.vol00${at + 1}`),
    );
    const bundle = await openBundle(places);
    t.deepEqual((await verifyBundle(bundle, { deep: true })).findings, []);
    t.is<string | undefined, string | undefined>(
      bundle.manifest.images[0]!.manifest,
      split.digests.get(image.name),
    );
    const tar = await exportPacked(home, [image], { destination: join(home, 'large.tar') }).catch(
      (error: unknown) => error,
    );
    t.true(tar instanceof Error || typeof tar === 'object');
    t.deepEqual(await findings(join(home, 'large.tar')), []);
    // The same again, where all layers are there already.
    const destination = join(home, 'again');
    await mkdir(destination);
    const once = await exportPacked(home, [image], { destination });
    const before = await readFile(join(once.done.place, 'airgap.json'));
    await rm(join(once.done.place, 'SHA256SUMS'));
    const twice = await exportPacked(home, [image], { destination });
    t.deepEqual(
      twice.done.plan.images[0]!.layers.map(({ route }) => route),
      ['there', 'there'],
    );
    t.deepEqual(await readFile(join(twice.done.place, 'airgap.json')), before);
  });
});
