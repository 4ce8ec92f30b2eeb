// The near disk is full in the middle of a fill.
import { spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import zlib from 'node:zlib';
import { openSpool } from '../../src/streams/spool.js';
import { collect, diffIdOf, fillOptions, mebibyte, noise, readAll, sourceOf } from '../helpers/layers.js';
import { needing } from '../helpers/needs.js';
import { withTempDir } from '../helpers/tmp.js';

needing('root', 'linux')('a full disk is told with bytes, and what was made stays in order', async (t) => {
  const tar = noise(60 * mebibyte);
  const diffId = diffIdOf(tar);
  await withTempDir(async (folder) => {
    const directory = join(folder, 'small');
    await mkdir(directory);
    const mount = (options: string): number | null =>
      spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', directory]).status;
    t.is(mount('size=34m'), 0, 'root may mount a tmpfs');
    try {
      const spool = await openSpool({ directory });
      const following = collect(spool.reader(diffId, 'zstd').segments());
      const error = await t.throwsAsync(spool.fill(sourceOf(tar), fillOptions(diffId)));
      t.like(error, { code: 'SPOOL_FULL', facts: { path: directory, neededBytes: 8 * mebibyte + 202 } });
      t.is(await t.throwsAsync(following), error);
      await spool.close();
      t.is(mount('remount,size=100m'), 0);
      const again = await openSpool({ directory });
      const options = fillOptions(diffId);
      await again.fill(sourceOf(tar), options);
      t.is(options.made.length, 8 - 4);
      t.true(tar.equals(zlib.zstdDecompressSync(await readAll(again.reader(diffId, 'zstd')))));
      await again.close();
    } finally {
      spawnSync('umount', [directory]);
    }
  });
});
