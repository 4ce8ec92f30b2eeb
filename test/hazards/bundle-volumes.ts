// Volumes of a split bundle: found in any order and in several folders, never mixed, missing and damaged ones told.
import { cp, mkdir, readdir, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { openBundle } from '../../src/bundle/reader.js';
import { verifyBundle } from '../../src/bundle/verifier.js';
import { startRun } from '../../src/runs/run.js';
import { verify } from '../../src/runs/verify-bundle.js';
import { writeBundle } from '../helpers/bundles.js';
import { testImage, testLayer } from '../helpers/images.js';
import { withTempDir } from '../helpers/tmp.js';

const image = (name: string) =>
  testImage({ name, layers: [testLayer(`${name}-a`, 300_000), testLayer(`${name}-b`, 150_000)] });
const images = [image('docker.io/plant/app:1')];
const spec = { images, volumeBytes: 160_000, files: { '/opt/motd': 'hello\n' } };

test('volumes over two folders and in any order are one bundle, whose cut layers are proved', (t) =>
  withTempDir(async (folder) => {
    for (const form of ['folder', 'tar'] as const) {
      const places = await writeBundle(path.join(folder, form), { ...spec, form });
      t.true(places.length > 3);
      const stick = path.join(folder, `stick-${form}`);
      await mkdir(path.join(stick, 'airgap-returns'), { recursive: true });
      await writeFile(path.join(stick, 'notes.txt'), 'not of it');
      const [first = '', second = ''] = places;
      for (const one of [first, second]) await rename(one, path.join(stick, path.basename(one)));
      const rest = places.slice(2).toReversed();
      for (const paths of [
        [stick, path.join(folder, form)],
        [...rest, stick],
      ]) {
        const bundle = await openBundle(paths);
        t.deepEqual(bundle.missing, []);
        t.true(
          bundle.manifest.contents.some((one) => one.path.endsWith('.002')),
          'a layer was cut',
        );
        t.deepEqual(
          bundle.volumes.map((one) => one.number),
          places.map((_, at) => at + 1),
        );
        const verified = await verifyBundle(bundle, { deep: true });
        t.deepEqual(verified.findings, []);
        t.is(verified.layerCount, 2);
      }
    }
  }));

test('missing volumes are told by number, and the others are proved', (t) =>
  withTempDir(async (folder) => {
    const places = await writeBundle(folder, spec);
    await rm(places[1] ?? '', { recursive: true });
    const bundle = await openBundle([folder]);
    t.deepEqual(bundle.missing, [2]);
    const { findings } = await verifyBundle(bundle, { deep: true });
    t.deepEqual(
      findings.map(({ code }) => code),
      ['BUNDLE_VOLUME_MISSING'],
    );
    const [lost = ''] = bundle.manifest.contents.filter((one) => one.volume === 2).map((one) => one.path);
    await t.throwsAsync(bundle.stream(lost), { code: 'BUNDLE_VOLUME_MISSING' });
  }));

test('a damaged piece is told with its volume', (t) =>
  withTempDir(async (folder) => {
    const places = await writeBundle(folder, spec);
    const blobs = path.join(places[1] ?? '', 'blobs/sha256');
    const [piece = ''] = (await readdir(blobs)).filter((name) => /\.[0-9]{3}$/.test(name));
    await truncate(path.join(blobs, piece), 100);
    const { findings } = await verifyBundle(await openBundle([folder]));
    t.deepEqual(
      findings.map(({ file, problem, volume }) => [file, problem, volume]),
      [[`blobs/sha256/${piece}`, 'size', 2]],
    );
  }));

test('volumes of two bundles are not mixed, also where one took the place of another', (t) =>
  withTempDir(async (folder) => {
    const places = await writeBundle(path.join(folder, 'a'), spec);
    const others = await writeBundle(path.join(folder, 'b'), {
      ...spec,
      images: [image('docker.io/plant/app:2')],
    });
    await t.throwsAsync(openBundle([path.join(folder, 'a'), path.join(folder, 'b')]), {
      code: 'BUNDLE_INVALID',
      message: /different bundles/,
    });
    await rm(places[1] ?? '', { recursive: true });
    await cp(others[1] ?? '', places[1] ?? '', { recursive: true });
    await t.throwsAsync(openBundle([path.join(folder, 'a')]), { code: 'BUNDLE_INVALID' });
  }));

test('an empty drive among others is passed over and told, and refused where all are empty', (t) =>
  withTempDir(async (folder) => {
    const places = await writeBundle(path.join(folder, 'a'), spec);
    const empty = path.join(folder, 'empty');
    await mkdir(empty);
    for (const paths of [
      [empty, ...places],
      [...places, empty],
    ]) {
      const run = startRun((context) => verify({ paths }, context));
      const warnings: string[] = [];
      for await (const event of run.events)
        if (event.type === 'warning') warnings.push(`${event.code} ${event.message.includes(empty)}`);
      t.true((await run.result).passed);
      t.deepEqual(warnings, ['FOLDER_EMPTY true']);
    }
    const other = path.join(folder, 'other');
    await mkdir(other);
    await t.throwsAsync(openBundle([empty, other]), { code: 'BUNDLE_INVALID', message: /empty/ });
    await t.throwsAsync(openBundle([...places, path.join(folder, 'gone')]), { code: 'BUNDLE_INVALID' });
  }));

test('a volume named twice, by a link too, is read once', (t) =>
  withTempDir(async (folder) => {
    const places = await writeBundle(path.join(folder, 'a'), spec);
    const away = path.join(folder, 'link');
    await symlink(path.join(folder, 'a'), away);
    const bundle = await openBundle([away, ...places]);
    t.is(bundle.volumes.length, places.length);
    t.deepEqual((await verifyBundle(bundle)).findings, []);
  }));

test('a volume file that names another number or bundle is damage', (t) =>
  withTempDir(async (folder) => {
    const [place = ''] = await writeBundle(folder, spec);
    for (const line of ['volume 2 of 9 abc\n', '', 'volume 0\n']) {
      await writeFile(path.join(place, 'volume'), line);
      await t.throwsAsync(openBundle([place]), { code: 'BUNDLE_DAMAGED' });
    }
  }));

test('what is no bundle is told apart: nothing, another file, an unfinished export', (t) =>
  withTempDir(async (folder) => {
    const problem = async (place: string): Promise<unknown> => {
      const error = await t.throwsAsync(openBundle([place]), { code: 'BUNDLE_INVALID' });
      return Object.entries(error).find(([key]) => key === 'facts')?.[1];
    };
    t.like(await problem(path.join(folder, 'none')), { problem: 'not-found' });
    t.like(await problem(folder), { problem: 'not-a-bundle' });
    await writeFile(path.join(folder, 'x.tar'), 'no tar');
    t.like(await problem(path.join(folder, 'x.tar')), { problem: 'not-a-bundle' });
    await mkdir(path.join(folder, 'half', 'blobs'), { recursive: true });
    t.like(await problem(path.join(folder, 'half')), { problem: 'no-seal' });
    t.like(await problem(folder), { problem: 'no-seal' });
  }));
