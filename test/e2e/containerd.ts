// containerd as the far engine, by its own program, as on a node of Kubernetes: nothing there is docker's.
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import { createNear, expectOk, type Near, type Outcome } from '../helpers/airgap.js';
import { needing } from '../helpers/needs.js';
import { buildApp, buildBase, buildImage } from '../helpers/real-images.js';
import {
  type ContainerdHost,
  needsOfContainerd,
  openContainerdHost,
  outerContainerds,
  shareContainerd,
} from '../rig/containerd.js';
import { openLink } from '../rig/link.js';

const test = needing(...needsOfContainerd(...outerContainerds));
const rig = shareContainerd({ test, hosts: outerContainerds });

async function send(
  near: Near,
  { ssh }: Pick<ContainerdHost, 'ssh'>,
  images: readonly string[],
  more: readonly string[] = [],
): Promise<Outcome> {
  return await near.run(['send', ssh.alias, ...images, '-F', ssh.configFile, '--json', ...more]);
}

async function expectNothingLeft(t: ExecutionContext, host: ContainerdHost, names: readonly string[]) {
  t.deepEqual([...(await host.names()).keys()].toSorted(), names.toSorted());
  const find = 'find /root/.cache/airgap -type f ! -name "far-*.sh" 2>/dev/null || :';
  t.is((await host.inside(['sh', '-c', find])).stdout, '');
}

/** A docker-archive of the image, made once. */
async function savedByDocker(reference: string): Promise<string> {
  const file = path.join(rig.near.dataRoot, '..', `${reference.replace(/\W/g, '-')}.tar`);
  if (!existsSync(file)) await rig.near.docker(['save', reference], { outputFile: file });
  return file;
}

test.serial.before('the images are made', async () => {
  const { docker } = rig.near;
  const from = await buildBase(docker, 12_000_000);
  await buildApp(docker, { reference: 'plant/app:1', from, message: 'app one' });
  await buildApp(docker, { reference: 'plant/other:1', from, message: 'other one' });
  await buildApp(docker, { reference: 'plant/app:2', from, message: 'app two' });
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

// far/containerd.ts has what 1.6 does in another way, the matrix every version.
for (const kind of ['c21'] as const) {
  test.serial(
    `${kind}: images arrive under their full names and run, a changed one brings its own layer only`,
    async (t) => {
      const host = rig.host(kind);
      const near = await createNear({ DOCKER_HOST: rig.near.dockerHost });
      try {
        const first = await send(near, host, ['plant/app:1', 'plant/other:1', 'busybox:latest']);
        expectOk(t, first);
        const [receipt] = first.receipts;
        t.is(receipt?.engine.name, 'containerd');
        t.is(receipt?.engine.store, 'overlayfs, namespace k8s.io');
        t.deepEqual(
          receipt?.images.map(({ layers, proof }) => [layers.held, layers.sent, proof]),
          [
            [0, 3, 'manifest-and-check'],
            [2, 1, 'manifest-and-check'],
            [1, 0, 'manifest-and-check'],
          ],
        );
        t.is(await host.output('docker.io/plant/app:1'), 'app one');

        const changed = await send(near, host, ['plant/app:2']);
        expectOk(t, changed);
        t.deepEqual(changed.receipts[0]?.images[0]?.layers, { held: 2, sent: 1, spliced: 0 });
        t.true((changed.receipts[0]?.layerBytes ?? Infinity) < 10_000);
        t.is(await host.output('docker.io/plant/app:2'), 'app two');

        const again = await send(near, host, ['plant/app:1', 'plant/other:1', 'plant/app:2']);
        expectOk(t, again);
        t.is(again.receipts[0]?.layerBytes, 0);
        t.deepEqual(
          again.receipts[0]?.images.map(({ present }) => present),
          [true, true, true],
        );
        const names = ['library/busybox:latest', 'plant/app:1', 'plant/app:2', 'plant/other:1'];
        await expectNothingLeft(
          t,
          host,
          names.map((name) => `docker.io/${name}`),
        );
      } finally {
        await near.remove();
      }
    },
  );

  test.serial(`${kind}: a long image is loaded from below, and none of its steps stays`, async (t) => {
    const host = rig.host(kind);
    const near = await createNear({ DOCKER_HOST: rig.near.dockerHost });
    try {
      await host.wipe();
      expectOk(t, await send(near, host, ['plant/long:1']));
      t.is(await host.output('docker.io/plant/long:1'), 'long one');
      await expectNothingLeft(t, host, ['docker.io/plant/long:1']);
    } finally {
      await near.remove();
    }
  });

  test.serial(`${kind}: a cut in the middle leaves the old image whole under its name`, async (t) => {
    const host = rig.host(kind);
    const near = await createNear({ DOCKER_HOST: rig.near.dockerHost });
    const link = await openLink({ to: { host: host.ssh.host, port: host.ssh.port }, bytesPerSecond: 40e6 });
    try {
      await host.wipe();
      expectOk(t, await send(near, host, ['plant/app:1=plant/current:1']));
      const before = await host.names();
      const cable = { ssh: await host.sshVia(link.port) };
      const cut = link.cutAfter({ upBytes: 50_000_000 });
      const broken = await send(near, cable, ['plant/long:1=plant/current:1']);
      await cut;
      t.is(broken.errorCode, 'SSH_LOST');
      t.is((await host.names()).get('docker.io/plant/current:1'), before.get('docker.io/plant/current:1'));
      t.is(await host.output('docker.io/plant/current:1'), 'app one');

      const moved = await send(near, host, ['plant/long:1=plant/current:1']);
      expectOk(t, moved);
      t.truthy(moved.receipts[0]?.images[0]?.movedFrom);
      t.is(await host.output('docker.io/plant/current:1'), 'long one');
      const ours = [...(await host.names()).keys()].filter((name) => name.startsWith('airgap.local/'));
      t.deepEqual(ours, []);
      const refused = await send(near, host, ['plant/app:1=plant/current:1'], ['--no-clobber']);
      t.is(refused.errorCode, 'NAME_TAKEN');
      t.is(await host.output('docker.io/plant/current:1'), 'long one');
    } finally {
      await link.close();
      await near.remove();
    }
  });

  test.serial(`${kind}: layers that lie there compressed are leaned on as they are`, async (t) => {
    const host = rig.host(kind);
    const near = await createNear({ DOCKER_HOST: rig.near.dockerHost });
    try {
      await host.wipe();
      // What a kubelet has pulled: the same layers as gzip.
      const input = { file: await savedByDocker('plant/app:1') };
      await host.ctr(['images', 'import', '--local', '--compress-blobs', '-'], { input });
      const changed = await send(near, host, ['plant/app:2']);
      expectOk(t, changed);
      t.deepEqual(changed.receipts[0]?.images[0]?.layers, { held: 2, sent: 1, spliced: 0 });
      const codecs = changed.receipts[0]?.images[0]?.manifest?.layers.map(({ codec }) => codec);
      t.deepEqual(codecs, ['gzip', 'gzip', 'none']);
      t.is(await host.output('docker.io/plant/app:2'), 'app two');
      // Whole without what it leaned on.
      await host.ctr(['images', 'rm', '--sync', 'docker.io/plant/app:1']);
      const checked = await host.ctr(['images', 'check', 'name==docker.io/plant/app:2']);
      t.regex(checked.stdout, /complete \(4\/4\).* true/);
    } finally {
      await near.remove();
    }
  });
}

test.serial('c21: an image whose blobs were thrown away once unpacked is sent whole', async (t) => {
  const host = rig.host('c21');
  const near = await createNear({ DOCKER_HOST: rig.near.dockerHost });
  try {
    await host.wipe();
    // As where discard_unpacked_layers is set: it runs, but nobody could lean on it.
    const input = { file: await savedByDocker('plant/app:1') };
    await host.ctr(['images', 'import', '--local', '--discard-unpacked-layers', '-'], { input });
    await host.ctr(['content', 'prune', 'references']);
    const outcome = await send(near, host, ['plant/app:2']);
    expectOk(t, outcome);
    t.deepEqual(outcome.receipts[0]?.images[0]?.layers, { held: 0, sent: 3, spliced: 0 });
    t.is(await host.output('docker.io/plant/app:2'), 'app two');
  } finally {
    await near.remove();
  }
});

test.serial('c16: another namespace is loaded into where it is named, and seen in the plan', async (t) => {
  const host = rig.host('c16');
  const near = await createNear({ DOCKER_HOST: rig.near.dockerHost });
  try {
    await host.wipe();
    const plan = await send(near, host, ['plant/app:1'], ['--engine', 'containerd:default', '--dry-run']);
    t.is(plan.plans[0]?.engine.store, 'overlayfs, namespace default');
    expectOk(t, await send(near, host, ['plant/app:1'], ['--engine', 'containerd:default']));
    t.deepEqual([...(await host.names('default')).keys()], ['docker.io/plant/app:1']);
    t.deepEqual([...(await host.names()).keys()], []);
    t.is(await host.output('docker.io/plant/app:1', 'default'), 'app one');
    const { ssh } = host;
    const doctor = await near.run(['doctor', ssh.alias, '-F', ssh.configFile]);
    t.is(doctor.exitCode, 0, doctor.stderr);
    t.regex(doctor.stdout, /containerd 1\.6.*namespace k8s\.io/);
  } finally {
    await near.remove();
  }
});

/** A socket that nobody listens at, where k3s' would be. */
const leaveSocket =
  'mkdir "/run/k3s"; mkdir "/run/k3s/containerd"; socket(S, AF_UNIX, SOCK_STREAM, 0) && bind(S, sockaddr_un("/run/k3s/containerd/containerd.sock")) or die $!';

test.serial(
  "podman-beside-pods: a node's containerd is meant, not the podman that somebody put there",
  async (t) => {
    const host = rig.host('c16');
    const { alias, configFile } = host.ssh;
    const near = await createNear({ DOCKER_HOST: rig.near.dockerHost });
    // Only that it is there counts: nothing is started to find out. In the box's own mounts.
    const put = 'mount -t tmpfs tmpfs /usr/local/bin && touch "$0" && chmod 755 "$0"';
    try {
      await host.inside(['sh', '-c', put, '/usr/local/bin/podman']);
      const doctor = async (): Promise<string> =>
        (await near.run(['doctor', alias, '-F', configFile])).stdout;
      await host.inside(['mkdir', '-p', '/var/lib/kubelet']);
      t.regex(await doctor(), /containerd.*; podman is there, too: --engine podman/);
      const plan = await near.run(['send', alias, '-F', configFile, 'plant/app:1', '--dry-run']);
      t.regex(plan.stdout, /containerd.*; podman is there, too: --engine podman/, plan.stderr);
      // no-engine-at-all: a host without docker is not one without an engine.
      const none = await near.run(['doctor', alias, '-F', configFile, '--engine', 'docker']);
      t.regex(none.stdout + none.stderr, /has no docker; it has containerd, podman/);
      // dead-guess: what lies about of an engine that was taken away is not the one that is meant.
      await host.inside(['perl', '-MSocket', '-e', leaveSocket]);
      t.regex(await doctor(), /Engine: containerd [0-9.]+/);
      await host.inside(['rm', '-rf', '/run/k3s']);
      const asked = await near.run(['doctor', alias, '-F', configFile, '--engine', 'containerd']);
      t.notRegex(asked.stdout, /is there, too/);
    } finally {
      await host.inside(['rm', '-rf', '/var/lib/kubelet']);
      await near.remove();
    }
  },
);

for (const places of ['k3s', 'rke2'] as const) {
  // The layout only: no k3s and no RKE2 runs here, their containerd's places and program are made.
  test.serial(`${places}: its own socket and program are found where nobody says which engine`, async (t) => {
    const host = await openContainerdHost('c16', { places });
    const near = await createNear({ DOCKER_HOST: rig.near.dockerHost });
    try {
      const outcome = await send(near, host, ['plant/app:1']);
      expectOk(t, outcome);
      t.is(outcome.receipts[0]?.engine.name, places);
      t.is(await host.output('docker.io/plant/app:1'), 'app one');
      t.is((await host.inside(['cat', '/run/asked'])).stdout.split('\n')[0], places);
      const named = await send(near, host, ['plant/app:1'], ['--engine', places]);
      t.is(named.receipts[0]?.layerBytes, 0);
    } finally {
      await near.remove();
      await host.stop();
    }
  });
}

test.serial('refusals tell which engine, why, and what to do', async (t) => {
  const host = rig.host('c21');
  const near = await createNear({ DOCKER_HOST: rig.near.dockerHost });
  try {
    const missing = await send(near, host, ['plant/app:1'], ['--engine', 'k3s']);
    t.is(missing.errorCode, 'FAR_ENGINE_DOWN');
    t.is(missing.exitCode, 40);
    await host.stopEngine();
    const down = await send(near, host, ['plant/app:1'], ['--engine', 'containerd']);
    await host.startEngine();
    t.is(down.errorCode, 'FAR_ENGINE_DOWN');
    t.is((await send(near, host, ['plant/app:1'], ['--engine', 'docker'])).errorCode, 'FAR_ENGINE_MISSING');
  } finally {
    await near.remove();
  }
});
