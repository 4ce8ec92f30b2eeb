// What an import leaves on a drive that was in other hands.
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { handOver } from '../../src/runs/hand-over.js';
import { sampleReceipt } from '../helpers/samples.js';
import { withTempDir } from '../helpers/tmp.js';

async function handOverTo(drive: string): Promise<{ folder: string | undefined; told: string[] }> {
  const told: string[] = [];
  const folder = await handOver(
    { beside: join(drive, 'bundle'), receipts: [sampleReceipt('edge1')], passport: undefined },
    {
      emit: (event) => {
        if (event.type === 'warning') told.push(`${event.code} ${event.message}`);
      },
    },
  );
  return { folder, told };
}

test('a receipt lies beside the bundle, that of a second import beside it', (t) =>
  withTempDir(async (drive) => {
    const { folder, told } = await handOverTo(drive);
    t.is(folder, join(drive, 'airgap-returns'));
    await handOverTo(drive);
    t.is((await readdir(join(drive, 'airgap-returns'))).length, 2);
    t.deepEqual(told, []);
  }));

test('a link in place of airgap-returns is not followed: nothing is written where it leads', (t) =>
  withTempDir(async (home) => {
    const drive = join(home, 'usb');
    const elsewhere = join(home, 'etc');
    await mkdir(drive);
    await mkdir(elsewhere);
    await symlink(elsewhere, join(drive, 'airgap-returns'));
    const { folder, told } = await handOverTo(drive);
    t.is(folder, undefined);
    t.deepEqual(await readdir(elsewhere), []);
    t.is(told.length, 1);
    t.regex(told[0] ?? '', /^RETURNS_DENIED .*airgap-returns: it is a link or a file, and no folder$/);
  }));

test('a file in place of airgap-returns stays as it is', (t) =>
  withTempDir(async (drive) => {
    await writeFile(join(drive, 'airgap-returns'), 'mine');
    t.is((await handOverTo(drive)).folder, undefined);
  }));
