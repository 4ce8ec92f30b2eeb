import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import anyTest, { type TestFn } from 'ava';
import { isAirgapError } from '../../src/errors.js';
import { digestOf } from '../../src/oci/digest.js';
import { createOciLayoutStore } from '../../src/stores/oci-layout.js';
import { hashBytes } from '../../src/streams/hash-bytes.js';
import { readAll, storeContract } from '../contract/store.js';
import { ociFiles, testImages, writeFiles } from '../helpers/images.js';
import { withTempDir } from '../helpers/tmp.js';

const test = anyTest as TestFn;

for (const codec of ['none', 'gzip', 'zstd'] as const) {
  storeContract({
    test,
    title: `oci folder with ${codec} layers`,
    kind: 'oci',
    with: async (images, fn) =>
      await withTempDir(async (path) => {
        await writeFiles(path, ociFiles(images, { codec }));
        const store = createOciLayoutStore({ path });
        await fn({ store });
        await store.close();
      }),
  });
}

test('the manifest of a layout is kept byte for byte', async (t) => {
  const [image] = testImages('manifest');
  await withTempDir(async (path) => {
    const files = ociFiles([image], { codec: 'gzip' });
    await writeFiles(path, files);
    const opened = await createOciLayoutStore({ path }).open(undefined);
    const digest = opened.manifest!.descriptor.digest;
    t.deepEqual(Buffer.from(opened.manifest!.raw), files.get(`blobs/sha256/${digest.slice(7)}`));
    t.is(opened.layers[0]!.blob!.mediaType, 'application/vnd.oci.image.layer.v1.tar+gzip');
  });
});

test('a layer asked for as it is stored comes as its blob, and one that is not compressed as its tar', async (t) => {
  const [image] = testImages('as stored');
  for (const codec of ['gzip', 'zstd', 'none'] as const)
    await withTempDir(async (path) => {
      const files = ociFiles([image], { codec });
      await writeFiles(path, files);
      const opened = await createOciLayoutStore({ path }).open(undefined);
      const all = new Set(opened.layers.map(({ diffId }) => diffId));
      const got = new Map<string, string>();
      await opened.readLayers({
        wanted: all,
        asStored: all,
        others: [],
        async sink({ diffId, stored, stream }) {
          const { digest } = await hashBytes(stream);
          got.set(diffId ?? '', digest);
          t.is(stored?.codec, codec === 'none' ? undefined : codec);
          t.is(stored?.blob.digest, codec === 'none' ? undefined : digest);
        },
      });
      t.deepEqual(
        [...got.values()].toSorted(),
        opened.layers.map(({ blob }) => blob?.digest ?? '').toSorted(),
      );
    });
});

test('a folder that is no layout is refused with what it lacks', async (t) => {
  const [image] = testImages('lacking');
  const problem = async (path: string): Promise<unknown> => {
    const error = await t.throwsAsync(createOciLayoutStore({ path }).open(undefined));
    return isAirgapError(error, 'LAYOUT_INVALID') ? error.facts.problem : error;
  };
  await withTempDir(async (path) => {
    t.is(await problem(join(path, 'absent')), 'no-folder');
    t.is(await problem(path), 'no-index');
    await writeFiles(path, ociFiles([image]));
    await rm(join(path, 'oci-layout'));
    t.is(await problem(path), 'no-layout-file');
    await mkdir(join(path, 'oci-layout'));
    t.is(await problem(path), 'not-a-file');
  });
});

test('a blob that is a link to an endless device is refused, not read', async (t) => {
  const [image] = testImages('device');
  await withTempDir(async (path) => {
    await writeFiles(path, ociFiles([image]));
    const blob = join(path, 'blobs', 'sha256', image.layers[0]!.diffId.slice(7));
    await rm(blob);
    await symlink('/dev/zero', blob);
    const error = await t.throwsAsync(createOciLayoutStore({ path }).open(undefined));
    t.true(isAirgapError(error, 'LAYOUT_INVALID'));
  });
});

test('a layer that changes after the image was opened is found by its digest', async (t) => {
  const [image] = testImages('changing');
  await withTempDir(async (path) => {
    const files = ociFiles([image], { codec: 'gzip' });
    await writeFiles(path, files);
    const opened = await createOciLayoutStore({ path }).open(undefined);
    const name = `blobs/sha256/${opened.layers[0]!.blob!.digest.slice(7)}`;
    const bytes = Buffer.from(files.get(name)!);
    bytes[9] = bytes[9]! ^ 1; // the operating system field of gzip: it unpacks all the same
    await writeFile(join(path, name), bytes);
    const error = await t.throwsAsync(readAll(opened, opened.config.diffIds));
    t.true(isAirgapError(error, 'DIGEST_MISMATCH'));
  });
});

test('a small layout whose indexes name each other over and over costs no memory', async (t) => {
  const [image] = testImages('repeated');
  await withTempDir(async (path) => {
    const files = ociFiles([image]);
    const top = JSON.parse(files.get('index.json')!.toString());
    const [entry] = top.manifests;
    const add = (document: object): object => {
      const raw = Buffer.from(JSON.stringify(document));
      const digest = digestOf(raw);
      files.set(`blobs/sha256/${digest.slice(7)}`, raw);
      return { mediaType: 'application/vnd.oci.image.index.v1+json', digest, size: raw.length };
    };
    const index = (manifests: readonly object[]): object => ({ schemaVersion: 2, manifests });
    const platform = (n: number): object => ({ os: 'linux', architecture: `a${n}` });
    const inner = add(index(Array.from({ length: 400 }, () => entry)));
    const outer = add(index(Array.from({ length: 400 }, () => inner)));
    await writeFiles(path, files);
    await writeFile(join(path, 'index.json'), JSON.stringify(index([outer])));
    t.is((await createOciLayoutStore({ path }).open(undefined)).imageId, image.imageId);

    const many = add(index(Array.from({ length: 1001 }, (_, n) => ({ ...entry, platform: platform(n) }))));
    await writeFiles(path, files);
    await writeFile(join(path, 'index.json'), JSON.stringify(index([many])));
    const error = await t.throwsAsync(createOciLayoutStore({ path }).open(undefined));
    t.true(isAirgapError(error, 'DOCUMENT_INVALID') && error.facts.problem === 'index-leaves');
  });
});
