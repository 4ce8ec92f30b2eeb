// The tool is killed in the middle of a fill: the next run continues, and makes no segment twice.
import { spawn } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import zlib from 'node:zlib';
import test from 'ava';
import { hexOf } from '../../src/oci/digest.js';
import { openSpool } from '../../src/streams/spool.js';
import { diffIdOf, fillOptions, mebibyte, mixedBytes, readAll, sourceOf } from '../helpers/layers.js';
import { withTempDir } from '../helpers/tmp.js';

const tar = mixedBytes(60 * mebibyte);
const diffId = diffIdOf(tar);
const madeBefore = 5;

/** Fills in another process up to there, kills it, and tells the index it left. */
async function killMidFill(directory: string, file: string): Promise<string> {
  await writeFile(file, tar);
  const given = String((madeBefore * 8 + 3) * mebibyte);
  const helper = (name: string): string => join(import.meta.dirname, '../helpers', name);
  const words = [`--import=${helper('typescript.mjs')}`, helper('spool-child.ts')];
  const child = spawn(process.execPath, [...words, directory, file, diffId, given], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const path = join(directory, 'layers', hexOf(diffId), 'zstd.index');
  try {
    for (;;) {
      const index = await readFile(path, 'latin1').catch(() => '');
      if (index.split('\n').length === madeBefore + 2) return index;
      if (child.exitCode !== null) throw new Error(`the child ended with ${child.exitCode}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

test('a killed fill is continued: only the missing segments are made', async (t) => {
  await withTempDir(async (folder) => {
    const directory = join(folder, 'spool');
    const index = await killMidFill(directory, join(folder, 'layer.tar'));
    const path = join(directory, 'layers', hexOf(diffId), 'zstd.data');
    const before = await stat(path);
    const head = await readFile(path);
    // The dead owner's lock does not stop the next run.
    const spool = await openSpool({ directory });
    t.is(spool.layer(diffId).whole.size, 0);
    // What the dead run needs stays, even where nothing is to be kept.
    t.is(await spool.prune({ all: false }), 0);
    const options = fillOptions(diffId);
    await spool.fill(sourceOf(tar), options);
    t.is(options.made.length, 8 - madeBefore);
    t.true(tar.equals(zlib.zstdDecompressSync(await readAll(spool.reader(diffId, 'zstd')))));
    await spool.close({ finished: true });
    t.true((await readFile(path.replace('.data', '.index'), 'latin1')).startsWith(index));
    t.is((await stat(path)).ino, before.ino);
    t.true((await readFile(path)).subarray(0, head.length).equals(head));
  });
});

test('a source that has become another one does not continue what was killed', async (t) => {
  await withTempDir(async (folder) => {
    const directory = join(folder, 'spool');
    await killMidFill(directory, join(folder, 'layer.tar'));
    // What the dead run read from its third segment on was not this layer.
    const path = join(directory, 'layers', hexOf(diffId), 'zstd.index');
    const lines = (await readFile(path, 'latin1')).split('\n');
    const altered = lines.map((line, at) => (at < 3 ? line : line.replace(/[0-9a-f]{64}$/, 'f'.repeat(64))));
    await writeFile(path, altered.join('\n'));
    const spool = await openSpool({ directory });
    const options = fillOptions(diffId);
    const reader = spool.reader(diffId, 'zstd');
    const following = readAll(reader);
    await spool.fill(sourceOf(tar), options);
    t.is(options.made.length, 6);
    t.true(tar.equals(zlib.zstdDecompressSync(await following)));
    await spool.close();
  });
});
