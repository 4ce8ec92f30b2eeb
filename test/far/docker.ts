// The far program of docker on the real one: the contract, under every shell, and what docker alone has.
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { EngineCall } from '../../src/far/facts.js';
import { farEngineContract } from '../contract/far-engine.js';
import { type FarBox, type Shell, shellNames, withFar } from '../helpers/far-box.js';
import { farImage, putAll, randomLayer } from '../helpers/far-image.js';
import { needing } from '../helpers/needs.js';
import { needsOf, type RigHost, type RigKind, shareRig } from '../rig/rig.js';
import { contractKinds, outerDockers, rigKinds } from '../rig/types.js';

const kinds = contractKinds<RigKind>(rigKinds, outerDockers);
// One docker under every shell, the others under one.
const runs = kinds.flatMap((kind): (readonly [RigKind, Shell])[] =>
  kind === 'd20' ? shellNames.map((shell) => [kind, shell] as const) : [[kind, 'dash']],
);

const call: EngineCall = { engine: 'docker', sudo: 'no' };
const temporary = 'airgap.local/loading:test-1';

/** A PATH on which `docker` is the machine's own: this system's may be years older, and tell less of a new engine. */
async function pathOf({ home, enter }: RigHost): Promise<string> {
  // Seen in there, too: a name alone would find the script again.
  const folder = path.join(home, 'bin');
  await mkdir(folder, { recursive: true });
  const script = `#!/bin/sh\nexec ${enter(['/usr/bin/docker']).join(' ')} "$@"\n`;
  await writeFile(path.join(folder, 'docker'), script, { mode: 0o755 });
  return `${folder}${path.delimiter}${process.env.PATH}`;
}

for (const kind of kinds) {
  const { serial: test } = needing(...needsOf(kind));
  const rig = shareRig({ test: needing(...needsOf(kind)), hosts: [kind], near: false });
  const storeKind = kind.endsWith('c') ? 'containerd' : 'graphdriver';
  const withContainerd = kind === 'd26c' ? 'docker 26, containerd store' : 'docker, containerd store';
  const contractKind = storeKind === 'containerd' ? withContainerd : 'docker, graphdriver';

  for (const shell of runs.filter(([one]) => one === kind).map(([, one]) => one)) {
    /** A far side whose docker is this rig's, which is empty at first and put back so. */
    const withDocker = async (
      use: (box: FarBox, docker: (...args: string[]) => Promise<string>) => Promise<void>,
    ) => {
      const host = rig.host(kind);
      const docker = async (...args: string[]): Promise<string> => (await host.docker(args)).stdout.trim();
      await host.wipe();
      const env = { ...process.env, DOCKER_HOST: host.dockerHost, PATH: await pathOf(host) };
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

    farEngineContract({
      test,
      title: `${kind}, ${shell}`,
      kind: contractKind,
      with: (use) =>
        withDocker(({ far, mine }, docker) => {
          const list = ['image', 'ls', '--format', '{{.Repository}}:{{.Tag}}', '--filter', 'dangling=false'];
          return use({
            far,
            call,
            names: async () => (await docker(...list)).split('\n').filter(Boolean).toSorted(),
            listing: () => docker('image', 'ls', '-a', '--no-trunc', '--digests'),
            left: async () => [
              ...(await docker('ps', '-aq')).split('\n').filter(Boolean),
              ...(await readdir(path.join(mine, 'procs'))),
            ],
          });
        }),
    });

    test(title("docker's own root is where room is asked for"), (t) =>
      withDocker(async ({ far }) => {
        const { dataRoot } = rig.host(kind);
        const probe = await far.probe(call);
        t.like(probe, { engine: { info: { DockerRootDir: dataRoot } } });
        t.true((probe.free.get(dataRoot) ?? 0) > 1_000_000);
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

    test(title('stuck-name: a name whose image a container uses goes, and the others with it'), (t) =>
      withDocker(async (box, docker) => {
        const other = 'airgap.local/loading:test-2';
        await load(box, temporary, [randomLayer(1000, 'used')]);
        await load(box, other, [randomLayer(1000, 'free')]);
        await docker('create', '--name', 'user', temporary, 'x');
        await box.far.unname(call, [temporary, other]);
        t.deepEqual([...(await box.far.held(call)).tags.keys()], []);
        t.is(await docker('ps', '-a', '--format', '{{.Names}}'), 'user');
        await docker('rm', 'user');
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
