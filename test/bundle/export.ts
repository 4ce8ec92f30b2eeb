// Exports of small images: the tree, the seal, the same bytes twice, shared layers once, volumes, and what is left out.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { list } from 'tar';
import { parseBundleManifest } from '../../src/bundle/manifest.js';
import { formatPassport } from '../../src/bundle/passport.js';
import { parseSums } from '../../src/bundle/sums.js';
import { reserveIn } from '../../src/bundle/volume-room.js';
import { type AirgapError, isAirgapError } from '../../src/errors.js';
import type { ExportOptions } from '../../src/runs/api.js';
import { createOciLayoutStore } from '../../src/stores/oci-layout.js';
import { readAll } from '../contract/store.js';
import { exportTo, filesBelow, layoutSources } from '../helpers/exports.js';
import { testImage, testImages, testLayer } from '../helpers/images.js';
import { withTempDir } from '../helpers/tmp.js';

const [v1, v2, other] = testImages('export');
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const choices = (sources: readonly string[]): { source: string }[] => sources.map((source) => ({ source }));

/** What SHA256SUMS says is what is there, all of it. */
function isSealed(files: ReadonlyMap<string, Buffer>): boolean {
  const sums = parseSums(files.get('SHA256SUMS') ?? Buffer.alloc(0), 'test');
  const there = [...files.keys()].filter((file) => file !== 'SHA256SUMS').toSorted();
  return (
    [...sums.keys()].toSorted().join() === there.join() &&
    there.every((file) => `sha256:${sha256(files.get(file) ?? Buffer.alloc(0))}` === sums.get(file))
  );
}

for (const codec of ['none', 'gzip', 'zstd'] as const) {
  test(`a ${codec} bundle is sealed, holds each layer once, and opens as an OCI layout`, async (t) => {
    await withTempDir(async (home) => {
      const sources = await layoutSources(join(home, 'layout'), [v1, v2, other]);
      const destination = join(home, 'usb');
      const done = await exportTo(home, { destination, images: choices(sources), compress: { codec } });
      const files = await filesBelow(done.place);
      t.true(isSealed(files));
      const manifest = parseBundleManifest(files.get('airgap.json') ?? Buffer.alloc(0), 'test');
      t.deepEqual(
        manifest.images.map((image) => image.imageId),
        [v1, v2, other].map((image) => image.imageId),
      );
      t.is(manifest.layers.length, 5);
      t.is(new Set(manifest.layers.map((layer) => layer.digest)).size, 5);
      const store = createOciLayoutStore({ path: done.place });
      for (const image of [v1, v2, other]) {
        const opened = await store.open(image.name);
        t.is(opened.imageId, image.imageId);
        const layers = await readAll(opened, opened.config.diffIds);
        t.is(layers.size, image.layers.length);
      }
      await store.close();
    });
  });
}

test('the same export gives the same bytes, wherever and whenever it is made', async (t) => {
  await withTempDir(async (home) => {
    const sources = await layoutSources(join(home, 'layout'), [v1, v2]);
    const make = async (name: string): Promise<string[]> => {
      const destination = join(home, name);
      const { place } = await exportTo(join(home, `home-${name}`), { destination, images: choices(sources) });
      return [...(await filesBelow(place))].map(([file, bytes]) => `${sha256(bytes)} ${file}`).toSorted();
    };
    t.deepEqual(await make('one'), await make('two'));
  });
});

test('a tar holds the same files in the order of the specification, the seal last', async (t) => {
  await withTempDir(async (home) => {
    const sources = await layoutSources(join(home, 'layout'), [v1]);
    const images = choices(sources);
    const folder = await exportTo(home, { destination: join(home, 'usb'), images });
    const tar = await exportTo(home, { destination: join(home, 'airgap-bundle.tar'), images });
    const names: string[] = [];
    await list({ file: tar.place, onReadEntry: (entry) => names.push(entry.path) });
    const files = await filesBelow(folder.place);
    t.deepEqual(names.toSorted(), [...files.keys()].toSorted());
    t.is(names.at(-1), 'SHA256SUMS');
    t.is(names.at(-2), 'airgap.json');
    t.true(names.indexOf('index.json') > names.indexOf('import.sh'));
    t.is(tar.written?.digest, folder.written?.digest);
  });
});

test('volumes hold at most what was asked for, each whole in itself, layers cut where they must be', async (t) => {
  await withTempDir(async (home) => {
    const big = testImage({
      name: 'docker.io/plant/big:1',
      layers: [testLayer('big-a', 900_000), testLayer('big-b', 400_000)],
    });
    const images = choices(await layoutSources(join(home, 'layout'), [big]));
    const splitBytes = 700_000;
    const options = {
      destination: join(home, 'usb'),
      images,
      splitBytes,
      compress: { codec: 'none' as const },
    };
    const done = await exportTo(home, options);
    const folders = (await readdir(join(home, 'usb'))).toSorted();
    t.true(folders.length >= 3);
    t.is(done.written?.volumes, folders.length);
    const blobs = new Map<string, Buffer[]>();
    for (const [at, folder] of folders.entries()) {
      const files = await filesBelow(join(home, 'usb', folder));
      t.true(isSealed(files));
      t.true([...files.values()].reduce((sum, bytes) => sum + bytes.byteLength, 0) <= splitBytes);
      t.regex(
        String(files.get('volume')),
        new RegExp(`^volume ${at + 1} of ${folders.length} [0-9a-f]{64}\n$`),
      );
      for (const [file, bytes] of [...files].toSorted()) {
        const blob = /^blobs\/sha256\/([0-9a-f]{64})\.\d{3}$/.exec(file)?.[1];
        if (blob !== undefined) blobs.set(blob, [...(blobs.get(blob) ?? []), bytes]);
      }
    }
    t.true(blobs.size > 0);
    for (const [blob, pieces] of blobs) t.is(sha256(Buffer.concat(pieces)), blob);
  });
});

/** What the refusal of volumes of this size names. Nothing is left behind. */
async function leastOf(home: string, options: ExportOptions): Promise<number> {
  const before = await readdir(home);
  try {
    await exportTo(home, options);
  } catch (error) {
    if (!isAirgapError(error, 'VOLUME_TOO_SMALL')) throw error;
    const made = (await readdir(home)).filter((name) => !before.includes(name) && name !== 'cache');
    if (made.join() !== '') throw new Error(`left behind: ${made.join()}`, { cause: error });
    return error.facts.leastBytes;
  }
  throw new Error('nothing was refused');
}

for (const destination of ['usb', 'site.tar']) {
  test(`the least volume size that a refusal names is the least: ${destination}`, async (t) => {
    await withTempDir(async (home) => {
      const big = testImage({
        name: 'docker.io/plant/big:1',
        layers: [testLayer('big-a', 900_000), testLayer('big-b', 400_000)],
      });
      const images = choices(await layoutSources(join(home, 'layout'), [big]));
      await mkdir(join(home, 'out'));
      const options = {
        destination: join(home, 'out', destination),
        images,
        compress: { codec: 'none' as const },
      };
      const least = await leastOf(home, { ...options, splitBytes: 5000 });
      t.is(await leastOf(home, { ...options, splitBytes: least - 64 * 1024 }), least);
      t.is(await leastOf(home, { ...options, splitBytes: least - 1 }), least);
      t.deepEqual(await readdir(join(home, 'out')), []);
      const done = await exportTo(home, { ...options, splitBytes: least });
      t.true((done.written?.volumes ?? 0) > 10);
    });
  });
}

test('a file is never cut: the largest decides how small volumes may be', async (t) => {
  await withTempDir(async (home) => {
    const content = Buffer.alloc(300_000, 'x');
    const files = [{ kind: 'file' as const, source: 'big', to: '/opt/big', content }];
    const options = { destination: join(home, 'usb'), images: [], files };
    const least = await leastOf(home, { ...options, splitBytes: 200_000 });
    t.true(least > content.byteLength);
    t.is(await leastOf(home, { ...options, splitBytes: least - 1 }), least);
    t.is((await exportTo(home, { ...options, splitBytes: least })).written?.volumes, 1);
  });
});

test('many small volumes leave room for the lines of their pieces', (t) => {
  const needs = { reservedBytes: 200_000, overheadBytes: 0, spreadBytes: 10e9, largestBytes: 65_536 };
  const error = t.throws(() => reserveIn(1_000_000, needs));
  t.true(isAirgapError(error, 'VOLUME_TOO_SMALL'));
  const least = isAirgapError(error, 'VOLUME_TOO_SMALL') ? error.facts.leastBytes : 0;
  const reserved = reserveIn(least, needs);
  const pieces = 10e9 / (least - reserved);
  t.true(reserved >= 200_000 + (pieces - 65) * 512);
  t.is(reserveIn(4e9, needs), 200_000);
});

test('for a host that has the earlier image only the changed layer is stored, and the rest is named', async (t) => {
  await withTempDir(async (home) => {
    const [, source = ''] = await layoutSources(join(home, 'layout'), [v1, v2]);
    const passport = join(home, 'edge1.json');
    const made = formatPassport({
      airgap: 'passport',
      version: 1,
      host: 'edge1',
      made: '2026-01-02T03:04:05Z',
      engine: { name: 'docker', version: '20.10.24', store: 'overlay2', kind: 'graphdriver' },
      platform: 'linux/amd64',
      tools: ['gzip', 'zstd'],
      free: { '/var/lib/docker': 1e9 },
      images: [
        { id: v1.imageId, names: ['plant/bus-info:v1'], diffIds: v1.layers.map((layer) => layer.diffId) },
      ],
      blobs: [],
    });
    await writeFile(passport, made);
    const done = await exportTo(home, {
      destination: join(home, 'usb'),
      images: [{ source }],
      passports: [passport],
    });
    const files = await filesBelow(done.place);
    t.true(isSealed(files));
    const manifest = parseBundleManifest(files.get('airgap.json') ?? Buffer.alloc(0), 'test');
    t.is(manifest.codec, 'zstd');
    t.deepEqual(
      manifest.layers.map((layer) => layer.diffId),
      [v2.layers[2]?.diffId],
    );
    t.deepEqual(
      manifest.omitted.map(({ diffId, rawBytes }) => [diffId, rawBytes]),
      v2.layers.slice(0, 2).map((layer) => [layer.diffId, layer.tar.byteLength]),
    );
    t.deepEqual(
      manifest.base.map((base) => [base.kind, base.name]),
      [['passport', 'edge1']],
    );
  });
});

test('another bundle of that name is not written over unless it is said', async (t) => {
  await withTempDir(async (home) => {
    const [first = '', second = ''] = await layoutSources(join(home, 'layout'), [v1, other]);
    const destination = join(home, 'usb');
    const { place } = await exportTo(home, { destination, images: [{ source: first }] });
    const error = await t.throwsAsync(exportTo(home, { destination, images: [{ source: second }] }));
    t.true(isAirgapError(error, 'BUNDLE_EXISTS'));
    t.true(isSealed(await filesBelow(place)));
    await exportTo(home, { destination, images: [{ source: second }], replace: true });
    const files = await filesBelow(place);
    t.true(isSealed(files));
    t.false([...files.keys()].some((file) => file.includes(v1.imageId.slice(7))));
  });
});

test('taken-place-found-after-enter: a dry run tells that another bundle lies there, and touches nothing', async (t) => {
  await withTempDir(async (home) => {
    const images = choices(await layoutSources(join(home, 'layout'), [v1, other]));
    const [first = [], second = []] = [images.slice(0, 1), images.slice(1)];
    for (const destination of [join(home, 'usb'), join(home, 'site.tar')]) {
      const dry = { destination, dryRun: true };
      await exportTo(home, { destination, images: first });
      const before = await filesBelow(home);
      const error = await t.throwsAsync(exportTo(home, { ...dry, images: second }), {
        code: 'BUNDLE_EXISTS',
      });
      t.regex((error as AirgapError).hint ?? '', /--replace/);
      await exportTo(home, { ...dry, images: second, replace: true });
      t.deepEqual([...(await filesBelow(home)).keys()], [...before.keys()]);
    }
    // The very same bundle is gone on with, not in the way.
    await exportTo(home, { destination: join(home, 'usb'), images: first, dryRun: true });
  });
});

test('a destination that ends in .TAR is a tar, too', async (t) => {
  await withTempDir(async (home) => {
    const images = choices(await layoutSources(join(home, 'layout'), [v1, other]));
    const destination = join(home, 'new.TAR');
    t.is((await exportTo(home, { destination, images: images.slice(0, 1) })).place, destination);
    const error = await t.throwsAsync(exportTo(home, { destination, images: images.slice(1) }), {
      code: 'BUNDLE_EXISTS',
    });
    t.regex((error as AirgapError).hint ?? '', /another file name/);
  });
});

test('two images of one name are refused, the same image twice is one', async (t) => {
  await withTempDir(async (home) => {
    const [first = '', second = ''] = await layoutSources(join(home, 'layout'), [v1, v2]);
    const destination = join(home, 'usb');
    const clash = [
      { source: first, as: 'plant/x:1' },
      { source: second, as: 'plant/x:1' },
    ];
    const error = await t.throwsAsync(exportTo(home, { destination, images: clash }));
    t.true(isAirgapError(error, 'USAGE'));
    const done = await exportTo(home, { destination, images: [{ source: first }, { source: first }] });
    t.is(done.plan.images.length, 1);
  });
});

test('a dry run writes nothing at all', async (t) => {
  await withTempDir(async (home) => {
    const images = choices(await layoutSources(join(home, 'layout'), [v1]));
    const done = await exportTo(home, { destination: join(home, 'usb'), images, dryRun: true });
    t.is(done.written, undefined);
    t.false((await readdir(home)).includes('usb'));
  });
});

test('what lies beside a bundle, such as what an operating system leaves on a drive, is left alone', async (t) => {
  await withTempDir(async (home) => {
    const images = choices(await layoutSources(join(home, 'layout'), [v1]));
    const destination = join(home, 'usb');
    await mkdir(join(destination, 'System Volume Information'), { recursive: true });
    await writeFile(join(destination, 'notes.txt'), 'mine');
    const { place } = await exportTo(home, { destination, images });
    await rm(join(place, 'SHA256SUMS'));
    await exportTo(home, { destination, images });
    t.is(await readFile(join(destination, 'notes.txt'), 'utf8'), 'mine');
    t.true(isSealed(await filesBelow(place)));
  });
});
