// What a name stands for on several platforms: `openIndex` of folders, archives and registries.
import path from 'node:path';
import test from 'ava';
import { isAirgapError } from '../../src/errors.js';
import { digestOf, hexOf } from '../../src/oci/digest.js';
import { formatPlatform, parsePlatform } from '../../src/oci/platform.js';
import { createDockerArchiveStore } from '../../src/stores/archive.js';
import { createOciLayoutStore } from '../../src/stores/oci-layout.js';
import type { OpenedIndex, Store } from '../../src/stores/store.js';
import { type Files, podmanSave, testImage, testLayer, writeFiles } from '../helpers/images.js';
import { platformFiles, platformImages } from '../helpers/platforms.js';
import { withTempDir } from '../helpers/tmp.js';

const name = 'docker.io/plant/multi:1';

async function withLayout<T>(files: Files, use: (store: Store) => Promise<T>): Promise<T> {
  return await withTempDir(async (folder) => {
    await writeFiles(folder, files);
    const store = createOciLayoutStore({ path: folder });
    try {
      return await use(store);
    } finally {
      await store.close();
    }
  });
}

const platformsOf = ({ images }: OpenedIndex): string[] =>
  images.map(({ platform }) => formatPlatform(platform));

test('an index that is there whole is opened as it is, with an image a platform', async (t) => {
  const images = platformImages('whole', ['amd64', 'arm64']);
  const { files, index } = platformFiles(name, images);
  await withLayout(files, async (store) => {
    const opened = await store.openIndex!(name);
    t.deepEqual(platformsOf(opened), ['linux/amd64', 'linux/arm64']);
    t.deepEqual(Buffer.from(opened.index!.raw), index);
    t.is(opened.index!.descriptor.digest, digestOf(index));
    t.true(opened.index!.isOriginal);
    t.deepEqual(opened.index!.left, []);
    t.deepEqual(
      opened.images.map(({ imageId }) => imageId),
      images.map(({ imageId }) => imageId),
    );
  });
});

test('of some platforms an index is made that names just these, the same one every time', async (t) => {
  const images = platformImages('some', ['amd64', 'arm64', 's390x']);
  const { files, index } = platformFiles(name, images);
  const platforms = [parsePlatform('linux/amd64'), parsePlatform('linux/s390x')];
  const opened = await withLayout(files, async (store) => await store.openIndex!(name, { platforms }));
  const again = await withLayout(files, async (store) => await store.openIndex!(name, { platforms }));
  t.deepEqual(platformsOf(opened), ['linux/amd64', 'linux/s390x']);
  t.false(opened.index!.isOriginal);
  t.not(opened.index!.descriptor.digest, digestOf(index));
  t.is(opened.index!.descriptor.digest, again.index!.descriptor.digest);
  t.deepEqual(
    opened.index!.left.map(({ reason, platform }) => [reason, formatPlatform(platform!)]),
    [['platform', 'linux/arm64']],
  );
  const named = JSON.parse(Buffer.from(opened.index!.raw).toString()).manifests;
  t.deepEqual(
    named.map((one: { digest: string; platform: { architecture: string } }) => [
      one.digest,
      one.platform.architecture,
    ]),
    opened.images.map(({ manifest, platform }) => [manifest!.descriptor.digest, platform.architecture]),
  );
});

test('a platform that is only named is left out of all, and is missed where it was asked for', async (t) => {
  const images = platformImages('named', ['amd64', 'arm64']);
  const { files } = platformFiles(name, images);
  files.delete(`blobs/sha256/${hexOf(images[1]!.imageId)}`);
  await withLayout(files, async (store) => {
    const opened = await store.openIndex!(name);
    t.deepEqual(platformsOf(opened), ['linux/amd64']);
    t.deepEqual(
      opened.index!.left.map(({ reason }) => reason),
      ['missing'],
    );
    const asked = store.openIndex!(name, { platforms: [parsePlatform('linux/arm64')] });
    t.true(isAirgapError(await t.throwsAsync(asked), 'IMAGE_INCOMPLETE'));
    const other = store.openIndex!(name, { platforms: [parsePlatform('linux/riscv64')] });
    t.true(isAirgapError(await t.throwsAsync(other), 'PLATFORM_MISSING'));
  });
});

test('an attestation is left out, and named as the reason why the digest of the index is another', async (t) => {
  const images = platformImages('attested', ['amd64', 'arm64']);
  const { files, index } = platformFiles(name, images, { attested: true });
  await withLayout(files, async (store) => {
    const opened = await store.openIndex!(name);
    t.deepEqual(platformsOf(opened), ['linux/amd64', 'linux/arm64']);
    t.not(opened.index!.descriptor.digest, digestOf(index));
    t.deepEqual(
      opened.index!.left.map(({ reason }) => reason),
      ['attestation', 'attestation'],
    );
  });
});

test('a single image has no index, and two images of one name in an archive are one of two platforms', async (t) => {
  const [image] = platformImages('single', ['amd64']);
  const { files } = platformFiles(name, [image!], { flat: true });
  await withLayout(files, async (store) => {
    const opened = await store.openIndex!(name);
    t.is(opened.images.length, 1);
    t.is(opened.index, undefined);
  });
  const { files: flat } = platformFiles(name, platformImages('flat', ['amd64', 'arm64']), { flat: true });
  await withLayout(flat, async (store) => {
    const opened = await store.openIndex!(name);
    t.deepEqual(platformsOf(opened), ['linux/amd64', 'linux/arm64']);
    t.false(opened.index!.isOriginal);
    t.deepEqual(opened.index!.left, []);
  });
});

test('an archive of docker knows no manifests, so it has images and no index', async (t) => {
  await withTempDir(async (folder) => {
    const image = testImage({ name, layers: [testLayer('archive', 100)] });
    await writeFiles(folder, new Map([['images.tar', podmanSave([image])]]));
    const store = createDockerArchiveStore({ path: path.join(folder, 'images.tar') });
    const opened = await store.openIndex!(undefined);
    await store.close();
    t.is(opened.images.length, 1);
    t.is(opened.index, undefined);
  });
});
