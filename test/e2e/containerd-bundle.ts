// Bundles and containerd: read out of one, loaded into others by the tool and by import.sh, with one receipt.
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Receipt } from '../../src/receipt/receipt.js';
import { createNear, type Near } from '../helpers/airgap.js';
import { makeDrive, readReturns, runImport, stageLeft } from '../helpers/import-host.js';
import { needing } from '../helpers/needs.js';
import { buildApp, buildBase } from '../helpers/real-images.js';
import {
  type ContainerdHost,
  needsOfContainerd,
  outerContainerds,
  shareContainerd,
} from '../rig/containerd.js';

const test = needing(...needsOfContainerd(...outerContainerds));
const rig = shareContainerd({ test, hosts: outerContainerds });
const names = ['docker.io/plant/app:1', 'docker.io/plant/app:2'];

test.serial.before('the images are made', async () => {
  const { docker } = rig.near;
  const from = await buildBase(docker, 9_000_000);
  await buildApp(docker, { reference: 'plant/app:1', from, message: 'app one' });
  await buildApp(docker, { reference: 'plant/app:2', from, message: 'app two' });
});

async function withUsb(body: (near: Near, usb: string) => Promise<void>): Promise<void> {
  const near = await createNear({ DOCKER_HOST: rig.near.dockerHost });
  const usb = await mkdtemp(path.join(tmpdir(), 'airgap-usb-'));
  try {
    await body(near, usb);
  } finally {
    await near.remove();
    await rm(usb, { recursive: true, force: true });
  }
}

/** Without what no two imports share: ids, times, and the way to the host. */
function comparable(receipt: Receipt | undefined): unknown {
  if (receipt === undefined) return undefined;
  const { id, runId, host, address, startedAt, durationMs, wireBytes, layerBytes, linkRate, ...same } =
    receipt;
  return same;
}

const namesOf = async (host: ContainerdHost): Promise<string[]> =>
  [...(await host.names()).keys()].toSorted();

for (const kind of ['c21'] as const) {
  test.serial(`${kind}: the tool and import.sh load the same bundle with the same receipt`, async (t) => {
    await withUsb(async (near, usb) => {
      const host = rig.host(kind);
      await host.wipe();
      const exported = await near.run(['export', usb, 'plant/app:1', 'plant/app:2', '--json']);
      t.is(exported.exitCode, 0, exported.stderr);
      const bundle = path.join(usb, 'airgap-bundle');
      const reach = ['--to', host.ssh.alias, '-F', host.ssh.configFile, '--json'];
      const byTool = await near.run(['import', bundle, ...reach]);
      t.is(byTool.exitCode, 0, byTool.stderr);
      t.is(await host.output('docker.io/plant/app:2'), 'app two');
      t.deepEqual(await namesOf(host), names);

      await host.wipe();
      const drive = await makeDrive(host);
      await cp(bundle, path.join(drive.outside, 'airgap-bundle'), { recursive: true });
      const bySh = await runImport(host, `${drive.inside}/airgap-bundle`);
      t.is(bySh.exitCode, 0, `${bySh.stdout}${bySh.stderr}`);
      t.is(await host.output('docker.io/plant/app:1'), 'app one');
      t.deepEqual(await namesOf(host), names);
      t.is(await stageLeft(host), '');
      const { receipts, passports } = await readReturns(drive);
      t.is(receipts[0]?.images[0]?.proof, 'manifest-and-check');
      t.deepEqual(comparable(byTool.receipts[0]), comparable(receipts[0]));
      t.like(passports[0], { engine: { name: 'containerd', kind: 'containerd' } });

      const again = await runImport(host, `${drive.inside}/airgap-bundle`, ['--engine', 'containerd:k8s.io']);
      t.is(again.exitCode, 0, again.stderr);
      t.regex(again.stderr, /was there already/);
    });
  });

  test.serial(
    `${kind}: a bundle out of a containerd, for a passport, brings what another lacks`,
    async (t) => {
      await withUsb(async (near, usb) => {
        const [source, host] = [rig.host('c16'), rig.host(kind)];
        await Promise.all([source.wipe(), host.wipe()]);
        const reach = ({ ssh }: ContainerdHost): string[] => [ssh.alias, '-F', ssh.configFile, '--json'];
        t.is((await near.run(['send', ...reach(source), 'plant/app:1', 'plant/app:2'])).exitCode, 0);
        t.is((await near.run(['send', ...reach(host), 'plant/app:1'])).exitCode, 0);
        const passport = path.join(usb, 'host.json');
        const [alias = '', ...way] = reach(host);
        const told = await near.run(['passport', alias, ...way.slice(0, 2)]);
        t.is(told.exitCode, 0, told.stderr);
        await writeFile(passport, told.stdout);
        const words = ['export', usb, 'containerd:plant/app:2', '--for', passport, '--json'];
        const exported = await near.run(words, { env: { CONTAINERD_ADDRESS: source.seenSocket } });
        t.is(exported.exitCode, 0, `${exported.stderr}${exported.stdout.slice(-2000)}`);
        const plan = exported.events.find((event) => event.type === 'export.plan');
        t.deepEqual([plan?.plan.totals.storeCount, plan?.plan.totals.omitCount], [1, 2]);

        const drive = await makeDrive(host);
        await cp(path.join(usb, 'airgap-bundle'), path.join(drive.outside, 'airgap-bundle'), {
          recursive: true,
        });
        const imported = await runImport(host, `${drive.inside}/airgap-bundle`);
        t.is(imported.exitCode, 0, `${imported.stdout}${imported.stderr}`);
        t.is(await host.output('docker.io/plant/app:2'), 'app two');
        t.deepEqual(await namesOf(host), names);
        const [receipt] = (await readReturns(drive)).receipts;
        t.deepEqual(receipt?.images[0]?.layers, { held: 2, sent: 1, spliced: 0 });
      });
    },
  );
}
