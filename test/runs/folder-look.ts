// What a drive has brought home: it was in other hands, so what is not as it should be is passed over.
import { mkdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { formatPassport } from '../../src/bundle/passport.js';
import { lookAtFolder } from '../../src/runs/folder-look.js';
import { lookAtBundle } from '../../src/runs/found-bundles.js';
import { exportTo, layoutSources } from '../helpers/exports.js';
import { testImage, testLayer } from '../helpers/images.js';
import { samplePassport, sampleReceipt } from '../helpers/samples.js';
import { withTempDir } from '../helpers/tmp.js';
import { run } from '../rig/rig.js';

test('passports at the top and in airgap-returns are found, receipts of imports, too', (t) =>
  withTempDir(async (folder) => {
    const returns = join(folder, 'airgap-returns');
    await mkdir(join(folder, 'deep'));
    await mkdir(returns);
    await writeFile(join(folder, 'web1.json'), formatPassport(samplePassport('web1')));
    await writeFile(join(returns, '20260301T140509Z-edge1.json'), formatPassport(samplePassport('edge1')));
    await writeFile(join(folder, 'deep', 'no.json'), formatPassport(samplePassport('no')));
    const receipt = sampleReceipt('edge1');
    await writeFile(join(returns, '20260301T140509Z-edge1-receipt.json'), JSON.stringify(receipt));
    const look = await lookAtFolder(folder);
    t.deepEqual(
      look.passports.map(({ host, images }) => [host, images]),
      [
        ['edge1', 1],
        ['web1', 1],
      ],
    );
    t.deepEqual(look.receipts, [receipt]);
    t.true((look.freeBytes ?? 0) > 0);
  }));

test('what is none, is cut, is a link or a pipe is passed over, and nobody waits for it', (t) =>
  withTempDir(async (folder) => {
    await writeFile(join(folder, 'package.json'), '{"name":"x"}');
    await writeFile(join(folder, 'cut.json'), formatPassport(samplePassport('cut')).slice(0, -9));
    await writeFile(join(folder, 'real'), formatPassport(samplePassport('linked')));
    await symlink(join(folder, 'real'), join(folder, 'link.json'));
    await run(['mkfifo', join(folder, 'pipe.json')]);
    await mkdir(join(folder, 'folder.json'));
    t.like(await lookAtFolder(folder), { passports: [], receipts: [] });
    t.deepEqual(await lookAtFolder(join(folder, 'not-there')), {
      freeBytes: undefined,
      bundles: [],
      passports: [],
      receipts: [],
    });
  }));

test('bundles of a drive are found, each volume with its own bundle, what is damaged is passed over', (t) =>
  withTempDir(async (home) => {
    const drive = join(home, 'drive');
    const images = [
      testImage({ name: 'one:1', layers: [testLayer('one', 3_000_000)] }),
      testImage({ name: 'two:1', layers: [testLayer('two', 20_000)] }),
    ];
    const [first = '', second = ''] = await layoutSources(join(home, 'layout'), images);
    const cut = { destination: drive, images: [{ source: first }], name: 'cut', splitBytes: 2_000_000 };
    await exportTo(home, { ...cut, compress: { codec: 'none' } });
    await exportTo(home, {
      destination: join(drive, 'whole.tar'),
      images: [{ source: second }],
      name: 'whole',
    });
    await exportTo(home, { destination: drive, images: [{ source: second }], name: 'broken' });
    await writeFile(join(drive, 'broken', 'airgap.json'), '{');
    await writeFile(join(drive, 'other.tar'), 'no tar at all');
    await run(['mkfifo', join(drive, 'pipe.tar')]);
    const { bundles } = await lookAtFolder(drive);
    t.deepEqual(
      bundles.map(({ name, images: count, missing }) => [name, count, missing.length]),
      [
        ['cut', 1, 0],
        ['whole', 1, 0],
      ],
    );
    const [volumes = []] = bundles.map(({ paths }) => paths);
    t.true(volumes.length > 1);
    t.deepEqual(bundles[1]?.paths, [join(await realpath(drive), 'whole.tar')]);
    t.deepEqual(await lookAtBundle('~/drive/whole.tar', home), bundles[1]);
    await rm(volumes[0] ?? '', { recursive: true });
    t.like((await lookAtFolder(drive)).bundles[0], { name: 'cut', missing: [1] });
    await t.throwsAsync(lookAtBundle(drive, home), { code: 'BUNDLE_DAMAGED' });
  }));
