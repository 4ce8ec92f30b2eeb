// What can happen to files at rest: torn ends, flipped bits, rubbish. Never a wrong layer; made again where needed.
import { open, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import zlib from 'node:zlib';
import anyTest from 'ava';
import { hexOf } from '../../src/oci/digest.js';
import { openSpool } from '../../src/streams/spool.js';
import { diffIdOf, fillOptions, mebibyte, programBytes, readAll, sourceOf } from '../helpers/layers.js';
import { withTempDir } from '../helpers/tmp.js';

// One after another: each holds tens of megabytes.
const test = anyTest.serial;
const tar = programBytes(35 * mebibyte, 3 * mebibyte);
const diffId = diffIdOf(tar);
const segmentCount = 5;

interface Files {
  readonly directory: string;
  readonly data: string;
  readonly index: string;
}

async function withSpooledLayer(use: (files: Files) => Promise<void>): Promise<void> {
  await withTempDir(async (directory) => {
    const spool = await openSpool({ directory });
    await spool.fill(sourceOf(tar), fillOptions(diffId));
    await spool.close();
    const path = (ending: string): string => join(directory, 'layers', hexOf(diffId), `zstd.${ending}`);
    await use({ directory, data: path('data'), index: path('index') });
  });
}

/** Fills again; returns how many segments had to be made. The result is compared with the layer. */
async function remade(directory: string): Promise<{ made: number; isRight: boolean }> {
  const spool = await openSpool({ directory });
  const options = fillOptions(diffId);
  await spool.fill(sourceOf(tar), options);
  const stored = await readAll(spool.reader(diffId, 'zstd'));
  await spool.close();
  return { made: options.made.length, isRight: tar.equals(zlib.zstdDecompressSync(stored)) };
}

async function flipBit(path: string, at: number): Promise<void> {
  const file = await open(path, 'r+');
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, at);
  byte[0] = (byte[0] ?? 0) ^ 1;
  await file.write(byte, 0, 1, at);
  await file.close();
}

test('a torn last index line costs one segment', async (t) => {
  await withSpooledLayer(async ({ directory, index }) => {
    await truncate(index, (await readFile(index)).length - 20);
    t.deepEqual(await remade(directory), { made: 1, isRight: true });
  });
});

test('a torn end of the data costs the segments that are not whole', async (t) => {
  await withSpooledLayer(async ({ directory, data }) => {
    await truncate(data, (await readFile(data)).length - 1);
    t.deepEqual(await remade(directory), { made: 1, isRight: true });
  });
});

test('bytes behind the last segment are cut off', async (t) => {
  await withSpooledLayer(async ({ directory, data, index }) => {
    const { length } = await readFile(data);
    await truncate(index, (await readFile(index)).length - 1);
    await writeFile(data, Buffer.alloc(5000, 'x'), { flag: 'a' });
    t.deepEqual(await remade(directory), { made: 1, isRight: true });
    t.is((await readFile(data)).length, length);
  });
});

test('a flipped bit in the data is found when it is read, and the next fill makes from there on', async (t) => {
  await withSpooledLayer(async ({ directory, data }) => {
    await flipBit(data, Math.floor(((await readFile(data)).length * 3) / segmentCount));
    const spool = await openSpool({ directory });
    const reader = spool.reader(diffId, 'zstd');
    await t.throwsAsync(readAll(reader), { code: 'SPOOL_DAMAGED' });
    t.false(spool.layer(diffId).whole.has('zstd'));
    t.is(spool.layer(diffId).rawBytes, tar.length);
    await spool.close();
    const { made, isRight } = await remade(directory);
    t.true(isRight);
    t.true(made >= 1 && made < segmentCount, `${made} made`);
  });
});

test('a flipped bit in what a killed run left is found before it is continued', async (t) => {
  await withSpooledLayer(async ({ directory, data, index }) => {
    await truncate(index, (await readFile(index)).length - 1);
    await flipBit(data, 10);
    t.deepEqual(await remade(directory), { made: segmentCount, isRight: true });
  });
});

const rubbish = {
  'an empty index': () => '',
  'an index of another version': (text: string) => text.replace('airgap-spool 1', 'airgap-spool 2'),
  'an index of another codec': (text: string) => text.replace(' zstd', ' gzip'),
  'an index with a hole': (text: string) => text.replace(/\n0 .*\n/, '\n'),
  'an index that is not text': () => Buffer.alloc(4096, 0xff).toString('latin1'),
};

for (const [name, damage] of Object.entries(rubbish)) {
  test(`${name} is made anew`, async (t) => {
    await withSpooledLayer(async ({ directory, index }) => {
      await writeFile(index, damage(await readFile(index, 'latin1')), 'latin1');
      t.deepEqual(await remade(directory), { made: segmentCount, isRight: true });
    });
  });
}

test('an index that tells of a place outside the data is not believed', async (t) => {
  await withSpooledLayer(async ({ directory, index }) => {
    const lines = (await readFile(index, 'latin1')).split('\n');
    lines[2] = (lines[2] ?? '').replace(/^(\d+ \d+ \d+) \d+/, '$1 999999999');
    await writeFile(index, lines.join('\n'));
    t.deepEqual(await remade(directory), { made: segmentCount - 1, isRight: true });
  });
});

test('facts that are rubbish are unknown facts', async (t) => {
  await withSpooledLayer(async ({ directory, index }) => {
    await writeFile(index.replace('.index', '.facts'), '{"version":1,"rawBytes":-5');
    await writeFile(index, '');
    const spool = await openSpool({ directory });
    t.is(spool.layer(diffId).rawBytes, undefined);
    await spool.close();
  });
});
