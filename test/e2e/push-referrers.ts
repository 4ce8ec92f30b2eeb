// `airgap push --with-referrers` between real registries: signatures and attestations arrive as they are, and are found over there.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Descriptor, mediaTypes } from '../../src/oci/descriptor.js';
import type { Digest } from '../../src/oci/digest.js';
import { expectAttached, makeAttached, attachedRepository as repository } from '../helpers/attached.js';
import { dockerLegacy, testImage, testLayer } from '../helpers/images.js';
import { needing } from '../helpers/needs.js';
import { receiptOf, withPushSite } from '../helpers/push-site.js';
import { run } from '../rig/command.js';

const test = needing('registry', 'skopeo');

test('what is attached goes along, is found there, and is not sent twice', async (t) => {
  await withPushSite(async (push) => {
    const { near, proxy, site, blobBytes } = push;
    const made = await makeAttached(push);
    const source = (await site.registry({})).host;
    const line = ['push', `docker://${source}/${repository}:1=near/multi:2`, proxy.host, '--with-referrers'];
    const planned = await near.run([...line, '--dry-run']);
    t.regex(planned.stdout, /Attached +4 signatures, attestations and the like, \d/);
    t.false(proxy.asked.some(({ method }) => !['GET', 'HEAD'].includes(method)));

    const pushed = await near.run([...line, '--json']);
    t.is(pushed.exitCode, 0, pushed.stdout + pushed.stderr);
    t.is(receiptOf(pushed).attached?.count, 4);
    await expectAttached(t, push, made);

    const since = proxy.asked.length;
    const again = await near.run([...line, '--json']);
    t.is(again.exitCode, 0, again.stderr);
    t.is(blobBytes(since), 0);
    t.false(proxy.asked.slice(since).some(({ method }) => method === 'PUT'));
  });
});

test('silent-wait: that the upload of a signature was cut and is waited for is told', async (t) => {
  await withPushSite(async (push) => {
    const { near, proxy, site } = push;
    await makeAttached(push);
    const source = (await site.registry({})).host;
    let isFirst = true;
    proxy.play(({ method, url }) => {
      if (method !== 'PUT' || !url.includes('/blobs/uploads/') || !isFirst) return undefined;
      isFirst = false;
      return { cutRequestAfter: 1 };
    });
    const line = ['push', `docker://${source}/${repository}:1=near/multi:2`, proxy.host, '--with-referrers'];
    const pushed = await near.run(line);
    t.is(pushed.exitCode, 0, pushed.stderr);
    t.regex(pushed.stderr, /; asking again in /);
  });
});

test('attached-in-a-layout: what lies in an OCI layout beside the image goes along as out of a registry', async (t) => {
  await withPushSite(async (push) => {
    const { near, proxy, site, manifest } = push;
    const made = await makeAttached(push);
    const folder = path.join(near.folder, 'saved');
    const from = `docker://${site.open.host}/${repository}:1`;
    const copy = ['copy', '--all', '--preserve-digests', '--quiet', '--src-tls-verify=false'];
    await run(['skopeo', '--insecure-policy', ...copy, from, `oci:${folder}:multi`]);
    // The rest as other tools put it there: by what it says itself, and by cosign's name.
    const index = JSON.parse(await readFile(path.join(folder, 'index.json'), 'utf8'));
    const put = async (digest: Digest, annotations: object): Promise<void> => {
      const { raw } = await manifest(`${repository}@${digest}`);
      await writeFile(path.join(folder, 'blobs/sha256', digest.slice(7)), raw);
      const { config, layers } = JSON.parse(raw.toString()) as { config: Descriptor; layers: Descriptor[] };
      for (const blob of [config, ...layers]) {
        const answer = await fetch(`${site.open.origin}/v2/${repository}/blobs/${blob.digest}`);
        const bytes = Buffer.from(await answer.arrayBuffer());
        await writeFile(path.join(folder, 'blobs/sha256', blob.digest.slice(7)), bytes);
      }
      const entry = { mediaType: mediaTypes.ociManifest, digest, size: raw.byteLength };
      index.manifests.push({ ...entry, annotations });
    };
    await put(made.sbom, {});
    await put(made.signatureOfSbom, {});
    await put(made.cosign, {
      'org.opencontainers.image.ref.name': `registry.lan/multi:sha256-${made.index.slice(7)}.sig`,
    });
    await writeFile(path.join(folder, 'index.json'), JSON.stringify(index));
    const line = ['push', `oci:${folder}:multi=near/multi:2`, proxy.host, '--with-referrers', '--json'];
    const pushed = await near.run(line);
    t.is(pushed.exitCode, 0, pushed.stdout + pushed.stderr);
    t.is(receiptOf(pushed).attached?.count, 4);
    await expectAttached(t, push, made);
    const bundle = path.join(near.folder, 'bundle');
    const words = ['export', bundle, `oci:${folder}:multi`, '--platform', 'all'];
    const plain = await near.run([...words, '--dry-run']);
    t.regex(plain.stdout, /attestations stay behind; --with-referrers takes them along/);
    const exported = await near.run([...words, '--with-referrers']);
    t.is(exported.exitCode, 0, exported.stderr);
    t.regex(exported.stdout, /4 signatures, attestations and the like/);
    t.notRegex(exported.stdout, /takes them along/);
  });
});

test('without being asked for it stays behind, which is told, and of an engine nothing can be found', async (t) => {
  await withPushSite(async (push) => {
    const { near, proxy, site, layout, manifest } = push;
    const made = await makeAttached(push);
    const source = (await site.registry({})).host;
    const pushed = await near.run(['push', `docker://${source}/${repository}:1=near/multi:2`, proxy.host]);
    t.is(pushed.exitCode, 0, pushed.stderr);
    t.regex(pushed.stderr, /1 entry of its index is not pushed/);
    t.not((await manifest('near/multi:2')).digest, made.index);
    const image = testImage({ name: 'docker.io/plant/app:1', layers: [testLayer('attached-none', 900)] });
    const [folder = ''] = await layout([image]);
    const plain = await near.run(['push', folder, proxy.host, '--with-referrers']);
    t.is(plain.exitCode, 0, plain.stderr);
    t.regex(plain.stdout, /Attached +nothing/);
    const archive = path.join(near.folder, 'app.tar');
    await writeFile(archive, dockerLegacy([image]));
    const old = await near.run(['push', `docker-archive:${archive}`, proxy.host, '--with-referrers']);
    t.is(old.exitCode, 0, old.stderr);
    t.regex(old.stderr, /comes from no registry, OCI layout or containerd store/);
  });
});

test('a registry that keeps the list itself tells it in pages, and all of them are read', async (t) => {
  await withPushSite(async (push) => {
    const { near, proxy, site, manifest } = push;
    const made = await makeAttached(push);
    const keeper = await site.proxy({ to: site.open.origin });
    const entry = async (digest: Digest): Promise<object> => {
      const { raw } = await manifest(`${repository}@${digest}`);
      return { mediaType: mediaTypes.ociManifest, digest, size: raw.byteLength };
    };
    const entries = [await entry(made.sbom), await entry(made.cosign)];
    keeper.play(({ url }) => {
      if (!url.includes('/referrers/')) return undefined;
      const at = url.includes('page=2') ? 1 : 0;
      const manifests = url.includes(made.index) ? entries.slice(at, at + 1) : [];
      const more = at === 0 ? { link: `<${url}?page=2>; rel="next"` } : {};
      return {
        status: 200,
        headers: { 'content-type': mediaTypes.ociIndex, ...more },
        body: JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests }),
      };
    });
    const line = [
      'push',
      `docker://${keeper.host}/${repository}:1=near/multi:2`,
      proxy.host,
      '--with-referrers',
    ];
    const pushed = await near.run(line);
    t.is(pushed.exitCode, 0, pushed.stderr);
    for (const digest of [made.sbom, made.cosign]) t.is((await manifest(`near/multi@${digest}`)).status, 200);
  });
});

test('lying-signature: bytes that are not what their digest says never arrive', async (t) => {
  await withPushSite(async (push) => {
    const { near, proxy, site, manifest } = push;
    const made = await makeAttached(push);
    const liar = await site.proxy({ to: site.open.origin });
    const { raw } = await manifest(`${repository}@${made.cosign}`);
    const [layer] = JSON.parse(raw.toString('utf8')).layers as Descriptor[];
    liar.play(({ url }) =>
      url.endsWith(String(layer?.digest)) ? { change: (body) => Buffer.from(body).fill('x') } : undefined,
    );
    const line = [
      'push',
      `docker://${liar.host}/${repository}:1=near/multi:2`,
      proxy.host,
      '--with-referrers',
    ];
    const pushed = await near.run(line);
    t.is(pushed.exitCode, 11, pushed.stderr);
    t.regex(pushed.stderr, /DIGEST_MISMATCH/);
    t.is((await manifest('near/multi:2')).status, 404);
  });
});
