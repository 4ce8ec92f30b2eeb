// `airgap push` against a real registry: digests kept, nothing sent twice, cuts resumed, names set last.
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { mediaTypes } from '../../src/oci/descriptor.js';
import type { PushPlan } from '../../src/plan/push-plan.js';
import type { Outcome } from '../helpers/airgap.js';
import { type TestImage, testImage, testImages, testLayer } from '../helpers/images.js';
import { needing } from '../helpers/needs.js';
import { receiptOf, withPushSite } from '../helpers/push-site.js';
import type { RegistryProxy } from '../rig/registry-proxy.js';

const test = needing('registry', 'skopeo');

const planIn = ({ events }: Outcome): PushPlan => {
  const found = events.find((event) => event.type === 'push.plan');
  if (found?.type !== 'push.plan') throw new Error('no plan');
  return found.plan;
};

/** The digest by skopeo, who knows nothing of airgap. */
function inspected(name: string): string {
  const ran = spawnSync('skopeo', [
    'inspect',
    '--tls-verify=false',
    '--format',
    '{{.Digest}}',
    `docker://${name}`,
  ]);
  return ran.stdout.toString().trim() || ran.stderr.toString();
}

test('images of a layout keep their digests, and pushed again not one byte of a blob goes', async (t) => {
  await withPushSite(async ({ near, proxy, site, layout, blobBytes }) => {
    const sources = await layout(testImages('push-layout'));
    const first = await near.run(['push', '--json', ...sources, `${proxy.host}/site`]);
    t.is(first.exitCode, 0, first.stderr);
    const { images } = receiptOf(first);
    t.is(blobBytes(), receiptOf(first).layerBytes);
    for (const { reference, manifest } of images) {
      t.is(inspected(reference.replace(proxy.host, site.open.host)), manifest!.digest);
      t.true(planIn(first).images.find(({ name }) => name === reference)?.keepsDigest);
    }
    t.deepEqual(
      images.map(({ reference }) => reference.slice(proxy.host.length)),
      ['/site/plant/bus-info:v1', '/site/plant/bus-info:v2', '/site/team/other:1'],
    );

    const since = proxy.asked.length;
    const again = await near.run(['push', '--json', ...sources, `${proxy.host}/site`]);
    t.is(again.exitCode, 0, again.stderr);
    t.is(blobBytes(since), 0);
    t.false(proxy.asked.slice(since).some(({ method }) => method === 'POST' || method === 'PUT'));
    t.true(receiptOf(again).images.every(({ present }) => present));
  });
});

test('a plan asks, and changes nothing there', async (t) => {
  await withPushSite(async ({ near, proxy, layout }) => {
    const [source = ''] = await layout([testImages('push-plan')[0]]);
    const planned = await near.run(['push', '--dry-run', source, proxy.host]);
    t.is(planned.exitCode, 0, planned.stderr);
    t.regex(planned.stdout, /To upload +5\d\.\d kB in 4 blobs/);
    t.regex(planned.stdout, /Nothing was pushed/);
    t.false(proxy.asked.some(({ method }) => !['GET', 'HEAD'].includes(method)));
  });
});

test('bundle.yaml names images anew for a registry, and a name that none of them has is refused with its line', async (t) => {
  await withPushSite(async ({ near, proxy, site, layout }) => {
    const sources = await layout(testImages('push-map'));
    const file = path.join(near.folder, 'bundle.yaml');
    const write = (push: string): Promise<void> =>
      writeFile(file, `name: site\nimages: ${JSON.stringify(sources)}\n${push}\n`);
    await write('push: {"plant/bus-info:v1": field/bus:1, plant/bus-info:v2: other.lan/bus:2}');
    const pushed = await near.run(['push', '--json', '-f', file, `${proxy.host}/site`]);
    t.is(pushed.exitCode, 0, pushed.stderr);
    t.deepEqual(
      receiptOf(pushed).images.map(({ reference }) => reference.slice(proxy.host.length)),
      ['/site/field/bus:1', '/site/bus:2', '/site/team/other:1'],
    );
    t.regex(inspected(`${site.open.host}/site/field/bus:1`), /^sha256:/);

    await write('push:\n  plant/bus-info:v3: field/bus:3');
    const refused = await near.run(['push', '-f', file, proxy.host]);
    t.is(refused.exitCode, 28, refused.stderr);
    t.regex(
      refused.stderr,
      /line 4: push: no image of this run is called plant\/bus-info:v3 \[SPEC_INVALID\]/,
    );
  });
});

test('a registry takes over what its other repositories have, and names are given by =NAME and --prefix', async (t) => {
  await withPushSite(async ({ near, proxy, site, layout, blobBytes }) => {
    const [source = ''] = await layout([testImages('push-mount')[0]]);
    t.is((await near.run(['push', source, proxy.host])).exitCode, 0);
    const since = proxy.asked.length;
    const pushed = await near.run(['push', '--json', `${source}=app/bus:2`, '--prefix', 'edge', proxy.host]);
    t.is(pushed.exitCode, 0, pushed.stderr);
    t.is(planIn(pushed).totals.mountCount, 4);
    t.is(blobBytes(since), 0);
    t.is(inspected(`${site.open.host}/edge/app/bus:2`), inspected(`${site.open.host}/plant/bus-info:v1`));
  });
});

test('an image goes from one registry to another with its digest', async (t) => {
  await withPushSite(async ({ near, proxy, site }) => {
    const other = await site.registry({ htpasswd: undefined } as never);
    const [image] = testImages('push-copy');
    const { digest } = await site.push.image('far/app', '1', image, 'zstd');
    const pushed = await near.run([
      'push',
      '--json',
      `docker://${other.host}/far/app:1`,
      `${proxy.host}/copy`,
    ]);
    t.is(pushed.exitCode, 0, pushed.stderr);
    t.is(inspected(`${site.open.host}/copy/far/app:1`), digest);
  });
});

test('a name that moves is told, and refused under --no-clobber before a byte goes', async (t) => {
  await withPushSite(async ({ near, proxy, layout, manifest }) => {
    const [one = '', two = ''] = await layout(testImages('push-moves'));
    t.is((await near.run(['push', `${one}=app:1`, proxy.host])).exitCode, 0);
    const { digest } = await manifest('app:1');
    const since = proxy.asked.length;
    const refused = await near.run(['push', '--json', '--no-clobber', `${two}=app:1`, proxy.host]);
    t.is(refused.errorCode, 'NAME_TAKEN');
    t.false(proxy.asked.slice(since).some(({ method }) => method === 'POST' || method === 'PUT'));
    const moved = await near.run(['push', '--json', `${two}=app:1`, proxy.host]);
    t.is(moved.exitCode, 0, moved.stderr);
    t.is(planIn(moved).images[0]?.movesFrom as string, digest);
    t.is(receiptOf(moved).images[0]?.movedFrom, digest);
    t.not((await manifest('app:1')).digest, digest);
    const listed = await near.run(['receipts']);
    t.regex(listed.stdout, new RegExp(`${proxy.host}/app:1`));
  });
});

test('a bundle goes as it is stored, folder and tar, with the manifest of its index', async (t) => {
  await withPushSite(async ({ near, proxy, site, layout, blobBytes }) => {
    const sources = await layout(testImages('push-bundle'));
    const drive = path.join(near.folder, 'drive');
    for (const destination of [drive, path.join(near.folder, 'site.tar')]) {
      const made = await near.run(['export', destination, '--name', 'site', ...sources]);
      t.is(made.exitCode, 0, made.stderr);
    }
    const folder = path.join(drive, 'site');
    const index = JSON.parse(await readFile(path.join(folder, 'index.json'), 'utf8')) as {
      manifests: { digest: string }[];
    };
    const pushed = await near.run(['push', '--json', folder, `${proxy.host}/b`]);
    t.is(pushed.exitCode, 0, pushed.stderr);
    t.deepEqual(
      receiptOf(pushed).images.map(({ farId }) => farId),
      index.manifests.map(({ digest }) => digest),
    );
    t.is(receiptOf(pushed).bundle?.name, 'site');
    t.is(inspected(`${site.open.host}/b/plant/bus-info:v2`), receiptOf(pushed).images[1]!.farId);
    const since = proxy.asked.length;
    const again = await near.run(['push', '--json', path.join(near.folder, 'site.tar'), `${proxy.host}/b`]);
    t.is(again.exitCode, 0, again.stderr);
    t.is(blobBytes(since), 0);
  });
});

test('layers that a bundle leaves out are found in the registry, or the push is refused', async (t) => {
  await withPushSite(async ({ near, proxy, site, layout }) => {
    const [one = '', two = ''] = await layout(testImages('push-base'));
    const run = async (...args: string[]): Promise<void> => {
      const ran = await near.run(args);
      t.is(ran.exitCode, 0, ran.stderr);
    };
    const [base, next] = [path.join(near.folder, 'base'), path.join(near.folder, 'next')];
    await run('export', base, '--name', 'one', one);
    await run('export', next, '--name', 'two', '--base', path.join(base, 'one'), two);
    const differential = path.join(next, 'two');
    const refused = await near.run(['push', '--json', differential, proxy.host]);
    t.is(refused.errorCode, 'PUSH_BASE_MISSING');
    t.is(refused.exitCode, 24);
    t.false(proxy.asked.some(({ method }) => method === 'POST' || method === 'PUT'));
    await run('push', path.join(base, 'one'), proxy.host);
    // Whoever did not push the base finds its layers by the registry's own documents.
    const stranger = { env: { XDG_STATE_HOME: path.join(near.folder, 'other-state') } };
    const pushed = await near.run(['push', '--json', differential, proxy.host], stranger);
    t.is(pushed.exitCode, 0, pushed.stderr);
    t.is(inspected(`${site.open.host}/plant/bus-info:v2`), receiptOf(pushed).images[0]!.farId);
  });
});

const mebibyte = 1024 * 1024;
/** One that goes up in several chunks. */
const bigImage = (seed: string): TestImage =>
  testImage({ name: 'docker.io/team/big:1', layers: [testLayer(seed, 20 * mebibyte)] });

const isChunk = (method: string): boolean => method === 'PATCH';

test('an upload that is cut goes on where the registry is', async (t) => {
  await withPushSite(async ({ near, proxy, site, layout, blobBytes }) => {
    const image = bigImage('push-cut');
    const [source = ''] = await layout([image]);
    let chunks = 0;
    // As behind nginx: the registry sees nothing of a request that was cut.
    proxy.play(({ method }) => {
      if (!isChunk(method)) return undefined;
      chunks += 1;
      return chunks === 2 ? { buffers: true, cutRequestAfter: 4 * mebibyte } : { buffers: true };
    });
    const pushed = await near.run(['push', '--json', source, proxy.host]);
    t.is(pushed.exitCode, 0, pushed.stderr);
    const sent = blobBytes();
    const size = receiptOf(pushed).layerBytes;
    // Once whole, and what was lost with the cut.
    t.true(sent >= size + 4 * mebibyte && sent < size + 8 * mebibyte, `${sent} of ${size}`);
    t.is(inspected(`${site.open.host}/team/big:1`), receiptOf(pushed).images[0]!.farId);
  });
});

test('a registry that is started again in the middle of an upload is waited for', async (t) => {
  await withPushSite(async ({ near, proxy, site, layout }) => {
    const image = bigImage('push-restart');
    const [source = ''] = await layout([image]);
    let next: Promise<RegistryProxy> | undefined;
    let chunks = 0;
    proxy.play(({ method }) => {
      if (!isChunk(method)) return undefined;
      chunks += 1;
      if (chunks < 2) return { buffers: true };
      next ??= (async () => {
        await proxy.close();
        await sleep(1500);
        return await site.proxy({ to: site.open.origin, port: Number(proxy.host.split(':')[1]) });
      })();
      return { buffers: true, cutRequestAfter: 1 };
    });
    const pushed = await near.run(['push', '--json', source, proxy.host]);
    t.is(pushed.exitCode, 0, pushed.stderr);
    // It went on where it was.
    const sent = (await next)!.asked.reduce((sum, { bodyBytes }) => sum + bodyBytes, 0);
    t.true(sent < 13 * mebibyte, String(sent));
    t.is(inspected(`${site.open.host}/team/big:1`), receiptOf(pushed).images[0]!.farId);
  });
});

test('a push that is killed goes on in the next run', async (t) => {
  await withPushSite(async ({ near, proxy, site, layout, blobBytes }) => {
    const image = bigImage('push-kill');
    const [source = ''] = await layout([image]);
    const { child, outcome } = near.start(['push', source, proxy.host]);
    let chunks = 0;
    proxy.play(({ method }) => {
      if (!isChunk(method)) return undefined;
      chunks += 1;
      if (chunks < 2) return { buffers: true };
      child.kill('SIGKILL');
      return { delayMs: 60_000 };
    });
    await outcome;
    proxy.play(({ method }) => (isChunk(method) ? { buffers: true } : undefined));
    const since = proxy.asked.length;
    const pushed = await near.run(['push', '--json', source, proxy.host]);
    t.is(pushed.exitCode, 0, pushed.stderr);
    const { resumedBytes, layerBytes } = receiptOf(pushed);
    t.is(resumedBytes, 8 * mebibyte);
    t.is(blobBytes(since), layerBytes);
    t.is(inspected(`${site.open.host}/team/big:1`), receiptOf(pushed).images[0]!.farId);
  });
});

test('what a link that stays cut has brought is not sent again by the next run', async (t) => {
  await withPushSite(async ({ near, proxy, layout, blobBytes }) => {
    const image = bigImage('push-link');
    const [source = ''] = await layout([image]);
    let chunks = 0;
    proxy.play(({ method }) => {
      if (!isChunk(method)) return undefined;
      chunks += 1;
      return chunks < 2 ? { buffers: true } : { buffers: true, cutRequestAfter: mebibyte };
    });
    const failed = await near.run(['push', '--json', source, proxy.host]);
    t.is(failed.errorCode, 'REGISTRY_FAILED');
    proxy.play(({ method }) => (isChunk(method) ? { buffers: true } : undefined));
    const since = proxy.asked.length;
    const pushed = await near.run(['push', '--json', source, proxy.host]);
    t.is(pushed.exitCode, 0, pushed.stderr);
    t.is(receiptOf(pushed).resumedBytes, 8 * mebibyte);
    t.is(blobBytes(since), receiptOf(pushed).layerBytes);
  });
});

test('an upload that the registry has lost is begun anew', async (t) => {
  await withPushSite(async ({ near, proxy, site, layout }) => {
    const image = bigImage('push-lost');
    const [source = ''] = await layout([image]);
    let cuts = 0;
    // docker's registry keeps what it got of a request that was cut, and then knows the upload no more.
    proxy.play(({ method }) => {
      if (!isChunk(method) || cuts > 0) return undefined;
      cuts += 1;
      return { cutRequestAfter: 4 * mebibyte };
    });
    const pushed = await near.run(['push', '--json', source, proxy.host]);
    t.is(pushed.exitCode, 0, pushed.stderr);
    t.is(inspected(`${site.open.host}/team/big:1`), receiptOf(pushed).images[0]!.farId);
  });
});

test('an image for two platforms goes on with the digest of its index, blobs of both once', async (t) => {
  await withPushSite(async ({ near, proxy, site, manifest, blobBytes }) => {
    const source = await site.registry({});
    const base = testLayer('push-index-base', 5000);
    const manifests: object[] = [];
    for (const architecture of ['amd64', 'arm64']) {
      const layers = [base, testLayer(`push-index-${architecture}`, 2000)];
      const image = testImage({ name: 'x', layers, architecture });
      const { digest } = await site.push.image('far/multi', architecture, image);
      const { raw } = await manifest(`far/multi:${architecture}`);
      const mediaType = mediaTypes.ociManifest;
      manifests.push({ mediaType, digest, size: raw.byteLength, platform: { os: 'linux', architecture } });
    }
    const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests };
    const digest = await site.push.manifest('far/multi', '1', mediaTypes.ociIndex, index);
    const line = ['push', '--json', `docker://${source.host}/far/multi:1=near/multi:2`, proxy.host];
    const pushed = await near.run(line);
    t.is(pushed.exitCode, 0, pushed.stdout + pushed.stderr);
    t.is((await manifest('near/multi:2')).digest, digest);
    t.deepEqual(
      receiptOf(pushed).images.map(({ platform, index: named }) => [platform, named as string]),
      [
        ['linux/amd64', digest],
        ['linux/arm64', digest],
      ],
    );
    const since = proxy.asked.length;
    const again = await near.run(line);
    t.is(again.exitCode, 0, again.stderr);
    t.is(blobBytes(since), 0);
    const drive = path.join(near.folder, 'drive');
    const all = [
      '--platform',
      'all',
      '--name',
      'multi',
      `docker://${source.host}/far/multi:1=near/carried:3`,
    ];
    const made = await near.run(['export', drive, ...all]);
    t.is(made.exitCode, 0, made.stderr);
    const carried = await near.run(['push', '--json', path.join(drive, 'multi'), proxy.host]);
    t.is(carried.exitCode, 0, carried.stdout + carried.stderr);
    t.is((await manifest('near/carried:3')).digest, digest);
    // platform-ignored: also of a bundle only what was asked for goes, under its name, without an index.
    for (const rest of [line.slice(2), [path.join(drive, 'multi'), `${proxy.host}/part`]]) {
      const one = await near.run(['push', '--json', '--platform', 'linux/arm64', ...rest]);
      t.is(one.exitCode, 0, one.stderr);
      t.deepEqual(
        receiptOf(one).images.map(({ platform, index: named }) => [platform, named]),
        [['linux/arm64', undefined]],
      );
    }
    const lacks = ['push', '--json', '--platform', 'linux/s390x', path.join(drive, 'multi'), proxy.host];
    t.is((await near.run(lacks)).errorCode, 'PLATFORM_MISSING');
  });
});
