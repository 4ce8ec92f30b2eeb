// The disk is full, or the folder cannot be used, while blobs of a registry come.
import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createRegistryStore } from '../../src/stores/registry.js';
import { readAll } from '../contract/store.js';
import { testImage, testLayer } from '../helpers/images.js';
import { needing } from '../helpers/needs.js';
import { withSite } from '../helpers/registry-site.js';

needing(
  'registry',
  'root',
  'linux',
)('a full disk is told with bytes, and what has come is gone on with', async (t) => {
  await withSite(async (site) => {
    const image = testImage({ name: 'x', layers: [testLayer('full', 3_000_000)] });
    const { layers } = await site.push.image('team/app', '1', image);
    const cacheDirectory = path.join(site.folder, 'small');
    await mkdir(cacheDirectory);
    const mount = (options: string): number | null =>
      spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', cacheDirectory]).status;
    t.is(mount('size=2m'), 0, 'root may mount a tmpfs');
    try {
      const proxy = await site.proxy({ to: site.open.origin });
      const store = createRegistryStore({ registries: site.client(), cacheDirectory });
      const opened = await store.open(`${proxy.host}/team/app:1`);
      const error = await t.throwsAsync(readAll(opened, opened.config.diffIds));
      t.like(error, {
        code: 'CACHE_FULL',
        facts: { path: path.join(cacheDirectory, 'blobs'), freeBytes: 0 },
      });
      t.is(mount('remount,size=20m'), 0);
      t.is((await readAll(opened, opened.config.diffIds)).size, 1);
      const ranges = proxy.asked
        .filter(({ url }) => url.endsWith(layers[0]!.digest))
        .map(({ headers }) => headers.range);
      t.is(ranges.length, 2);
      t.regex(ranges[1] ?? '', /^bytes=[12]\d{6}-$/);
    } finally {
      spawnSync('umount', [cacheDirectory]);
    }
  });
});

needing('registry')('a folder that cannot be used is told with its reason', async (t) => {
  await withSite(async (site) => {
    await site.push.image('team/app', '1', testImage({ name: 'x', layers: [testLayer('denied', 1000)] }));
    const cacheDirectory = path.join(site.folder, 'file');
    await writeFile(cacheDirectory, '');
    const opened = await createRegistryStore({ registries: site.client(), cacheDirectory }).open(
      `${site.open.host}/team/app:1`,
    );
    const error = await t.throwsAsync(readAll(opened, opened.config.diffIds));
    t.like(error, { code: 'CACHE_DENIED', facts: { path: path.join(cacheDirectory, 'blobs') } });
  });
});
