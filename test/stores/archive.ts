import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import anyTest, { type TestFn } from 'ava';
import { isAirgapError } from '../../src/errors.js';
import { digestOf } from '../../src/oci/digest.js';
import { createDockerArchiveStore, createOciArchiveStore } from '../../src/stores/archive.js';
import type { Store } from '../../src/stores/store.js';
import { readAll, storeContract } from '../contract/store.js';
import * as images from '../helpers/images.js';
import { withTempDir } from '../helpers/tmp.js';

const test = anyTest as TestFn;

type Flavour = readonly [
  title: string,
  transport: 'docker' | 'oci',
  write: (all: readonly images.TestImage[]) => Buffer,
];

const flavours: readonly Flavour[] = [
  ['docker-archive of Docker ≤ 24', 'docker', images.dockerLegacy],
  ['docker-archive of Docker ≥ 25', 'docker', (all) => images.dockerHybrid(all)],
  ['oci-archive of Docker ≥ 25', 'oci', (all) => images.dockerHybrid(all)],
  [
    'docker-archive of a containerd store with gzip layers',
    'docker',
    (all) => images.dockerHybrid(all, { codec: 'gzip' }),
  ],
  ['docker-archive of podman and skopeo', 'docker', images.podmanSave],
  ['docker-archive of kaniko', 'docker', images.kanikoArchive],
  ['oci-archive with zstd layers', 'oci', (all) => images.ociArchive(all, { codec: 'zstd' })],
  [
    'docker-archive compressed with gzip',
    'docker',
    (all) => images.compress(images.dockerLegacy(all), 'gzip'),
  ],
  [
    'oci-archive compressed with zstd',
    'oci',
    (all) => images.compress(images.ociArchive(all, { codec: 'gzip' }), 'zstd'),
  ],
];

const withArchive = async (
  bytes: Buffer,
  transport: 'docker' | 'oci',
  fn: (store: Store) => Promise<void>,
): Promise<void> =>
  await withTempDir(async (folder) => {
    const path = join(folder, 'images.tar');
    await writeFile(path, bytes);
    const store =
      transport === 'docker' ? createDockerArchiveStore({ path }) : createOciArchiveStore({ path });
    try {
      await fn(store);
    } finally {
      await store.close();
    }
  });

for (const [title, transport, write] of flavours) {
  storeContract({
    test,
    title,
    kind: `${transport}-archive`,
    with: (all, fn) => withArchive(write(all), transport, (store) => fn({ store })),
  });
}

test('several images without a name are ambiguous, and the names are told', async (t) => {
  const all = images.testImages('several');
  await withArchive(images.dockerLegacy(all), 'docker', async (store) => {
    const error = await t.throwsAsync(store.open(undefined));
    t.true(isAirgapError(error, 'IMAGE_AMBIGUOUS'));
    if (isAirgapError(error, 'IMAGE_AMBIGUOUS')) t.is(error.facts.names.length, 3);
    t.is((await store.open('@1')).imageId, all[1].imageId);
    t.is((await store.open('plant/bus-info:v2')).imageId, all[1].imageId);
    t.is((await store.open(all[2].imageId)).imageId, all[2].imageId);
  });
});

test('the only image needs no name', async (t) => {
  const [only] = images.testImages('only');
  for (const [, transport, write] of flavours) {
    await withArchive(write([only]), transport, async (store) => {
      t.is((await store.open(undefined)).imageId, only.imageId);
    });
  }
});

test('platforms of a nested index are told apart, and the own one is the default', async (t) => {
  const own = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const all = ['amd64', 'arm64', 's390x'].map((architecture) =>
    images.testImage({
      name: 'docker.io/library/multi:1',
      architecture,
      layers: [images.testLayer(architecture, 100)],
    }),
  );
  await withArchive(
    images.dockerHybrid(all, { nestedAs: 'docker.io/library/multi:1' }),
    'oci',
    async (store) => {
      t.is((await store.open('multi:1')).platform.architecture, own);
      for (const image of all) {
        const opened = await store.open('multi:1', {
          platform: { os: 'linux', architecture: image.architecture },
        });
        t.is(opened.imageId, image.imageId);
        t.is((await readAll(opened, opened.config.diffIds)).size, 1);
      }
      const error = await t.throwsAsync(
        store.open('multi:1', { platform: { os: 'linux', architecture: 'riscv64' } }),
      );
      t.true(isAirgapError(error, 'PLATFORM_MISSING'));
    },
  );
  await withArchive(images.dockerHybrid(all), 'docker', async (store) => {
    const opened = await store.open('multi:1', { platform: { os: 'linux', architecture: 's390x' } });
    t.is(opened.imageId, all[2]!.imageId);
  });
});

const twoPlatforms = (): images.TestImage[] =>
  ['amd64', 'arm64'].map((architecture) =>
    images.testImage({
      name: 'docker.io/library/multi:1',
      architecture,
      layers: [images.testLayer(architecture, 100)],
    }),
  );

test('a platform whose blobs were left out is only missed when it is asked for', async (t) => {
  const all = twoPlatforms();
  const files = images.ociFiles(all, { nestedAs: 'docker.io/library/multi:1' });
  const kept = images.ociFiles(all.slice(0, 1));
  const index = JSON.parse(files.get('index.json')!.toString()) as { manifests: [{ digest: string }] };
  for (const name of files.keys()) {
    if (name.startsWith('blobs/') && !kept.has(name) && !name.endsWith(index.manifests[0].digest.slice(7)))
      files.delete(name);
  }
  await withArchive(images.tarOfFiles(files), 'oci', async (store) => {
    const opened = await store.open(undefined, { platform: { os: 'linux', architecture: 'amd64' } });
    t.is(opened.imageId, all[0]!.imageId);
    const error = await t.throwsAsync(
      store.open(undefined, { platform: { os: 'linux', architecture: 'arm64' } }),
    );
    t.true(isAirgapError(error, 'PLATFORM_MISSING'));
    if (isAirgapError(error, 'PLATFORM_MISSING')) t.deepEqual(error.facts.found, ['linux/amd64']);
  });
});

test('half-a-platform: one whose manifest is there and a layer is not is not whole, not left out', async (t) => {
  const all = twoPlatforms();
  const files = images.ociFiles(all, { nestedAs: 'docker.io/library/multi:1' });
  const layer = all[1]!.layers[0]!.diffId;
  t.true(files.delete(`blobs/sha256/${layer.slice('sha256:'.length)}`));
  await withArchive(images.tarOfFiles(files), 'oci', async (store) => {
    const asked = store.open(undefined, { platform: { os: 'linux', architecture: 'arm64' } });
    await t.throwsAsync(asked, { code: 'IMAGE_INCOMPLETE' });
  });
});

test('a bare tag in ref.name finds the image and is not taken for a repository', async (t) => {
  const [image] = images.testImages('tag-only');
  await withArchive(images.ociArchive([image], { tagOnly: true }), 'oci', async (store) => {
    const opened = await store.open('v1');
    t.is(opened.imageId, image.imageId);
    t.is(opened.reference, undefined);
  });
});

test('a media type that lies about compression is tolerated as engines do, because the diffID decides', async (t) => {
  const [image] = images.testImages('lying');
  const files = images.ociFiles([image], { codec: 'gzip' });
  const swap = (text: string): string => text.replaceAll('layer.v1.tar+gzip', 'layer.v1.tar+zstd');
  const renamed = renameManifest(files, swap);
  await withArchive(images.tarOfFiles(renamed), 'oci', async (store) => {
    const opened = await store.open(undefined);
    t.is(opened.layers[0]!.codec, 'gzip');
    t.is((await readAll(opened, opened.config.diffIds)).size, 3);
  });
});

function renameManifest(files: Map<string, Buffer>, change: (text: string) => string): Map<string, Buffer> {
  const index = JSON.parse(files.get('index.json')!.toString()) as {
    manifests: [{ digest: string; size: number }];
  };
  const [entry] = index.manifests;
  const path = `blobs/sha256/${entry.digest.slice(7)}`;
  const bytes = Buffer.from(change(files.get(path)!.toString()));
  files.delete(path);
  entry.digest = digestOf(bytes);
  entry.size = bytes.byteLength;
  files.set(`blobs/sha256/${entry.digest.slice(7)}`, bytes);
  return files.set('index.json', Buffer.from(JSON.stringify(index)));
}
