// A push whose names cannot all be set leaves none moved, and one that ends halfway leaves what has come for the next.

import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { mediaTypes } from '../../src/oci/descriptor.js';
import type { Outcome } from '../helpers/airgap.js';
import { dockerLegacy, testImage, testImages, testLayer } from '../helpers/images.js';
import { needing } from '../helpers/needs.js';
import { receiptOf, withPushSite } from '../helpers/push-site.js';

const test = needing('registry');

const notesOf = ({ events }: Outcome): string =>
  events.flatMap((event) => (event.type === 'note' ? [event.message] : [])).join('\n');
const isTag = (tag: string) => (url: string) => url.endsWith(`/manifests/${tag}`);

test('a name that the registry refuses leaves those before it where they were', async (t) => {
  await withPushSite(async ({ near, proxy, layout, manifest }) => {
    const [one = '', two = '', three = ''] = await layout(testImages('push-put-back'));
    t.is((await near.run(['push', `${one}=app:1`, proxy.host])).exitCode, 0);
    const { digest } = await manifest('app:1');
    const body = JSON.stringify({ errors: [{ code: 'DENIED', message: 'tag is immutable' }] });
    proxy.play(({ method, url }) =>
      method === 'PUT' && isTag('locked')(url) ? { status: 403, body } : undefined,
    );
    const line = [`${two}=app:1`, `${three}=app:new`, `${two}=app:locked`];
    const refused = await near.run(['push', '--json', ...line, proxy.host]);
    t.is(refused.errorCode, 'REGISTRY_DENIED');
    t.is((await manifest('app:1')).digest, digest);
    // That one was nothing before, and registries cannot make it that again.
    t.true(notesOf(refused).endsWith(`: ${proxy.host}/app:new`), notesOf(refused));
    t.is((await manifest('app:locked')).status, 404);
  });
});

test('names that could not be put back are told, when the registry has gone', async (t) => {
  await withPushSite(async ({ near, proxy, layout }) => {
    const [one = '', two = ''] = await layout(testImages('push-gone'));
    t.is((await near.run(['push', `${one}=app:1`, proxy.host])).exitCode, 0);
    let isGone = false;
    proxy.play(({ method, url }) => {
      isGone ||= method === 'PUT' && isTag('2')(url);
      return isGone ? { status: 429, headers: { 'retry-after': '3600' } } : undefined;
    });
    const ended = await near.run(['push', '--json', `${two}=app:1`, `${two}=app:2`, proxy.host]);
    t.is(ended.errorCode, 'REGISTRY_LIMIT');
    t.true(notesOf(ended).endsWith(`: ${proxy.host}/app:2, ${proxy.host}/app:1`), notesOf(ended));
    // proved-too-soon: no name was set in the end.
    t.false(ended.events.some((event) => event.type === 'item.finished' && event.phase === 'verify'));
  });
});

test('a name that came to be taken is refused before any other moves', async (t) => {
  await withPushSite(async ({ near, proxy, layout, manifest }) => {
    const [one = '', two = ''] = await layout(testImages('push-taken'));
    t.is((await near.run(['push', `${one}=app:taken`, proxy.host])).exitCode, 0);
    let asked = 0;
    // Not there while the plan was made.
    proxy.play(({ method, url }) => {
      if (method !== 'HEAD' || !isTag('taken')(url)) return undefined;
      asked += 1;
      return asked === 1 ? { status: 404 } : undefined;
    });
    const line = ['push', '--json', '--no-clobber', `${two}=app:first`, `${two}=app:taken`, proxy.host];
    t.is((await near.run(line)).errorCode, 'NAME_TAKEN');
    t.is((await manifest('app:first')).status, 404);
  });
});

test('a push that the registry ends halfway goes on where it was', async (t) => {
  await withPushSite(async ({ near, proxy, layout, blobBytes }) => {
    const mebibyte = 1024 * 1024;
    const layers = [testLayer('push-halfway', 20 * mebibyte)];
    const [source = ''] = await layout([testImage({ name: 'docker.io/team/big:1', layers })]);
    let chunks = 0;
    proxy.play(({ method }) => {
      if (method === 'PATCH') chunks += 1;
      return chunks < 2 ? undefined : { status: 429, headers: { 'retry-after': '3600' } };
    });
    t.is((await near.run(['push', '--json', source, proxy.host])).errorCode, 'REGISTRY_LIMIT');
    // Nor does a run that gets no answer at all lose it.
    t.is((await near.run(['push', '--json', source, proxy.host])).errorCode, 'REGISTRY_LIMIT');
    proxy.play(() => undefined);
    const since = proxy.asked.length;
    const pushed = await near.run(['push', '--json', source, proxy.host]);
    t.is(pushed.exitCode, 0, pushed.stderr);
    t.is(receiptOf(pushed).resumedBytes, 8 * mebibyte);
    t.is(blobBytes(since), receiptOf(pushed).layerBytes);
  });
});

test('a zstd blob that is taken over from another repository is not called gzip', async (t) => {
  await withPushSite(async ({ near, proxy, site, manifest, blobBytes }) => {
    const other = await site.registry({});
    const [image] = testImages('push-zstd');
    await site.push.image('far/app', '1', image, 'zstd');
    const source = `docker://${other.host}/far/app:1=one/app:1`;
    const first = await near.run(['push', '--json', source, proxy.host]);
    t.is(first.exitCode, 0, first.stdout);
    const archive = path.join(near.folder, 'app.tar');
    await writeFile(archive, dockerLegacy([image]));
    const since = proxy.asked.length;
    const second = await near.run(['push', '--json', `docker-archive:${archive}=two/app:1`, proxy.host]);
    t.is(second.exitCode, 0, second.stdout);
    t.is(blobBytes(since), 0);
    const typesOf = async (name: string): Promise<string[]> => {
      const { layers } = JSON.parse((await manifest(name)).raw.toString()) as {
        layers: { mediaType: string; digest: string }[];
      };
      return layers.map(({ mediaType, digest }) => `${digest} ${mediaType}`);
    };
    t.deepEqual(await typesOf('two/app:1'), await typesOf('one/app:1'));
    t.true((await typesOf('one/app:1')).every((layer) => layer.endsWith(mediaTypes.ociLayerZstd)));
  });
});

test('unusable-hint: whose bundle meets a name that is taken is told what works for bundles, and it does', async (t) => {
  await withPushSite(async ({ near, proxy, layout, manifest }) => {
    const [older = ''] = await layout(testImages('push-hint-before'));
    const name = 'plant/bus-info:v1';
    t.is((await near.run(['push', `${older}=${name}`, proxy.host])).exitCode, 0);
    const { digest } = await manifest(name);
    const [source = ''] = await layout(testImages('push-hint'));
    const made = await near.run(['export', near.folder, '--name', 'site', source]);
    t.is(made.exitCode, 0, made.stderr);
    const bundle = path.join(near.folder, 'site');
    const works = /hint: (?!.*IMAGE=NAME).*--prefix PATH.*oci:FOLDER:NAME=OTHER/;
    const taken = await near.run(['push', '--no-clobber', bundle, proxy.host]);
    t.regex(taken.stderr, /NAME_TAKEN/);
    t.regex(taken.stderr, works);
    const body = JSON.stringify({ errors: [{ code: 'DENIED', message: 'tag is immutable' }] });
    proxy.play(({ method, url }) =>
      method === 'PUT' && isTag('v1')(url) ? { status: 412, body } : undefined,
    );
    const locked = await near.run(['push', bundle, proxy.host]);
    t.regex(locked.stderr, /REGISTRY_PUSH/);
    t.regex(locked.stderr, works);
    // Of an image it is as it was.
    t.regex((await near.run(['push', source, proxy.host])).stderr, /hint: .*IMAGE=NAME:TAG/);
    proxy.play(() => undefined);
    const below = await near.run(['push', '--no-clobber', bundle, proxy.host, '--prefix', 'new']);
    t.is(below.exitCode, 0, below.stderr);
    const alone = `oci:${bundle}:docker.io/${name}=renamed:1`;
    const renamed = await near.run(['push', '--no-clobber', alone, proxy.host]);
    t.is(renamed.exitCode, 0, renamed.stderr);
    t.is((await manifest('renamed:1')).status, 200);
    t.is((await manifest(`new/${name}`)).status, 200);
    t.is((await manifest(name)).digest, digest);
  });
});
