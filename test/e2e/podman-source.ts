// podman as the place that images come from: this system's own, into docker and into another podman.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createLocalHost } from '../../src/hosts/local.js';
import { createDockerStore } from '../../src/stores/docker.js';
import { storeContract } from '../contract/store.js';
import { createNear } from '../helpers/airgap.js';
import { dockerLegacy, testImages } from '../helpers/images.js';
import { makeDrive, runImport } from '../helpers/import-host.js';
import { needing } from '../helpers/needs.js';
import { buildApp, buildBase, expectRuns, inspectImage, listNames } from '../helpers/real-images.js';
import { withSite } from '../helpers/registry-site.js';
import { withTempDir } from '../helpers/tmp.js';
import { type NearPodman, needsOf, openNearPodman, shareRig } from '../rig/rig.js';

const needs = [...needsOf('d20', 'p58'), 'podman', 'busybox'];
const test = needing(...needs);
const rig = shareRig({ test, hosts: ['d20', 'p58'] });
let podman: NearPodman;

test.serial.before('podman gets the images that docker has made', async () => {
  podman = await openNearPodman();
  const { docker } = rig.near;
  const from = await buildBase(docker, 4_000_000);
  for (const tag of ['1', '2'])
    await buildApp(docker, { reference: `plant/app:${tag}`, from, message: `app ${tag}` });
  for (const name of ['plant/app:1', 'plant/app:2']) {
    const file = `${podman.graphRoot}.tar`;
    await docker(['save', name], { outputFile: file });
    await podman.podman(['load', '--quiet'], { input: { file } });
  }
  // what is loaded without a registry becomes one of localhost
  await podman.podman(['tag', 'localhost/plant/app:2', 'registry.lan/plant/app:2']);
});

test.serial.after.always('podman goes', async () => {
  await podman?.stop();
});

for (const kind of ['d20', 'p58'] as const) {
  test.serial(
    `images of podman arrive whole on ${kind}, under their own names, in one reading`,
    async (t) => {
      const host = rig.host(kind);
      const near = await createNear({ ...podman.env, DOCKER_HOST: 'unix:///nowhere' });
      try {
        const sources = [
          'containers-storage:plant/app:1=app:1',
          'containers-storage:registry.lan/plant/app:2',
        ];
        const outcome = await near.run([
          'send',
          host.ssh.alias,
          ...sources,
          ...['-F', host.ssh.configFile, '--json'],
        ]);
        t.is(outcome.exitCode, 0, `${outcome.stderr}\n${outcome.stdout.slice(-2000)}`);
        t.deepEqual(
          outcome.receipts[0]?.images.map(({ reference, layers }) => [reference, layers]),
          [
            ['app:1', { held: 0, sent: 3, spliced: 0 }],
            ['registry.lan/plant/app:2', { held: 2, sent: 1, spliced: 0 }],
          ],
        );
        const first = kind === 'd20' ? 'app:1' : 'docker.io/library/app:1';
        t.deepEqual(await listNames(host.docker), [first, 'registry.lan/plant/app:2']);
        await expectRuns(host.docker, first, 'app 1');
        await expectRuns(host.docker, 'registry.lan/plant/app:2', 'app 2');
        const [here, there] = [
          await inspectImage(rig.near.docker, 'plant/app:1'),
          await inspectImage(host.docker, first),
        ];
        t.deepEqual(there?.diffIds, here?.diffIds);
        t.is(there?.id.replace('sha256:', ''), here?.id.replace('sha256:', ''));
      } finally {
        await near.remove();
      }
    },
  );
}

test.serial('another-tag: of the names of one image that one goes which was asked for', async (t) => {
  await podman.podman(['tag', 'localhost/plant/app:2', 'localhost/plant/app:latest']);
  await podman.podman(['tag', 'localhost/plant/app:2', 'localhost/aaa:1']);
  const near = await createNear({ ...podman.env, DOCKER_HOST: 'unix:///nowhere' });
  try {
    const sources = ['plant/app:latest', 'aaa:1', 'plant/app'].map((name) => `containers-storage:${name}`);
    const planned = await near.run([
      'export',
      path.join(near.folder, 'drive'),
      ...sources,
      '--dry-run',
      '--json',
    ]);
    const plan = planned.events.find((event) => event.type === 'export.plan')?.plan;
    t.deepEqual(
      plan?.images.map(({ reference }) => reference),
      ['localhost/plant/app:latest', 'localhost/aaa:1'],
      planned.stderr,
    );
  } finally {
    await near.remove();
    await podman.podman(['untag', 'localhost/plant/app:2', 'localhost/plant/app:latest', 'localhost/aaa:1']);
  }
});

test.serial('name-of-digits: an image that is named by a short ID goes under its own name', async (t) => {
  const near = await createNear({ ...podman.env, DOCKER_HOST: 'unix:///nowhere' });
  try {
    const id = (await podman.podman(['image', 'inspect', '--format', '{{.Id}}', 'localhost/plant/app:1']))
      .stdout;
    const source = `containers-storage:${id.replace('sha256:', '').slice(0, 12)}`;
    const planned = await near.run([
      'export',
      path.join(near.folder, 'drive'),
      source,
      '--dry-run',
      '--json',
    ]);
    const plan = planned.events.find((event) => event.type === 'export.plan')?.plan;
    t.deepEqual(
      plan?.images.map(({ reference }) => reference),
      ['localhost/plant/app:1'],
      planned.stderr,
    );
  } finally {
    await near.remove();
  }
});

test.serial(
  'deaf-selection: podman-running: are the images of what runs, by ID where a name has moved',
  async (t) => {
    const near = await createNear({ ...podman.env, DOCKER_HOST: 'unix:///nowhere' });
    const run = async (name: string, image: string): Promise<void> => {
      const words = [
        'run',
        '--ulimit=nofile=1024:1024',
        '--ulimit=nproc=1024:1024',
        '--detach',
        '--network=none',
        '--name',
        name,
        image,
        '/bin/busybox',
        'sleep',
        '600',
      ];
      await podman.podman(words);
    };
    try {
      await run('one', 'localhost/plant/app:1');
      await podman.podman(['tag', 'localhost/plant/app:1', 'localhost/moved:1']);
      await run('two', 'localhost/moved:1');
      await podman.podman(['tag', 'localhost/plant/app:2', 'localhost/moved:1']);
      const words = ['export', path.join(near.folder, 'drive'), 'podman-running:', '--dry-run', '--json'];
      const planned = await near.run(words);
      const plan = planned.events.find((event) => event.type === 'export.plan')?.plan;
      const ids = new Set(plan?.images.map(({ imageId }) => imageId));
      const asked = await podman.podman(['image', 'inspect', '--format', '{{.Id}}', 'localhost/plant/app:1']);
      t.deepEqual([...ids], [`sha256:${asked.stdout.trim()}`], planned.stdout + planned.stderr);
    } finally {
      await near.remove();
      await podman.podman(['rm', '--force', '--time', '0', 'one', 'two'], { mayFail: true });
      await podman.podman(['untag', 'localhost/moved:1', 'localhost/moved:1'], { mayFail: true });
    }
  },
);

test.serial('a container of podman is sent as what it is now, and leaves no image here', async (t) => {
  const host = rig.host('d20');
  const near = await createNear({ ...podman.env, DOCKER_HOST: 'unix:///nowhere' });
  try {
    await podman.podman(['create', '--name', 'box', 'localhost/plant/app:1']);
    const words = [
      'send',
      host.ssh.alias,
      'podman-container:box',
      '--message',
      'as it was',
      '--change',
      'ENV A=b',
    ];
    const outcome = await near.run([...words, '-F', host.ssh.configFile, '--json']);
    t.is(outcome.exitCode, 0, `${outcome.stderr}\n${outcome.stdout.slice(-2000)}`);
    t.is(outcome.receipts[0]?.images[0]?.source, 'podman-container:box');
    await expectRuns(host.docker, 'box:latest', 'app 1');
    const env = await host.docker(['image', 'inspect', '--format', '{{json .Config.Env}}', 'box:latest']);
    t.regex(env.stdout, /A=b/);
    t.true((await listNames(podman.podman)).every((name) => !name.startsWith('airgap.local/')));
    const unknown = await near.run(['inspect', 'podman-container:bix']);
    t.is(unknown.exitCode, 10);
    t.regex(unknown.stderr, /podman-container:box/);
  } finally {
    await near.remove();
  }
});

test.serial('images go from podman into a bundle, and out of it into podman by import.sh', async (t) => {
  const host = rig.host('p58');
  const near = await createNear({ ...podman.env, DOCKER_HOST: 'unix:///nowhere' });
  try {
    await host.wipe();
    const drive = await makeDrive(host);
    const source = 'containers-storage:registry.lan/plant/app:2';
    const exported = await near.run(['export', path.join(drive.outside, 'usb'), source, '--json']);
    t.is(exported.exitCode, 0, `${exported.stderr}\n${exported.stdout.slice(-2000)}`);
    const found = await host.inside(['find', drive.inside, '-name', 'import.sh']);
    const imported = await runImport(host, path.dirname(found.stdout.trim()));
    t.is(imported.exitCode, 0, imported.stderr);
    await expectRuns(host.docker, 'registry.lan/plant/app:2', 'app 2');
    t.deepEqual(await listNames(host.docker), ['registry.lan/plant/app:2']);
  } finally {
    await near.remove();
  }
});

test.serial(
  "one-of-a-list: of podman's own lists nothing is left out in silence, and there is a way for all of it",
  async (t) => {
    const near = await createNear({ ...podman.env, DOCKER_HOST: 'unix:///nowhere' });
    const list = 'localhost/plant/list:1';
    const source = `containers-storage:${list}`;
    const place = path.join(near.folder, 'bundle');
    try {
      await podman.podman(['manifest', 'create', list]);
      await podman.podman(['manifest', 'add', list, 'containers-storage:localhost/plant/app:1']);
      const arm = ['--arch', 'arm64', '--os', 'linux'];
      await podman.podman(['manifest', 'add', ...arm, list, 'containers-storage:localhost/plant/app:2']);
      for (const platform of ['all', 'linux/arm64']) {
        const refused = await near.run(['export', place, source, '--platform', platform, '--dry-run']);
        t.is(refused.exitCode, 2, refused.stdout);
        t.regex(refused.stderr, /podman manifest push --all localhost\/plant\/list:1 oci:FOLDER/);
      }
      const own = await near.run(['export', place, source, '--platform', 'linux/amd64', '--dry-run']);
      t.is(own.exitCode, 0, own.stderr);
      const folder = path.join(near.folder, 'layout');
      await podman.podman(['manifest', 'push', '--all', list, `oci:${folder}`]);
      const whole = await near.run(['export', place, `oci:${folder}`, '--platform', 'all', '--dry-run']);
      t.is(whole.exitCode, 0, whole.stderr);
      t.regex(whole.stdout, /index of 2 platforms/);
    } finally {
      await podman.podman(['manifest', 'rm', list], { mayFail: true });
      await near.remove();
    }
  },
);

test.serial(
  'another-repository: a short name that podman finds elsewhere goes under the name that it has there',
  async (t) => {
    const near = await createNear({ ...podman.env, DOCKER_HOST: 'unix:///nowhere' });
    try {
      await podman.podman(['tag', 'localhost/plant/app:2', 'quay.example/team/lone:1']);
      const outcome = await near.run(['export', near.folder, 'containers-storage:lone:1', '--dry-run']);
      t.is(outcome.exitCode, 0, outcome.stderr);
      t.regex(outcome.stdout, /quay\.example\/team\/lone:1/);
    } finally {
      await podman.podman(['untag', 'quay.example/team/lone:1', 'quay.example/team/lone:1'], {
        mayFail: true,
      });
      await near.remove();
    }
  },
);

needing(...needs, 'registry').serial(
  "pulled-digest: an image that was pulled by digest is named by that one, not by podman's own",
  async (t) => {
    const [image] = testImages('podman-by-digest');
    await withSite(async (site) => {
      const { digest } = await site.push.image('team/pinned', '1', image);
      const name = `${site.open.host}/team/pinned@${digest}`;
      const near = await createNear({ ...podman.env, DOCKER_HOST: 'unix:///nowhere' });
      try {
        await podman.podman(['pull', '--quiet', '--tls-verify=false', name]);
        const listed = await near.run(['images', '--names']);
        t.true(listed.stdout.includes(`containers-storage:${name}\n`), listed.stdout);
        for (const source of [name, image.imageId]) {
          const outcome = await near.run([
            'export',
            near.folder,
            `containers-storage:${source}`,
            '--dry-run',
            '--json',
          ]);
          t.is(outcome.exitCode, 0, outcome.stderr);
          t.true(outcome.stdout.includes(`/team/pinned:sha256-${digest.slice(7, 19)}"`), outcome.stdout);
        }
        await podman.podman(['rmi', '--force', image.imageId]);
      } finally {
        await near.remove();
      }
    });
  },
);

test.serial('what podman does not have is told with what is like it', async (t) => {
  const near = await createNear(podman.env);
  try {
    const outcome = await near.run(['inspect', 'containers-storage:registry.lan/plant/apq:2']);
    t.is(outcome.exitCode, 10, outcome.stdout);
    t.regex(outcome.stderr, /IMAGE_UNKNOWN/);
    t.regex(outcome.stderr, /registry\.lan\/plant\/app:2/);
    const shown = await near.run(['inspect', 'containers-storage:registry.lan/plant/app:2', '--json']);
    t.is(shown.exitCode, 0, shown.stderr);
  } finally {
    await near.remove();
  }
});

storeContract({
  test,
  title: 'containers-storage',
  kind: 'containers-storage',
  with: (images, fn) =>
    withTempDir(async (folder) => {
      await podman.podman(['rmi', '--all', '--force']);
      const file = path.join(folder, 'images.tar');
      await writeFile(file, dockerLegacy(images));
      await podman.podman(['load', '--quiet'], { input: { file } });
      // What an archive names in docker's short way becomes one of localhost.
      for (const { name } of images.filter((image) => image.name.startsWith('docker.io/'))) {
        const local = `localhost/${name.replace(/^docker\.io\/(?:library\/)?/, '')}`;
        await podman.podman(['tag', local, name]);
        await podman.podman(['untag', local, local]);
      }
      const host = createLocalHost({ ...process.env, ...podman.env });
      const store = createDockerStore({
        host,
        program: 'podman',
        cacheDirectory: path.join(folder, 'configs'),
      });
      await fn({ store });
      await store.close();
    }),
});
