// What a push says it has done is what lies there afterwards: names, digests, and what is attached.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { mediaTypes } from '../../src/oci/descriptor.js';
import { type Digest, digestOf, hexOf } from '../../src/oci/digest.js';
import { attachedRepository, makeAttached } from '../helpers/attached.js';
import { testImage, testLayer } from '../helpers/images.js';
import { needing } from '../helpers/needs.js';
import { type PushSite, receiptOf, withPushSite } from '../helpers/push-site.js';

const test = needing('registry');
const image = testImage({ name: 'docker.io/plant/app:1', layers: [testLayer('claims', 3000)] });
const other = testImage({ name: 'docker.io/plant/app:1', layers: [testLayer('claims-other', 3000)] });

/** The same image, its layer packed by gzip at that level. @returns the digest of its manifest */
async function pushPacked({ site: { push } }: PushSite, name: string, level: number): Promise<Digest> {
  const [layer] = image.layers;
  if (layer === undefined) throw new Error('an image without layers');
  const packed = gzipSync(layer.tar, { level });
  const [repository = '', tag = ''] = name.split(':');
  const document = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: {
      mediaType: mediaTypes.ociConfig,
      digest: await push.blob(repository, image.rawConfig),
      size: image.rawConfig.byteLength,
    },
    layers: [
      {
        mediaType: mediaTypes.ociLayerGzip,
        digest: await push.blob(repository, packed),
        size: packed.byteLength,
      },
    ],
  };
  return await push.manifest(repository, tag, mediaTypes.ociManifest, document);
}

test('false-digest: a digest in a name is the one that goes there, and none can be given', async (t) => {
  await withPushSite(async (push) => {
    const { near, proxy, site, manifest } = push;
    const { index } = await makeAttached(push);
    const source = `docker://${(await site.registry({})).host}/${attachedRepository}`;
    const given = await near.run([
      'push',
      `${source}:1`,
      proxy.host,
      '--as',
      `wrong@sha256:${'0'.repeat(64)}`,
    ]);
    t.is(given.exitCode, 2, given.stdout);
    t.regex(given.stderr, /has a digest in it, which follows from the image/);
    const line = ['push', `${source}@${index}`, `${proxy.host}/one`, '--platform', 'linux/amd64', '--json'];
    const receipt = receiptOf(await near.run(line));
    const [told] = receipt.images;
    t.is(told?.reference, `${proxy.host}/one/${attachedRepository}@${told?.farId}`);
    t.not(told?.farId, index);
    t.is((await manifest(`one/${attachedRepository}@${told?.farId}`)).status, 200);
  });
});

test('other-packing: two images of one layer packed in two ways each keep their digest', async (t) => {
  await withPushSite(async (push) => {
    const { near, proxy, site, manifest } = push;
    const wanted = [await pushPacked(push, 'm/a:1', 1), await pushPacked(push, 'm/b:1', 9)];
    t.not(wanted[0], wanted[1]);
    const { host } = await site.registry({});
    const line = ['push', `docker://${host}/m/a:1`, `docker://${host}/m/b:1`, `${proxy.host}/to`, '--json'];
    const pushed = await near.run(line);
    t.deepEqual(
      receiptOf(pushed).images.map(({ farId }) => farId),
      wanted,
    );
    t.is((await manifest('to/m/b:1')).digest, String(wanted[1]));
    // One name, two digests: which of them is meant is not guessed at.
    const same = [`docker://${host}/m/a:1=n:1`, `docker://${host}/m/b:1=n:1`];
    const refused = await near.run(['push', ...same, proxy.host]);
    t.is(refused.exitCode, 2, refused.stdout);
    t.regex(refused.stderr, /Two different images would be called/);
  });
});

test('false-present: a new name for what is there is pushed, not "there already"', async (t) => {
  await withPushSite(async ({ near, proxy, layout }) => {
    const [source = ''] = await layout([image]);
    for (const [name, present] of [
      ['app:1', false],
      ['app:2', false],
      ['app:2', true],
    ] as const) {
      const receipt = receiptOf(await near.run(['push', `${source}=${name}`, proxy.host, '--json']));
      t.is(receipt.images[0]?.present, present, name);
    }
  });
});

test('lone-attestation: an index of one image and its attestation keeps its digest, or what stays behind is told', async (t) => {
  await withPushSite(async (push) => {
    const { near, proxy, site, manifest } = push;
    await makeAttached(push);
    const { host } = await site.registry({});
    const index = JSON.parse((await manifest(`${attachedRepository}:1`)).raw.toString('utf8'));
    index.manifests = [index.manifests[0], index.manifests[2]];
    const wanted = await site.push.manifest(attachedRepository, 'lone', mediaTypes.ociIndex, index);
    const source = `docker://${host}/${attachedRepository}:lone`;
    const plain = await near.run(['push', `${source}=plain:1`, proxy.host]);
    t.regex(plain.stderr, /1 entry of its index is not pushed/);
    const whole = await near.run(['push', `${source}=whole:1`, proxy.host, '--with-referrers']);
    t.is(whole.exitCode, 0, whole.stderr);
    t.is((await manifest('whole:1')).digest, wanted);
    // What says that it is for a platform would run there.
    index.manifests[1].platform = { os: 'linux', architecture: 'arm64' };
    index.manifests[1].annotations = { 'vnd.docker.reference.type': 'attestation-manifest' };
    await site.push.manifest(attachedRepository, 'lone', mediaTypes.ociIndex, index);
    const posing = await near.run(['push', `${source}=posing:1`, proxy.host, '--with-referrers']);
    t.regex(posing.stderr, /1 entry of its index is not pushed/);
    t.false((await manifest('posing:1')).raw.toString('utf8').includes('arm64'));
  });
});

test('endless-pages: a list of referrers that leads to itself, or is too long, ends', async (t) => {
  await withPushSite(async (push) => {
    const { near, proxy, site } = push;
    await makeAttached(push);
    const liar = await site.proxy({ to: site.open.origin });
    const line = [
      'push',
      `docker://${liar.host}/${attachedRepository}:1`,
      `${proxy.host}/to`,
      '--with-referrers',
    ];
    const answer = (url: string, manifests: readonly object[]) => ({
      status: 200,
      headers: { 'content-type': mediaTypes.ociIndex, link: `<${url}>; rel="next"` },
      body: JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests }),
    });
    const entry = (at: number) => ({
      mediaType: mediaTypes.ociManifest,
      digest: digestOf(`none ${at}`),
      size: 9,
    });
    for (const manifests of [[], Array.from({ length: 501 }, (_one, at) => entry(at))]) {
      const since = liar.asked.length;
      liar.play(({ url }) => (url.includes('/referrers/') ? answer(url, manifests) : undefined));
      const pushed = await near.run(line);
      t.is(pushed.exitCode, 15, pushed.stderr);
      t.regex(pushed.stderr, /more than 500 attached to one image, or pages without end \[REGISTRY_ANSWER\]/);
      t.true(liar.asked.length - since < 100, `${liar.asked.length - since} requests`);
    }
  });
});

test("taken-signature: a signature of the site's own is not moved under --no-clobber, and else that is told", async (t) => {
  await withPushSite(async (push) => {
    const { near, proxy, site, manifest } = push;
    const { index, cosign } = await makeAttached(push);
    const { host } = await site.registry({});
    const tag = `sha256-${hexOf(index)}.sig`;
    await site.push.image('own/multi', tag, other);
    const before = await manifest(`own/multi:${tag}`);
    const line = [
      'push',
      `docker://${host}/${attachedRepository}:1=own/multi:1`,
      proxy.host,
      '--with-referrers',
    ];
    const kept = await near.run([...line, '--no-clobber']);
    t.is(kept.exitCode, 47, kept.stderr);
    t.is((await manifest(`own/multi:${tag}`)).digest, before.digest);
    const planned = await near.run([...line, '--dry-run']);
    t.true(planned.stdout.includes(before.digest.slice(7, 19)), planned.stdout);
    const { attached } = receiptOf(await near.run([...line, '--json']));
    t.like(attached?.moves, [{ name: `${proxy.host}/own/multi:${tag}`, movesFrom: before.digest }]);
    t.is((await manifest(`own/multi:${tag}`)).digest, cosign);
  });
});

test('stale-list: a list of referrers that names what is gone is made anew, and keeps what others put there', async (t) => {
  await withPushSite(async (push) => {
    const { near, proxy, site, manifest } = push;
    const { index, sbom } = await makeAttached(push);
    const { host } = await site.registry({});
    const list = `near/multi:sha256-${hexOf(index)}`;
    const own = await site.push.image('near/multi', 'theirs', other);
    const gone = await site.push.image('near/multi', 'gone', image);
    const entries = [];
    for (const { digest } of [own, gone]) {
      const { raw } = await manifest(`near/multi@${digest}`);
      entries.push({
        ...{ mediaType: mediaTypes.ociManifest, digest, size: raw.byteLength },
        artifactType: 'application/theirs',
      });
    }
    const document = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: entries };
    await site.push.manifest('near/multi', list.split(':')[1] ?? '', mediaTypes.ociIndex, document);
    await fetch(`${site.open.origin}/v2/near/multi/manifests/${gone.digest}`, { method: 'DELETE' });
    const line = [
      'push',
      `docker://${host}/${attachedRepository}:1=near/multi:2`,
      proxy.host,
      '--with-referrers',
    ];
    const pushed = await near.run(line);
    t.is(pushed.exitCode, 0, pushed.stderr);
    const listed = JSON.parse((await manifest(list)).raw.toString('utf8')).manifests;
    t.deepEqual(
      listed.map((one: { digest: string; artifactType: string }) => [one.digest, one.artifactType]),
      [
        [own.digest, 'application/theirs'],
        [sbom, 'application/spdx+json'],
      ],
    );
  });
});

test('deaf-mirror: what a mirror has not is asked of the registry itself', async (t) => {
  await withPushSite(async (push) => {
    const { near, proxy, site } = push;
    await makeAttached(push);
    const mirror = await site.proxy({ to: site.open.origin });
    mirror.play(({ url }) => (/\/referrers\/|\/manifests\/sha256-/.test(url) ? { status: 404 } : undefined));
    const { host } = await site.registry({});
    const folder = path.join(near.env.HOME ?? near.folder, '.config/containers');
    await mkdir(folder, { recursive: true });
    const settings = [
      `[[registry]]\nlocation = "${host}"\ninsecure = true`,
      `[[registry.mirror]]\nlocation = "${mirror.host}"\ninsecure = true\n`,
    ];
    await writeFile(path.join(folder, 'registries.conf'), settings.join('\n'));
    const line = ['push', `docker://${host}/${attachedRepository}:1`, `${proxy.host}/to`, '--with-referrers'];
    const pushed = await near.run([...line, '--json']);
    t.is(receiptOf(pushed).attached?.count, 4);
    t.true(mirror.asked.length > 0);
  });
});

test('moved-under-hand: a tag that moves while a push runs changes nothing of it', async (t) => {
  await withPushSite(async (push) => {
    const { near, proxy, site, manifest } = push;
    const { index } = await makeAttached(push);
    await site.push.image(attachedRepository, 'evil', other);
    const evil = await manifest(`${attachedRepository}:evil`);
    const mover = await site.proxy({ to: site.open.origin });
    let asked = 0;
    mover.play(({ url }) => {
      if (!url.endsWith('/manifests/1')) return undefined;
      asked += 1;
      const headers = { 'content-type': mediaTypes.ociManifest, 'docker-content-digest': evil.digest };
      return asked > 2 ? { status: 200, headers, body: evil.raw } : undefined;
    });
    const line = ['push', `docker://${mover.host}/${attachedRepository}:1=near/multi:2`, proxy.host];
    const pushed = await near.run([...line, '--with-referrers', '--json']);
    t.is(receiptOf(pushed).images[0]?.index, index);
    t.is((await manifest('near/multi:2')).digest, index);
  });
});

test('unasked-platform: of several platforms those go that bundle.yaml names, each told by its own', async (t) => {
  await withPushSite(async (push) => {
    const { near, proxy, site, manifest } = push;
    await makeAttached(push);
    const third = testImage({ name: 'x', layers: [testLayer('third', 900)], architecture: 's390x' });
    const { digest } = await site.push.image(attachedRepository, 's390x', third);
    const index = JSON.parse((await manifest(`${attachedRepository}:1`)).raw.toString('utf8'));
    const { raw } = await manifest(`${attachedRepository}:s390x`);
    const platform = { os: 'linux', architecture: 's390x' };
    index.manifests[2] = { mediaType: mediaTypes.ociManifest, digest, size: raw.byteLength, platform };
    await site.push.manifest(attachedRepository, 'three', mediaTypes.ociIndex, index);
    const spec = path.join(near.folder, 'bundle.yaml');
    const source = `docker://${(await site.registry({})).host}/${attachedRepository}:three`;
    const image = `{from: "${source}", as: "docker.io/near/two:1", platform: [linux/amd64, linux/s390x]}`;
    await writeFile(spec, `name: site\nimages:\n  - ${image}\n`);
    const pushed = await near.run(['push', '-f', spec, proxy.host]);
    t.is(pushed.exitCode, 0, pushed.stderr);
    for (const one of ['amd64', 's390x'])
      t.true(pushed.stdout.includes(`near/two:1 (linux/${one})`), pushed.stdout);
    t.false(pushed.stdout.includes('arm64'));
    const all = await near.run(['push', `${source}=all:1`, proxy.host, '--platform', 'all', '--dry-run']);
    for (const one of ['amd64', 's390x', 'arm64']) t.true(all.stdout.includes(one), all.stdout);
    const nothing = await near.run(['push', '-f', spec, proxy.host, '--as', 'x:1']);
    t.is(nothing.exitCode, 2, nothing.stdout);
  });
});
