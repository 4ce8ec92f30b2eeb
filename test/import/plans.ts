// What import.sh makes of what an engine already holds, of tools that are missing, of drives that cannot be written.
import { readdir } from 'node:fs/promises';
import { receiptSchema } from '../../src/receipt/receipt-schema.js';
import { expectRuns, inspectImage, listNames } from '../helpers/image-proofs.js';
import { type TestImage, testImage } from '../helpers/images.js';
import {
  architecture,
  bundleOn,
  makeDrive,
  readReturns,
  realLayer,
  runImport,
  runnable,
  stageLeft,
} from '../helpers/import-host.js';
import { needing } from '../helpers/needs.js';
import { needsOf, type RigHost, type RigKind, shareRig } from '../rig/rig.js';

const kinds = ['d20', 'd28c'] as const satisfies readonly RigKind[];

/** A folder with nothing but busybox, docker and gzip for a PATH, and an import.sh that does not look further. */
async function leanHost(host: RigHost, bundle: string): Promise<void> {
  const script = [
    'rm -rf /root/lean && mkdir -p /root/lean/bin && cd /root/lean/bin',
    'for name in $(busybox --list); do ln -s "$(command -v busybox)" "$name"; done',
    'rm -f docker && ln -s "$(command -v docker)" docker',
    `sed 's|^PATH=.*|PATH=/root/lean/bin|' ${bundle}/import.sh >/root/lean/import.sh`,
  ];
  await host.inside(['sh', '-c', script.join(' && ')]);
}

for (const kind of kinds) {
  const needs = [...needsOf(kind), 'busybox', 'gzip', 'zstd'];
  const { serial: test } = needing(...needs);
  const rig = shareRig({ test: needing(...needs), hosts: [kind], near: false });
  const containerd = kind.endsWith('c');
  const title = (claim: string): string => `${claim} (${kind})`;
  const fresh = async () => {
    const host = rig.host(kind);
    await host.wipe();
    return { host, drive: await makeDrive(host) };
  };
  const base = async () => [
    await realLayer({ busybox: true }),
    await realLayer({ randomBytes: 300_000, seed: 'b' }),
  ];
  const load = async (host: RigHost, images: readonly TestImage[]): Promise<void> => {
    const drive = await makeDrive(host);
    const { inside } = await bundleOn(drive, { images });
    const said = await runImport(host, inside[0] ?? '');
    if (said.exitCode !== 0) throw new Error(said.stderr);
  };

  test(title('a name moves, the old image stays as it is, and --no-clobber refuses that'), async (t) => {
    const { host, drive } = await fresh();
    const lower = await base();
    await load(host, [await runnable('docker.io/plant/app:1', 'old', lower)]);
    const old = await inspectImage(host.docker, 'plant/app:1');
    await host.docker(['tag', 'plant/app:1', 'plant/old:1']);
    const images = [await runnable('docker.io/plant/app:1', 'new', lower)];
    const { inside } = await bundleOn(drive, { images });
    const refused = await runImport(host, inside[0] ?? '', ['--no-clobber']);
    t.is(refused.exitCode, 47, refused.stderr);
    t.is((await inspectImage(host.docker, 'plant/app:1'))?.id, old?.id);
    const dry = await runImport(host, inside[0] ?? '', ['--dry-run']);
    t.is(dry.exitCode, 0, dry.stderr);
    t.regex(dry.stderr, /plant\/app:1: 2 layers held, 1 loaded/);
    t.regex(dry.stderr, /the name moves here/);
    t.is((await inspectImage(host.docker, 'plant/app:1'))?.id, old?.id);
    const said = await runImport(host, inside[0] ?? '', ['--only', 'plant/app:1']);
    t.is(said.exitCode, 0, said.stderr);
    await expectRuns(host.docker, 'plant/app:1', 'new');
    t.is((await readReturns(drive)).receipts[0]?.images[0]?.movedFrom, old?.id);
    await expectRuns(host.docker, 'plant/old:1', 'old');
    t.deepEqual(await listNames(host.docker), ['plant/app:1', 'plant/old:1']);
    t.is((await runImport(host, inside[0] ?? '', ['--only', 'plant/none'])).exitCode, 10);
    t.is(await stageLeft(host), '');
  });

  test(title('a differential bundle is refused without its base and whole with it'), async (t) => {
    const { host, drive } = await fresh();
    const lower = await base();
    const old = await runnable('docker.io/plant/app:1', 'old', lower);
    const next = await runnable('docker.io/plant/app:2', 'next', lower);
    const omit = new Set(lower.map(({ diffId }) => diffId));
    const { inside } = await bundleOn(drive, { images: [next], omit });
    const refused = await runImport(host, inside[0] ?? '');
    t.is(refused.exitCode, 24, refused.stderr);
    t.regex(
      refused.stderr,
      /lacks layers that the bundle leaves out of plant\/app:2.*\[BUNDLE_BASE_MISSING\]/,
    );
    t.deepEqual(await listNames(host.docker), []);
    await load(host, [old]);
    const said = await runImport(host, inside[0] ?? '');
    t.is(said.exitCode, 0, said.stderr);
    await expectRuns(host.docker, 'plant/app:2', 'next');
    t.like((await readReturns(drive)).receipts[0]?.images[0], { layers: { held: 2, sent: 1, spliced: 0 } });
  });

  test(title('a layer that is held another way is taken from the engine itself'), async (t) => {
    const { host, drive } = await fresh();
    const lower = await base();
    if (containerd) {
      // Held as gzip only: what a registry would have brought.
      const { inside } = await bundleOn(await makeDrive(host), {
        images: [await runnable('docker.io/plant/old:1', 'old', lower)],
      });
      await host.inside([
        'sh',
        '-c',
        `tar -C ${inside[0]} -cf - oci-layout index.json manifest.json blobs | DOCKER_HOST=${host.dockerHost} docker load`,
      ]);
    } else {
      // Under another stack.
      await load(host, [
        testImage({ name: 'docker.io/plant/old:1', architecture, layers: lower.toReversed() }),
      ]);
    }
    const next = await runnable('docker.io/plant/app:2', 'next', lower);
    const omit = new Set(lower.map(({ diffId }) => diffId));
    const { inside } = await bundleOn(drive, { images: [next], omit });
    const said = await runImport(host, inside[0] ?? '');
    t.is(said.exitCode, 0, said.stderr);
    await expectRuns(host.docker, 'plant/app:2', 'next');
    t.like((await readReturns(drive)).receipts[0]?.images[0], { layers: { held: 0, sent: 1, spliced: 2 } });
    t.is(await stageLeft(host), '');
  });

  // The chroots have no busybox.
  if (kind === 'd20') {
    test(title('busybox and docker are all that a bundle of gzip layers needs'), async (t) => {
      const { host, drive } = await fresh();
      const images = [await runnable('docker.io/plant/app:1', 'one', await base())];
      const { inside } = await bundleOn(drive, { images });
      await leanHost(host, inside[0] ?? '');
      const said = await runImport(host, '/root/lean', inside, { shell: ['/root/lean/bin/sh'] });
      t.is(said.exitCode, 0, said.stderr);
      await expectRuns(host.docker, 'plant/app:1', 'one');
      const zstd = await bundleOn(await makeDrive(host), { images, codec: 'zstd' });
      await host.wipe();
      await leanHost(host, zstd.inside[0] ?? '');
      const refused = await runImport(host, '/root/lean', zstd.inside, { shell: ['/root/lean/bin/sh'] });
      t.is(refused.exitCode, 24, refused.stderr);
      t.regex(refused.stderr, /\[BUNDLE_CODEC\]\nhint: .*airgap export --compress gzip/);
      t.is(await stageLeft(host), '');
    });
  }

  test(
    title('a zstd bundle without zstd is refused, or loaded as it is stored where the engine reads that'),
    async (t) => {
      const { host, drive } = await fresh();
      await host.inside(['sh', '-c', 'mkdir -p /root/none']);
      const images = [await runnable('docker.io/plant/app:1', 'one', await base())];
      const { inside, manifest } = await bundleOn(drive, { images, codec: 'zstd' });
      const whole = await runImport(host, inside[0] ?? '', ['--dry-run']);
      t.is(whole.exitCode, 0, whole.stderr);
      // The prelude adds the usual folders to PATH, so the program itself must be out of sight.
      const hide =
        'for f in /usr/bin/zstd /bin/zstd; do [ ! -e "$f" ] || mount --bind /root/none/zstd "$f"; done';
      await host.inside(['sh', '-c', `: >/root/none/zstd; chmod 000 /root/none/zstd; ${hide}`]);
      const said = await runImport(host, inside[0] ?? '');
      await host.inside([
        'sh',
        '-c',
        'for f in /usr/bin/zstd /bin/zstd; do umount "$f" 2>/dev/null || :; done',
      ]);
      if (!containerd) {
        t.is(said.exitCode, 24, said.stderr);
        t.regex(
          said.stderr,
          /no program that unpacks zstd \[BUNDLE_CODEC\]\nhint: .*airgap export --compress gzip/,
        );
        t.deepEqual(await listNames(host.docker), []);
        return;
      }
      t.is(said.exitCode, 0, said.stderr);
      await expectRuns(host.docker, 'plant/app:1', 'one');
      const [receipt] = (await readReturns(drive)).receipts;
      t.is(receipt?.images[0]?.manifest?.digest, manifest.images[0]?.manifest);
      t.is((await inspectImage(host.docker, 'plant/app:1'))?.id, manifest.images[0]?.manifest);
    },
  );

  test(title('volumes in any order over two folders are one bundle, and cut layers one layer'), async (t) => {
    const { host, drive } = await fresh();
    const images = [await runnable('docker.io/plant/app:1', 'one', await base())];
    const { inside, volumes } = await bundleOn(drive, { images, volumeBytes: 700_000, folder: 'a' });
    t.true(volumes.length >= 3);
    await host.inside([
      'sh',
      '-c',
      `mkdir ${drive.inside}/b ${drive.inside}/empty && mv ${inside[0]} ${inside[2]} ${drive.inside}/b/`,
    ]);
    const script = `${drive.inside}/b/site.vol003`;
    const missing = await runImport(host, script, [`${drive.inside}/b`]);
    t.is(missing.exitCode, 23, missing.stderr);
    // An empty drive among others is nothing to complain of, wherever it is named; all of them empty is.
    const empty = `${drive.inside}/empty`;
    t.regex((await runImport(host, script, [empty])).stderr, /empty.* is not a bundle.*\[BUNDLE_INVALID\]/);
    const said = await runImport(host, script, [empty, `${drive.inside}/b`, `${drive.inside}/a`]);
    t.is(said.exitCode, 0, said.stderr);
    await expectRuns(host.docker, 'plant/app:1', 'one');
  });

  test(title('on a drive that cannot be written the receipt is printed'), async (t) => {
    const { host, drive } = await fresh();
    const images = [await runnable('docker.io/plant/app:1', 'one', await base())];
    const { inside } = await bundleOn(drive, { images, form: 'tar' });
    await host.inside([
      'sh',
      '-c',
      `tar -xOf ${inside[0]} import.sh >/root/none-import.sh 2>/dev/null; mkdir -p /root/x; mv /root/none-import.sh /root/x/import.sh`,
    ]);
    await host.inside([
      'sh',
      '-c',
      `mount --bind ${drive.inside} ${drive.inside} && mount -o remount,bind,ro ${drive.inside}`,
    ]);
    const said = await runImport(host, '/root/x', inside);
    await host.inside(['umount', drive.inside]);
    t.is(said.exitCode, 0, said.stderr);
    t.is(receiptSchema.parse(JSON.parse(said.stdout)).images[0]?.reference, 'plant/app:1');
    t.false((await readdir(drive.outside)).includes('airgap-returns'));
    await expectRuns(host.docker, 'plant/app:1', 'one');
  });

  test(title('an image under two names is loaded once and gets both'), async (t) => {
    const { host, drive } = await fresh();
    const images = [await runnable('docker.io/plant/app:1', 'one', await base())];
    const { inside } = await bundleOn(drive, {
      images,
      lie: (file, bytes) =>
        file === 'recipes/bundle'
          ? Buffer.from(bytes.toString().replace(/^(image \S+) .*$/m, '$&\n$1 plant/also:1'))
          : bytes,
    });
    const said = await runImport(host, inside[0] ?? '');
    t.is(said.exitCode, 0, said.stderr);
    await expectRuns(host.docker, 'plant/also:1', 'one');
    t.deepEqual(await listNames(host.docker), ['plant/also:1', 'plant/app:1']);
    const [receipt] = (await readReturns(drive)).receipts;
    t.deepEqual(
      receipt?.images.map(({ layers }) => layers.sent),
      [3, 0],
    );
  });

  test(title('an image for another platform is refused'), async (t) => {
    const { host, drive } = await fresh();
    const [layer] = await base();
    if (layer === undefined) return t.fail();
    const image = testImage({ name: 'docker.io/plant/app:1', architecture: 's390x', layers: [layer] });
    const { inside } = await bundleOn(drive, { images: [image] });
    const said = await runImport(host, inside[0] ?? '');
    t.is(said.exitCode, 46, said.stderr);
    t.deepEqual(await listNames(host.docker), []);
  });

  test(title('a passport tells what is there, one image a line'), async (t) => {
    const { host } = await fresh();
    const lower = await base();
    const image = await runnable('docker.io/plant/app:1', 'one', lower);
    await load(host, [image]);
    await host.docker(['tag', 'plant/app:1', 'registry.lan:5000/a/b:2']);
    const { inside } = await bundleOn(await makeDrive(host), { images: [image] });
    const said = await runImport(host, inside[0] ?? '', ['--passport']);
    t.is(said.exitCode, 0, said.stderr);
    const passport: unknown = JSON.parse(said.stdout);
    t.like(passport, {
      airgap: 'passport',
      version: 1,
      engine: {
        name: 'docker',
        version: host.engineVersion,
        kind: containerd ? 'containerd' : 'graphdriver',
      },
      platform: `linux/${architecture}`,
      images: [
        {
          names: ['plant/app:1', 'registry.lan:5000/a/b:2'],
          diffIds: image.layers.map(({ diffId }) => diffId),
        },
      ],
    });
    t.regex(said.stdout, /^ {4}\{"id": "sha256:[0-9a-f]{64}", "names": /m);
  });
}

const fileNeeds = needsOf('d20');
const { serial: fileTest } = needing(...fileNeeds);
const fileRig = shareRig({ test: needing(...fileNeeds), hosts: ['d20'], near: false });

fileTest(
  'files are put in place with a difference shown, need no engine, and stand in the receipt',
  async (t) => {
    const host = fileRig.host('d20');
    await host.wipe();
    const drive = await makeDrive(host);
    const files = { '/root/allowed/x.conf': 'new\n', '/root/allowed/y.conf': 'y\n' };
    const { inside } = await bundleOn(drive, {
      images: [await runnable('docker.io/plant/app:1', 'one', [])],
      files,
    });
    await host.inside(['sh', '-c', 'mkdir -p /root/allowed && echo old >/root/allowed/x.conf']);
    const refused = await runImport(host, inside[0] ?? '', ['--files-only']);
    t.is(refused.exitCode, 49, refused.stderr);
    t.regex(refused.stderr, /x\.conf.*no folder where files may be put \[FILE_REFUSED\]/);
    const words = ['--files-only', '--allow-dir', '/root/allowed'];
    const env = { DOCKER_HOST: 'unix:///nowhere' };
    const dry = await runImport(host, inside[0] ?? '', [...words, '--dry-run'], { env });
    t.is(dry.exitCode, 0, dry.stderr);
    t.regex(dry.stderr, /-old\n\s*\+new/);
    t.is((await host.inside(['cat', '/root/allowed/x.conf'])).stdout, 'old\n');
    const said = await runImport(host, inside[0] ?? '', words, { env });
    t.is(said.exitCode, 0, said.stderr);
    t.is((await host.inside(['cat', '/root/allowed/x.conf', '/root/allowed/y.conf'])).stdout, 'new\ny\n');
    const [receipt] = (await readReturns(drive)).receipts;
    t.deepEqual(receipt?.images, []);
    t.like(receipt?.files?.[0], { to: '/root/allowed/x.conf', mode: '0644' });
    t.is(receipt?.files?.[1]?.previous, null);
  },
);
