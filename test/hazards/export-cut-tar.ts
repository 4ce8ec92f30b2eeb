// An export into a tar that is killed or finds the drive full: nothing has the tar's name before it is whole, and the same command
// goes on after the last layer that is there as it was written.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { listTar } from '../../src/bundle/list-tar.js';
import { createNear, type Near, type Outcome } from '../helpers/airgap.js';
import { layoutSources } from '../helpers/exports.js';
import { randomBytesOf, testImage, testLayer, testSeed } from '../helpers/images.js';
import { needing } from '../helpers/needs.js';
import { withTempDir } from '../helpers/tmp.js';
import { run } from '../rig/command.js';

const seed = testSeed();
const kills = 25;

interface Bench {
  readonly home: string;
  readonly near: Near;
  /** The same images every time. */
  args(destination: string, ...more: string[]): string[];
}

async function withBench(
  layers: number,
  bytes: number,
  work: (bench: Bench) => Promise<void>,
): Promise<void> {
  await withTempDir(async (home) => {
    const image = testImage({
      name: 'docker.io/plant/heavy:1',
      layers: Array.from({ length: layers }, (_, number) => testLayer(`${seed}-tar-${number}`, bytes)),
    });
    const [source = ''] = await layoutSources(join(home, 'layout'), [image]);
    const near = await createNear();
    try {
      await work({
        home,
        near,
        args: (place, ...more) => ['export', place, source, '--compress', 'zstd', '--json', ...more],
      });
    } finally {
      await near.remove();
    }
  });
}

const skipped = ({ events }: Outcome): number => events.filter(({ type }) => type === 'item.skipped').length;
const hidden = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.startsWith('.airgap-'));

const isJournal = (name: string): boolean => name.startsWith('.airgap-') && name.endsWith('.journal');

/** How many layers the journal of an export into this folder tells of, each on a line below the first. */
function journalled(folder: string): number {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const name = names.find(isJournal);
  return name === undefined ? 0 : readFileSync(join(folder, name), 'utf8').split('\n').length - 2;
}

/**
 * Starts an export and kills it when so many layers are in the journal. Where the kill comes too late and the export is whole, it is
 * thrown away and tried again: a busy machine may need several tries.
 */
async function killAfter(
  { near }: Bench,
  cut: { readonly args: readonly string[]; readonly layers: number; readonly finished: string },
): Promise<void> {
  for (let tries = 0; tries < 50; tries += 1) {
    const folder = dirname(cut.finished);
    const { child, outcome } = near.start(cut.args, {
      onEvent({ type }) {
        if (type === 'item.progress' && journalled(folder) >= cut.layers) child.kill('SIGKILL');
      },
    });
    await outcome;
    const names = await readdir(folder);
    const left = names.filter(isJournal);
    const whole = names.filter((name) => name.startsWith('site.') && name.endsWith('.tar'));
    if (left.length > 0 && whole.length === 0) return;
    for (const name of [...left, ...whole]) await rm(join(folder, name), { force: true });
  }
  throw new Error('the kill came too late every time');
}

test.serial(
  'killed at random points, a tar is never there half, and in the end it is the same',
  async (t) => {
    t.timeout(600_000);
    t.log(`seed ${seed}`);
    await withBench(4, 3_000_000, async ({ home, near, args }) => {
      const startedAt = Date.now();
      const clean = await near.run(args(join(home, 'clean.tar')));
      const cleanMs = Date.now() - startedAt;
      t.is(clean.exitCode, 0, clean.stderr);
      const want = await readFile(join(home, 'clean.tar'));
      const place = join(home, 'usb', 'site.tar');
      const random = randomBytesOf(`${seed}-tar`, kills * 4);
      for (let kill = 0; kill < kills; kill += 1) {
        const { child, outcome } = near.start(args(place));
        await sleep((random.readUInt32LE(kill * 4) / 0xffffffff) * cleanMs);
        child.kill('SIGKILL');
        await outcome;
        if (!existsSync(place)) continue;
        t.true((await readFile(place)).equals(want));
        await rm(place);
      }
      const last = await near.run(args(place));
      t.is(last.exitCode, 0, last.stderr);
      t.true((await readFile(place)).equals(want));
      t.deepEqual(await hidden(join(home, 'usb')), []);
    });
  },
);

test.serial('a tar goes on after its last whole layer, byte for byte', async (t) => {
  await withBench(8, 9_000_000, async (bench) => {
    const { home, near, args } = bench;
    t.is((await near.run(args(join(home, 'clean.tar')))).exitCode, 0);
    const place = join(home, 'site.tar');
    await killAfter(bench, { args: args(place), layers: 2, finished: place });
    t.false(existsSync(place));
    const again = await near.run(args(place));
    t.is(again.exitCode, 0, again.stderr);
    t.true(skipped(again) >= 2);
    t.true((await readFile(place)).equals(await readFile(join(home, 'clean.tar'))));
    t.deepEqual(await hidden(home), []);
  });
});

test.serial('a layer that was changed meanwhile is not gone on with, nor what came after it', async (t) => {
  await withBench(8, 9_000_000, async (bench) => {
    const { home, near, args } = bench;
    t.is((await near.run(args(join(home, 'clean.tar')))).exitCode, 0);
    const [, second] = [...((await listTar(join(home, 'clean.tar')))?.files.values() ?? [])];
    const place = join(home, 'site.tar');
    await killAfter(bench, { args: args(place), layers: 3, finished: place });
    const handle = await open(join(home, '.airgap-site.tar'), 'r+');
    await handle.write(Buffer.from('x'), 0, 1, (second?.offset ?? 0) + 1000);
    await handle.close();
    const again = await near.run(args(place));
    t.is(again.exitCode, 0, again.stderr);
    t.is(skipped(again), 1);
    t.true((await readFile(place)).equals(await readFile(join(home, 'clean.tar'))));
  });
});

test.serial('what another export has left under that name is not gone on with', async (t) => {
  await withBench(8, 9_000_000, async (bench) => {
    const { home, near, args } = bench;
    const place = join(home, 'site.tar');
    await killAfter(bench, { args: args(place), layers: 2, finished: place });
    const other = [...args(place), '--compress', 'gzip'];
    const again = await near.run(other);
    t.is(again.exitCode, 0, again.stderr);
    t.is(skipped(again), 0);
    t.deepEqual(await hidden(home), []);
  });
});

test.serial('a link that a drive brings in place of the unfinished tar is not written through', async (t) => {
  await withBench(1, 10_000, async ({ home, near, args }) => {
    await writeFile(join(home, 'precious'), 'precious');
    await symlink(join(home, 'precious'), join(home, '.airgap-site.tar'));
    const done = await near.run(args(join(home, 'site.tar')));
    t.is(done.exitCode, 0, done.stderr);
    t.is(await readFile(join(home, 'precious'), 'utf8'), 'precious');
  });
});

test.serial('volumes go on, too, even where the last ones have their names already', async (t) => {
  await withBench(8, 3_000_000, async (bench) => {
    const { home, near, args } = bench;
    const split = ['--split', '5MB', '--compress', 'none'];
    const clean = await near.run(args(join(home, 'clean', 'site.tar'), ...split));
    t.is(clean.exitCode, 0, clean.stderr);
    const finished = join(home, 'usb', 'site.tar');
    await killAfter(bench, { args: args(finished, ...split), layers: 3, finished });
    const usb = join(home, 'usb');
    t.deepEqual(
      (await readdir(usb)).filter((name) => name.endsWith('.tar') && !name.startsWith('.')),
      [],
    );
    // As if it had been killed between the names.
    const [last = ''] = (await hidden(usb))
      .filter((name) => name.endsWith('.tar'))
      .toSorted()
      .toReversed();
    t.not(last, '.airgap-site.vol001.tar');
    await rename(join(usb, last), join(usb, last.slice('.airgap-'.length)));
    const again = await near.run(args(join(usb, 'site.tar'), ...split));
    t.is(again.exitCode, 0, again.stderr);
    t.true(skipped(again) >= 2);
    const names = (await readdir(usb)).toSorted();
    t.deepEqual(names, (await readdir(join(home, 'clean'))).toSorted());
    for (const name of names)
      t.true((await readFile(join(usb, name))).equals(await readFile(join(home, 'clean', name))), name);
  });
});

needing('root', 'linux').serial(
  'a drive that fills up leaves no tar, and with more room only the rest is written',
  async (t) => {
    await withBench(4, 20_000_000, async ({ home, near, args }) => {
      const drive = join(home, 'drive');
      await mkdir(drive);
      await run(['mount', '-t', 'tmpfs', '-o', 'size=200m', 'tmpfs', drive]);
      try {
        const place = join(drive, 'site.tar');
        const { outcome } = near.start(args(place), {
          onEvent({ type }) {
            if (type === 'export.plan') execFileSync('mount', ['-o', 'remount,size=60m', drive]);
          },
        });
        const full = await outcome;
        t.is(full.errorCode, 'DRIVE_FULL', full.stderr);
        t.false(existsSync(place));
        await run(['mount', '-o', 'remount,size=200m', drive]);
        const last = await near.run(args(place));
        t.is(last.exitCode, 0, last.stderr);
        t.true(skipped(last) > 0);
        t.is((await near.run(args(join(home, 'clean.tar')))).exitCode, 0);
        t.true((await readFile(place)).equals(await readFile(join(home, 'clean.tar'))));
        t.deepEqual(await hidden(drive), []);
      } finally {
        await run(['umount', drive]);
      }
    });
  },
);
