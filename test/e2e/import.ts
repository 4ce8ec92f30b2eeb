// airgap import: a bundle of real images, proved, loaded on a host and proved there; the receipt is the one that import.sh writes.
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Receipt } from '../../src/receipt/receipt.js';
import { createNear, type Near, type Outcome } from '../helpers/airgap.js';
import { makeDrive, readReturns, runImport } from '../helpers/import-host.js';
import { needing } from '../helpers/needs.js';
import { buildApp, buildBase, expectRuns, listNames } from '../helpers/real-images.js';
import { openLink } from '../rig/link.js';
import { needsOf, type RigHost, shareRig } from '../rig/rig.js';

const kinds = ['d20', 'd28c'] as const;
const test = needing(...needsOf(...kinds));
const rig = shareRig({ test, hosts: kinds });

test.serial.before('the images are made', async () => {
  const { docker } = rig.near;
  const from = await buildBase(docker, 9_000_000);
  await buildApp(docker, { reference: 'plant/app:1', from, message: 'app one' });
  await buildApp(docker, { reference: 'plant/app:2', from, message: 'app two' });
});

async function withNear(body: (near: Near, usb: string) => Promise<void>): Promise<void> {
  const near = await createNear({ DOCKER_HOST: rig.near.dockerHost });
  const usb = await mkdtemp(path.join(tmpdir(), 'airgap-usb-'));
  try {
    await body(near, usb);
  } finally {
    await near.remove();
    await rm(usb, { recursive: true, force: true });
  }
}

const importTo = (near: Near, host: RigHost, ...words: string[]): Promise<Outcome> =>
  near.run(['import', ...words, '--to', host.ssh.alias, '-F', host.ssh.configFile, '--json']);

/** Without what no two imports share: ids, times, and the way to the host. */
function comparable(receipt: Receipt | undefined): unknown {
  if (receipt === undefined) return undefined;
  const { id, runId, host, address, startedAt, durationMs, wireBytes, layerBytes, linkRate, ...same } =
    receipt;
  return same;
}

for (const kind of kinds) {
  test.serial(`${kind}: the tool and import.sh load the same bundle with the same receipt`, async (t) => {
    await withNear(async (near, usb) => {
      const host = rig.host(kind);
      await host.wipe();
      const exported = await near.run(['export', usb, 'plant/app:1', 'plant/app:2', '--json']);
      t.is(exported.exitCode, 0, exported.stderr);
      const bundle = path.join(usb, 'airgap-bundle');

      const byTool = await importTo(near, host, bundle);
      t.is(byTool.exitCode, 0, byTool.stderr);
      await expectRuns(host.docker, 'plant/app:1', 'app one');
      await expectRuns(host.docker, 'plant/app:2', 'app two');
      const ours = (await listNames(host.docker)).filter((name) => name.startsWith('airgap.local/'));
      t.deepEqual(ours, []);
      t.is(byTool.receipts[0]?.bundle?.name, 'airgap-bundle');

      await host.wipe();
      const drive = await makeDrive(host);
      await cp(bundle, path.join(drive.outside, 'airgap-bundle'), { recursive: true });
      const bySh = await runImport(host, `${drive.inside}/airgap-bundle`);
      t.is(bySh.exitCode, 0, `${bySh.stdout}${bySh.stderr}`);
      const [receipt] = (await readReturns(drive)).receipts;
      t.deepEqual(comparable(byTool.receipts[0]), comparable(receipt));

      const again = await importTo(near, host, bundle);
      t.is(again.exitCode, 0, again.stderr);
      t.is(again.receipts[0]?.layerBytes, 0);
    });
  });

  test.serial(
    `${kind}: a bundle for a host brings what it lacks, and is refused where the base is missing`,
    async (t) => {
      await withNear(async (near, usb) => {
        const host = rig.host(kind);
        await host.wipe();
        t.is((await near.run(['export', usb, 'plant/app:1', '--json'])).exitCode, 0);
        t.is((await importTo(near, host, path.join(usb, 'airgap-bundle'))).exitCode, 0);
        const drive = await makeDrive(host);
        await cp(path.join(usb, 'airgap-bundle'), path.join(drive.outside, 'airgap-bundle'), {
          recursive: true,
        });
        const passport = path.join(usb, 'host.json');
        const told = await runImport(host, `${drive.inside}/airgap-bundle`, ['--passport']);
        t.is(told.exitCode, 0, told.stderr);
        await writeFile(passport, told.stdout);

        const next = await near.run([
          'export',
          usb,
          'plant/app:2',
          '--name',
          'next',
          '--for',
          passport,
          '--json',
        ]);
        t.is(next.exitCode, 0, next.stderr);
        const plan = next.events.find((event) => event.type === 'export.plan');
        t.deepEqual([plan?.plan.totals.storeCount, plan?.plan.totals.omitCount], [1, 2]);
        const bundle = path.join(usb, 'next');
        const brought = await importTo(near, host, bundle);
        t.is(brought.exitCode, 0, brought.stderr);
        await expectRuns(host.docker, 'plant/app:2', 'app two');

        await host.wipe();
        const before = await listNames(host.docker);
        // Another near side: this one has the base spooled, and would bring it.
        const other = await createNear();
        const refused = await importTo(other, host, bundle);
        await other.remove();
        t.is(refused.errorCode, 'BUNDLE_BASE_MISSING');
        t.is(refused.exitCode, 24);
        t.deepEqual(await listNames(host.docker), before);
      });
    },
  );
}

test.serial('a bundle with one wrong byte is refused before the host is asked anything', async (t) => {
  await withNear(async (near, usb) => {
    t.is((await near.run(['export', usb, 'plant/app:1', '--json'])).exitCode, 0);
    const bundle = path.join(usb, 'airgap-bundle');
    await writeFile(path.join(bundle, 'oci-layout'), '{"imageLayoutVersion":"1.0.1"}');
    const refused = await near.run(['import', bundle, '--to', 'nobody.invalid', '--json']);
    t.is(refused.errorCode, 'BUNDLE_DAMAGED', refused.stderr);
    t.is(refused.exitCode, 21);
    t.false(refused.events.some((event) => event.type === 'step.started' && event.step === 'connect'));
  });
});

test.serial('only what was asked for is imported, and volumes are found in any order', async (t) => {
  await withNear(async (near, usb) => {
    const host = rig.host('d20');
    await host.wipe();
    const split = ['--split', '3MB', '--compress', 'none'];
    t.is((await near.run(['export', usb, 'plant/app:1', 'plant/app:2', ...split, '--json'])).exitCode, 0);
    const [left, right] = [path.join(usb, 'left'), path.join(usb, 'right')];
    await mkdir(left);
    await mkdir(right);
    const { readdir, rename } = await import('node:fs/promises');
    const volumes = (await readdir(usb)).filter((name) => name.includes('.vol')).toSorted();
    t.true(volumes.length >= 3);
    for (const [at, name] of volumes.entries())
      await rename(path.join(usb, name), path.join(at % 2 === 0 ? right : left, name));
    const missing = await importTo(near, host, left);
    t.is(missing.errorCode, 'BUNDLE_VOLUME_MISSING', missing.stderr);
    t.is(missing.exitCode, 23);
    const done = await importTo(near, host, right, left, '--only', 'plant/app:2');
    t.is(done.exitCode, 0, done.stderr);
    t.deepEqual(await listNames(host.docker), ['plant/app:2']);
    await expectRuns(host.docker, 'plant/app:2', 'app two');
    // As import.sh takes it: with or without what it is a digest by.
    const imageId = done.receipts[0]?.images[0]?.imageId ?? '';
    for (const id of [imageId, imageId.slice('sha256:'.length)]) {
      const planned = await importTo(near, host, right, left, '--only', id, '--dry-run');
      t.deepEqual(
        planned.plans[0]?.images.map(({ name }) => name),
        ['plant/app:2'],
        planned.stderr,
      );
    }
    const none = await importTo(near, host, right, left, '--only', 'f'.repeat(64));
    t.is(none.errorCode, 'IMAGE_UNKNOWN');
  });
});

/** What an import leaves beside the bundle, over a line that counts and can be cut. */
test.serial(
  'receipt and passport are left by one connection, and the receipt without the passport, too',
  async (t) => {
    await withNear(async (near, usb) => {
      const host = rig.host('d20');
      await host.wipe();
      t.is((await near.run(['export', usb, 'plant/app:1', '--json'])).exitCode, 0);
      const link = await openLink({ to: host.ssh, rttMs: 60 });
      try {
        const { alias, configFile } = await host.sshVia(link.port);
        const words = ['import', path.join(usb, 'airgap-bundle'), '--to', alias, '-F', configFile, '--json'];
        const whole = await near.run(words);
        t.is(whole.exitCode, 0, whole.stderr);
        t.is(link.connectionCount, 1);
        const left = () => readReturns({ outside: usb, inside: '' });
        t.deepEqual([(await left()).receipts.length, (await left()).passports.length], [1, 1]);

        const cut = await near.start(words, {
          onEvent({ type }) {
            if (type !== 'host.finished') return;
            link.refuse(true);
            link.cut();
          },
        }).outcome;
        t.is(cut.exitCode, 0, cut.stderr);
        t.deepEqual(
          cut.events.flatMap((event) => (event.type === 'warning' ? [event.code] : [])),
          ['PASSPORT_FAILED'],
        );
        t.deepEqual([(await left()).receipts.length, (await left()).passports.length], [2, 1]);
      } finally {
        await link.close();
      }
    });
  },
);
