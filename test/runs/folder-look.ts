// What a drive has brought home: it was in other hands, so what is not as it should be is passed over.
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { formatPassport } from '../../src/bundle/passport.js';
import { lookAtFolder } from '../../src/runs/folder-look.js';
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
      passports: [],
      receipts: [],
    });
  }));
