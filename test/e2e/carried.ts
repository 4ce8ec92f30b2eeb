// From a registry into a bundle and out of it again: the same digests all the way, on engines that keep manifests; on the others the
// same image.
import { cp } from 'node:fs/promises';
import path from 'node:path';
import { createNear, type Near } from '../helpers/airgap.js';
import { expectRuns, inspectImage } from '../helpers/image-proofs.js';
import { ociFiles, writeFiles } from '../helpers/images.js';
import { makeDrive, readReturns, realLayer, runImport, runnable } from '../helpers/import-host.js';
import { needing } from '../helpers/needs.js';
import { needsOf, type RigKind, shareRig } from '../rig/rig.js';

const kinds = ['d20', 'd28c'] as const satisfies readonly RigKind[];
const needs = [...needsOf(...kinds), 'busybox', 'gzip', 'zstd'];
const { serial: test } = needing(...needs);
const rig = shareRig({ test: needing(...needs), hosts: kinds, near: false });
const name = 'docker.io/plant/carried:1';
let near: Near;
let digest: string;
let bundle: string;

needing(...needs).serial.before('a bundle is made of a layout with packed layers', async () => {
  near = await createNear({});
  const base = [
    await realLayer({ busybox: true }),
    await realLayer({ randomBytes: 400_000, seed: 'carried' }),
  ];
  const files = ociFiles([await runnable(name, 'carried', base)], { codec: 'gzip' });
  digest = JSON.parse(String(files.get('index.json'))).manifests[0].digest;
  const layout = path.join(near.folder, 'layout');
  await writeFiles(layout, files);
  const usb = path.join(near.folder, 'usb');
  const outcome = await near.run(['export', usb, `oci:${layout}:${name}`, '--json']);
  if (outcome.exitCode !== 0) throw new Error(outcome.stderr);
  bundle = path.join(usb, 'airgap-bundle');
});

needing(...needs).after.always('the near side goes', () => near?.remove());

for (const kind of kinds) {
  const wanted = (farId: string | undefined): boolean => kind === 'd20' || farId === digest;

  test(`${kind}: import.sh loads what is carried, with its digest where the engine keeps one`, async (t) => {
    const host = rig.host(kind);
    await host.wipe();
    const drive = await makeDrive(host);
    await cp(bundle, path.join(drive.outside, 'airgap-bundle'), { recursive: true });
    const done = await runImport(host, `${drive.inside}/airgap-bundle`);
    t.is(done.exitCode, 0, done.stderr);
    await expectRuns(host.docker, 'plant/carried:1', 'carried');
    t.true(wanted((await inspectImage(host.docker, 'plant/carried:1'))?.id));
    const [receipt] = (await readReturns(drive)).receipts;
    t.true(wanted(receipt?.images[0]?.farId));
    const again = await runImport(host, `${drive.inside}/airgap-bundle`);
    t.is(again.exitCode, 0, again.stderr);
    t.regex(again.stderr, /plant\/carried:1: is there already/);
  });

  test(`${kind}: the tool loads what is carried, with its digest where the engine keeps one`, async (t) => {
    const host = rig.host(kind);
    await host.wipe();
    const words = ['import', bundle, '--to', host.ssh.alias, '-F', host.ssh.configFile, '--json'];
    const done = await near.run(words);
    t.is(done.exitCode, 0, done.stderr);
    await expectRuns(host.docker, 'plant/carried:1', 'carried');
    t.true(wanted(done.receipts[0]?.images[0]?.farId));
    const again = await near.run(words);
    t.is(again.exitCode, 0, again.stderr);
    t.is(again.receipts[0]?.layerBytes, 0);
  });
}
