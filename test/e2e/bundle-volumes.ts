// A bundle of 300 MB on sticks of 64 MB: in any order over two folders, with one missing, with one damaged.
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { createNear } from '../helpers/airgap.js';
import { exportNear } from '../helpers/carried.js';
import { ociFiles, randomBytesOf, testSeed, writeFiles } from '../helpers/images.js';
import { type Drive, makeDrive, realLayer, runImport, runnable, stageLeft } from '../helpers/import-host.js';
import { needing } from '../helpers/needs.js';
import { expectRuns, listNames } from '../helpers/real-images.js';
import { needsOf, shareRig } from '../rig/rig.js';

const needs = [...needsOf('d20'), 'busybox'];
const { serial: test } = needing(...needs);
const rig = shareRig({ test: needing(...needs), hosts: ['d20'], near: false });

const volumeBytes = 64_000_000;
/** Of the random bytes, and of which volume lies where. */
const seed = testSeed();

/** Puts the volumes into two folders, by the seed. @returns the folders, in no order */
async function scatter(drive: Drive, folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => name.includes('.vol'));
  const random = randomBytesOf(`${seed} sticks`, names.length);
  const sticks = ['stick-a', 'stick-b'];
  for (const stick of sticks) await mkdir(path.join(drive.outside, stick));
  for (const [at, name] of names.entries()) {
    // Each has at least two: one is taken away later, and a folder without any is another error.
    const stick = sticks[(at < 4 ? at : (random[at] ?? 0)) % 2] ?? '';
    await rename(path.join(folder, name), path.join(drive.outside, stick, name));
  }
  return (random[0] ?? 0) % 2 === 0 ? sticks : sticks.toReversed();
}

async function volumeOf(drive: Drive, number: number): Promise<string> {
  for (const stick of ['stick-a', 'stick-b']) {
    const found = (await readdir(path.join(drive.outside, stick))).find((name) =>
      name.endsWith(`.vol00${number}`),
    );
    if (found !== undefined) return path.join(drive.outside, stick, found);
  }
  throw new Error(`no volume ${number}`);
}

test('volumes of 64 MB are one bundle in any order; one that is missing or damaged is named by both programs', async (t) => {
  t.timeout(600_000);
  t.log(`AIRGAP_TEST_SEED=${seed}`);
  const host = rig.host('d20');
  const near = await createNear();
  const drive = await makeDrive(host);
  try {
    const layers = [
      await realLayer({ busybox: true }),
      await realLayer({ randomBytes: 210_000_000, seed: `${seed} large` }),
      await realLayer({ randomBytes: 90_000_000, seed: `${seed} small` }),
    ];
    const image = await runnable('docker.io/plant/large:1', 'large one', layers);
    await writeFiles(path.join(near.folder, 'layout'), ociFiles([image]));
    const words = [`oci:${near.folder}/layout:${image.name}`, '--compress', 'none', '--no-read-back'];
    const { place, bundle } = await exportNear(near, 'split', [...words, '--split', '64MB']);
    await rm(path.join(near.folder, 'layout'), { recursive: true });
    const count = bundle.manifest.volumes;
    t.true(count >= 5);
    t.true(
      bundle.manifest.contents.some(({ path: file }) => file.endsWith('.004')),
      'a layer lies on four',
    );
    for (const volume of bundle.volumes) {
      const sizes = [...volume.files.values()].map(({ bytes }) => bytes);
      t.true(sizes.reduce((sum, size) => sum + size, 0) <= volumeBytes);
    }
    const sticks = await scatter(drive, place);
    const outside = sticks.map((stick) => path.join(drive.outside, stick));
    const inside = sticks.map((stick) => `${drive.inside}/${stick}`);
    // The program of whichever volume is at hand.
    const script = (await volumeOf(drive, 3)).replace(drive.outside, drive.inside);

    const whole = await near.run(['verify', ...outside]);
    t.is(whole.exitCode, 0, whole.stderr);
    const said = await runImport(host, script, inside);
    t.is(said.exitCode, 0, said.stderr);
    await expectRuns(host.docker, 'plant/large:1', 'large one');
    t.is(await stageLeft(host), '');
    await host.wipe();

    // Missing: told by number, and nothing is begun.
    const second = await volumeOf(drive, 2);
    await rename(second, path.join(drive.outside, 'away'));
    const missing = await near.run(['verify', ...outside]);
    t.is(missing.exitCode, 23, missing.stderr);
    t.regex(`${missing.stdout}${missing.stderr}`, /Volume 2 of /);
    const waiting = await runImport(host, script, inside);
    t.is(waiting.exitCode, 23, waiting.stderr);
    t.regex(waiting.stderr, /missing: 2 .*\[BUNDLE_VOLUME_MISSING\]/);
    await rename(path.join(drive.outside, 'away'), second);

    // Damaged: one bit, far inside of a piece.
    const blobs = path.join(second, 'blobs/sha256');
    const pieces = (await readdir(blobs)).filter((name) => /\.\d{3}$/.test(name));
    const [piece = ''] = pieces;
    const at = Math.floor((await stat(path.join(blobs, piece))).size / 2);
    const handle = await open(path.join(blobs, piece), 'r+');
    const byte = Buffer.alloc(1);
    await handle.read(byte, 0, 1, at);
    await handle.write(Buffer.from([(byte[0] ?? 0) ^ 4]), 0, 1, at);
    await handle.close();
    const damaged = await near.run(['verify', ...outside]);
    t.is(damaged.exitCode, 21, damaged.stderr);
    t.regex(`${damaged.stdout}${damaged.stderr}`, new RegExp(piece.slice(0, 12)));
    const refused = await runImport(host, script, inside);
    t.is(refused.exitCode, 21, refused.stderr);
    t.regex(refused.stderr, new RegExp(`${piece} was changed \\[BUNDLE_DAMAGED\\]`));
    t.deepEqual(await listNames(host.docker), []);
    t.is(await stageLeft(host), '');
  } finally {
    await rm(drive.outside, { recursive: true, force: true });
    await near.remove();
  }
});
