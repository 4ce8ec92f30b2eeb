import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { EngineCall, RecipeLine } from '../../src/far/facts.js';
import { digestOf, hexOf } from '../../src/oci/digest.js';
import { type FarBox, type Shell, shellNames, withFar } from '../helpers/far-box.js';
import { farImage, putAll, randomLayer } from '../helpers/far-image.js';
import { needing } from '../helpers/needs.js';
import { needsOf, type RigKind, shareRig } from '../rig/rig.js';

const kinds = ['d20', 'd28c'] as const satisfies readonly RigKind[];
// One docker under every shell, the others under one.
const runs = kinds.flatMap((kind): (readonly [RigKind, Shell])[] =>
  kind === 'd20' ? shellNames.map((shell) => [kind, shell] as const) : [[kind, 'dash']],
);

const call: EngineCall = { engine: 'docker', sudo: 'no' };
const temporary = 'airgap.local/loading:test-1';

for (const kind of kinds) {
  const { serial: test } = needing(...needsOf(kind));
  const rig = shareRig({ test: needing(...needsOf(kind)), hosts: [kind], near: false });
  const storeKind = kind.endsWith('c') ? 'containerd' : 'graphdriver';

  for (const shell of runs.filter(([one]) => one === kind).map(([, one]) => one)) {
    /** A far side whose docker is this rig's, which is empty at first and put back so. */
    const withDocker = async (
      use: (box: FarBox, docker: (...args: string[]) => Promise<string>) => Promise<void>,
    ) => {
      const host = rig.host(kind);
      const docker = async (...args: string[]): Promise<string> => (await host.docker(args)).stdout.trim();
      await host.wipe();
      const env = { ...process.env, DOCKER_HOST: host.dockerHost };
      await withFar(shell, (box) => use(box, docker), { env });
    };
    const load = async ({ far }: FarBox, name: string, raws: readonly Buffer[]) => {
      const image = farImage({ storeKind, name, rawLayers: raws, codec: 'zstd' });
      await putAll(far, image.segments);
      const play = await far.openPlay(call, name);
      for (const line of image.recipe) await play.line(line);
      return { image, words: await play.loaded };
    };
    const title = (claim: string): string => `${claim} (${kind}, ${shell})`;

    test(title('a probe tells docker, its root and its store'), (t) =>
      withDocker(async ({ far }) => {
        const probe = await far.probe(call);
        t.is(probe.engine.state, 'up');
        t.like(probe, { engine: { info: { DockerRootDir: rig.host(kind).dataRoot } }, sudo: 'none' });
        t.true((probe.free.get(rig.host(kind).dataRoot) ?? 0) > 1_000_000);
        const held = await far.held(call);
        t.deepEqual(held.images, []);
        t.is(held.tags.size, 0);
      }),
    );

    test(title('a play loads, verify proves, name moves a tag and keeps the old image'), (t) =>
      withDocker(async (box, docker) => {
        const { far } = box;
        const base = randomLayer(500_000, 'base');
        const first = await load(box, 'airgap.local/loading:test-1', [base, randomLayer(10, 'one')]);
        t.regex(first.words, /Loaded image/);
        const found = await far.verify(call, temporary, { create: true });
        t.deepEqual(found, {
          farId:
            storeKind === 'containerd' ? (first.image.manifest ?? first.image.imageId) : first.image.imageId,
          diffIds: first.image.diffIds,
          created: true,
        });
        t.is(await docker('ps', '-aq'), '', 'no container is left');
        const previous = 'airgap.local/previous:test-1';
        t.is(await far.name(call, { from: temporary, to: 'app:1', previous }), undefined);
        await far.unname(call, [temporary, 'airgap.local/loading:never-was']);
        t.is(await docker('image', 'ls', '--format', '{{.Repository}}:{{.Tag}}'), 'app:1');

        const second = await load(box, 'airgap.local/loading:test-1', [base, randomLayer(10, 'two')]);
        t.is(await far.name(call, { from: temporary, to: 'app:1', previous }), found?.farId);
        t.is(
          await far.name(call, { from: temporary, to: 'app:1', previous }),
          undefined,
          'again changes nothing',
        );
        const held = await far.held(call);
        t.is(held.tags.get('app:1'), held.tags.get(temporary));
        t.is(held.tags.get(previous), found?.farId);
        t.deepEqual(
          held.images.map(({ diffIds }) => diffIds?.join()).toSorted(),
          [first.image, second.image].map(({ diffIds }) => diffIds.join()).toSorted(),
        );
        await far.unname(call, [temporary, previous]);
        t.is(
          await docker('image', 'ls', '--format', '{{.Repository}}:{{.Tag}}', '--filter', 'dangling=false'),
          'app:1',
        );
        t.is(await far.verify(call, previous, { create: false }), undefined);
      }),
    );

    test(title('a name that is taken back is what it was before, and only if it is still ours'), (t) =>
      withDocker(async (box, docker) => {
        const { far } = box;
        const idOf = async (name: string) => (await far.held(call)).tags.get(name) ?? '';
        await load(box, temporary, [randomLayer(1000, 'old')]);
        const previous = 'airgap.local/previous:test-1';
        await far.name(call, { from: temporary, to: 'app:1', previous });
        await far.unname(call, [temporary]);
        const old = await idOf('app:1');
        await load(box, temporary, [randomLayer(1000, 'new')]);
        const ours = await idOf(temporary);
        const names = { from: temporary, to: 'app:1', previous };

        const taken = far.name(call, { ...names, noClobber: true });
        t.like(await t.throwsAsync(taken), { code: 'NAME_TAKEN', facts: { host: 'box', name: 'app:1' } });
        t.is(await idOf('app:1'), old);

        t.is(await far.name(call, names), old);
        await far.revert(call, { name: 'app:1', farId: old, previous });
        t.is(await idOf('app:1'), ours, 'it is not that image: nothing is done');
        await far.revert(call, { name: 'app:1', farId: ours, previous });
        t.is(await idOf('app:1'), old);

        await far.name(call, { ...names, to: 'fresh:1', noClobber: true });
        await far.revert(call, { name: 'fresh:1', farId: ours, previous: undefined });
        await far.revert(call, { name: 'never:1', farId: ours, previous });
        t.deepEqual([...(await far.held(call)).tags.keys()].sort(), [temporary, previous, 'app:1'].sort());

        await docker('image', 'rm', previous);
        await far.revert(call, { name: temporary, farId: ours, previous: undefined });
        t.true(
          kind.endsWith('c') || (await far.held(call)).images.some(({ farId }) => farId === ours),
          'an image does not go with its name',
        );
      }),
    );

    test(title('an image without a name outlives being held'), (t) =>
      withDocker(async (box, docker) => {
        const { far } = box;
        await load(box, temporary, [randomLayer(1000, 'old')]);
        const old = (await far.verify(call, temporary, { create: false }))?.farId ?? digestOf('');
        await docker('tag', temporary, 'app:1');
        await load(box, temporary, [randomLayer(1000, 'new')]);
        await docker('tag', temporary, 'app:1');
        await docker('image', 'rm', temporary);
        const base = 'airgap.local/base:test-1';
        await far.hold(call, old, base);
        t.is((await far.held(call)).tags.get(base), old);
        await far.unname(call, [base]);
        const held = await far.held(call);
        t.true(
          held.images.some(({ farId }) => farId === old),
          'it is still there',
        );
        t.deepEqual([...held.tags.keys()], ['app:1']);
        t.is(held.images.length, 2);
      }),
    );

    test(title('a name that a container uses can be given up'), (t) =>
      withDocker(async (box, docker) => {
        const { far } = box;
        await load(box, temporary, [randomLayer(1000, 'old')]);
        const names = { from: temporary, to: 'app:1', previous: 'airgap.local/previous:test-1' };
        await far.name(call, names);
        await far.unname(call, [temporary]);
        await docker('create', '--name', 'user', 'app:1', 'x');
        await load(box, temporary, [randomLayer(1000, 'new')]);
        await far.name(call, names);
        await far.unname(call, [temporary, names.previous]);
        t.deepEqual([...(await far.held(call)).tags.keys()], ['app:1']);
        t.is(await docker('ps', '-a', '--format', '{{.Names}}'), 'user');
        await docker('rm', 'user');
      }),
    );

    test(title('a play that is given up leaves images as they were'), (t) =>
      withDocker(async (box, docker) => {
        const { far, mine } = box;
        await load(box, 'app:1', [randomLayer(1000, 'kept')]).catch(() => undefined);
        await load(box, temporary, [randomLayer(1000, 'kept')]);
        await docker('tag', temporary, 'app:1');
        await far.unname(call, [temporary]);
        const before = await docker('image', 'ls', '-a', '--no-trunc', '--digests');
        const image = farImage({ storeKind, name: temporary, layers: [3_000_000] });
        await putAll(far, image.segments);
        const play = await far.openPlay(call, temporary);
        for (const line of image.recipe.slice(0, 3)) await play.line(line);
        await play.abort();
        await t.throwsAsync(play.loaded, { code: 'CANCELLED' });
        t.is(await docker('image', 'ls', '-a', '--no-trunc', '--digests'), before);
        t.deepEqual(await readdir(path.join(mine, 'procs')), []);
      }),
    );

    test(title('an archive without its last layer is rejected and leaves no name'), (t) =>
      withDocker(async (box, docker) => {
        const { far } = box;
        const raws = [randomLayer(1000, 'a'), randomLayer(1000, 'b')];
        const image = farImage({ storeKind, name: temporary, rawLayers: raws, omit: 1 });
        await putAll(far, image.segments);
        const play = await far.openPlay(call, temporary);
        const error = await t.throwsAsync(async () => {
          for (const line of image.recipe) await play.line(line);
          await play.loaded;
        });
        t.like(error, { code: 'LOAD_REJECTED', facts: { image: temporary } });
        t.is(await docker('image', 'ls', '-aq'), '');
      }),
    );

    test(title("layers come out of the engine's own save and go in again"), (t) =>
      withDocker(async (box) => {
        const { far } = box;
        const base = randomLayer(700_000, 'base');
        const { image } = await load(box, temporary, [base, randomLayer(5, 'top')]);
        const farId = (await far.verify(call, temporary, { create: false }))?.farId ?? digestOf('');
        const manifest = JSON.parse(Buffer.from(await far.unpack(call, farId)).toString());
        const paths: string[] = manifest[0].Layers;
        const measured = await far.measure(farId, paths);
        t.deepEqual(
          measured.map(({ diffId, codec }) => [diffId, codec]),
          image.diffIds.map((diffId) => [diffId, 'none']),
        );
        t.is(measured[0]?.rawBytes, base.byteLength);
        const next = farImage({
          storeKind,
          name: 'airgap.local/loading:test-2',
          rawLayers: [base, randomLayer(5, 'other')],
          segmentBytes: 1 << 24,
        });
        await putAll(far, next.segments.toSpliced(1, 1));
        const splice: RecipeLine = { op: 'splice', hex: hexOf(farId), path: paths[0] ?? '', codec: 'none' };
        const play = await far.openPlay(call, 'airgap.local/loading:test-2');
        for (const line of next.recipe.toSpliced(1, 1, splice)) await play.line(line);
        await play.loaded;
        const found = await far.verify(call, 'airgap.local/loading:test-2', { create: true });
        t.deepEqual(found?.diffIds, next.diffIds);
        t.true(found?.created);
      }),
    );

    if (kind === 'd28c') {
      test(title("the blobs of containerd's store are told with their diffIDs"), (t) =>
        withDocker(async (box) => {
          const { image } = await load(box, temporary, [randomLayer(4000, 'a'), randomLayer(5000, 'b')]);
          const { blobs } = await box.far.held(call);
          for (const diffId of image.diffIds) t.is(blobs.get(diffId)?.diffId, diffId);
          t.is(blobs.get(image.imageId)?.diffId, undefined);
          t.true(blobs.has(image.imageId));
          t.is(blobs.get(image.imageId)?.codec, undefined);
        }),
      );

      test(title('how a blob is compressed is told by its first bytes'), (t) =>
        withDocker(async (box, docker) => {
          await load(box, temporary, [randomLayer(4000, 'a')]);
          await docker('create', '--name', 'user', temporary, 'x');
          // A layer that the engine makes itself is packed.
          await docker('cp', '/etc/passwd', 'user:/passwd');
          await docker('commit', 'user', 'packed:1');
          await docker('rm', 'user');
          const { images, blobs } = await box.far.held(call);
          const [, made] = images.find(({ diffIds }) => diffIds?.length === 2)?.diffIds ?? [];
          const blob = [...blobs].find(([digest, { diffId }]) => diffId === made && digest !== made);
          t.is(blob?.[1].codec, 'gzip');
        }),
      );
    }
  }
}
