// Where no cable reaches, from end to end: images of the near docker exported, carried, and imported by nothing but sh.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createNear, type Near } from '../helpers/airgap.js';
import { carry, type Exported, exportNear } from '../helpers/carried.js';
import { readReturns, runImport, stageLeft } from '../helpers/import-host.js';
import { needing } from '../helpers/needs.js';
import {
  buildApp,
  buildBase,
  expectRuns,
  exportedTree,
  inspectImage,
  listNames,
} from '../helpers/real-images.js';
import { needsOf, outerDockers, type RigHost, type RigKind, shareRig } from '../rig/rig.js';

const needs = [...needsOf(...outerDockers), 'busybox', 'gzip', 'zstd'];
const { serial: test } = needing(...needs);
const rig = shareRig({ test: needing(...needs), hosts: outerDockers });
let near: Near;
let both: Exported;

const [first, other, changed] = ['plant/app:1.0.0', 'plant/other:1', 'plant/app:1.0.1'];

needing(...needs).serial.before('the images are made', async () => {
  const { docker, dockerHost } = rig.near;
  near = await createNear({ DOCKER_HOST: dockerHost });
  const from = await buildBase(docker, 6_000_000);
  await buildApp(docker, { reference: first, from, message: 'app one' });
  await buildApp(docker, { reference: other, from, message: 'other one' });
  await buildApp(docker, { reference: changed, from, message: 'app two' });
  both = await exportNear(near, 'usb', [first, other]);
});

needing(...needs).after.always('the near side goes', () => near?.remove());

const isContainerd = (kind: RigKind): boolean => kind.endsWith('c');

for (const kind of outerDockers) {
  test(`${kind}: images of docker, exported and carried, are imported by sh, run, and are those that were here`, async (t) => {
    const host = rig.host(kind);
    await host.wipe();
    const { place, bundle } = both;
    t.is(bundle.manifest.codec, 'gzip');
    t.is(bundle.manifest.layers.length, 4, 'layers of both are there once');
    const { drive, inside } = await carry(host, place);
    const said = await runImport(host, inside);
    t.is(said.exitCode, 0, said.stderr);
    await expectRuns(host.docker, first, 'app one');
    await expectRuns(host.docker, other, 'other one');
    t.deepEqual(await listNames(host.docker), [first, other].toSorted());
    t.is((await host.docker(['ps', '-aq'])).stdout, '');
    t.is(await stageLeft(host), '');

    const again = await runImport(host, inside);
    t.is(again.exitCode, 0, again.stderr);
    t.deepEqual(await listNames(host.docker), [first, other].toSorted());
    const [receipt, second] = (await readReturns(drive)).receipts;
    t.like(receipt?.bundle, { name: 'airgap-bundle', digest: bundle.digest });
    t.deepEqual(
      receipt?.images.map(({ layers }) => layers),
      [
        { held: 0, sent: 3, spliced: 0 },
        { held: 2, sent: 1, spliced: 0 },
      ],
    );
    t.is(second?.layerBytes, 0);
    t.true(second?.images.every(({ present }) => present));
    for (const [at, reference] of [first, other].entries()) {
      const [here, there] = [
        await inspectImage(rig.near.docker, reference),
        await inspectImage(host.docker, reference),
      ];
      t.deepEqual(there?.diffIds, here?.diffIds);
      const told = receipt?.images[at];
      t.is(told?.imageId as string, here?.id ?? '');
      t.is(told?.farId as string, there?.id ?? '');
      t.is(told?.proof, isContainerd(kind) ? 'manifest-and-create' : 'config-digest');
      t.is(await exportedTree(host.docker, reference), await exportedTree(rig.near.docker, reference));
    }
  });
}

for (const kind of ['d20', 'd28c'] as const) {
  test(`${kind}: for a host with app 1.0.0, app 1.0.1 is its changed layer, which a host without it refuses`, async (t) => {
    const host = rig.host(kind);
    await host.wipe();
    const whole = await exportNear(near, `whole-${kind}`, [first, '--no-read-back']);
    const brought = await carry(host, whole.place);
    t.is((await runImport(host, brought.inside)).exitCode, 0);
    const printed = await runImport(host, brought.inside, ['--passport']);
    t.is(printed.exitCode, 0, printed.stderr);
    const passport = path.join(near.folder, `${kind}.json`);
    await writeFile(passport, printed.stdout);

    const { place, bundle } = await exportNear(near, `for-${kind}`, [changed, '--for', passport]);
    const { manifest } = bundle;
    t.is(manifest.layers.length, 1);
    t.is(manifest.omitted.length, 2);
    t.is(manifest.base[0]?.kind, 'passport');
    t.true((manifest.layers[0]?.bytes ?? Infinity) < 10_000);
    const { drive, inside } = await carry(host, place);
    const said = await runImport(host, inside);
    t.is(said.exitCode, 0, said.stderr);
    await expectRuns(host.docker, changed, 'app two');
    await expectRuns(host.docker, first, 'app one');
    t.deepEqual((await readReturns(drive)).receipts[0]?.images[0]?.layers, { held: 2, sent: 1, spliced: 0 });

    await host.wipe();
    const refused = await runImport(host, inside);
    t.is(refused.exitCode, 24, refused.stderr);
    t.regex(refused.stderr, /\[BUNDLE_BASE_MISSING\]/);
    for (const { diffId } of manifest.omitted) t.true(refused.stderr.includes(diffId.slice(7, 19)), diffId);
    t.true(refused.stderr.includes(`airgap export DEST ${changed} --for site.json`), refused.stderr);
    t.deepEqual(await listNames(host.docker), []);
    t.is(await stageLeft(host), '');
  });
}

test('what an earlier bundle brought is left out of the next', async (t) => {
  const host = rig.host('d20');
  await host.wipe();
  const whole = await exportNear(near, 'base', [first, '--no-read-back']);
  const { bundle, place } = await exportNear(near, 'next', [changed, '--base', whole.place]);
  t.is(bundle.manifest.layers.length, 1);
  t.is(bundle.manifest.base[0]?.digest, whole.bundle.digest);
  const next = await carry(host, place);
  t.is((await runImport(host, next.inside)).exitCode, 24);
  const brought = await carry(host, whole.place);
  t.is((await runImport(host, brought.inside)).exitCode, 0);
  const said = await runImport(host, next.inside);
  t.is(said.exitCode, 0, said.stderr);
  await expectRuns(host.docker, changed, 'app two');
});

/** Runs a script where every folder of programs holds only busybox and docker. The program itself is as it came. */
async function bare(host: RigHost, script: string): ReturnType<RigHost['inside']> {
  const make = [
    'set -eu',
    'rm -rf /root/bare && mkdir -p /root/bare/bin /root/bare/none && cd /root/bare/bin',
    'cp "$(command -v docker)" docker && cp "$(command -v busybox)" busybox',
    'for name in $(./busybox --list); do [ "$name" = busybox ] || ln -s busybox "$name"; done',
    'mount --bind /root/bare/none /usr/local/bin',
    'mount --bind /root/bare/none /usr/sbin',
    'mount --bind /root/bare/none /usr/local/sbin',
    'mount --bind /root/bare/bin /usr/bin',
    'export PATH=/usr/bin HOME=/root LC_ALL=C',
    `export DOCKER_HOST=${host.dockerHost}`,
    '! command -v bash && ! command -v zstd && ! command -v perl',
    script,
  ];
  return await host.inside(['unshare', '--mount', '--propagation', 'private', 'sh', '-c', make.join('\n')], {
    mayFail: true,
  });
}

test('busybox and docker are all that a bundle of the default codec needs, and one of zstd is refused there', async (t) => {
  const host = rig.host('d20');
  await host.wipe();
  const { place } = await exportNear(near, 'bare', [first, '--no-read-back']);
  const { inside, drive } = await carry(host, place);
  const said = await bare(host, `exec /usr/bin/sh ${inside}/import.sh`);
  t.is(said.exitCode, 0, said.stderr);
  await expectRuns(host.docker, first, 'app one');
  t.is((await readReturns(drive)).receipts.length, 1);
  await host.wipe();
  const zstd = await exportNear(near, 'bare-zstd', [first, '--compress', 'zstd', '--no-read-back']);
  const refused = await bare(host, `exec /usr/bin/sh ${(await carry(host, zstd.place)).inside}/import.sh`);
  t.is(refused.exitCode, 24, refused.stderr);
  t.regex(
    refused.stderr,
    /no program that unpacks zstd \[BUNDLE_CODEC\]\nhint: .*airgap export --compress gzip/,
  );
  t.deepEqual(await listNames(host.docker), []);
  t.is(await stageLeft(host), '');
});

test('the same images exported twice are the same bytes, whatever SOURCE_DATE_EPOCH says', async (t) => {
  const one = path.join(near.folder, 'one.tar');
  const two = path.join(near.folder, 'two.tar');
  t.is((await near.run(['export', one, first, other, '--quiet'])).exitCode, 0);
  const env = { SOURCE_DATE_EPOCH: '1', XDG_CACHE_HOME: path.join(near.folder, 'another') };
  t.is((await near.run(['export', two, first, other, '--quiet'], { env })).exitCode, 0);
  t.true((await readFile(one)).equals(await readFile(two)));
});
