// containerd-running: — the images that containers were really made from, by `ctr` and, as a kubelet does it, by the CRI plugin.
import { createNear, type Near, type Outcome } from '../helpers/airgap.js';
import { needing } from '../helpers/needs.js';
import { buildBase, buildImage } from '../helpers/real-images.js';
import { until } from '../rig/command.js';
import {
  type ContainerdHost,
  needsOfContainerd,
  outerContainerds,
  shareContainerd,
} from '../rig/containerd.js';
import { runPod } from '../rig/cri.js';

const test = needing(...needsOfContainerd(...outerContainerds));
const rig = shareContainerd({ test, hosts: outerContainerds });

const one = 'docker.io/plant/stay:1';
const two = 'docker.io/plant/stay:2';
/** The layers of the first, and another variable. */
const kin = 'docker.io/plant/stay:kin';
const built = ['plant/stay:1', 'plant/stay:2', 'plant/stay:kin'] as const;
/** What each release makes pods of. */
const pause = { c16: 'registry.k8s.io/pause:3.6', c21: 'registry.k8s.io/pause:3.10' } as const;

test.serial.before('images are made that go on running', async () => {
  const base = await buildBase(rig.near.docker, 1_200_000);
  const cmd = ['/bin/busybox', 'sleep', '600'];
  for (const tag of [1, 2]) {
    const layers = [{ files: { 'app/tag.txt': `${tag}\n` } }];
    await buildImage(rig.near.docker, { reference: `plant/stay:${tag}`, from: base, layers, cmd });
  }
  const env = { MODE: 'other' };
  await buildImage(rig.near.docker, { reference: 'plant/stay:kin', from: 'plant/stay:1', layers: [], env });
  for (const name of Object.values(pause)) await rig.near.docker(['tag', 'plant/stay:2', name]);
});

/** Brings all of them there. */
const bring = (host: ContainerdHost, namespace = 'k8s.io'): Promise<void> =>
  host.importFrom(rig.near.docker, [...built, ...Object.values(pause)], [namespace]);

async function atEnd(host: ContainerdHost, near: Near): Promise<void> {
  await host.wipe();
  await near.remove();
}

for (const kind of outerContainerds) {
  const start = async () => {
    const host = rig.host(kind);
    await host.wipe();
    await bring(host);
    const near = await createNear({ CONTAINERD_ADDRESS: host.seenSocket, DOCKER_HOST: rig.near.dockerHost });
    const chosen = (word = 'containerd-running:'): Promise<Outcome> =>
      near.run(['export', near.folder, word, '--dry-run']);
    return { host, near, chosen };
  };

  test.serial(
    `${kind}: containerd-running: brings what runs in that namespace, and nothing else`,
    async (t) => {
      const { host, near, chosen } = await start();
      try {
        const idle = await chosen();
        t.is(idle.exitCode, 2);
        t.regex(idle.stderr, /No container runs here, so containerd-running: names no image/);
        await host.ctr(['run', '-d', one, 'first']);
        await host.ctr(['run', '-d', one, 'again']);
        // What only could run does not.
        await host.ctr(['containers', 'create', two, 'stopped']);
        await bring(host, 'shop');
        await host.ctr(['run', '-d', two, 'other'], { namespace: 'shop' });

        const kubelet = await chosen();
        t.is(kubelet.exitCode, 0, kubelet.stderr);
        t.regex(kubelet.stdout, /plant\/stay:1/);
        t.notRegex(kubelet.stdout, /plant\/stay:(?:2|kin)/);
        // told-by-name: nothing but a pod's record says for sure which image it was.
        t.regex(kubelet.stderr, /containerd keeps no record of which image docker\.io\/plant\/stay:1 was/);
        // lost-while-paused: it is in service all the same.
        for (const id of ['first', 'again']) await host.ctr(['tasks', 'pause', id]);
        const paused = await chosen();
        t.is(paused.exitCode, 0, paused.stderr);
        t.regex(paused.stdout, /plant\/stay:1/);
        for (const id of ['first', 'again']) await host.ctr(['tasks', 'resume', id]);
        // moved-name: what runs goes, not what its name has come to stand for.
        await host.ctr(['images', 'tag', one, 'docker.io/plant/old:1']);
        await host.ctr(['images', 'tag', '--force', two, one]);
        const moved = await chosen();
        t.is(moved.exitCode, 0, moved.stderr);
        t.regex(moved.stdout, /plant\/old:1/);
        t.notRegex(moved.stdout, /plant\/stay:1/);
        const shop = await chosen('containerd-running+shop:');
        t.is(shop.exitCode, 0, shop.stderr);
        t.regex(shop.stdout, /plant\/stay:2/);
        t.notRegex(shop.stdout, /plant\/stay:1/);
      } finally {
        await atEnd(host, near);
      }
    },
  );

  test.serial(
    `${kind}: moved-to-kin: a name of the same layers and another configuration is not taken`,
    async (t) => {
      const { host, near, chosen } = await start();
      try {
        await host.ctr(['run', '-d', one, 'first']);
        await host.ctr(['images', 'tag', one, 'docker.io/plant/old:1']);
        await host.ctr(['images', 'tag', '--force', kin, one]);
        const known = await chosen();
        t.is(known.exitCode, 0, known.stderr);
        t.regex(known.stdout, /plant\/old:1/);
        t.notRegex(known.stdout, /plant\/stay/);
        // No name is left for what runs: nothing is better than what it is not.
        await host.ctr(['images', 'rm', '--sync', 'docker.io/plant/old:1']);
        const lost = await chosen();
        t.is(lost.exitCode, 2, lost.stdout);
        t.regex(lost.stderr, /Container first was not started as docker\.io\/plant\/stay:1 says/);
        // Started by hand in another way looks the same.
        await host.ctr(['tasks', 'rm', '--force', 'first']);
        await host.ctr(['run', '-d', two, 'by-hand', '/bin/busybox', 'sleep', '601']);
        const byHand = await chosen();
        t.is(byHand.exitCode, 2, byHand.stdout);
        t.regex(byHand.stderr, /by-hand .*name the image itself/);
      } finally {
        await atEnd(host, near);
      }
    },
  );

  test.serial(
    `${kind}: moved-under-a-pod: a pod's container tells its image, whatever its command and name`,
    async (t) => {
      const { host, near, chosen } = await start();
      // The plugin hears of new images by and by.
      const pod = await until('a pod', () => runPod(host.seenSocket, 'web').catch(() => undefined));
      try {
        await pod.start('first', one, ['/bin/busybox', 'sleep', '602']);
        const asked = await chosen();
        t.is(asked.exitCode, 0, asked.stderr);
        t.regex(asked.stdout, /plant\/stay:1/);
        t.notRegex(asked.stdout, /plant\/stay:kin/);
        t.notRegex(asked.stderr, /keeps no record/);
        // The pod's own pause goes along: no pod starts without it.
        t.true(asked.stdout.includes('pause') || asked.stdout.includes('plant/stay:2'), asked.stdout);
        await host.ctr(['images', 'tag', one, 'docker.io/plant/old:1']);
        await host.ctr(['images', 'tag', '--force', kin, one]);
        const moved = await chosen();
        t.is(moved.exitCode, 0, moved.stderr);
        t.regex(moved.stdout, /plant\/old:1/);
        t.notRegex(moved.stdout, /plant\/stay:(?:1|kin)/);
        await host.ctr(['images', 'rm', '--sync', 'docker.io/plant/old:1']);
        // lost-for-one-tag: its ID is still known, as docker's is.
        const lost = await chosen();
        t.is(lost.exitCode, 0, lost.stderr);
        t.regex(lost.stdout, /airgap\.local\/untagged:/);
        t.notRegex(lost.stdout, /plant\/stay:(?:1|kin)/);
      } finally {
        await pod.remove();
        await atEnd(host, near);
      }
    },
  );

  test.serial(
    `${kind}: swapped-for-the-whole: of an image that is not whole no kin goes in its place`,
    async (t) => {
      const { host, near, chosen } = await start();
      try {
        await host.ctr(['run', '-d', one, 'first']);
        await host.ctr(['images', 'tag', one, 'docker.io/plant/twin:1']);
        const { stdout } = await host.ctr(['images', 'ls']);
        const digest =
          new RegExp(`^${one} \\S+ (sha256:\\w+)`, 'm').exec(stdout.replaceAll(/ +/g, ' '))?.[1] ?? '';
        const manifest = JSON.parse((await host.ctr(['content', 'get', digest])).stdout);
        await host.ctr(['content', 'rm', manifest.layers.at(-1).digest]);
        const outcome = await chosen();
        t.regex(outcome.stderr, /IMAGE_INCOMPLETE/);
        t.regex(outcome.stderr, /plant\/stay:1/);
      } finally {
        await atEnd(host, near);
      }
    },
  );
}
