// `docker://`: what every store keeps, against a real docker-registry, and what is a registry's own.
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { isAirgapError } from '../../src/errors.js';
import { mediaTypes } from '../../src/oci/descriptor.js';
import { parseReference } from '../../src/oci/reference.js';
import { createRegistryStore } from '../../src/stores/registry.js';
import type { Store } from '../../src/stores/store.js';
import { readAll, storeContract } from '../contract/store.js';
import { ociFiles, type TestImage, testImage, testImages, testLayer, writeFiles } from '../helpers/images.js';
import { needing } from '../helpers/needs.js';
import { type RegistrySite, withSite } from '../helpers/registry-site.js';
import { run } from '../rig/command.js';

const test = needing('registry');

/** What a new run on the same machine has. */
function storeOf(site: RegistrySite): Store {
  return createRegistryStore({ registries: site.client(), cacheDirectory: path.join(site.folder, 'cache') });
}

async function withImages(
  codec: 'none' | 'gzip' | 'zstd',
  use: (site: RegistrySite, images: readonly TestImage[], names: readonly string[]) => Promise<void>,
): Promise<void> {
  await withSite(async (site) => {
    const images = testImages(`registry-${codec}`);
    const names: string[] = [];
    for (const image of images) {
      const { repository, tag = '' } = parseReference(image.name);
      await site.push.image(repository, tag, image, codec);
      names.push(`${site.open.host}/${repository}:${tag}`);
    }
    await use(site, images, names);
  });
}

storeContract({
  test,
  title: 'docker://',
  kind: 'docker://',
  with: (images, fn) =>
    withSite(async (site) => {
      const nameOf = (image: TestImage): string => {
        const { repository, tag = '' } = parseReference(image.name);
        return `${site.open.host}/${repository}:${tag}`;
      };
      for (const image of images) {
        const { repository, tag = '' } = parseReference(image.name);
        await site.push.image(repository, tag, image, 'gzip');
      }
      await fn({ store: storeOf(site), nameOf });
    }),
});

for (const codec of ['none', 'gzip', 'zstd'] as const) {
  test(`images with ${codec} layers are opened, and every layer of all comes once in one pass`, async (t) => {
    await withImages(codec, async (site, images, names) => {
      const store = storeOf(site);
      const opened = await Promise.all(names.map((name) => store.open(name)));
      for (const [at, image] of opened.entries()) {
        t.is(image.imageId, images[at]!.imageId);
        t.is(image.source, `docker://${names[at]}`);
        t.deepEqual(image.reference, parseReference(names[at]!));
        t.true(
          image.layers.every(
            ({ uncompressedBytes, estimatedBytes }) => (uncompressedBytes ?? estimatedBytes)! > 0,
          ),
        );
      }
      const wanted = new Set(images.flatMap((image) => image.layers.map((layer) => layer.diffId)));
      const came = await readAll(opened[0]!, wanted, opened.slice(1));
      t.deepEqual([...came.keys()].toSorted(), [...wanted].toSorted());
      t.true([...came.values()].every((count) => count === 1));
      t.deepEqual(await readdir(path.join(site.folder, 'cache', 'blobs')), []);
    });
  });
}

test('an unknown tag is refused with those that are near, an unknown repository without', async (t) => {
  await withImages('gzip', async (site) => {
    const store = storeOf(site);
    const tag = await t.throwsAsync(store.open(`${site.open.host}/plant/bus-info:v3`));
    t.true(isAirgapError(tag, 'IMAGE_UNKNOWN'));
    if (isAirgapError(tag, 'IMAGE_UNKNOWN'))
      t.deepEqual(
        tag.facts.near.toSorted(),
        ['v1', 'v2'].map((one) => `docker://${site.open.host}/plant/bus-info:${one}`),
      );
    const repository = await t.throwsAsync(store.open(`${site.open.host}/plant/absent:v1`));
    t.like(repository, { code: 'IMAGE_UNKNOWN', facts: { near: [] } });
  });
});

test('an index gives the platform asked for, and is kept apart from attestations', async (t) => {
  await withSite(async (site) => {
    const images = ['amd64', 'arm64'].map((architecture) =>
      testImage({ name: 'x', architecture, layers: [testLayer(`index-${architecture}`, 900)] }),
    );
    const manifests: object[] = [];
    for (const image of images) {
      const { digest } = await site.push.image('team/app', image.architecture, image);
      const raw = await (
        await fetch(`${site.open.origin}/v2/team/app/manifests/${digest}`, {
          headers: { accept: mediaTypes.ociManifest },
        })
      ).text();
      const platform = { os: 'linux', architecture: image.architecture };
      manifests.push({ mediaType: mediaTypes.ociManifest, digest, size: raw.length, platform });
    }
    const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests };
    await site.push.manifest('team/app', 'all', mediaTypes.ociIndex, index);
    const name = `${site.open.host}/team/app:all`;
    const store = storeOf(site);
    for (const image of images) {
      const platform = { os: 'linux', architecture: image.architecture };
      t.is((await store.open(name, { platform })).imageId, image.imageId);
    }
    const error = await t.throwsAsync(store.open(name, { platform: { os: 'linux', architecture: 's390x' } }));
    t.like(error, { code: 'PLATFORM_MISSING', facts: { found: ['linux/amd64', 'linux/arm64'] } });
  });
});

test('documents are asked for once, by whatever run', async (t) => {
  await withImages('gzip', async (site) => {
    const proxy = await site.proxy({ to: site.open.origin });
    const name = `${proxy.host}/plant/bus-info:v1`;
    await storeOf(site).open(name);
    const first = proxy.asked.length;
    await storeOf(site).open(name);
    const again = proxy.asked.slice(first).filter(({ url }) => url !== '/v2/');
    t.deepEqual(
      again.map(({ method }) => method),
      ['HEAD'],
    );
  });
});

test('eight blobs are fetched at a time, and never more', async (t) => {
  await withSite(async (site) => {
    const layers = Array.from({ length: 24 }, (_, at) => testLayer(`parallel-${at}`, 2000));
    const image = testImage({ name: 'x', layers });
    const { layers: blobs } = await site.push.image('team/many', '1', image, 'gzip');
    const isLayer = ({ url }: { readonly url: string }) => blobs.some(({ digest }) => url.endsWith(digest));
    const proxy = await site.proxy({ to: site.open.origin });
    const together = Promise.withResolvers<void>();
    let most = 0;
    proxy.play((asked) => {
      if (!isLayer(asked)) return undefined;
      const open = proxy.asked.filter((one) => isLayer(one) && !one.isOver).length;
      most = Math.max(most, open);
      // Nothing is answered before there are eight: with fewer at a time this would stand still.
      if (open === 8) together.resolve();
      return { until: together.promise };
    });
    const opened = await storeOf(site).open(`${proxy.host}/team/many:1`);
    proxy.asked.length = 0;
    t.is((await readAll(opened, opened.config.diffIds)).size, layers.length);
    t.is(most, 8);
    t.is(proxy.asked.filter(isLayer).length, layers.length, 'each once');
  });
});

test('a layer under a wrong media type is read for what it is', async (t) => {
  await withSite(async (site) => {
    const image = testImages('wrong-type')[0];
    const { layers } = await site.push.image('team/app', '1', image, 'zstd');
    const config = {
      mediaType: mediaTypes.ociConfig,
      digest: image.imageId,
      size: image.rawConfig.byteLength,
    };
    for (const [tag, mediaType] of [
      ['gzip', mediaTypes.ociLayerGzip],
      ['none', mediaTypes.ociLayer],
    ] as const) {
      const document = {
        schemaVersion: 2,
        mediaType: mediaTypes.ociManifest,
        config,
        layers: layers.map((layer) => ({ ...layer, mediaType })),
      };
      await site.push.manifest('team/app', tag, mediaTypes.ociManifest, document);
      const opened = await storeOf(site).open(`${site.open.host}/team/app:${tag}`);
      t.is((await readAll(opened, opened.config.diffIds)).size, 3);
    }
  });
});

test('an abort in the middle of a layer ends the pass with its reason, and the next brings all', async (t) => {
  await withImages('gzip', async (site, [image], [name]) => {
    const opened = await storeOf(site).open(name);
    const stop = new AbortController();
    const reason = new Error('enough');
    const reading = opened.readLayers({
      wanted: new Set(opened.config.diffIds),
      others: [],
      signal: stop.signal,
      sink: async ({ stream }) => {
        stop.abort(reason);
        for await (const _chunk of stream);
      },
    });
    t.is(await t.throwsAsync(reading), reason);
    t.is((await readAll(opened, opened.config.diffIds)).size, image!.layers.length);
  });
});

test('a sink that fails ends the pass with its error, and nothing is fetched any more', async (t) => {
  await withImages('gzip', async (site, _images, [name = '']) => {
    const proxy = await site.proxy({ to: site.open.origin });
    const opened = await storeOf(site).open(name.replace(site.open.host, proxy.host));
    const failure = new Error('disk full');
    let calls = 0;
    const sink = async (): Promise<void> => {
      calls += 1;
      throw failure;
    };
    const reading = opened.readLayers({ wanted: new Set(opened.config.diffIds), others: [], sink });
    t.is(await t.throwsAsync(reading), failure);
    t.is(calls, 1);
  });
});

test('a layer that no image has is missing, and one that the registry has lost is told as missing', async (t) => {
  await withImages('gzip', async (site, images, names) => {
    const opened = await storeOf(site).open(names[2]);
    await t.throwsAsync(readAll(opened, [images[0]!.layers[0]!.diffId]), { code: 'IMAGE_INCOMPLETE' });
    const proxy = await site.proxy({ to: site.open.origin });
    const lost = await storeOf(site).open(names[0]!.replace(site.open.host, proxy.host));
    proxy.play(({ url }) => (url.endsWith(lost.layers[1]!.blob!.digest) ? { status: 404 } : undefined));
    await t.throwsAsync(readAll(lost, lost.config.diffIds), { code: 'IMAGE_INCOMPLETE' });
  });
});

test('two runs at a time do not write into each other’s blobs', async (t) => {
  await withImages('gzip', async (site, images, names) => {
    const runs = [storeOf(site), storeOf(site)].map(async (store) => {
      const opened = await store.open(names[0]);
      return (await readAll(opened, opened.config.diffIds)).size;
    });
    t.deepEqual(await Promise.all(runs), [images[0]!.layers.length, images[0]!.layers.length]);
    t.deepEqual(await readdir(path.join(site.folder, 'cache', 'blobs')), []);
  });
});

needing('registry', 'skopeo')('images that skopeo pushed in docker’s form are read as well', async (t) => {
  await withSite(async (site) => {
    const [image] = testImages('skopeo');
    const layout = path.join(site.folder, 'layout');
    await writeFiles(layout, ociFiles([image], { codec: 'gzip' }));
    const to = `docker://${site.open.host}/team/app:1`;
    await run([
      'skopeo',
      'copy',
      '--insecure-policy',
      '--dest-tls-verify=false',
      '--format',
      'v2s2',
      `oci:${layout}`,
      to,
    ]);
    const opened = await storeOf(site).open(`${site.open.host}/team/app:1`);
    t.is(opened.manifest?.descriptor.mediaType, mediaTypes.dockerManifest);
    t.deepEqual(
      opened.config.diffIds,
      image.layers.map(({ diffId }) => diffId),
    );
    t.is((await readAll(opened, opened.config.diffIds)).size, 3);
  });
});
