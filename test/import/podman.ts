// import.sh on podman: the same bundle, the same proof, and names as they were meant.
import { parsePassport } from '../../src/bundle/passport.js';
import { expectRuns, inspectImage, listNames } from '../helpers/image-proofs.js';
import type { TestImage } from '../helpers/images.js';
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
import { needsOf, outerPodmans, shareRig } from '../rig/rig.js';

for (const kind of outerPodmans) {
  const needs = [...needsOf(kind), 'busybox', 'gzip'];
  const { serial: test } = needing(...needs);
  const rig = shareRig({ test: needing(...needs), hosts: [kind], near: false });
  const title = (claim: string): string => `${claim} (${kind})`;

  test(
    title('a bundle is imported where podman is alone, is proved and runs, and the next import holds it'),
    async (t) => {
      const host = rig.host(kind);
      await host.wipe();
      const base = [
        await realLayer({ busybox: true }),
        await realLayer({ randomBytes: 700_000, seed: 'lib' }),
      ];
      const images = [
        await runnable('docker.io/library/app:1', 'one', base),
        await runnable('registry.lan/plant/app:2', 'two', base),
      ];
      const drive = await makeDrive(host);
      const bundle = await bundleOn(drive, { images });
      const [folder = ''] = bundle.inside;
      const first = await runImport(host, folder);
      t.is(first.exitCode, 0, first.stderr);
      t.regex(first.stderr, /Engine: podman [0-9.]+, store overlay, root/);
      const names = ['docker.io/library/app:1', 'registry.lan/plant/app:2'];
      t.deepEqual(await listNames(host.docker), names);
      await expectRuns(host.docker, names[0] ?? '', 'one');
      await expectRuns(host.docker, names[1] ?? '', 'two');
      t.is(`sha256:${(await inspectImage(host.docker, names[0] ?? ''))?.id}`, images[0]?.imageId ?? '');

      const again = await runImport(host, folder, ['--engine', 'podman']);
      t.is(again.exitCode, 0, again.stderr);
      t.regex(again.stderr, /app:1: is there already/);
      t.deepEqual(await listNames(host.docker), names);
      t.is(await stageLeft(host), '');

      const { receipts, passports } = await readReturns(drive);
      t.like(receipts[0], {
        engine: { name: 'podman', version: host.engineVersion, store: 'overlay, root' },
        bundle: { name: 'site', digest: bundle.digest },
      });
      t.deepEqual(
        receipts[0]?.images.map(({ reference, fullName, layers, proof, manifest }) => [
          reference,
          fullName,
          layers,
          proof,
          manifest,
        ]),
        [
          ['app:1', 'docker.io/library/app:1', { held: 0, sent: 3, spliced: 0 }, 'config-digest', undefined],
          [
            'registry.lan/plant/app:2',
            undefined,
            { held: 2, sent: 1, spliced: 0 },
            'config-digest',
            undefined,
          ],
        ],
      );
      t.true(receipts.at(-1)?.images.every(({ present }) => present));
      const passport = parsePassport(Buffer.from(JSON.stringify(passports.at(-1))), 'passport');
      t.like(passport.engine, { name: 'podman', kind: 'containers-storage' });
      t.deepEqual(passport.images.flatMap((image) => image.names).toSorted(), [
        'app:1',
        'registry.lan/plant/app:2',
      ]);
    },
  );

  test(title('a name moves, unless --no-clobber says that it must not'), async (t) => {
    const host = rig.host(kind);
    await host.wipe();
    const base = [await realLayer({ busybox: true })];
    const drive = await makeDrive(host);
    const old = await bundleOn(drive, {
      folder: 'old',
      images: [await runnable('docker.io/library/app:1', 'old', base)],
    });
    const next = await bundleOn(drive, {
      folder: 'next',
      images: [await runnable('docker.io/library/app:1', 'new', base)],
      // What podman has needs no place in the bundle.
      omit: new Set(base.map(({ diffId }) => diffId)),
    });
    t.is((await runImport(host, old.inside[0] ?? '')).exitCode, 0);
    const refused = await runImport(host, next.inside[0] ?? '', ['--no-clobber']);
    t.regex(refused.stderr, /NAME_TAKEN/);
    await expectRuns(host.docker, 'docker.io/library/app:1', 'old');
    const moved = await runImport(host, next.inside[0] ?? '');
    t.is(moved.exitCode, 0, moved.stderr);
    await expectRuns(host.docker, 'docker.io/library/app:1', 'new');
    t.deepEqual(await listNames(host.docker), ['docker.io/library/app:1']);
  });

  test(
    title('taken-for-localhost: where podman takes a short name for another image, the plan says so'),
    async (t) => {
      const host = rig.host(kind);
      await host.wipe();
      const base = [await realLayer({ busybox: true })];
      const drive = await makeDrive(host);
      const other = await runnable('localhost/plant/short:1', 'other', base);
      const wanted = await runnable('docker.io/plant/short:1', 'wanted', base);
      const elsewhere = await runnable('registry.lan/plant/short:1', 'elsewhere', base);
      const place = async (folder: string, images: readonly TestImage[]): Promise<string> =>
        (await bundleOn(drive, { folder, images })).inside[0] ?? '';
      const words =
        /warning: podman takes plant\/short:1 for localhost\/plant\/short:1, .* say docker\.io\/plant\/short:1,/g;
      const warned = async (folder: string, asked: readonly string[] = [], env = {}): Promise<string> => {
        const said = await runImport(host, folder, asked, { env });
        t.is(said.exitCode, 0, said.stderr);
        return said.stderr;
      };
      const without = await place('without', [wanted, elsewhere]);
      t.notRegex(await warned(without, ['--dry-run']), /warning: podman/);
      t.notRegex(await warned(await place('other', [other])), /warning: podman/);
      const short = await place('short', [wanted]);
      t.is((await warned(short)).match(words)?.length, 1);
      t.regex(
        await warned(short, ['--dry-run'], { AIRGAP_LANG: 'zh' }),
        /警告：podman 会把 plant\/short:1 当作 localhost\/plant\/short:1/,
      );
      await expectRuns(host.docker, 'docker.io/plant/short:1', 'wanted');
      await expectRuns(host.docker, 'localhost/plant/short:1', 'other');
      // One image under both names harms nobody; what comes along counts as well.
      await host.docker(['tag', 'docker.io/plant/short:1', 'localhost/plant/short:1']);
      t.notRegex(await warned(short, ['--dry-run']), /warning: podman/);
      const both = await place('both', [wanted, other]);
      t.is((await warned(both, ['--dry-run'])).match(words)?.length, 1);
    },
  );
}
