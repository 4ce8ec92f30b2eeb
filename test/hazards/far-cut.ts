import { randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import ava from 'ava';
import { digestOf, hexOf, parseDiffId } from '../../src/oci/digest.js';
import { client, finished, otherShells, withFar } from '../helpers/far-box.js';
import { cut, farImage, putAll } from '../helpers/far-image.js';
import { until } from '../rig/command.js';

// One after another: each starts dozens of processes.
const test = ava.serial;
const diffId = parseDiffId(digestOf('cut'), 'test');
const temporary = 'airgap.local/loading:test-1';

for (const shell of otherShells) {
  test(`a put that ends at any byte keeps exactly what arrived (${shell})`, (t) =>
    withFar(shell, async ({ far, raw }) => {
      const [segment] = cut(randomBytes(600_000), diffId);
      if (segment === undefined) return t.fail();
      const head = Buffer.from(
        `segment ${hexOf(diffId)} 0 ${hexOf(segment.digest)} ${segment.bytes} 0 ${segment.bytes}\n`,
      );
      const whole = Buffer.concat([head, segment.body]);
      const { length } = head;
      const ends = [
        1,
        length - 1,
        length,
        length + 1,
        length + 4095,
        length + 262_144,
        length + 262_145,
        whole.length - 1,
      ];
      for (const end of ends) {
        const { stdout, exitCode } = await raw('put', [], whole.subarray(0, end));
        t.is(stdout, 'error NEAR_GONE put\n', `cut at ${end}`);
        t.is(exitCode, 1);
        const arrived = Math.max(0, end - length);
        const [part] = await far.staged([diffId]);
        t.is(part?.bytes ?? 0, arrived);
        t.not(part?.whole, true);
        await far.forget([diffId]);
      }
    }));

  test(`what lies in the stage is changed between put and play: nothing is loaded and the bad segment goes (${shell})`, (t) =>
    withFar(shell, async ({ far, mine, folder }) => {
      const image = farImage({
        storeKind: 'layout',
        name: 'docker.io/library/x:1',
        layers: [500_000],
        segmentBytes: 100_000,
      });
      await putAll(far, image.segments);
      const bad = image.segments[3];
      if (bad === undefined) return t.fail();
      const file = path.join(
        mine,
        'layers',
        hexOf(bad.diffId),
        `${bad.index}-${hexOf(bad.digest)}-${bad.bytes}`,
      );
      const bytes = await readFile(file);
      bytes[50] = (bytes[50] ?? 0) ^ 1;
      await writeFile(file, bytes);
      const play = await far.openPlay({ engine: `layout:${folder}/out`, sudo: 'no' }, temporary);
      const error = await t.throwsAsync(async () => {
        for (const line of image.recipe) await play.line(line);
        await play.loaded;
      });
      t.like(error, { code: 'STAGE_DAMAGED', facts: { layer: bad.diffId, segment: bad.index } });
      t.deepEqual(await readdir(path.join(folder, 'out')), []);
      t.false((await far.staged([bad.diffId])).some(({ index }) => index === bad.index));
    }));

  test(`a part that was tampered with is found before its bytes are used (${shell})`, (t) =>
    withFar(shell, async ({ far, mine, folder }) => {
      const image = farImage({ storeKind: 'layout', name: 'docker.io/library/x:1', layers: [90_000] });
      const layer = image.segments[1];
      if (layer === undefined) return t.fail();
      await putAll(far, image.segments.toSpliced(1, 1));
      const first = await far.openPut();
      await first.write(layer, 0, layer.body.subarray(0, 50_000));
      await first.finish();
      const part = path.join(mine, 'layers', hexOf(layer.diffId), `0-${hexOf(layer.digest)}-${layer.bytes}`);
      await writeFile(part, randomBytes(50_000));
      const second = await far.openPut();
      await second.write(layer, 50_000, layer.body.subarray(50_000));
      await second.finish();
      const play = await far.openPlay({ engine: `layout:${folder}/out`, sudo: 'no' }, temporary);
      const error = await t.throwsAsync(async () => {
        for (const line of image.recipe) await play.line(line);
        await play.loaded;
      });
      t.like(error, { code: 'STAGE_DAMAGED' });
    }));

  test(`two puts of one segment at once give one right segment (${shell})`, (t) =>
    withFar(shell, async ({ far }) => {
      const segments = cut(randomBytes(3_000_000), diffId, { size: 500_000 });
      const results = await Promise.allSettled([putAll(far, segments), putAll(far, segments.toReversed())]);
      t.true(results.some(({ status }) => status === 'fulfilled'));
      const checked = await far.check([diffId]);
      const left = segments.filter(({ index }) => !checked.some((one) => one.whole && one.index === index));
      await putAll(far, left);
      const after = await far.check([diffId]);
      t.is(after.filter(({ whole }) => whole).length, segments.length);
    }));

  test(`a far side killed in a put or a play is ended whole by begin, and clean refuses before (${shell})`, (t) =>
    withFar(shell, async ({ far, start, mine, folder }) => {
      const image = farImage({ storeKind: 'layout', name: 'docker.io/library/x:1', layers: [2_000_000] });
      await putAll(far, image.segments);
      const put = await start('put', []);
      const head = `segment ${hexOf(diffId)} 0 ${hexOf(digestOf('x'))} 1000000 0 1000000\n`;
      put.stdin.write(head + 'x'.repeat(400_000));
      const playing = await start('play', [`engine=layout:${folder}/out`, `name=${temporary}`]);
      playing.stdin.write('segment');
      const ends = [finished(put), finished(playing)];
      const pids = async (): Promise<number[]> =>
        (await readdir(path.join(mine, 'procs')).catch(() => [])).map(Number);
      const live = await until('both to run', async () => {
        const found = await pids();
        return found.length >= 3 ? found : undefined;
      });
      await t.throwsAsync(far.clean({ all: false }), { code: 'STAGE_BUSY' });
      // The main shells alone: their children stay behind.
      for (const pid of live) {
        const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
        if (line.includes(`client=${client}`)) process.kill(pid, 'SIGKILL');
      }
      await far.begin();
      await Promise.all(ends);
      t.deepEqual(await marked(mine), [], 'no process of that client is left');
      t.deepEqual(await readdir(path.join(mine, 'work')), []);
      t.deepEqual(await readdir(path.join(mine, 'procs')), []);
      t.true((await far.staged(image.diffIds)).every(({ whole }) => whole));
      await far.clean({ all: false });
    }));

  test(`begin ends a play that still waits for its near side (${shell})`, (t) =>
    withFar(shell, async ({ far, start, mine, folder }) => {
      const playing = await start('play', [`engine=layout:${folder}/out`, `name=${temporary}`]);
      const end = finished(playing);
      await until('the play to run', async () =>
        (await readdir(path.join(mine, 'procs')).catch(() => [])).length >= 2 ? true : undefined,
      );
      await far.begin();
      t.not((await end).exitCode, 0);
      await until('its processes to go', async () => ((await marked(mine)).length === 0 ? true : undefined));
      t.deepEqual(await readdir(path.join(mine, 'procs')), []);
    }));
}

/** Processes that carry the mark of this client in their environment. */
async function marked(mine: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const environ = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
    if (environ.includes(`AIRGAP_FAR=${mine}`)) found.push(pid);
  }
  return found;
}
