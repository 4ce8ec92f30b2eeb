import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import ava from 'ava';
import { digestOf, hexOf, parseDiffId } from '../../src/oci/digest.js';
import { client, type FarBox, otherShells, withFar } from '../helpers/far-box.js';
import { cut, putAll } from '../helpers/far-image.js';

// One after another: each starts dozens of processes.
const test = ava.serial;
const layout = { engine: 'layout:/nowhere/at all', sudo: 'no' } as const;
const layerOf = (text: string) => parseDiffId(digestOf(text), 'test');

for (const shell of otherShells) {
  test(`a probe tells the machine, its tools and its room (${shell})`, (t) =>
    withFar(shell, async ({ far, stage, folder }) => {
      const probe = await far.probe({ engine: `layout:${folder}/out`, sudo: 'no' });
      t.is(probe.stage, stage);
      t.is(probe.user.uid, process.getuid?.() ?? -1);
      t.is(probe.system.kernel, 'Linux');
      t.true(probe.cores > 0);
      t.true(probe.tools.has('dd'));
      t.true(['openssl', 'sha256sum', 'shasum'].includes(probe.hashTool));
      t.true((probe.free.get(stage) ?? 0) > 1_000_000);
      t.true(probe.free.has(`${folder}/out`));
      t.is(probe.engineRoot, `${folder}/out`);
      t.is(probe.devices.get(stage), probe.devices.get(`${folder}/out`), 'one file system');
      t.is(probe.engine.state, 'up');
      t.deepEqual(probe.stages, [{ client, bytes: 0 }]);
    }));

  test(`a folder that is no layout is not taken for one (${shell})`, (t) =>
    withFar(shell, async ({ far, folder }) => {
      await writeFile(path.join(folder, 'letter'), 'dear diary');
      const probe = await far.probe({ engine: `layout:${folder}`, sudo: 'no' });
      t.is(probe.engine.state, 'missing');
    }));

  test(`segments of several sizes arrive whole and are listed (${shell})`, (t) =>
    withFar(shell, async ({ far, mine }) => {
      const diffId = layerOf('sizes');
      const sizes = [1, 511, 512, 4095, 4096, 4097, 262_143, 262_144, 262_145, 3_000_001];
      const segments = sizes.map((size, index) => {
        const body = randomBytes(size);
        return { diffId, index, digest: digestOf(body), bytes: size, body };
      });
      const put = await far.openPut();
      const stored: number[] = [];
      put.onStored((_, index) => stored.push(index));
      for (const segment of segments) await put.write(segment, 0, segment.body);
      await put.finish();
      t.deepEqual(stored, [...sizes.keys()]);
      const staged = await far.staged([diffId, layerOf('never sent')]);
      t.deepEqual(
        staged.toSorted((a, b) => a.index - b.index),
        segments.map(({ index, digest, bytes }) => ({ diffId, index, digest, bytes, whole: true })),
      );
      for (const { index, digest, body } of segments) {
        const file = path.join(mine, 'layers', hexOf(diffId), `${index}-${hexOf(digest)}-${body.byteLength}`);
        t.true(body.equals(await readFile(file)));
        t.is((await stat(file)).mode & 0o077, 0, 'nobody else may read it');
      }
    }));

  test(`a segment is continued where it stopped and cannot be continued elsewhere (${shell})`, (t) =>
    withFar(shell, async ({ far }) => {
      const diffId = layerOf('resume');
      const [segment] = cut(randomBytes(100_000), diffId);
      if (segment === undefined) return t.fail();
      const first = await far.openPut();
      await first.write(segment, 0, segment.body.subarray(0, 40_000));
      await first.finish();
      t.like(await far.staged([diffId]), [{ bytes: 40_000, whole: false }]);

      const wrong = await far.openPut();
      const error = await t.throwsAsync(async () => {
        await wrong.write(segment, 50_000, segment.body.subarray(50_000));
        await wrong.finish();
      });
      t.like(error, { code: 'STAGE_DAMAGED', facts: { layer: diffId, segment: 0 } });

      const second = await far.openPut();
      await second.write(segment, 40_000, segment.body.subarray(40_000));
      await second.finish();
      t.like(await far.check([diffId]), [{ bytes: 100_000, whole: true }]);
    }));

  test(`a segment that is started again forgets what lay there (${shell})`, (t) =>
    withFar(shell, async ({ far }) => {
      const diffId = layerOf('again');
      const [segment] = cut(randomBytes(100_000), diffId);
      if (segment === undefined) return t.fail();
      const first = await far.openPut();
      await first.write(segment, 0, randomBytes(60_000));
      await first.finish();
      await putAll(far, [segment]);
      t.like(await far.check([diffId]), [{ bytes: 100_000, whole: true }]);
      t.is((await far.staged([diffId])).length, 1);
    }));

  test(`a check removes what has changed and keeps the rest (${shell})`, (t) =>
    withFar(shell, async ({ far, mine }) => {
      const diffId = layerOf('check');
      const segments = cut(randomBytes(50_000), diffId, { size: 10_000 });
      await putAll(far, segments);
      const folder = path.join(mine, 'layers', hexOf(diffId));
      const bad = (await readdir(folder)).find((name) => name.startsWith('3-')) ?? '';
      await writeFile(path.join(folder, bad), randomBytes(10_000));
      const checked = await far.check([diffId]);
      t.deepEqual(
        checked.filter(({ whole }) => !whole).map(({ index }) => index),
        [3],
      );
      t.is((await far.staged([diffId])).length, 4);
    }));

  test(`forget removes one layer, clean the rest (${shell})`, (t) =>
    withFar(shell, async ({ far, stage }) => {
      const one = layerOf('one');
      const other = layerOf('other');
      await putAll(far, [...cut(randomBytes(5000), one), ...cut(randomBytes(7000), other)]);
      await far.forget([one]);
      t.deepEqual(
        (await far.staged([one, other])).map(({ diffId }) => diffId),
        [other],
      );
      t.deepEqual((await far.probe(layout)).stages, [{ client, bytes: 7000 }]);
      t.deepEqual(await far.clean({ all: false }), [{ path: path.join(stage, client), bytes: 7000 }]);
      t.false((await readdir(stage)).includes(client));
      await far.clean({ all: true });
      await t.throwsAsync(readdir(stage), { code: 'ENOENT' });
    }));

  test(`segments that were damaged on the stage are all sent again by one run (${shell})`, (t) =>
    withFar(shell, async ({ far, mine }) => {
      const diffId = layerOf('damaged');
      await putAll(far, cut(randomBytes(50_000), diffId, { size: 10_000 }));
      const folder = path.join(mine, 'layers', hexOf(diffId));
      for (const name of await readdir(folder))
        if (/^[13]-/.test(name)) await writeFile(path.join(folder, name), randomBytes(10_000));
      const staged = await far.staged([diffId]);
      t.deepEqual(staged.map(({ index }) => index).toSorted(), [0, 2, 4]);
      t.is((await readdir(folder)).length, 3);
    }));

  test(`forget leaves nothing of a save that was taken apart, whatever layers it is told (${shell})`, (t) =>
    withFar(shell, async ({ far, mine }) => {
      await mkdir(path.join(mine, 'splice', hexOf(digestOf('far image'))), { recursive: true });
      await writeFile(
        path.join(mine, 'splice', hexOf(digestOf('far image')), 'layer.tar'),
        randomBytes(5000),
      );
      await far.forget([]);
      await t.throwsAsync(readdir(path.join(mine, 'splice')), { code: 'ENOENT' });
    }));

  test(`clean-leaves-rubbish: a look removes nothing, and leaving takes program and folder along (${shell})`, (t) =>
    withFar(shell, async ({ far, stage }) => {
      t.deepEqual(await far.clean({ all: false, look: true }), []);
      await putAll(far, cut(randomBytes(5000), layerOf('one')));
      const found = [{ path: path.join(stage, client), bytes: 5000 }];
      t.deepEqual(await far.clean({ all: false, look: true }), found);
      const other = path.join(stage, 'ab'.repeat(8));
      await mkdir(other);
      t.deepEqual(await far.clean({ all: false, leave: true }), found);
      t.is((await readdir(stage)).filter((name) => name.startsWith('far-')).length, 1);
      await rm(other, { recursive: true });
      t.deepEqual(await far.clean({ all: false, leave: true }), []);
      await t.throwsAsync(readdir(stage), { code: 'ENOENT' });
    }));

  test(`a frame is believed only with its digest (${shell})`, (t) =>
    withFar(shell, async ({ far, mine }) => {
      const bytes = randomBytes(70_001);
      await far.frame(digestOf(bytes), bytes);
      t.deepEqual(await readdir(path.join(mine, 'frames')), [hexOf(digestOf(bytes))]);
      await t.throwsAsync(far.frame(digestOf('other'), bytes), { code: 'FAR_FAILED' });
      t.is((await readdir(path.join(mine, 'frames'))).length, 1);
      await far.begin();
      await t.throwsAsync(readdir(path.join(mine, 'frames')), { code: 'ENOENT' });
    }));

  test(`no process leaves work behind (${shell})`, (t) =>
    withFar(shell, async ({ far, mine }) => {
      await putAll(far, cut(randomBytes(5000), layerOf('tidy')));
      await far.check([layerOf('tidy')]);
      t.deepEqual(await readdir(path.join(mine, 'work')), []);
      t.deepEqual(await readdir(path.join(mine, 'procs')), []);
    }));
}

for (const [claim, address, root] of [
  ["the system's containerd keeps images", '/run/containerd/containerd.sock', '/var/lib/containerd'],
  ["a containerd of docker's own does", '/var/run/docker/containerd/containerd.sock', '/var/tmp'],
] as const) {
  test(`room is asked for where images go when ${claim}`, async (t) => {
    const bin = await mkdtemp(path.join(tmpdir(), 'airgap-bin-'));
    try {
      const info = {
        ServerVersion: '28.0.0',
        DriverStatus: [['driver-type', 'io.containerd.snapshotter.v1']],
        DockerRootDir: '/var/tmp',
        Containerd: { Address: address },
      };
      const docker = `#!/bin/sh\ncase $1 in --version) echo 'Docker version 28.0.0, build x' ;; *) echo '${JSON.stringify(info)}' ;; esac\n`;
      await writeFile(path.join(bin, 'docker'), docker, { mode: 0o755 });
      const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
      const use = async ({ far }: FarBox): Promise<void> => {
        const probe = await far.probe({ engine: 'docker', sudo: 'no' });
        t.is(probe.engineRoot, root);
        t.true((probe.free.get(root) ?? 0) > 1_000_000);
      };
      await withFar('dash', use, { env });
    } finally {
      await rm(bin, { recursive: true, force: true });
    }
  });
}
