// What this machine offers as drives: mounts where desktops and people mount them, that keep what is written to them.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { findLocalPlaces } from '../../src/runs/local-places.js';
import { withTempDir } from '../helpers/tmp.js';

const mounts = [
  '36 35 8:1 / / rw,noatime shared:1 - ext4 /dev/sda1 rw',
  '40 36 8:17 / /run/media/me/My\\040stick rw,nosuid shared:9 - vfat /dev/sdb1 rw,uid=1000',
  '41 36 0:40 / /mnt/share rw - nfs4 nas:/share rw',
  '42 36 0:41 / /mnt/wslg rw - overlay none rw,lowerdir=/x',
  '43 36 0:42 / /mnt/memory rw - tmpfs tmpfs rw,size=64k',
  '44 36 8:18 / /media/cdrom ro - iso9660 /dev/sr0 ro',
  '45 36 8:19 / /media/locked ro,relatime - ext4 /dev/sdc1 rw',
  '46 36 8:20 / /media/broken rw,relatime - ext4 /dev/sdd1 ro,errors=remount-ro',
  '47 36 8:17 / /run/media/me/My\\040stick rw - vfat /dev/sdb1 rw',
  'a line that is none',
  '',
].join('\n');

test('odd-mounts-as-drives: what is memory, read-only or no place for files is not offered', (t) =>
  withTempDir(async (folder) => {
    const file = join(folder, 'mountinfo');
    await writeFile(file, mounts);
    const { drives } = await findLocalPlaces({ containers: async () => [], folder, mounts: file });
    t.deepEqual(
      drives.map(({ path }) => path),
      ['/run/media/me/My stick', '/mnt/share'],
    );
  }));
