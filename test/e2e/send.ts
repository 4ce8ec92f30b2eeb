// The main job on every docker set-up of the rig: two images that share layers, then a changed third; each runs there.
import { createNear, expectOk, type Near, type Outcome } from '../helpers/airgap.js';
import { needing } from '../helpers/needs.js';
import {
  buildApp,
  buildBase,
  buildImage,
  commitWalkThrough,
  expectRuns,
  exportedTree,
  inspectImage,
  listNames,
  readPage,
  walkThrough,
} from '../helpers/real-images.js';
import { openLink } from '../rig/link.js';
import { needsOf, outerDockers, type RigHost, type SshAccess, shareRig } from '../rig/rig.js';

const test = needing(...needsOf(...outerDockers));
const rig = shareRig({ test, hosts: outerDockers });

/** The options that reach a rig host. */
function reach(ssh: SshAccess): string[] {
  return ['-F', ssh.configFile, '--json'];
}

async function send(
  near: Near,
  ssh: SshAccess,
  images: readonly string[],
  more: readonly string[] = [],
): Promise<Outcome> {
  return await near.run(['send', ssh.alias, ...images, ...reach(ssh), ...more]);
}

/** What is left of airgap over there: names of its own, files in its stage. */
async function leftOvers(
  host: RigHost,
): Promise<{ readonly names: readonly string[]; readonly files: string }> {
  const names = (await listNames(host.docker)).filter((name) => name.startsWith('airgap.local/'));
  const found = await host.inside(
    ['sh', '-c', 'find /root/.cache/airgap -type f ! -name "far-*.sh" 2>/dev/null || :'],
    { mayFail: true },
  );
  return { names, files: found.stdout };
}

/** The clock of the far side, in seconds. */
async function farSeconds(host: RigHost): Promise<number> {
  return Number((await host.inside(['date', '+%s'])).stdout);
}

/** How many archives the far engine has loaded since then. */
async function countLoads(host: RigHost, since: number): Promise<number> {
  const until = (await farSeconds(host)) + 1;
  const events = await host.docker([
    'events',
    ...['--since', String(since), '--until', String(until), '--filter', 'event=load'],
    ...['--format', '{{.Action}}'],
  ]);
  return events.stdout.split('\n').filter((line) => line !== '').length;
}

const nearTrees = new Map<string, Promise<string>>();

/** What an image of the near side holds: asked once, all hosts must have the same. */
function nearTree(reference: string): Promise<string> {
  const tree = nearTrees.get(reference) ?? exportedTree(rig.near.docker, reference);
  nearTrees.set(reference, tree);
  return tree;
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
  await commitWalkThrough(docker);
});

for (const kind of outerDockers) {
  test.serial(
    `${kind}: two images that share layers arrive, a changed third brings its own layer only, all run`,
    async (t) => {
      const host = rig.host(kind);
      const near = await createNear({ DOCKER_HOST: rig.near.dockerHost });
      try {
        const first = await send(near, host.ssh, ['plant/app:1', 'plant/other:1']);
        expectOk(t, first);
        const receipt = first.receipts[0]!;
        t.deepEqual(
          receipt.images.map((image) => image.layers),
          [
            { held: 0, sent: 3, spliced: 0 },
            { held: 2, sent: 1, spliced: 0 },
          ],
        );
        await expectRuns(host.docker, 'plant/app:1', 'app one');
        await expectRuns(host.docker, 'plant/other:1', 'other one');

        const changed = await send(near, host.ssh, ['plant/app:2']);
        expectOk(t, changed);
        t.deepEqual(changed.receipts[0]?.images[0]?.layers, { held: 2, sent: 1, spliced: 0 });
        t.true((changed.receipts[0]?.layerBytes ?? Infinity) < 10_000);
        await expectRuns(host.docker, 'plant/app:2', 'app two');

        for (const reference of ['plant/app:1', 'plant/other:1', 'plant/app:2']) {
          const here = await inspectImage(rig.near.docker, reference);
          const there = await inspectImage(host.docker, reference);
          t.deepEqual(there?.diffIds, here?.diffIds);
          const told = [...first.receipts, ...changed.receipts]
            .flatMap((one) => one.images)
            .find((image) => image.reference === reference);
          t.is(told?.imageId as string, here?.id ?? '');
          t.is(told?.farId as string, there?.id ?? '');
          if (receipt.engine.store.startsWith('containerd')) t.is(told?.proof, 'manifest-and-create');
          else t.is(there?.id, here?.id);
          t.is(await exportedTree(host.docker, reference), await nearTree(reference));
        }

        const again = await send(near, host.ssh, ['plant/app:1', 'plant/other:1', 'plant/app:2']);
        expectOk(t, again);
        t.is(again.receipts[0]?.layerBytes, 0);
        t.deepEqual(await leftOvers(host), { names: [], files: '' });
      } finally {
        await near.remove();
      }
    },
  );

  test.serial(`${kind}: a long image is loaded from below while its upper layers travel`, async (t) => {
    const host = rig.host(kind);
    const near = await createNear({ DOCKER_HOST: rig.near.dockerHost });
    try {
      const since = await farSeconds(host);
      const outcome = await send(near, host.ssh, ['plant/long:1']);
      expectOk(t, outcome);
      t.is(await countLoads(host, since), 2);
      await expectRuns(host.docker, 'plant/long:1', 'long one');
      t.is(await exportedTree(host.docker, 'plant/long:1'), await nearTree('plant/long:1'));
      t.deepEqual(await leftOvers(host), { names: [], files: '' });
      const untagged = await host.docker(['image', 'ls', '--quiet', '--filter', 'dangling=true']);
      t.is(untagged.stdout, '', 'no step is left as an image without a name');
    } finally {
      await near.remove();
    }
  });
}

// What is a matter of names and of what is held, and what people do by hand: once for each kind of store.
for (const kind of ['d20', 'd28c'] as const) {
  test.serial(`${kind}: the walk-through that this replaces works in one go`, async (t) => {
    const host = rig.host(kind);
    const near = await createNear({ DOCKER_HOST: rig.near.dockerHost });
    try {
      const outcome = await send(
        near,
        host.ssh,
        walkThrough.map(({ reference }) => reference),
      );
      expectOk(t, outcome);
      for (const { reference, page } of walkThrough) t.is(await readPage(host.docker, reference), page);
    } finally {
      await near.remove();
    }
  });

  test.serial(`${kind}: another near side that sends the same finds every layer held`, async (t) => {
    const host = rig.host(kind);
    const near = await createNear({ DOCKER_HOST: rig.near.dockerHost });
    try {
      const outcome = await send(near, host.ssh, ['plant/app:1', 'plant/app:2']);
      expectOk(t, outcome);
      t.is(outcome.receipts[0]?.layerBytes, 0);
      await expectRuns(host.docker, 'plant/app:2', 'app two');
      t.deepEqual(await leftOvers(host), { names: [], files: '' });
    } finally {
      await near.remove();
    }
  });

  test.serial(
    `${kind}: a name that moves takes the old image's place, which stays without a name of ours`,
    async (t) => {
      const host = rig.host(kind);
      const near = await createNear({ DOCKER_HOST: rig.near.dockerHost });
      try {
        expectOk(t, await send(near, host.ssh, ['plant/app:1=plant/current:1']));
        const moved = await send(near, host.ssh, ['plant/app:2=plant/current:1']);
        expectOk(t, moved);
        const warned = moved.events.filter((event) => event.type === 'warning' && event.code === 'TAG_MOVES');
        t.is(warned.length, 1);
        t.truthy(moved.receipts[0]?.images[0]?.movedFrom);
        const ids = (type: string): string[] =>
          moved.events
            .flatMap((event) => (event.type === type && 'id' in event ? [event.id] : []))
            .toSorted();
        t.deepEqual(ids('item.started'), ids('item.finished'));
        await expectRuns(host.docker, 'plant/current:1', 'app two');
        t.deepEqual(await leftOvers(host), { names: [], files: '' });
        const refused = await send(near, host.ssh, ['plant/app:1=plant/current:1'], ['--no-clobber']);
        t.is(refused.errorCode, 'NAME_TAKEN');
        t.is(refused.exitCode, 47);
        await expectRuns(host.docker, 'plant/current:1', 'app two');
      } finally {
        await near.remove();
      }
    },
  );
}

test.serial('bytes reported are the bytes on the wire', async (t) => {
  const host = rig.host('d20');
  const near = await createNear({ DOCKER_HOST: rig.near.dockerHost });
  const link = await openLink({ to: { host: host.ssh.host, port: host.ssh.port } });
  try {
    await host.wipe();
    const ssh = await host.sshVia(link.port);
    const outcome = await send(near, ssh, ['plant/app:1']);
    expectOk(t, outcome);
    const reported = outcome.receipts[0]?.wireBytes ?? 0;
    const allowed = Math.max(reported * 0.02, 64 * 1024);
    t.true(Math.abs(link.upBytes - reported) <= allowed, `${link.upBytes} on the wire, ${reported} reported`);
    t.true(reported > 1_000_000);
  } finally {
    await link.close();
    await near.remove();
  }
});

test.serial('two hosts at once are fed from one reading of each layer, with one receipt each', async (t) => {
  const [one, two] = [rig.host('d20'), rig.host('d28c')];
  const near = await createNear({ DOCKER_HOST: rig.near.dockerHost });
  try {
    await Promise.all([one.wipe(), two.wipe()]);
    // One configuration that knows both.
    const both = `${near.folder}/ssh_config`;
    const { readFile, writeFile } = await import('node:fs/promises');
    await writeFile(
      both,
      `${await readFile(one.ssh.configFile, 'utf8')}\n${await readFile(two.ssh.configFile, 'utf8')}`,
    );
    const hosts = `${one.ssh.alias},${two.ssh.alias}`;
    const outcome = await near.run(['send', hosts, 'plant/app:1', 'plant/other:1', '-F', both, '--json']);
    expectOk(t, outcome);
    t.is(outcome.receipts.length, 2);
    const spooled = outcome.events.filter(
      (event) => event.type === 'item.finished' && event.phase === 'spool',
    );
    const ids = spooled.map((event) => ('id' in event ? event.id : ''));
    t.is(ids.length, new Set(ids).size);
    t.is(ids.length, 4);
    for (const host of [one, two]) {
      await expectRuns(host.docker, 'plant/app:1', 'app one');
      await expectRuns(host.docker, 'plant/other:1', 'other one');
    }
  } finally {
    await near.remove();
  }
});
