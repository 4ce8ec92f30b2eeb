import test from 'ava';
import { openBundle } from '../../src/bundle/reader.js';
import { verifyBundle } from '../../src/bundle/verifier.js';
import { writeBundle } from '../helpers/bundles.js';
import { testImage, testImages, testLayer } from '../helpers/images.js';
import { withTempDir } from '../helpers/tmp.js';

for (const form of ['folder', 'tar'] as const) {
  for (const codec of ['none', 'gzip', 'zstd'] as const) {
    test(`a bundle as ${form} with ${codec} layers passes, as stored and unpacked`, (t) =>
      withTempDir(async (folder) => {
        const files = { '/etc/yum.repos.d/docker-ce.repo': '[docker-ce]\n' };
        const paths = await writeBundle(folder, { images: testImages('pass'), form, codec, files });
        const bundle = await openBundle(paths);
        const verified = await verifyBundle(bundle, { deep: true });
        t.deepEqual(verified.findings, []);
        t.is(verified.layerCount, 5);
        t.is(verified.fileCount, bundle.manifest.contents.length);
        t.deepEqual((await verifyBundle(bundle)).findings, []);
      }));
  }
}

test('layers of several segments are unpacked in workers', (t) =>
  withTempDir(async (folder) => {
    const image = testImage({
      name: 'docker.io/plant/large:1',
      layers: [testLayer('large', 17_000_000), testLayer('other', 8_400_000)],
    });
    for (const codec of ['gzip', 'zstd'] as const) {
      const paths = await writeBundle(`${folder}/${codec}`, { images: [image], codec });
      let seen = 0;
      const bundle = await openBundle(paths);
      const verified = await verifyBundle(bundle, { deep: true, onBytes: (bytes) => (seen += bytes) });
      t.deepEqual(verified.findings, []);
      t.is(
        verified.rawBytes,
        image.layers.reduce((sum, { tar }) => sum + tar.byteLength, 0),
      );
      t.is(seen, verified.bytes);
    }
  }));
