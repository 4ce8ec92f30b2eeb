// node:zlib takes zstd's worker option without a word and loses data with it. Nothing of ours may set it.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import zlib from 'node:zlib';
import test from 'ava';
import { digestOf } from '../../src/oci/digest.js';
import { openSpool } from '../../src/streams/spool.js';
import { diffIdOf, fillOptions, mixedBytes, readAll, sourceOf } from '../helpers/layers.js';
import { withTempDir } from '../helpers/tmp.js';

// Not written out, so that this file does not find itself.
const forbidden = ['nb', 'Workers'].join('');

test('no source file sets the option of zstd that loses data', async (t) => {
  let read = 0;
  for (const folder of ['src', 'ui', 'bench']) {
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !/\.[cm]?[jt]sx?$/.test(entry.name)) continue;
      read += 1;
      const path = join(entry.parentPath, entry.name);
      t.false((await readFile(path, 'utf8')).includes(forbidden), path);
    }
  }
  t.true(read > 20);
});

test('a large layer of all sorts comes back from the spool whole, at every level', async (t) => {
  const tar = mixedBytes(75_000_001);
  const diffId = diffIdOf(tar);
  await withTempDir(async (directory) => {
    const levels = [9, 1, 3, 6];
    const spool = await openSpool({ directory });
    await spool.fill(
      sourceOf(tar),
      fillOptions(diffId, { chooseLevel: () => levels[Math.floor(Math.random() * 4)] ?? 1 }),
    );
    const stored = await readAll(spool.reader(diffId, 'zstd'));
    await spool.close();
    t.is(digestOf(zlib.zstdDecompressSync(stored)), diffId);
  });
});
