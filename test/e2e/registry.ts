// The program itself with images of a registry: into a bundle, into a host's layout, resumed after a cut.
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { createNear, type Near } from '../helpers/airgap.js';
import { testImage, testImages, testLayer } from '../helpers/images.js';
import { needing } from '../helpers/needs.js';
import { type RegistrySite, withSite } from '../helpers/registry-site.js';

const test = needing('registry');

async function withNear(use: (site: RegistrySite, near: Near) => Promise<void>): Promise<void> {
  await withSite(async (site) => {
    const near = await createNear({ AIRGAP_LANG: 'en' });
    try {
      await use(site, near);
    } finally {
      await near.remove();
    }
  });
}

/** `bytes=400000-` */
const startOf = (range: string | undefined): number => Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);

test('images of a registry become a bundle that proves, each blob fetched once', async (t) => {
  await withNear(async (site, near) => {
    const [one, two] = testImages('bundle-registry');
    await site.push.image('plant/bus-info', 'v1', one);
    await site.push.image('plant/bus-info', 'v2', two);
    const proxy = await site.proxy({ to: site.open.origin });
    const names = ['v1', 'v2'].map((tag) => `docker://${proxy.host}/plant/bus-info:${tag}`);
    const drive = path.join(near.folder, 'drive');
    const made = await near.run(['export', drive, '--name', 'site', ...names]);
    t.is(made.exitCode, 0, made.stderr);
    const blobs = proxy.asked.filter(({ method, url }) => method === 'GET' && url.includes('/blobs/'));
    t.is(new Set(blobs.map(({ url }) => url)).size, blobs.length);
    // Four layers, two configs.
    t.is(blobs.length, 6);
    const proved = await near.run(['verify', path.join(drive, 'site'), '--deep']);
    t.is(proved.exitCode, 0, proved.stderr);
    const shown = await near.run(['show', path.join(drive, 'site'), '--json']);
    t.true(shown.stdout.includes(`${proxy.host}/plant/bus-info:v2`));
  });
});

test('many images with many layers cost one question each before the plan, and one a blob after it', async (t) => {
  await withNear(async (site, near) => {
    const layers = Array.from({ length: 40 }, (_, at) => testLayer(`many-${at}`, 500));
    const names: string[] = [];
    for (let at = 0; at < 20; at += 1) {
      // Twenty of forty, so that each is in ten images; each image in a repository of its own.
      const own = Array.from({ length: 20 }, (_, n) => layers[(at * 2 + n) % layers.length]!);
      const config = { Labels: { number: String(at) } };
      await site.push.image(`team/app-${at}`, '1', testImage({ name: 'x', layers: own, config }));
      names.push(`team/app-${at}:1`);
    }
    const proxy = await site.proxy({ to: site.open.origin });
    const sources = names.map((name) => `docker://${proxy.host}/${name}`);
    const plan = await near.run(['export', path.join(near.folder, 'drive'), '--dry-run', ...sources]);
    t.is(plan.exitCode, 0, plan.stderr);
    const asked = (method: string, part: string): string[] =>
      proxy.asked.filter((one) => one.method === method && one.url.includes(part)).map(({ url }) => url);
    // A tag, its manifest and its config for each image, and nothing of any layer.
    t.is(asked('HEAD', '/').length, 20);
    t.is(asked('GET', '/manifests/').length, 20);
    t.is(asked('GET', '/blobs/').length, 20);

    proxy.asked.length = 0;
    const made = await near.run(['export', path.join(near.folder, 'drive'), ...sources]);
    t.is(made.exitCode, 0, made.stderr);
    t.deepEqual(
      [asked('HEAD', '/').length, asked('GET', '/manifests/').length, asked('GET', '/blobs/').length],
      [20, 0, 40],
    );
    t.is(new Set(asked('GET', '/blobs/').map((url) => url.split('/').at(-1))).size, 40);
  });
});

test('a blob that is cut again and again goes on where it was', async (t) => {
  await withNear(async (site, near) => {
    const image = testImage({ name: 'x', layers: [testLayer('cut', 900_000)] });
    const { layers } = await site.push.image('team/app', '1', image);
    const [layer] = layers;
    const proxy = await site.proxy({ to: site.open.origin });
    let cuts = 0;
    proxy.play(({ url }) => {
      if (!url.includes(layer!.digest) || cuts >= 3) return undefined;
      cuts += 1;
      return { cutAfter: 250_000 };
    });
    const drive = path.join(near.folder, 'drive');
    const made = await near.run(['export', drive, `docker://${proxy.host}/team/app:1`]);
    t.is(made.exitCode, 0, made.stderr);
    const asked = proxy.asked.filter(({ url }) => url.includes(layer!.digest));
    const starts = asked.map(({ headers }) => startOf(headers.range));
    t.is(starts.length, 4);
    // What was on its way when the connection broke is lost with it.
    for (const [at, start] of starts.entries()) t.true(at === 0 ? start === 0 : start > starts[at - 1]!);
  });
});

test('a run that is killed leaves what has come, and the next one fetches the rest only', async (t) => {
  await withNear(async (site, near) => {
    const image = testImage({ name: 'x', layers: [testLayer('killed', 900_000)] });
    const { layers } = await site.push.image('team/app', '1', image);
    const [layer] = layers;
    const proxy = await site.proxy({ to: site.open.origin });
    const source = `docker://${proxy.host}/team/app:1`;
    const drive = path.join(near.folder, 'drive');
    const { child, outcome } = near.start(['export', drive, source]);
    const isLayer = (url: string): boolean => url.includes(layer!.digest);
    // The first answer stops in its middle; the second never comes.
    proxy.play(({ url }) => {
      if (!isLayer(url)) return undefined;
      const tries = proxy.asked.filter((one) => isLayer(one.url)).length;
      if (tries === 1) return { cutAfter: 400_000 };
      child.kill('SIGKILL');
      return { delayMs: 60_000 };
    });
    await outcome;
    t.deepEqual(
      (await readdir(path.join(near.folder, 'cache/airgap/blobs'))).filter((name) => name.endsWith('.part'))
        .length,
      1,
    );
    proxy.play(() => undefined);
    const before = proxy.asked.length;
    const made = await near.run(['export', drive, source]);
    t.is(made.exitCode, 0, made.stderr);
    const asked = proxy.asked.slice(before).filter(({ url }) => isLayer(url));
    t.is(asked.length, 1);
    t.true(startOf(asked[0]!.headers.range) > 0);
  });
});

test('an image of a registry is sent to a folder here, and again without its layers', async (t) => {
  await withNear(async (site, near) => {
    const [image] = testImages('send-registry');
    await site.push.image('plant/bus-info', 'v1', image);
    const source = `docker://${site.open.host}/plant/bus-info:v1`;
    const inspected = await near.run(['inspect', source, '--json']);
    t.is(inspected.exitCode, 0, inspected.stderr);
    t.true(inspected.stdout.includes(image.imageId));
    const engine = `layout:${path.join(near.folder, 'store')}`;
    for (const held of [0, 3]) {
      const sent = await near.run(['send', '--json', '--engine', engine, 'local:', source]);
      t.is(sent.exitCode, 0, sent.stderr);
      t.is(sent.plans[0]?.images[0]?.layers.filter(({ route }) => route === 'held').length, held);
    }
  });
});

test('an unknown repository and an unknown tag are told with what is near, and a limit that is nearly reached is told', async (t) => {
  await withNear(async (site, near) => {
    await site.push.image(
      'plant/bus-info',
      'v1',
      testImage({ name: 'x', layers: [testLayer('unknown', 500)] }),
    );
    const proxy = await site.proxy({ to: site.open.origin });
    const inspect = (name: string) => near.run(['inspect', `docker://${proxy.host}/${name}`]);
    for (const name of ['plant/nobody:v1', 'plant/bus-info:v9']) {
      const { exitCode, stderr } = await inspect(name);
      t.is(exitCode, 10, stderr);
      t.regex(stderr, new RegExp(`${name}.* \\[IMAGE_UNKNOWN\\]`));
      t.regex(stderr, /hint: \S/);
    }
    const left = { 'ratelimit-limit': '100;w=21600', 'ratelimit-remaining': '5;w=21600' };
    proxy.play(({ url }) => (url.includes('/manifests/') ? { headers: left } : undefined));
    const from = `docker://${proxy.host}/plant/bus-info:v1`;
    const warned = await near.run(['export', near.folder, from, '--dry-run', '--name', 'low']);
    t.is(warned.exitCode, 0, warned.stderr);
    t.regex(`${warned.stdout}${warned.stderr}`, /5 .*100/);
  });
});
