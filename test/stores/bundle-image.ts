// Images of a bundle, as an import and a push read them: what every image keeps, of bundles in a folder, in a file and in volumes.
import { join } from 'node:path';
import anyTest, { type TestFn } from 'ava';
import { openBundle } from '../../src/bundle/reader.js';
import { openBundleImage, openStoredImage } from '../../src/stores/bundle-image.js';
import { imageContract } from '../contract/store.js';
import { type BundleSpec, writeBundle } from '../helpers/bundles.js';
import { withTempDir } from '../helpers/tmp.js';

const test = anyTest as TestFn;

const forms: readonly (readonly [
  title: string,
  spec: Omit<BundleSpec, 'images'>,
  open: typeof openBundleImage,
])[] = [
  ['a folder', { codec: 'zstd' }, openBundleImage],
  ['a file with gzip layers, as they are stored', { codec: 'gzip', form: 'tar' }, openStoredImage],
  ['volumes', { codec: 'none', volumeBytes: 128 * 1024 }, openBundleImage],
];

for (const [title, spec, openImage] of forms)
  imageContract({
    test,
    title: `bundle, ${title}`,
    with: (images, fn) =>
      withTempDir(async (folder) => {
        const bundle = await openBundle(await writeBundle(join(folder, 'bundle'), { ...spec, images }));
        const open = async ({ name }: { readonly name: string }) => {
          const found = bundle.manifest.images.find(({ reference }) => reference === name);
          if (found === undefined) throw new Error(`the bundle has no ${name}`);
          return await openImage(bundle, found);
        };
        await fn({ open });
      }),
  });
