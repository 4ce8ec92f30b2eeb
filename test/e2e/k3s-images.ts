// `--engine k3s-images`: archives in the folder that k3s loads when it starts, proved where they lie; containerd's own import reads them.
import { createNear, expectOk, type Near, type Outcome } from '../helpers/airgap.js';
import { needing } from '../helpers/needs.js';
import { buildApp, buildBase } from '../helpers/real-images.js';
import { type ContainerdHost, needsOfContainerd, shareContainerd } from '../rig/containerd.js';

const test = needing(...needsOfContainerd('c16'));
const rig = shareContainerd({ test, hosts: ['c16'] });
const folder = '/var/lib/rancher/k3s/agent/images';

test.serial.before('the images are made', async () => {
  const { docker } = rig.near;
  const from = await buildBase(docker, 2_000_000);
  await buildApp(docker, { reference: 'plant/app:1', from, message: 'app one' });
  await buildApp(docker, { reference: 'plant/app:2', from, message: 'app two' });
});

async function withNear(use: (near: Near, host: ContainerdHost) => Promise<void>): Promise<void> {
  const near = await createNear({ DOCKER_HOST: rig.near.dockerHost });
  const host = rig.host('c16');
  try {
    await use(near, host);
  } finally {
    await host.inside(['rm', '-rf', folder]);
    await near.remove();
  }
}

const send = (near: Near, { ssh }: ContainerdHost, ...more: readonly string[]): Promise<Outcome> =>
  near.run(['send', ssh.alias, '-F', ssh.configFile, '--json', '--engine', 'k3s-images', ...more]);

const filesIn = async (host: ContainerdHost): Promise<readonly string[]> =>
  (await host.inside(['ls', '-A', folder])).stdout.split('\n').filter(Boolean);

test.serial(
  'images are placed, proved, found again, and loaded by containerd under their full names',
  async (t) => {
    await withNear(async (near, host) => {
      const first = await send(near, host, 'plant/app:1', 'plant/app:2');
      expectOk(t, first);
      t.deepEqual(
        first.receipts[0]?.images.map(({ proof, present, layers }) => [proof, present, layers.held]),
        [
          ['placed-archive', false, 0],
          ['placed-archive', false, 0],
        ],
      );
      const [one = '', two = ''] = await filesIn(host);
      t.deepEqual([one, two], ['airgap-docker.io+plant+app=1.tar', 'airgap-docker.io+plant+app=2.tar']);
      for (const file of [one, two])
        await host.inside(['ctr', '-n', 'k8s.io', 'images', 'import', `${folder}/${file}`]);
      const names = [...(await host.names()).keys()].filter((name) => !name.startsWith('sha256:'));
      t.deepEqual(names.toSorted(), ['docker.io/plant/app:1', 'docker.io/plant/app:2']);
      t.is(await host.output('docker.io/plant/app:1'), 'app one');
      t.is(await host.output('docker.io/plant/app:2'), 'app two');

      const again = await send(near, host, 'plant/app:1', 'plant/app:2');
      expectOk(t, again);
      t.is(again.receipts[0]?.layerBytes, 0);
      t.true(again.receipts[0]?.images.every(({ present }) => present));
    });
  },
);

test.serial('two-names: an image with two names in one run is placed as two archives', async (t) => {
  await withNear(async (near, host) => {
    const sent = await send(near, host, 'plant/app:1', 'plant/app:1=plant/app:latest');
    expectOk(t, sent);
    t.deepEqual((await filesIn(host)).toSorted(), [
      'airgap-docker.io+plant+app=1.tar',
      'airgap-docker.io+plant+app=latest.tar',
    ]);
    const again = await send(near, host, 'plant/app:1', 'plant/app:1=plant/app:latest');
    t.true(again.receipts[0]?.images.every(({ present }) => present));
  });
});

test.serial('a name moves to another image, not under --no-clobber, and the old one goes', async (t) => {
  await withNear(async (near, host) => {
    expectOk(t, await send(near, host, 'plant/app:1'));
    const taken = await send(near, host, 'plant/app:2=plant/app:1', '--no-clobber');
    t.is(taken.errorCode, 'NAME_TAKEN');
    const moved = await send(near, host, 'plant/app:2=plant/app:1');
    expectOk(t, moved);
    t.not(moved.receipts[0]?.images[0]?.movedFrom, undefined);
    t.deepEqual(await filesIn(host), ['airgap-docker.io+plant+app=1.tar']);
  });
});

test.serial(
  'placed-and-damaged: what lies there is hashed again, and brought anew by the next run',
  async (t) => {
    await withNear(async (near, host) => {
      expectOk(t, await send(near, host, 'plant/app:1'));
      const [file = ''] = await filesIn(host);
      const spoil = `printf x | dd of='${folder}/${file}' bs=1 seek=1000000 conv=notrunc 2>/dev/null`;
      await host.inside(['sh', '-c', spoil]);
      t.is((await send(near, host, 'plant/app:1')).errorCode, 'VERIFY_FAILED');
      const anew = await send(near, host, 'plant/app:1');
      expectOk(t, anew);
      t.false(anew.receipts[0]?.images[0]?.present);
      t.true((await send(near, host, 'plant/app:1')).receipts[0]?.images[0]?.present);
    });
  },
);

test.serial('what a killed run has left is taken away, and a pull is refused', async (t) => {
  await withNear(async (near, host) => {
    const { child, outcome } = near.start(
      ['send', host.ssh.alias, '-F', host.ssh.configFile, '--json', '--engine', 'k3s-images', 'plant/app:1'],
      {
        onEvent: (event) =>
          void (event.type === 'item.started' && event.phase === 'load' && child.kill('SIGKILL')),
      },
    );
    await outcome;
    expectOk(t, await send(near, host, 'plant/app:2'));
    expectOk(t, await send(near, host, 'plant/app:2'));
    t.deepEqual(await filesIn(host), ['airgap-docker.io+plant+app=2.tar']);
    const pulled = await send(near, host, 'plant/app:1', '--through-registry', '127.0.0.1:1');
    t.is(pulled.errorCode, 'FAR_ENGINE_UNSUPPORTED');
  });
});
