// docker to podman, on each podman of the rig: names as meant, Ids and layers proved, only what is new travels, nothing is left.
import { stat } from 'node:fs/promises';
import { createNear, expectOk, type Near, type Outcome } from '../helpers/airgap.js';
import { needing } from '../helpers/needs.js';
import {
  buildApp,
  buildBase,
  buildImage,
  expectRuns,
  exportedTree,
  inspectImage,
  listNames,
} from '../helpers/real-images.js';
import { openLink } from '../rig/link.js';
import { needsOf, type RigHost, type SshAccess, shareRig } from '../rig/rig.js';

const test = needing(...needsOf('p58'));
const rig = shareRig({ test, hosts: ['p58'] });

async function send(
  near: Near,
  ssh: SshAccess,
  images: readonly string[],
  more: readonly string[] = [],
): Promise<Outcome> {
  return await near.run(['send', ssh.alias, ...images, '-F', ssh.configFile, '--json', ...more]);
}

/** What is left of airgap and of loads over there. */
async function leftOvers(host: RigHost): Promise<readonly string[]> {
  // the chroots' /var/tmp is the box's own, this system's is not
  const temp = host.kind === 'p43' ? '' : 'ls -d /var/tmp/* 2>/dev/null;';
  const find = `${temp} find /root/.cache/airgap -type f ! -name "far-*.sh" 2>/dev/null || :`;
  const found = await host.inside(['sh', '-c', find]);
  const names = await listNames(host.docker);
  return [
    ...names.filter((name) => name.startsWith('airgap.local/')),
    ...found.stdout.split('\n').filter((file) => file !== '' && !file.endsWith('airgap-rig')),
  ];
}

test.serial.before('the images are made', async () => {
  const { docker } = rig.near;
  const from = await buildBase(docker, 12_000_000);
  await buildApp(docker, { reference: 'app:1', from, message: 'app one' });
  await buildApp(docker, { reference: 'plant/other:1', from, message: 'other one' });
  await buildApp(docker, { reference: 'registry.lan/plant/app:2', from, message: 'app two' });
  await buildImage(docker, {
    reference: 'plant/long:1',
    from: 'busybox:latest',
    layers: [
      { files: { 'app/message.txt': 'long one\n' }, randomBytes: 36_000_000 },
      { randomBytes: 36_000_000, seed: 'upper' },
    ],
    cmd: ['/bin/busybox', 'cat', '/app/message.txt'],
  });
});

const expected = [
  ['app:1', 'docker.io/library/app:1', 'app one'],
  ['plant/other:1', 'docker.io/plant/other:1', 'other one'],
  ['registry.lan/plant/app:2', 'registry.lan/plant/app:2', 'app two'],
] as const;

// The matrix has the others.
for (const kind of ['p58'] as const) {
  test.serial(
    `${kind}: images from docker arrive whole, under the names that were meant, and run`,
    async (t) => {
      const host = rig.host(kind);
      const near = await createNear({ DOCKER_HOST: rig.near.dockerHost });
      try {
        const first = await send(near, host.ssh, ['app:1', 'plant/other:1'], ['--engine', 'podman']);
        expectOk(t, first);
        t.is(first.receipts[0]?.engine.store, 'overlay, root');
        t.deepEqual(
          first.receipts[0]?.images.map((image) => [image.layers, image.proof]),
          [
            [{ held: 0, sent: 3, spliced: 0 }, 'config-digest'],
            [{ held: 2, sent: 1, spliced: 0 }, 'config-digest'],
          ],
        );
        // Nobody named the engine: there is no other.
        const changed = await send(near, host.ssh, ['registry.lan/plant/app:2']);
        expectOk(t, changed);
        t.is(changed.plans[0]?.engine.name, 'podman');
        t.deepEqual(changed.receipts[0]?.images[0]?.layers, { held: 2, sent: 1, spliced: 0 });
        t.true((changed.receipts[0]?.layerBytes ?? Infinity) < 10_000);
        const again = await send(near, host.ssh, ['app:1', 'plant/other:1', 'registry.lan/plant/app:2']);
        expectOk(t, again);
        t.is(again.receipts[0]?.layerBytes, 0);
        t.true(again.receipts[0]?.images.every((image) => image.present));

        t.deepEqual(await listNames(host.docker), expected.map(([, full]) => full).toSorted());
        for (const [short, full, line] of expected) {
          const here = await inspectImage(rig.near.docker, short);
          const there = await inspectImage(host.docker, full);
          t.is(`sha256:${there?.id}`, here?.id ?? '');
          t.deepEqual(there?.diffIds, here?.diffIds);
          await expectRuns(host.docker, full, line);
          t.is(await exportedTree(host.docker, full), await exportedTree(rig.near.docker, short));
        }
        t.deepEqual(await leftOvers(host), []);
      } finally {
        await near.remove();
      }
    },
  );

  test.serial(
    `${kind}: what arrived with layers left out can be saved again, and docker loads it`,
    async (t) => {
      const host = rig.host(kind);
      const [docker, near] = [rig.near.docker, await createNear({ DOCKER_HOST: rig.near.dockerHost })];
      try {
        expectOk(t, await send(near, host.ssh, ['app:1', 'registry.lan/plant/app:2']));
        const before = await inspectImage(docker, 'registry.lan/plant/app:2');
        for (const format of ['docker-archive', 'oci-archive']) {
          const file = `${near.folder}/saved.tar`;
          const args = ['save', '--quiet', '--format', format, 'registry.lan/plant/app:2'];
          await host.docker(args, { outputFile: file });
          t.true((await stat(file)).size > 1000, format);
          if (format !== 'docker-archive') continue;
          await docker(['image', 'rm', '--force', 'registry.lan/plant/app:2']);
          await docker(['load'], { input: { file } });
          t.deepEqual(await inspectImage(docker, 'registry.lan/plant/app:2'), before);
        }
        // A push writes what the engine has kept as the manifest: sizes in it must be right.
        const pushed = '/root/pushed';
        await host.docker(['push', '--quiet', 'registry.lan/plant/app:2', `dir:${pushed}`]);
        const checked = await host.inside([
          'sh',
          '-c',
          `cd ${pushed} && for f in *; do case \${#f} in 64) echo "$f $(wc -c <"$f")";; esac; done; cat manifest.json; cd / && rm -rf ${pushed}`,
        ]);
        const at = checked.stdout.indexOf('{');
        const sizes = new Map(
          checked.stdout
            .slice(0, at)
            .split('\n')
            .map((line) => line.split(' ') as [string, string]),
        );
        const manifest = JSON.parse(checked.stdout.slice(at)) as {
          layers: { digest: string; size: number }[];
        };
        t.is(manifest.layers.length, 3);
        for (const { digest, size } of manifest.layers) t.is(sizes.get(digest.slice(7)), String(size));
      } finally {
        await near.remove();
      }
    },
  );

  test.serial(
    `${kind}: a name that moves leaves the old image there, and is not taken under --no-clobber`,
    async (t) => {
      const host = rig.host(kind);
      const near = await createNear({ DOCKER_HOST: rig.near.dockerHost });
      try {
        expectOk(t, await send(near, host.ssh, ['app:1=plant/current:1']));
        const moved = await send(near, host.ssh, ['registry.lan/plant/app:2=plant/current:1']);
        expectOk(t, moved);
        t.truthy(moved.receipts[0]?.images[0]?.movedFrom);
        t.is(moved.receipts[0]?.images[0]?.fullName, 'docker.io/plant/current:1');
        const told = moved.events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
        t.regex(told.join('\n'), /^docker\.io\/plant\/current:1 moves/);
        await expectRuns(host.docker, 'docker.io/plant/current:1', 'app two');
        const refused = await send(near, host.ssh, ['app:1=plant/current:1'], ['--no-clobber']);
        t.is(refused.errorCode, 'NAME_TAKEN');
        await expectRuns(host.docker, 'docker.io/plant/current:1', 'app two');
        t.deepEqual(await leftOvers(host), []);
        t.true((await listNames(host.docker)).every((name) => !name.startsWith('localhost/')));
      } finally {
        await near.remove();
      }
    },
  );

  test.serial(
    `${kind}: taken-for-localhost: where podman takes the short name for another image, the plan says so`,
    async (t) => {
      const host = rig.host(kind);
      const near = await createNear({ DOCKER_HOST: rig.near.dockerHost });
      try {
        expectOk(t, await send(near, host.ssh, ['registry.lan/plant/app:2=localhost/plant/short:1']));
        const sent = await send(near, host.ssh, ['app:1=plant/short:1']);
        expectOk(t, sent);
        // This is what the warning is about.
        // podman 5 keeps notes of short names there; what a chroot is made of may be read-only.
        await host.inside([
          'sh',
          '-c',
          'mkdir -p /var/cache/containers 2>/dev/null || mount -t tmpfs tmpfs /var/cache',
        ]);
        const idOf = async (name: string): Promise<string> =>
          (await host.docker(['image', 'inspect', '--format', '{{.Id}}', name])).stdout;
        t.is(await idOf('plant/short:1'), await idOf('localhost/plant/short:1'));
        await expectRuns(host.docker, 'docker.io/plant/short:1', 'app one');
        const [image] = sent.plans[0]?.images ?? [];
        t.is(image?.fullName, 'docker.io/plant/short:1');
        t.is(image?.shadowedBy, 'localhost/plant/short:1');
        const codes = sent.events.flatMap((event) => (event.type === 'warning' ? [event.code] : []));
        t.deepEqual(codes, ['SHADOWED_NAME']);
        const full = await send(near, host.ssh, ['app:1=registry.lan/plant/short:1']);
        t.is(full.plans[0]?.images[0]?.shadowedBy, undefined);
        // A bundle's image is told like one that is sent.
        expectOk(t, await near.run(['export', near.folder, 'app:1=plant/short:1', '--json']));
        const words = ['--to', host.ssh.alias, '-F', host.ssh.configFile, '--json'];
        const imported = await near.run(['import', `${near.folder}/airgap-bundle`, ...words]);
        expectOk(t, imported);
        t.deepEqual(
          imported.events.flatMap((event) => (event.type === 'warning' ? [event.code] : [])),
          ['SHADOWED_NAME'],
        );
      } finally {
        await near.remove();
      }
    },
  );

  test.serial(
    `${kind}: a cut in the middle leaves no image, and the same command sends only the rest`,
    async (t) => {
      const host = rig.host(kind);
      const near = await createNear({ DOCKER_HOST: rig.near.dockerHost });
      const link = await openLink({ to: { host: host.ssh.host, port: host.ssh.port } });
      try {
        await host.wipe();
        const ssh = await host.sshVia(link.port);
        const cut = link.cutAfter({ upBytes: 50_000_000 });
        const first = await send(near, ssh, ['plant/long:1']);
        await cut;
        t.is(first.errorCode, 'SSH_LOST');
        t.is(await inspectImage(host.docker, 'docker.io/plant/long:1'), undefined);
        const outcome = await send(near, host.ssh, ['plant/long:1']);
        expectOk(t, outcome);
        const receipt = outcome.receipts[0];
        t.true((receipt?.layerBytes ?? Infinity) < 60_000_000, String(receipt?.layerBytes));
        await expectRuns(host.docker, 'docker.io/plant/long:1', 'long one');
        t.deepEqual(await leftOvers(host), []);
        const dangling = await host.docker(['image', 'ls', '--quiet', '--filter', 'dangling=true']);
        t.is(dangling.stdout.trim(), '', 'no step is left as an image without a name');
      } finally {
        await link.close();
        await near.remove();
      }
    },
  );
}
