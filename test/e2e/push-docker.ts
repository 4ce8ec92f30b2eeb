// `airgap push` of a docker engine's images: raw layers are compressed once, always to the same bytes, and never sent twice.
import path from 'node:path';
import { testImages } from '../helpers/images.js';
import { needing } from '../helpers/needs.js';
import { receiptOf, withPushSite } from '../helpers/push-site.js';
import { buildApp, buildBusybox } from '../helpers/real-images.js';
import { run } from '../rig/command.js';
import { shareRig } from '../rig/rig.js';

const test = needing('root', 'linux', 'docker', 'namespaces', 'busybox', 'registry', 'skopeo');
const rig = shareRig({ test, hosts: [] });

test.serial('an image of docker is compressed once, and pushed again without a byte of a blob', async (t) => {
  const { docker, dockerHost } = rig.near;
  await buildBusybox(docker, 'push/base:1');
  await buildApp(docker, { reference: 'push/app:1', from: 'push/base:1', message: 'hello registry' });
  await withPushSite(async ({ near, proxy, site, blobBytes }) => {
    const state = (name: string) => ({
      env: { DOCKER_HOST: dockerHost, XDG_STATE_HOME: path.join(near.folder, name) },
    });
    const line = ['push', '--json', 'push/app:1', proxy.host];
    const first = await near.run(line, state('one'));
    t.is(first.exitCode, 0, first.stdout + first.stderr);
    const [image] = receiptOf(first).images;
    t.true(blobBytes() > 100_000);

    let since = proxy.asked.length;
    const again = await near.run(line, state('one'));
    t.is(again.exitCode, 0, again.stderr);
    t.is(blobBytes(since), 0);
    // Nothing was packed either: what layers have become is remembered.
    t.true(receiptOf(again).images[0]!.present);
    t.is(receiptOf(again).images[0]!.farId, image!.farId);

    since = proxy.asked.length;
    const stranger = await near.run(line, state('two'));
    t.is(stranger.exitCode, 0, stranger.stderr);
    t.is(blobBytes(since), 0);
    t.is(receiptOf(stranger).images[0]!.farId, image!.farId);

    // skopeo fetches all of it, checks every digest, and gives it back to docker.
    const name = `docker://${site.open.host}/push/app:1`;
    const archive = path.join(near.folder, 'back.tar');
    await run(['skopeo', 'copy', '--src-tls-verify=false', name, `docker-archive:${archive}:push/back:1`]);
    await docker(['load', '-i', archive]);
    const ran = await docker(['inspect', '--format', '{{.Id}}', 'push/back:1']);
    t.is(ran.stdout.trim(), image!.imageId);
  });
});

test.serial('nameless-by-digest: an image that was pulled by digest keeps its repository', async (t) => {
  const { docker, dockerHost } = rig.near;
  const [image] = testImages('by-digest');
  await withPushSite(async ({ near, site }) => {
    const { digest } = await site.push.image('team/pinned', '1', image);
    const repository = `${site.open.host}/team/pinned`;
    await docker(['pull', '--quiet', `${repository}@${digest}`]);
    const env = { DOCKER_HOST: dockerHost };
    const listed = await near.run(['images', '--names'], { env });
    t.true(listed.stdout.split('\n').includes(`${repository}@${digest}`), listed.stdout + listed.stderr);
    // By its ID, and by what the list says.
    for (const name of [image.imageId, `${repository}@${digest}`]) {
      const place = path.join(near.folder, 'bundle');
      const planned = await near.run(['export', place, name, '--dry-run', '--json'], { env });
      t.is(planned.exitCode, 0, planned.stderr);
      t.regex(planned.stdout, new RegExp(`"${repository}:sha256-[0-9a-f]{12}"`));
    }
    // nameless-push: what a host would call it is its tag at a registry, too.
    const pushed = await near.run(['push', '--json', `${repository}@${digest}`, `${site.open.host}/other`], {
      env,
    });
    t.is(pushed.exitCode, 0, pushed.stderr);
    t.regex(receiptOf(pushed).images[0]?.reference ?? '', /\/other\/team\/pinned:sha256-[0-9a-f]{12}$/);
    await docker(['rmi', image.imageId]);
  });
});

test.serial('an image that a docker archive holds is pushed with its layers compressed', async (t) => {
  await withPushSite(async ({ near, proxy, site }) => {
    const [image] = testImages('push-archive');
    const archive = path.join(near.folder, 'site.tar');
    await site.push.image('a/b', '1', image);
    await run([
      'skopeo',
      'copy',
      '--src-tls-verify=false',
      `docker://${site.open.host}/a/b:1`,
      `docker-archive:${archive}:c/d:2`,
    ]);
    const pushed = await near.run(['push', '--json', `docker-archive:${archive}`, proxy.host]);
    t.is(pushed.exitCode, 0, pushed.stderr);
    t.is(receiptOf(pushed).images[0]!.imageId, image.imageId);
  });
});
