import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import ava from 'ava';
import type { EngineCall, Far, RecipeLine } from '../../src/far/facts.js';
import { type Digest, digestOf, hexOf, parseDiffId } from '../../src/oci/digest.js';
import { client, type FarBox, finished, otherShells, withFar } from '../helpers/far-box.js';
import { cut, type FarTestImage, farImage, putAll, randomLayer } from '../helpers/far-image.js';
import { until } from '../rig/command.js';

// One after another: each starts dozens of processes.
const test = ava.serial;
const temporary = 'airgap.local/loading:test-1';

const layoutCall = ({ folder }: FarBox): EngineCall => ({ engine: `layout:${folder}/out put`, sudo: 'no' });
const blobsOf = (box: FarBox): string => path.join(box.folder, 'out put', 'blobs', 'sha256');

async function playAll(far: Far, call: EngineCall, recipe: readonly RecipeLine[]): Promise<string> {
  const play = await far.openPlay(call, temporary);
  for (const line of recipe) await play.line(line);
  return await play.loaded;
}

const bootId = async (): Promise<string> =>
  (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();

/** Stores an image the way a send does. */
async function store(box: FarBox, image: FarTestImage): Promise<void> {
  const call = layoutCall(box);
  await putAll(box.far, image.segments);
  await playAll(box.far, call, image.recipe);
  const found = await box.far.verify(call, temporary, { create: false });
  if (found?.farId !== image.manifest) throw new Error(`verify found ${found?.farId}`);
  await box.far.name(call, { from: temporary, to: 'docker.io/library/x:1', previous: temporary });
}

for (const shell of otherShells) {
  for (const codec of ['none', 'gzip', 'zstd'] as const) {
    test(`a layout takes an image whose segments travel as ${codec} (${shell})`, (t) =>
      withFar(shell, async (box) => {
        const image = farImage({
          storeKind: 'layout',
          name: 'docker.io/library/x:1',
          layers: [1_500_000, 1],
          codec,
          segmentBytes: 400_000,
        });
        await store(box, image);
        const names = await readdir(blobsOf(box));
        t.is(names.length, image.diffIds.length + 2, 'layers, config, manifest');
        for (const name of names) t.is(hexOf(digestOf(await readFile(path.join(blobsOf(box), name)))), name);
        t.deepEqual((await readdir(path.join(box.folder, 'out put'))).toSorted(), [
          'blobs',
          'index.json',
          'oci-layout',
        ]);
        const held = await box.far.held(layoutCall(box));
        t.deepEqual([...held.blobs.keys()].map(hexOf).toSorted(), names.toSorted());
        t.deepEqual(
          Buffer.from(held.index ?? []),
          await readFile(path.join(box.folder, 'out put', 'index.json')),
        );
      }));
  }

  test(`a second image joins a layout and the first one stays (${shell})`, (t) =>
    withFar(shell, async (box) => {
      const base = randomLayer(200_000);
      await store(box, farImage({ storeKind: 'layout', name: 'docker.io/library/a:1', rawLayers: [base] }));
      const { index } = await box.far.held(layoutCall(box));
      const second = farImage({
        storeKind: 'layout',
        name: 'docker.io/library/b:1',
        rawLayers: [base, randomLayer(1000)],
        omit: 1,
        ...(index === undefined ? {} : { existingIndex: index }),
      });
      await store(box, second);
      const after = await box.far.held(layoutCall(box));
      const document = JSON.parse(Buffer.from(after.index ?? []).toString());
      t.is(document.manifests.length, 2);
      t.is(after.blobs.size, 2 + 2 * 2);
    }));

  test(`an index that somebody else changed meanwhile is not overwritten (${shell})`, (t) =>
    withFar(shell, async (box) => {
      const call = layoutCall(box);
      await store(box, farImage({ storeKind: 'layout', name: 'docker.io/library/a:1' }));
      const { index } = await box.far.held(call);
      const second = farImage({
        storeKind: 'layout',
        name: 'docker.io/library/b:1',
        ...(index === undefined ? {} : { existingIndex: index }),
      });
      await putAll(box.far, second.segments);
      await playAll(box.far, call, second.recipe);
      const file = path.join(box.folder, 'out put', 'index.json');
      await writeFile(file, '{"schemaVersion":2,"manifests":[]}');
      const names = { from: temporary, to: 'docker.io/library/b:1', previous: temporary };
      await t.throwsAsync(box.far.name(call, names), { code: 'STAGE_BUSY' });
      t.is(await readFile(file, 'utf8'), '{"schemaVersion":2,"manifests":[]}');
    }));

  test(`a play that is given up leaves the layout as it was and no process (${shell})`, (t) =>
    withFar(shell, async (box) => {
      const call = layoutCall(box);
      await store(box, farImage({ storeKind: 'layout', name: 'docker.io/library/a:1' }));
      const before = await readdir(blobsOf(box));
      const image = farImage({ storeKind: 'layout', name: 'docker.io/library/b:1', layers: [900_000] });
      await putAll(box.far, image.segments);
      const play = await box.far.openPlay(call, temporary);
      for (const line of image.recipe.slice(0, 2)) await play.line(line);
      await play.abort();
      await t.throwsAsync(play.loaded, { code: 'CANCELLED' });
      t.deepEqual(await readdir(blobsOf(box)), before);
      t.is(await box.far.verify(call, temporary, { create: false }), undefined);
      t.deepEqual(await readdir(path.join(box.mine, 'procs')), []);
      t.deepEqual(await readdir(path.join(box.mine, 'work')), []);
      t.is((await readdir(path.join(box.folder, 'out put'))).length, 3);
    }));

  test(`a recipe that ends before its index is refused (${shell})`, (t) =>
    withFar(shell, async (box) => {
      const image = farImage({ storeKind: 'layout', name: 'docker.io/library/b:1' });
      await putAll(box.far, image.segments);
      const cutShort = [...image.recipe.slice(0, -2), { op: 'end' } as const];
      const error = await t.throwsAsync(playAll(box.far, layoutCall(box), cutShort));
      t.like(error, { code: 'LOAD_REJECTED' });
      await t.throwsAsync(readdir(blobsOf(box)), { code: 'ENOENT' });
    }));

  test(`frames give their ranges (${shell})`, (t) =>
    withFar(shell, async (box) => {
      const image = farImage({ storeKind: 'layout', name: 'docker.io/library/x:1' });
      const pieces = image.segments.map(({ body }) => body);
      const frame = Buffer.concat([randomBytes(777), ...pieces]);
      await box.far.frame(digestOf(frame), frame);
      let offset = 777;
      const recipe = pieces.map((piece): RecipeLine => {
        const line = { op: 'frame', digest: digestOf(frame), offset, length: piece.byteLength } as const;
        offset += piece.byteLength;
        return line;
      });
      await playAll(box.far, layoutCall(box), [...recipe, { op: 'end' }]);
      const found = await box.far.verify(layoutCall(box), temporary, { create: false });
      t.is(found?.farId, image.manifest);
    }));

  test(`blobs that keep their digest are played as they are (${shell})`, (t) =>
    withFar(shell, async (box) => {
      const image = farImage({ storeKind: 'layout', name: 'docker.io/library/x:1', segmentBytes: 50_000 });
      await putAll(box.far, image.segments);
      const recipe = image.recipe.map((line): RecipeLine => {
        if (line.op !== 'segment') return line;
        const { diffId, index, digest } = line;
        return { op: 'blob', diffId, index, digest };
      });
      await playAll(box.far, layoutCall(box), recipe);
      const found = await box.far.verify(layoutCall(box), temporary, { create: false });
      t.is(found?.farId, image.manifest);
    }));

  test(`spliced files enter an archive uncompressed, whatever the save held (${shell})`, (t) =>
    withFar(shell, async (box) => {
      const { far, mine } = box;
      const image = farImage({ storeKind: 'layout', name: 'docker.io/library/x:1', segmentBytes: 1 << 24 });
      const farId = digestOf('a far image');
      const folder = path.join(mine, 'splice', hexOf(farId), 'blobs');
      await mkdir(folder, { recursive: true });
      const raw = randomLayer(123_456);
      const diffId = parseDiffId(digestOf(raw), 'test');
      const codecs = ['none', 'gzip', 'zstd'] as const;
      for (const codec of codecs) {
        const [packed] = cut(raw, diffId, { codec, size: raw.byteLength });
        await writeFile(path.join(folder, codec), packed?.body ?? '');
      }
      const measured = await far.measure(
        farId,
        codecs.map((codec) => `blobs/${codec}`),
      );
      t.deepEqual(
        measured,
        codecs.map((codec) => ({ path: `blobs/${codec}`, codec, rawBytes: raw.byteLength, diffId })),
      );
      const layer = image.segments[1];
      await writeFile(
        path.join(folder, 'layer'),
        cut(layer?.body ?? Buffer.alloc(0), diffId, { codec: 'gzip' })[0]?.body ?? '',
      );
      await putAll(far, image.segments.toSpliced(1, 1));
      const splice: RecipeLine = { op: 'splice', hex: hexOf(farId), path: 'blobs/layer', codec: 'none' };
      await playAll(far, layoutCall(box), image.recipe.toSpliced(1, 1, splice));
      t.is((await far.verify(layoutCall(box), temporary, { create: false }))?.farId, image.manifest);
    }));

  test(`a blob that is not what its name says is found by verify (${shell})`, (t) =>
    withFar(shell, async (box) => {
      const image = farImage({ storeKind: 'layout', name: 'docker.io/library/x:1' });
      const call = layoutCall(box);
      await putAll(box.far, image.segments);
      await playAll(box.far, call, image.recipe);
      const incoming = path.join(box.folder, 'out put', '.incoming-c0ffee00c0ffee00');
      const [layer] = image.diffIds;
      await writeFile(path.join(incoming, 'blobs/sha256', hexOf(layer as Digest)), 'something else');
      t.is(await box.far.verify(call, temporary, { create: false }), undefined);
      await box.far.unname(call, [temporary]);
      await t.throwsAsync(readdir(incoming), { code: 'ENOENT' });
    }));
}

for (const shell of otherShells) {
  test(`held blobs that an image leans on are hashed, and the wrong ones no longer told as held (${shell})`, (t) =>
    withFar(shell, async (box) => {
      const call = layoutCall(box);
      const raws = [randomLayer(200_000), randomLayer(3000), randomLayer(10)];
      await store(box, farImage({ storeKind: 'layout', name: 'docker.io/library/a:1', rawLayers: raws }));
      const { index } = await box.far.held(call);
      const second = farImage({
        storeKind: 'layout',
        name: 'docker.io/library/b:1',
        rawLayers: [...raws, randomLayer(1000)],
        omit: 3,
        ...(index === undefined ? {} : { existingIndex: index }),
      });
      await putAll(box.far, second.segments);
      await playAll(box.far, call, second.recipe);
      const [gone, torn, good] = second.diffIds.map((diffId) => path.join(blobsOf(box), hexOf(diffId)));
      const blobs = second.diffIds;
      t.is((await box.far.verify(call, temporary, { create: false, blobs }))?.damaged, undefined);
      await rm(gone ?? '');
      await writeFile(torn ?? '', 'torn');
      const found = await box.far.verify(call, temporary, { create: false, blobs });
      t.deepEqual(found?.damaged, second.diffIds.slice(0, 2));
      const held = await box.far.held(call);
      t.deepEqual(
        second.diffIds.map((diffId) => held.blobs.has(diffId)),
        [false, false, true, false],
      );
      t.true((await readFile(good ?? '')).equals(raws[2] ?? Buffer.alloc(0)));
    }));

  test(`a lock that a killed far side left on a layout is taken over (${shell})`, (t) =>
    withFar(shell, async (box) => {
      const lock = path.join(box.folder, 'out put', '.airgap-lock');
      await mkdir(lock, { recursive: true });
      // The number of this process, which is no far side: as if it had been given away again.
      await writeFile(path.join(lock, 'owner'), `${await bootId()} ${process.pid} ${'d'.repeat(16)}\n`);
      await store(box, farImage({ storeKind: 'layout', name: 'docker.io/library/a:1' }));
      await t.throwsAsync(readdir(lock), { code: 'ENOENT' });
    }));
}

test('a layout that another far side is changing is left alone', (t) =>
  withFar('dash', async (box) => {
    const call = layoutCall(box);
    const lock = path.join(box.folder, 'out put', '.airgap-lock');
    await mkdir(lock, { recursive: true });
    const holder = await box.start('put', []);
    const pid = await until(
      'the holder to run',
      async () => (await readdir(path.join(box.mine, 'procs')).catch(() => []))[0],
    );
    await writeFile(path.join(lock, 'owner'), `${await bootId()} ${pid} ${client}\n`);
    const image = farImage({ storeKind: 'layout', name: 'docker.io/library/a:1' });
    await putAll(box.far, image.segments);
    await playAll(box.far, call, image.recipe);
    const names = { from: temporary, to: 'docker.io/library/a:1', previous: temporary };
    await t.throwsAsync(box.far.name(call, names), { code: 'STAGE_BUSY' });
    t.deepEqual(await readdir(lock), ['owner'], 'a living holder keeps its lock');
    await t.throwsAsync(readdir(blobsOf(box)), { code: 'ENOENT' });
    holder.stdin.end();
    await finished(holder);
    await box.far.name(call, names);
    await t.throwsAsync(readdir(lock), { code: 'ENOENT' });
  }));

test('rubbish in the way of a layout is told as what it is', (t) =>
  withFar('dash', async (box) => {
    await rm(path.join(box.folder, 'out put'), { recursive: true, force: true });
    await writeFile(path.join(box.folder, 'out put'), 'a file');
    const image = farImage({ storeKind: 'layout', name: 'docker.io/library/x:1' });
    await putAll(box.far, image.segments);
    await t.throwsAsync(playAll(box.far, layoutCall(box), image.recipe), { code: 'LOAD_REJECTED' });
  }));
