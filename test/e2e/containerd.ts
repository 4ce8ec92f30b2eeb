// containerd as the far engine, by its own program, as on a node of Kubernetes: nothing there is docker's.
import type { ExecutionContext } from 'ava';
import { createNear, type Near, type Outcome } from '../helpers/airgap.js';
import { needing } from '../helpers/needs.js';
import { buildApp, buildBase, buildImage } from '../helpers/real-images.js';
import {
  type ContainerdHost,
  containerdKinds,
  needsOfContainerd,
  shareContainerd,
} from '../rig/containerd.js';

const test = needing(...needsOfContainerd(...containerdKinds));
const rig = shareContainerd({ test, hosts: containerdKinds });

async function send(
  near: Near,
  { ssh }: ContainerdHost,
  images: readonly string[],
  more: readonly string[] = [],
): Promise<Outcome> {
  return await near.run(['send', ssh.alias, ...images, '-F', ssh.configFile, '--json', ...more]);
}

function expectOk(t: ExecutionContext, outcome: Outcome): void {
  t.is(outcome.exitCode, 0, `${outcome.stderr}\n${outcome.stdout.slice(-2000)}`);
}

async function expectNothingLeft(t: ExecutionContext, host: ContainerdHost, names: readonly string[]) {
  t.deepEqual([...(await host.names()).keys()].toSorted(), names.toSorted());
  const find = 'find /root/.cache/airgap -type f ! -name "far-*.sh" 2>/dev/null || :';
  t.is((await host.inside(['sh', '-c', find])).stdout, '');
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

for (const kind of containerdKinds) {
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
}
