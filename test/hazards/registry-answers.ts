// What a registry, or whatever stands in its place, may answer: cuts, floods, refusals, lies. Each ends well or with its code.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { AirgapError } from '../../src/errors.js';
import { mediaTypes } from '../../src/oci/descriptor.js';
import { parseReference } from '../../src/oci/reference.js';
import { http } from '../../src/registry/node-http.js';
import { createRegistryStore } from '../../src/stores/registry.js';
import { readAll } from '../contract/store.js';
import { type TestImage, testImages } from '../helpers/images.js';
import { needing } from '../helpers/needs.js';
import { failureOf } from '../helpers/played-registry.js';
import type { Pushed } from '../helpers/push.js';
import { type RegistrySite, withSite } from '../helpers/registry-site.js';
import type { RegistryProxy } from '../rig/registry-proxy.js';

const test = needing('registry');

interface Scene {
  readonly site: RegistrySite;
  readonly proxy: RegistryProxy;
  readonly image: TestImage;
  readonly pushed: Pushed;
  /** Opens plant/app:1 through the proxy and reads all its layers. */
  take(tag?: string): Promise<number>;
}

async function withScene(use: (scene: Scene) => Promise<void>): Promise<void> {
  await withSite(async (site) => {
    const [image] = testImages('answers');
    const pushed = await site.push.image('plant/app', '1', image);
    const proxy = await site.proxy({ to: site.open.origin });
    const take = async (tag = '1'): Promise<number> => {
      const store = createRegistryStore({
        registries: site.client(),
        cacheDirectory: `${site.folder}/cache`,
      });
      const opened = await store.open(`${proxy.host}/plant/app:${tag}`);
      return (await readAll(opened, opened.config.diffIds)).size;
    };
    await use({ site, proxy, image, pushed, take });
  });
}

async function fails(t: ExecutionContext, promise: Promise<unknown>, code: string): Promise<object> {
  const error = await t.throwsAsync(promise, { instanceOf: AirgapError });
  t.is(error?.code, code, error?.message);
  return error?.facts ?? {};
}

const isManifest = (url: string): boolean => url.includes('/manifests/');

test('passing failures pass: 500, 503, 429 with Retry-After, a cut manifest, a slow one', async (t) => {
  await withScene(async ({ site, proxy, take }) => {
    const tricks = [
      { status: 500 },
      { status: 503, body: 'busy' },
      { status: 429, headers: { 'retry-after': '0' } },
      { cutAfter: 100 },
      { delayMs: 300 },
    ];
    proxy.play(({ url, method }) => (isManifest(url) && method === 'GET' ? tricks.shift() : undefined));
    t.is(await take(), 3);
    t.is(tricks.length, 0);
    t.true(site.notices.some((notice) => notice.kind === 'waiting' && notice.why === 'too many requests'));
  });
});

test('a registry that goes on failing is given up, with its own words', async (t) => {
  await withScene(async ({ proxy, take }) => {
    const body = JSON.stringify({ errors: [{ code: 'UNKNOWN', message: 'the disk\u001b[2J is on fire' }] });
    proxy.play(({ url }) => (isManifest(url) ? { status: 500, body } : undefined));
    const facts = await fails(t, take(), 'REGISTRY_FAILED');
    // HEAD has no body.
    t.like(facts, { registry: proxy.host });
    t.is(proxy.asked.filter(({ url }) => isManifest(url)).length, 6);
    // zero-seconds: what was waited for is no date to come again.
    proxy.play(({ url }) => (isManifest(url) ? { status: 408, headers: { 'retry-after': '0' } } : undefined));
    t.like(await fails(t, take(), 'REGISTRY_FAILED'), { seconds: undefined });
  });
});

test('a rate limit that ends far away is told at once, with its end', async (t) => {
  await withScene(async ({ site, proxy, take }) => {
    proxy.play(({ url }) =>
      isManifest(url) ? { status: 429, headers: { 'retry-after': '3600' } } : undefined,
    );
    t.like(await fails(t, take(), 'REGISTRY_LIMIT'), { seconds: 3600 });
    t.is(proxy.asked.filter(({ url }) => isManifest(url)).length, 1);
    // endless-maintenance
    proxy.play(({ url }) =>
      isManifest(url) ? { status: 503, headers: { 'retry-after': '7200' } } : undefined,
    );
    t.like(await fails(t, take(), 'REGISTRY_FAILED'), { seconds: 7200 });
    t.is(proxy.asked.filter(({ url }) => isManifest(url)).length, 2);
    proxy.play(({ url }) =>
      isManifest(url)
        ? { headers: { 'ratelimit-limit': '100;w=21600', 'ratelimit-remaining': '7;w=21600' } }
        : undefined,
    );
    await take();
    t.deepEqual(
      site.notices.filter(({ kind }) => kind === 'limit'),
      [{ kind: 'limit', registry: proxy.host, remaining: 7, limit: 100 }],
    );
  });
});

test('a manifest of a hundred megabytes is refused before it is read, and one without a length at the limit', async (t) => {
  await withScene(async ({ proxy, take }) => {
    const huge = 100 * 1024 * 1024;
    proxy.play(({ url, method }) =>
      isManifest(url) && method === 'GET'
        ? {
            status: 200,
            headers: { 'content-type': mediaTypes.ociManifest, 'content-length': String(huge) },
            body: '{',
          }
        : undefined,
    );
    t.like(await fails(t, take(), 'DOCUMENT_TOO_LARGE'), { limitBytes: 4 * 1024 * 1024 });
    proxy.play(({ url, method }) =>
      isManifest(url) && method === 'GET'
        ? {
            status: 200,
            headers: { 'transfer-encoding': 'chunked' },
            body: Buffer.alloc(6 * 1024 * 1024, 32),
          }
        : undefined,
    );
    await fails(t, take(), 'DOCUMENT_TOO_LARGE');
  });
});

const flip = (bytes: Buffer): Buffer => {
  const changed = Buffer.from(bytes);
  const at = Math.floor(changed.length / 2);
  changed[at] = (changed[at] ?? 0) ^ 1;
  return changed;
};

test('bytes that are not what their digest says are refused, be it a manifest, a config or a layer', async (t) => {
  await withScene(async ({ proxy, image, pushed, take }) => {
    for (const what of [pushed.digest, image.imageId, pushed.layers[1]!.digest]) {
      proxy.play(({ url, method }) =>
        method === 'GET' && url.endsWith(what) ? { change: flip } : undefined,
      );
      await fails(t, take(), 'DIGEST_MISMATCH');
    }
    proxy.play(() => undefined);
    t.is(await take(), 3);
  });
});

test('a blob that is longer or shorter than described is refused', async (t) => {
  await withScene(async ({ proxy, pushed, take }) => {
    const layer = pushed.layers[0]!;
    const plain = { 'content-type': 'application/octet-stream' };
    const trick = (bytes: number) => ({ status: 200, headers: plain, body: Buffer.alloc(bytes) });
    proxy.play(({ url }) => (url.endsWith(layer.digest) ? trick(layer.size + 1) : undefined));
    t.like(await fails(t, take(), 'SIZE_MISMATCH'), { want: layer.size });
    proxy.play(({ url }) => (url.endsWith(layer.digest) ? trick(10) : undefined));
    t.like(await fails(t, take(), 'SIZE_MISMATCH'), { got: 10, want: layer.size });
  });
});

test('a registry that does not know Range begins again, and what is there already is passed over', async (t) => {
  await withScene(async ({ proxy, pushed, take }) => {
    const [layer] = pushed.layers;
    let tries = 0;
    proxy.play(({ url }) => {
      if (!url.endsWith(layer!.digest)) return undefined;
      tries += 1;
      return { without: ['range'], ...(tries < 3 ? { cutAfter: 1000 * tries } : {}) };
    });
    t.is(await take(), 3);
    t.is(tries, 3);
  });
});

test('a registry that is started again while blobs come is waited for, by those that were not begun as well', async (t) => {
  await withScene(async ({ site, proxy, pushed, take }) => {
    const layers = pushed.layers.map(({ digest }) => digest);
    let next: Promise<RegistryProxy> | undefined;
    proxy.play(({ url }) => {
      if (!layers.some((digest) => url.endsWith(digest))) return undefined;
      next ??= (async () => {
        await proxy.close();
        await sleep(600);
        return await site.proxy({ to: site.open.origin, port: Number(proxy.host.split(':')[1]) });
      })();
      return { cutAfter: 1000 };
    });
    try {
      t.is(await take(), 3);
    } finally {
      await next;
    }
    for (const layer of layers) t.true((await next)?.asked.some(({ url }) => url.endsWith(layer)));
  });
});

test('gone-with-its-tokens: a registry that gives out its own tokens is waited for where one is asked for', async (t) => {
  let back: Promise<void> | undefined;
  const play = (request: IncomingMessage, response: ServerResponse): void => {
    const { host = '', authorization } = request.headers;
    if (request.url?.startsWith('/token') === true) {
      response.end(JSON.stringify({ token: 'abc' }));
    } else if (authorization === undefined) {
      const realm = `Bearer realm="http://${host}/token",service="registry"`;
      response.writeHead(401, { 'www-authenticate': realm, connection: 'close' }).end();
      if (request.url?.includes('/manifests/') !== true) return;
      back ??= (async () => {
        server.close();
        server.closeIdleConnections();
        await sleep(600);
        await listen(port);
      })();
    } else response.writeHead(404).end();
  };
  const server = http.createServer(play);
  const listen = (at = 0): Promise<void> => new Promise((resolve) => server.listen(at, '127.0.0.1', resolve));
  await listen();
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const error = await failureOf(`127.0.0.1:${port}`, (registry) =>
    registry.request({
      method: 'GET',
      path: '/v2/plant/app/manifests/1',
      scope: { repository: 'plant/app', actions: ['pull'] },
    }),
  ).finally(async () => {
    await back;
    server.close();
    server.closeAllConnections();
  });
  t.truthy(back);
  t.not(error.code, 'REGISTRY_UNREACHABLE', error.message);
});

test('gone-for-good: a registry that does not come back is waited for once, not once for each request', async (t) => {
  await withScene(async ({ site, proxy, pushed, take }) => {
    proxy.play(({ url }) => {
      if (!pushed.layers.some(({ digest }) => url.endsWith(digest))) return undefined;
      void proxy.close();
      return { cutAfter: 1000 };
    });
    t.like(await fails(t, take(), 'REGISTRY_UNREACHABLE'), { problem: 'refused' });
    const waits = site.notices.filter((notice) => notice.kind === 'waiting');
    t.true(waits.some(({ why }) => why === 'nobody answers there now'));
    t.true(waits.length <= 6 * pushed.layers.length, String(waits.length));
  });
});

test('a range other than the one asked for is refused', async (t) => {
  await withScene(async ({ site, proxy, pushed }) => {
    const [layer] = pushed.layers;
    const source = await site.client().source(parseReference(`${proxy.host}/plant/app:1`));
    proxy.play(({ url }) =>
      url.endsWith(layer!.digest)
        ? { headers: { 'content-range': `bytes 900-${layer!.size - 1}/${layer!.size}` } }
        : undefined,
    );
    const stream = await source.first((repository) => repository.blob(layer!, { offset: 500 }));
    await fails(t, buffer(stream!), 'SOURCE_GONE');
  });
});

test('documents that are no images of today are refused with what they are', async (t) => {
  await withScene(async ({ site, proxy, image, take }) => {
    const config = await site.push.blob('plant/app', Buffer.from('{}'));
    const put = (tag: string, document: object) =>
      site.push.manifest('plant/app', tag, mediaTypes.ociManifest, document);
    const manifest = { schemaVersion: 2, mediaType: mediaTypes.ociManifest };
    const chart = { mediaType: 'application/vnd.cncf.helm.config.v1+json', digest: config, size: 2 };
    await put('chart', { ...manifest, config: chart, layers: [] });
    t.like(await fails(t, take('chart'), 'DOCUMENT_INVALID'), {
      problem: `not-an-image: ${chart.mediaType}`,
    });

    const own = { mediaType: mediaTypes.ociConfig, digest: image.imageId, size: image.rawConfig.byteLength };
    const layer = {
      mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar',
      digest: config,
      size: 2,
    };
    await put('foreign', { ...manifest, config: own, layers: [layer, layer, layer] });
    t.like(await fails(t, take('foreign'), 'LAYER_UNSUPPORTED'), { mediaType: layer.mediaType });

    const answer = (type: string, document: object | string) => {
      const body = typeof document === 'string' ? document : JSON.stringify(document);
      const headers = { 'content-type': type };
      proxy.play(({ url }) => (isManifest(url) ? { status: 200, headers, body } : undefined));
    };
    answer('application/vnd.docker.distribution.manifest.v1+prettyjws', { schemaVersion: 1, fsLayers: [] });
    t.like(await fails(t, take(), 'DOCUMENT_INVALID'), { problem: 'schema1' });
    answer('application/vnd.example.thing+json', { schemaVersion: 2 });
    t.like(await fails(t, take(), 'DOCUMENT_INVALID'), {
      problem: 'media-type: application/vnd.example.thing+json',
    });
    // One that is two things at once means another image to another tool.
    answer(mediaTypes.ociIndex, { ...manifest, config: own, layers: [], manifests: [] });
    await fails(t, take(), 'DOCUMENT_INVALID');
    answer('text/html; charset=utf-8', '<h1>Log in to the hotel</h1>');
    t.like(await fails(t, take(), 'REGISTRY_ANSWER'), { detail: 'a web page' });
  });
});

test('headers without end, and answers that are no HTTP, are refused', async (t) => {
  await withScene(async ({ proxy, take }) => {
    proxy.play(({ url }) => (isManifest(url) ? { headers: { 'x-long': 'x'.repeat(40_000) } } : undefined));
    await fails(t, take(), 'REGISTRY_ANSWER');
  });
});

test('green-over-a-login-page: a page that says 200 to everything is no registry', async (t) => {
  await withScene(async ({ site, proxy, take }) => {
    const headers = { 'content-type': 'text/html' };
    proxy.play(() => ({ status: 200, headers, body: '<!DOCTYPE html><p>Log in to the hotel</p>' }));
    const registry = await site.client().registry(proxy.host);
    const asked = registry.request({ method: 'GET', path: '/v2/', scope: { repository: '', actions: [] } });
    t.like(await fails(t, asked, 'REGISTRY_ANSWER'), { detail: 'a web page' });
    proxy.play(() => ({ status: 200, headers: { 'content-type': 'text/plain' }, body: '\n<html></html>' }));
    t.like(await fails(t, take(), 'REGISTRY_ANSWER'), { detail: 'a web page' });
  });
});
