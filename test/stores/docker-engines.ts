// The docker store over other engines: Docker 26 and 28, with the classic store and with containerd's.

import { isAirgapError } from '../../src/errors.js';
import { blobPath } from '../../src/oci/build.js';
import { mediaTypes } from '../../src/oci/descriptor.js';
import { chainIds, type Digest, digestOf } from '../../src/oci/digest.js';
import { findAttachedOf } from '../../src/runs/find-attached.js';
import { inspectImage } from '../../src/runs/local-images.js';
import { readAll, storeContract } from '../contract/store.js';
import { withDockerStore } from '../helpers/docker-store.js';
import {
  dockerHybrid,
  ociFiles,
  type TestImage,
  tarOfFiles,
  testImage,
  testImages,
  testLayer,
  testSeed,
} from '../helpers/images.js';
import { needing } from '../helpers/needs.js';
import { platformImages } from '../helpers/platforms.js';
import { withSite } from '../helpers/registry-site.js';
import { withTempDir } from '../helpers/tmp.js';
import { needsOf, shareRig } from '../rig/rig.js';

const kinds = ['d26', 'd26c', 'd28g', 'd28c'] as const;
const test = needing(...needsOf(...kinds));
const rig = shareRig({ test, hosts: kinds, near: false });

const twoPlatforms = (name: string, seed: string): TestImage[] =>
  ['amd64', 'arm64'].map((architecture) =>
    testImage({ name, architecture, layers: [testLayer(`${seed}-${architecture}`, 100)] }),
  );

for (const kind of kinds) {
  const codec = kind.endsWith('c') ? ('gzip' as const) : ('none' as const);
  storeContract({
    test,
    title: `${kind} with ${codec} layers`,
    kind: codec === 'gzip' ? 'docker-daemon, containerd store' : 'docker-daemon, graphdriver',
    with: (images, fn) =>
      withDockerStore({ dockerHost: rig.host(kind).dockerHost }, async (made) => {
        await made.load(dockerHybrid(images, { codec }));
        await fn(made);
      }),
  });
}

for (const kind of ['d26c', 'd28c'] as const) {
  test.serial(
    `${kind}: an image keeps its manifest and blobs, and a second look needs no save`,
    async (t) => {
      const [image] = testImages(testSeed());
      await withTempDir(async (cacheDirectory) => {
        for (const saves of [1, 0]) {
          await withDockerStore(
            { dockerHost: rig.host(kind).dockerHost, cacheDirectory },
            async ({ store, load, commands }) => {
              await load(dockerHybrid([image], { codec: 'zstd' }));
              const opened = await store.open(image.name);
              t.is(opened.imageId, image.imageId);
              t.deepEqual(
                opened.layers.map((layer) => layer.codec),
                ['zstd', 'zstd', 'zstd'],
              );
              t.truthy(opened.manifest);
              t.is(commands.filter((argv) => argv.includes('save')).length, saves);
              t.is((await readAll(opened, opened.config.diffIds)).size, 3);
            },
          );
        }
      });
    },
  );

  test.serial(`${kind}: platforms of one image are told apart`, async (t) => {
    const name = 'docker.io/library/multi:1';
    const seed = testSeed();
    const images = twoPlatforms(name, seed);
    await withDockerStore({ dockerHost: rig.host(kind).dockerHost }, async ({ store, load }) => {
      await load(dockerHybrid(images, { nestedAs: name, codec: 'gzip' }));
      for (const image of images) {
        const opened = await store.open('multi:1', {
          platform: { os: 'linux', architecture: image.architecture },
        });
        t.is(opened.imageId, image.imageId);
        t.is((await readAll(opened, opened.config.diffIds)).size, chainIds(opened.config.diffIds).length);
      }
      const error = await t.throwsAsync(
        store.open('multi:1', { platform: { os: 'linux', architecture: 's390x' } }),
      );
      t.true(isAirgapError(error, 'PLATFORM_MISSING'));
    });
  });

  test.serial(
    `${kind}: pulled-for-one-platform: what an index names and was never pulled is told as that, and left`,
    async (t) => {
      const name = 'docker.io/library/pulled:1';
      const seed = testSeed();
      const images = twoPlatforms(name, seed);
      const [here, away] = images;
      if (here === undefined || away === undefined) throw new Error('two were made');
      const files = ociFiles(images, { nestedAs: name, codec: 'gzip' });
      for (const blob of ociFiles([away], { codec: 'gzip' }).keys())
        if (blob.startsWith('blobs/')) files.delete(blob);
      const arm64 = { os: 'linux', architecture: 'arm64' };
      await withDockerStore({ dockerHost: rig.host(kind).dockerHost }, async ({ store, load }) => {
        await load(tarOfFiles(files));
        const named = await store.open('pulled:1');
        t.is(named.imageId, here.imageId);
        const rows = await store.list();
        // The list tells an index, whose digest no image has.
        const id = rows.find(({ name }) => name === 'pulled:1')?.imageId;
        for (const one of [named, await store.open(id)])
          t.deepEqual(
            inspectImage(one, rows).layers.flatMap(({ sharedWith }) => sharedWith),
            [],
          );
        const error = await t.throwsAsync(store.open('pulled:1', { platform: arm64 }));
        t.true(isAirgapError(error, 'PLATFORM_MISSING'), String(error));
        if (!isAirgapError(error, 'PLATFORM_MISSING')) return;
        t.deepEqual(error.facts.found, ['linux/amd64']);
        t.regex(error.hint ?? '', /docker pull --platform linux\/arm64 pulled:1/);
        const opened = await store.openIndex?.('pulled:1');
        t.deepEqual(
          opened?.images.map(({ imageId }) => imageId),
          [here.imageId],
        );
        t.false(opened?.index?.isOriginal);
        t.deepEqual(
          opened?.index?.left.map(({ platform, reason }) => [platform?.architecture, reason]),
          [['arm64', 'missing']],
        );
        const [image] = opened?.images ?? [];
        if (image !== undefined) t.is((await readAll(image, image.config.diffIds)).size, 1);
        await t.throwsAsync(async () => await store.openIndex?.('pulled:1', { platforms: [arm64] }), {
          code: 'PLATFORM_MISSING',
        });
      });
    },
  );

  test.serial(
    `${kind}: all-but-one: every platform that is there opens, with the index as it is`,
    async (t) => {
      const name = 'docker.io/library/both:1';
      const seed = testSeed();
      const images = twoPlatforms(name, seed);
      await withDockerStore({ dockerHost: rig.host(kind).dockerHost }, async ({ store, load }) => {
        await load(dockerHybrid(images, { nestedAs: name, codec: 'gzip' }));
        const opened = await store.openIndex?.('both:1');
        t.deepEqual(
          opened?.images.map(({ imageId }) => imageId),
          images.map(({ imageId }) => imageId),
        );
        t.true(opened?.index?.isOriginal);
        const [first, second] = opened?.images ?? [];
        if (first === undefined || second === undefined) return;
        const read = await readAll(first, [...first.config.diffIds, ...second.config.diffIds], [second]);
        t.is(read.size, 2);
      });
    },
  );

  test.serial(
    `${kind}: built-with-provenance: an attestation inside of an index goes along where asked for`,
    async (t) => {
      const name = 'docker.io/library/built:1';
      const seed = testSeed();
      const image = testImage({ name, layers: [testLayer(`${seed}-built`, 100)] });
      const files = ociFiles([image], { nestedAs: name, codec: 'gzip' });
      const put = (bytes: Buffer): Digest => {
        const digest = digestOf(bytes);
        files.set(blobPath(digest), bytes);
        return digest;
      };
      const described = (mediaType: string, document: object) => {
        const bytes = Buffer.from(JSON.stringify(document));
        return { mediaType, digest: put(bytes), size: bytes.byteLength };
      };
      const statement = described('application/vnd.in-toto+json', { predicateType: 'slsa' });
      const unknown = { architecture: 'unknown', os: 'unknown' };
      const attestation = described(mediaTypes.ociManifest, {
        schemaVersion: 2,
        mediaType: mediaTypes.ociManifest,
        config: described(mediaTypes.ociConfig, {
          ...unknown,
          rootfs: { type: 'layers', diff_ids: [statement.digest] },
        }),
        layers: [statement],
      });
      const top = JSON.parse(String(files.get('index.json')));
      const nested = JSON.parse(String(files.get(blobPath(top.manifests[0].digest))));
      nested.manifests.push({ ...attestation, platform: unknown });
      top.manifests[0] = { ...top.manifests[0], ...described(mediaTypes.ociIndex, nested) };
      files.set('index.json', Buffer.from(JSON.stringify(top)));
      await withDockerStore({ dockerHost: rig.host(kind).dockerHost }, async ({ store, load }) => {
        await load(tarOfFiles(files));
        const opened = await store.openIndex?.('built:1');
        t.deepEqual(
          opened?.index?.left.map(({ digest, reason }) => [digest, reason]),
          [[attestation.digest, 'attestation']],
        );
        const place = await store.attached?.('built:1');
        if (place === undefined) return t.fail('containerd keeps them');
        const found = await findAttachedOf({ place, source: 'built:1', opened, manifests: [] });
        t.is(found.index?.descriptor.digest, top.manifests[0].digest);
        t.deepEqual(
          found.attached.map(({ descriptor }) => descriptor.digest),
          [attestation.digest],
        );
        t.is(digestOf(await found.blob(statement)), statement.digest);
      });
    },
  );

  needing(...needsOf(...kinds), 'registry').serial(
    `${kind}: pulled-for-another-machine: an image that is here for another platform only can be saved, or is told how`,
    async (t) => {
      const host = rig.host(kind);
      await withSite(async (site) => {
        const manifests: object[] = [];
        const images = platformImages('for-others', ['amd64', 'arm64']);
        for (const image of images) {
          const { digest } = await site.push.image('team/multi', image.architecture, image);
          const answer = await fetch(`${site.open.origin}/v2/team/multi/manifests/${digest}`, {
            headers: { accept: mediaTypes.ociManifest },
          });
          const size = (await answer.arrayBuffer()).byteLength;
          const platform = { architecture: image.architecture, os: 'linux' };
          manifests.push({ mediaType: mediaTypes.ociManifest, digest, size, platform });
        }
        const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests };
        await site.push.manifest('team/multi', '1', mediaTypes.ociIndex, index);
        const name = `${site.open.host}/team/multi:1`;
        await host.docker(['pull', '--quiet', '--platform', 'linux/arm64', name]);
        const arm64 = { os: 'linux', architecture: 'arm64' };
        await withDockerStore({ dockerHost: host.dockerHost }, async ({ store, docker }) => {
          // Program and engine must both know how.
          const isNew = kind === 'd28c' && /--platform/.test(await docker('image', 'save', '--help'));
          t.log(`docker here ${isNew ? 'can' : 'cannot'} save a platform by name`);
          if (isNew) {
            const opened = await store.open(name, { platform: arm64 });
            t.is<string | undefined, string | undefined>(opened.imageId, images[1]?.imageId);
            t.is((await readAll(opened, opened.config.diffIds)).size, opened.layers.length);
            t.is((await store.openIndex?.(name))?.images.length, 1);
          } else {
            const error = await t.throwsAsync(store.open(name, { platform: arm64 }));
            t.true(isAirgapError(error, 'PLATFORM_MISSING'), String(error));
            t.regex((error as { hint?: string }).hint ?? '', /docker pull --platform linux\/amd64 /);
          }
        });
        await host.docker(['rmi', '--force', name]);
      });
    },
  );
}
