// Cut cables and killed programs: after the same command again the image is right, and little travelled twice.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { createNear, type Near, type Outcome } from '../helpers/airgap.js';
import { needing } from '../helpers/needs.js';
import { buildBusybox, buildImage, inspectImage, listNames } from '../helpers/real-images.js';
import { type Link, openLink } from '../rig/link.js';
import { needsOf, type RigHost, type SshAccess, shareRig } from '../rig/rig.js';

const test = needing(...needsOf('d20'));
const rig = shareRig({ test, hosts: ['d20'] });

// The whole matrix (150 MB, each point ten times) takes an hour; AIRGAP_TEST_CUTS=10 runs it, CI runs each point once.
const rounds = Number(process.env.AIRGAP_TEST_CUTS ?? 1);
const payloadBytes = process.env.AIRGAP_TEST_CUTS === undefined ? 80_000_000 : 150_000_000;
const image = 'plant/heavy:1';
const channels = 4;

test.serial.before('the heavy image is made', async () => {
  const { docker } = rig.near;
  await buildBusybox(docker);
  // Two layers that do not compress: what is cut is bytes, not codecs. Large enough that the first is loaded while the
  // second still travels.
  await buildImage(docker, {
    reference: image,
    from: 'busybox:latest',
    layers: [{ randomBytes: payloadBytes / 2 }, { randomBytes: payloadBytes / 2, seed: 'two' }],
  });
});

interface Cable {
  readonly host: RigHost;
  readonly near: Near;
  readonly link: Link;
  readonly ssh: SshAccess;
}

async function withCable(body: (cable: Cable) => Promise<void>): Promise<void> {
  const host = rig.host('d20');
  await host.wipe();
  const near = await createNear({ DOCKER_HOST: rig.near.dockerHost });
  // Slow enough that a cut point is hit where it is meant.
  const link = await openLink({ to: { host: host.ssh.host, port: host.ssh.port }, bytesPerSecond: 30e6 });
  try {
    await body({ host, near, link, ssh: await host.sshVia(link.port) });
  } finally {
    await link.close();
    await near.remove();
  }
}

const args = (ssh: SshAccess): string[] => ['send', ssh.alias, image, '-F', ssh.configFile, '--json'];

async function expectArrived(
  t: ExecutionContext,
  host: RigHost,
  outcome: Outcome,
  reference = image,
): Promise<void> {
  t.is(outcome.exitCode, 0, outcome.stderr);
  const here = await inspectImage(rig.near.docker, reference);
  t.deepEqual(await inspectImage(host.docker, reference), here);
  const ours = (await listNames(host.docker)).filter((name) => name.startsWith('airgap.local/'));
  t.deepEqual(ours, []);
  // What a cut run had loaded of the lower layers is no image of its own in the end.
  t.is((await host.docker(['image', 'ls', '--quiet', '--filter', 'dangling=true'])).stdout, '');
  const left = await host.inside(['sh', '-c', 'find /root/.cache/airgap -type f ! -name "far-*.sh" || :']);
  t.is(left.stdout, '');
}

for (const percent of [20, 50, 90]) {
  test.serial(`a session cut at ${percent} % costs at most a tenth of a clean run`, async (t) => {
    for (let round = 0; round < rounds; round += 1) {
      await withCable(async ({ host, near, link, ssh }) => {
        const cut = link.cutAfter({ upBytes: (payloadBytes * percent) / 100 });
        const first = await near.run(args(ssh));
        await cut;
        t.is(first.errorCode, 'SSH_LOST');
        t.is(first.exitCode, 34);
        const second = await near.run(args(ssh));
        await expectArrived(t, host, second);
        t.true((second.receipts[0]?.resumedBytes ?? 0) > 0);
        const most = payloadBytes * 1.1 + 5e6;
        t.true(link.upBytes <= most, `${link.upBytes} bytes went, at most ${most} may`);
      });
    }
  });
}

test.serial('three cuts in one transfer cost no more than what was in flight', async (t) => {
  await withCable(async ({ host, near, link, ssh }) => {
    for (const share of [0.25, 0.25, 0.25]) {
      const cut = link.cutAfter({ upBytes: payloadBytes * share });
      const outcome = await near.run(args(ssh));
      await cut;
      t.is(outcome.errorCode, 'SSH_LOST');
    }
    await expectArrived(t, host, await near.run(args(ssh)));
    const clean = payloadBytes + 5e6;
    const most = clean + 3 * (channels * 2 * 1024 * 1024 + 4 * 1024 * 1024);
    t.true(link.upBytes <= most, `${link.upBytes} bytes went, at most ${most} may`);
  });
});

test.serial('the tool killed with SIGKILL resumes from what had arrived', async (t) => {
  await withCable(async ({ host, near, link, ssh }) => {
    const { child, outcome } = near.start(args(ssh));
    while (link.upBytes < payloadBytes / 2) await sleep(20);
    child.kill('SIGKILL');
    await outcome;
    await expectArrived(t, host, await near.run(args(ssh)));
    const most = payloadBytes * 1.1 + 5e6;
    t.true(link.upBytes <= most, `${link.upBytes} bytes went, at most ${most} may`);
  });
});

test.serial(
  'killed-step: lower layers that were loaded when the tool was killed leave no image',
  async (t) => {
    const long = 'plant/long:1';
    const layers = ['one', 'two', 'three', 'four'].map((seed) => ({ randomBytes: 34_000_000, seed }));
    await buildImage(rig.near.docker, { reference: long, from: 'busybox:latest', layers });
    await withCable(async ({ host, near, ssh }) => {
      const line = ['send', ssh.alias, long, '-F', ssh.configFile, '--json'];
      // Slow enough that the upper layers are still on their way when the lower ones are loaded.
      const { child, outcome } = near.start([...line, '--limit', '12MB']);
      const loaded = async (): Promise<number> =>
        (await listNames(host.docker)).filter((name) => name.startsWith('airgap.local/loading:')).length;
      while ((await loaded()) < 2) await sleep(100);
      child.kill('SIGKILL');
      await outcome;
      t.is(await inspectImage(host.docker, long), undefined, 'it was killed in the middle');
      await expectArrived(t, host, await near.run(line), long);
    });
  },
);

test.serial('sessions killed by the far side are a cut like any other', async (t) => {
  await withCable(async ({ host, near, link, ssh }) => {
    const { outcome } = near.start(args(ssh));
    while (link.upBytes < payloadBytes / 3) await sleep(20);
    t.true((await host.killSessions()) > 0);
    t.is((await outcome).errorCode, 'SSH_LOST');
    await expectArrived(t, host, await near.run(args(ssh)));
  });
});

test.serial(
  'SIGINT stops cleanly: exit 130, no name of ours there, and the same command resumes',
  async (t) => {
    await withCable(async ({ host, near, link, ssh }) => {
      const { child, outcome } = near.start(args(ssh));
      while (link.upBytes < payloadBytes / 3) await sleep(20);
      child.kill('SIGINT');
      const stopped = await outcome;
      t.is(stopped.exitCode, 130, stopped.stderr);
      t.is(stopped.errorCode, 'CANCELLED');
      t.deepEqual(
        (await listNames(host.docker)).filter((name) => name.startsWith('airgap.local/')),
        [],
      );
      t.is(await inspectImage(host.docker, image), undefined);
      const again = await near.run(args(ssh));
      await expectArrived(t, host, again);
      t.true((again.receipts[0]?.resumedBytes ?? 0) > 0);
    });
  },
);

test.serial('a host that allows one session gets the image all the same', async (t) => {
  await withCable(async ({ host, near, ssh }) => {
    await host.setSshd({ maxSessions: 1 });
    try {
      await expectArrived(t, host, await near.run(args(ssh)));
    } finally {
      await host.setSshd({});
    }
  });
});
