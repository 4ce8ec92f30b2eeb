// import.sh against real engines: what a machine without the tool gets out of a bundle.
import { expectRuns, inspectImage, listNames } from '../helpers/image-proofs.js';
import {
  bundleOn,
  makeDrive,
  readReturns,
  realLayer,
  runImport,
  runnable,
  stageLeft,
} from '../helpers/import-host.js';
import { needing } from '../helpers/needs.js';
import { needsOf, type RigKind, shareRig } from '../rig/rig.js';

const kinds = ['d20', 'd28g', 'd28c'] as const satisfies readonly RigKind[];

for (const kind of kinds) {
  const needs = [...needsOf(kind), 'busybox', 'gzip'];
  const { serial: test } = needing(...needs);
  const rig = shareRig({ test: needing(...needs), hosts: [kind], near: false });
  const containerd = kind.endsWith('c');
  const title = (claim: string): string => `${claim} (${kind})`;

  test(title('a bundle is imported, runs, is proved, and the next import holds all of it'), async (t) => {
    const host = rig.host(kind);
    await host.wipe();
    const base = [await realLayer({ busybox: true }), await realLayer({ randomBytes: 700_000, seed: 'lib' })];
    const images = [
      await runnable('docker.io/plant/app:1', 'one', base),
      await runnable('docker.io/plant/app:2', 'two', base),
    ];
    const drive = await makeDrive(host);
    const bundle = await bundleOn(drive, { images });
    const [folder = ''] = bundle.inside;
    const first = await runImport(host, folder);
    t.is(first.exitCode, 0, first.stderr);
    await expectRuns(host.docker, 'plant/app:1', 'one');
    await expectRuns(host.docker, 'plant/app:2', 'two');
    t.deepEqual(await listNames(host.docker), ['plant/app:1', 'plant/app:2']);
    t.is((await host.docker(['ps', '-aq'])).stdout, '');
    const one = await inspectImage(host.docker, 'plant/app:1');
    t.is(one?.id, containerd ? bundle.manifest.images[0]?.loaded : images[0]?.imageId);

    const again = await runImport(host, folder);
    t.is(again.exitCode, 0, again.stderr);
    t.regex(again.stderr, /plant\/app:1: is there already/);
    t.deepEqual(await listNames(host.docker), ['plant/app:1', 'plant/app:2']);
    t.is(await stageLeft(host), '');

    const { receipts, passports } = await readReturns(drive);
    t.is(receipts.length, passports.length);
    const [receipt] = receipts;
    t.like(receipt, {
      address: 'local:',
      wireBytes: 0,
      tool: 'airgap 0.1.0',
      engine: { name: 'docker', version: host.engineVersion },
      bundle: { name: 'site', digest: bundle.digest },
    });
    t.deepEqual(
      receipt?.images.map(({ reference, layers, present, proof }) => ({ reference, layers, present, proof })),
      [
        {
          reference: 'plant/app:1',
          layers: { held: 0, sent: 3, spliced: 0 },
          present: false,
          proof: containerd ? 'manifest-and-create' : 'config-digest',
        },
        {
          reference: 'plant/app:2',
          layers: { held: 2, sent: 1, spliced: 0 },
          present: false,
          proof: containerd ? 'manifest-and-create' : 'config-digest',
        },
      ],
    );
    t.deepEqual(
      receipt?.images[0]?.diffIds,
      images[0]?.layers.map(({ diffId }) => diffId),
    );
    const sent = bundle.manifest.layers.reduce((total, { bytes }) => total + bytes, 0);
    t.is(receipt?.layerBytes, sent);
    t.is(receipt?.images[0]?.manifest?.digest, containerd ? bundle.manifest.images[0]?.loaded : undefined);
    t.true(receipts.at(-1)?.images.every(({ present }) => present));
    t.like(passports.at(-1), { airgap: 'passport', version: 1, engine: { name: 'docker' } });
  });
}
