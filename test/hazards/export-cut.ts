// A drive pulled, a process killed, a file system that fills up, in the middle of an export: nothing pretends to be a bundle,
// and the same command finishes what is there.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { parseSums } from '../../src/bundle/sums.js';
import { digestOf } from '../../src/oci/digest.js';
import { createNear, type Near, type Outcome } from '../helpers/airgap.js';
import { filesBelow, layoutSources } from '../helpers/exports.js';
import { randomBytesOf, testImage, testLayer, testSeed } from '../helpers/images.js';
import { needing } from '../helpers/needs.js';
import { withTempDir } from '../helpers/tmp.js';
import { run } from '../rig/command.js';

const seed = testSeed();
const kills = 50;

/** Whether a folder claims to be a bundle; if so, it must be one to the last byte. */
async function claimsToBeWhole(folder: string): Promise<boolean> {
  if (!existsSync(join(folder, 'SHA256SUMS'))) return false;
  const files = await filesBelow(folder);
  const sums = parseSums(files.get('SHA256SUMS') ?? Buffer.alloc(0), folder);
  for (const [file, digest] of sums) {
    if (digestOf(files.get(file) ?? Buffer.alloc(0)) !== digest)
      throw new Error(`${file} is not what the seal says`);
  }
  for (const file of files.keys()) {
    if (file !== 'SHA256SUMS' && !sums.has(file)) throw new Error(`${file} is not in the seal`);
  }
  return true;
}

test.serial(
  'killed at fifty random points, an export never leaves a seal that lies, and goes on',
  async (t) => {
    t.timeout(600_000);
    t.log(`seed ${seed}`);
    await withTempDir(async (home) => {
      const image = testImage({
        name: 'docker.io/plant/heavy:1',
        layers: [1, 2, 3, 4].map((number) => testLayer(`${seed}-${number}`, 3_000_000)),
      });
      const [source = ''] = await layoutSources(join(home, 'layout'), [image]);
      const near = await createNear();
      try {
        const args = (place: string): string[] => [
          'export',
          join(home, place),
          source,
          '--compress',
          'zstd',
          '--json',
        ];
        const startedAt = Date.now();
        const clean = await near.run(args('clean'));
        const cleanMs = Date.now() - startedAt;
        t.is(clean.exitCode, 0, clean.stderr);
        const random = randomBytesOf(seed, kills * 4);
        const bundle = join(home, 'usb', 'airgap-bundle');
        let sealed = 0;
        for (let kill = 0; kill < kills; kill += 1) {
          const { child, outcome } = near.start(args('usb'));
          await sleep((random.readUInt32LE(kill * 4) / 0xffffffff) * cleanMs);
          child.kill('SIGKILL');
          await outcome;
          if (await claimsToBeWhole(bundle)) sealed += 1;
          // So that most kills hit an export that still has something to write.
          if (kill % 3 === 0) await rm(join(home, 'usb'), { recursive: true, force: true });
        }
        t.log(`${sealed} of ${kills} were sealed when they were killed`);
        const last = await near.run(args('usb'));
        t.is(last.exitCode, 0, last.stderr);
        const [want, got] = [
          await filesBelow(join(home, 'clean', 'airgap-bundle')),
          await filesBelow(bundle),
        ];
        t.deepEqual([...got.keys()].toSorted(), [...want.keys()].toSorted());
        for (const [file, bytes] of want) t.true(got.get(file)?.equals(bytes), file);
      } finally {
        await near.remove();
      }
    });
  },
);

test.serial('a re-run uses the layers that are there, but none that was changed meanwhile', async (t) => {
  await withTempDir(async (home) => {
    const image = testImage({
      name: 'docker.io/plant/heavy:2',
      layers: [1, 2].map((number) => testLayer(`again-${number}`, 200_000)),
    });
    const [source = ''] = await layoutSources(join(home, 'layout'), [image]);
    const near = await createNear();
    try {
      const args = ['export', join(home, 'usb'), source, '--json'];
      t.is((await near.run(args)).exitCode, 0);
      const bundle = join(home, 'usb', 'airgap-bundle');
      const before = await filesBelow(bundle);
      const [layer = ''] = [...before]
        .filter(([file, bytes]) => file.startsWith('blobs/') && bytes.byteLength > 150_000)
        .map(([file]) => file);
      const { open } = await import('node:fs/promises');
      const handle = await open(join(bundle, layer), 'r+');
      await handle.write(Buffer.from('x'), 0, 1, 1000);
      await handle.close();
      const again = await near.run(args);
      t.is(again.exitCode, 0, again.stderr);
      const skipped = again.events.filter((event) => event.type === 'item.skipped');
      t.is(skipped.length, 1);
      t.deepEqual(await filesBelow(bundle), before);
    } finally {
      await near.remove();
    }
  });
});

needing('root', 'linux').serial(
  'a file system that fills up is told with its room, and a larger one goes on',
  async (t) => {
    await withTempDir(async (home) => {
      const image = testImage({
        name: 'docker.io/plant/full:1',
        layers: [1, 2, 3].map((number) => testLayer(`full-${number}`, 8_000_000)),
      });
      const [source = ''] = await layoutSources(join(home, 'layout'), [image]);
      const drive = join(home, 'drive');
      await mkdir(drive);
      await run(['mount', '-t', 'tmpfs', '-o', 'size=60m', 'tmpfs', drive]);
      const near = await createNear();
      try {
        const args = ['export', drive, source, '--compress', 'none', '--json'];
        // Somebody else takes the room after the plan was made: here, before it, but in a file that the plan cannot count on.
        await run(['sh', '-c', `head -c 45000000 /dev/zero >'${drive}/filler'`]);
        const refused = await near.run(args);
        t.is(refused.errorCode, 'DRIVE_FULL', refused.stderr);
        t.is(refused.exitCode, 26);
        t.false(await claimsToBeWhole(join(drive, 'airgap-bundle')));
        await rm(join(drive, 'filler'));
        let filled = false;
        const { child, outcome } = near.start(args, {
          onEvent(event) {
            if (filled || event.type !== 'item.finished') return;
            filled = true;
            void run(['sh', '-c', `head -c 60000000 /dev/zero >'${drive}/filler'; :`], { mayFail: true });
          },
        });
        const full = await outcome;
        t.is(child.exitCode, full.exitCode);
        if (full.exitCode !== 0) {
          t.is(full.errorCode, 'DRIVE_FULL', full.stderr);
          t.false(await claimsToBeWhole(join(drive, 'airgap-bundle')));
        }
        await rm(join(drive, 'filler'), { force: true });
        const last = await near.run(args);
        t.is(last.exitCode, 0, last.stderr);
        t.true(await claimsToBeWhole(join(drive, 'airgap-bundle')));
        t.true((await stat(join(drive, 'airgap-bundle', 'import.sh'))).size > 1000);
      } finally {
        await near.remove();
        await run(['umount', drive]);
      }
    });
  },
);

needing('root', 'linux').serial(
  'room that goes after the plan was made is told in the middle, not sealed, and with more room what is there stays',
  async (t) => {
    await withTempDir(async (home) => {
      const image = testImage({
        name: 'docker.io/plant/dense:1',
        layers: [1, 2, 3, 4].map((number) => testLayer(`${seed}-dense-${number}`, 20_000_000)),
      });
      const [source = ''] = await layoutSources(join(home, 'layout'), [image]);
      const drive = join(home, 'drive');
      await mkdir(drive);
      await run(['mount', '-t', 'tmpfs', '-o', 'size=200m', 'tmpfs', drive]);
      const near = await createNear();
      try {
        const args = ['export', drive, source, '--compress', 'zstd', '--json'];
        // 60 MB are left of 200, before a quarter of the 80 MB can be written.
        const full = await whileRoomGoes(near, args, drive);
        t.true(
          full.events.some(({ type }) => type === 'item.progress'),
          full.stdout.slice(-1500),
        );
        t.is(full.errorCode, 'DRIVE_FULL', full.stderr);
        t.is(full.exitCode, 26);
        t.false(await claimsToBeWhole(join(drive, 'airgap-bundle')));
        await run(['mount', '-o', 'remount,size=200m', drive]);
        const last = await near.run(args);
        t.is(last.exitCode, 0, last.stderr);
        t.true(last.events.some(({ type }) => type === 'item.skipped'));
        t.true(await claimsToBeWhole(join(drive, 'airgap-bundle')));
      } finally {
        await near.remove();
        await run(['umount', drive]);
      }
    });
  },
);

/**
 * Takes the room away as soon as the plan is told. On a busy machine that may be too late, with more written than may stay: then the
 * export is thrown away and tried again.
 */
async function whileRoomGoes(near: Near, args: readonly string[], drive: string): Promise<Outcome> {
  for (let tries = 0; tries < 20; tries += 1) {
    let tooLate = false;
    const { child, outcome } = near.start(args, {
      onEvent({ type }) {
        if (type !== 'export.plan') return;
        try {
          execFileSync('mount', ['-o', 'remount,size=60m', drive], { stdio: 'ignore' });
        } catch {
          tooLate = true;
          child.kill('SIGKILL');
        }
      },
    });
    const ended = await outcome;
    if (!tooLate) return ended;
    for (const name of await readdir(drive)) await rm(join(drive, name), { recursive: true });
  }
  throw new Error('the room went too late every time');
}
