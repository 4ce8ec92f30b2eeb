// Which image a host gets of a name that stands for several: the one for its platform, wherever the sender runs.
import test from 'ava';
import { formatPlatform, parsePlatform } from '../../src/oci/platform.js';
import { imagesForHosts, type OpenChosenOptions, openImages } from '../../src/runs/open-images.js';
import { createOciLayoutStore } from '../../src/stores/oci-layout.js';
import { writeFiles } from '../helpers/images.js';
import { platformFiles, platformImages } from '../helpers/platforms.js';
import { withTempDir } from '../helpers/tmp.js';

const name = 'docker.io/plant/multi:1';

async function withPlatforms(
  architectures: readonly string[],
  use: (options: OpenChosenOptions) => Promise<void>,
): Promise<void> {
  await withTempDir(async (folder) => {
    await writeFiles(folder, platformFiles(name, platformImages('hosts', architectures)).files);
    const store = createOciLayoutStore({ path: folder });
    await use({
      parts: {
        openImage: async (_source, { platform }) =>
          await store.open(name, platform === undefined ? {} : { platform }),
      },
      chosen: [{ source: `oci:${folder}:${name}`, inSpec: false }],
      asked: { images: [] },
      client: '',
      signal: new AbortController().signal,
      cleanUp: [],
      emit: () => undefined,
      anyPlatform: true,
    });
    await store.close();
  });
}

test('each host gets its own platform of an index, not that of the machine that sends', async (t) => {
  await withPlatforms(['amd64', 'arm64', 's390x'], async (options) => {
    const imagesFor = imagesForHosts(await openImages(options), options);
    for (const wanted of ['linux/arm64', 'linux/s390x', 'linux/amd64']) {
      const [found] = await imagesFor(parsePlatform(wanted));
      t.is(formatPlatform(found!.image.platform), wanted);
      t.false(found!.platformAsked);
      t.is((await imagesFor(parsePlatform(wanted)))[0]!.image, found!.image);
    }
  });
});

test('an index without the platform of the machine that sends is opened all the same', async (t) => {
  await withPlatforms(['s390x', 'ppc64le'], async (options) => {
    const imagesFor = imagesForHosts(await openImages(options), options);
    const [found] = await imagesFor(parsePlatform('linux/ppc64le'));
    t.is(formatPlatform(found!.image.platform), 'linux/ppc64le');
    // The plan of such a host refuses, and tells what the image is for.
    const [left] = await imagesFor(parsePlatform('linux/riscv64'));
    t.is(formatPlatform(left!.image.platform), 'linux/s390x');
    await t.throwsAsync(openImages({ ...options, anyPlatform: false }), { code: 'PLATFORM_MISSING' });
  });
});

test('a platform that was asked for is that of every host', async (t) => {
  await withPlatforms(['amd64', 'arm64', 's390x'], async (options) => {
    const asking = { ...options, asked: { images: [], platform: parsePlatform('linux/s390x') } };
    const imagesFor = imagesForHosts(await openImages(asking), asking);
    const [found] = await imagesFor(parsePlatform('linux/arm64'));
    t.is(formatPlatform(found!.image.platform), 'linux/s390x');
    t.true(found!.platformAsked);
  });
});
