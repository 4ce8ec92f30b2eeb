// A far side that is killed while it proves an image leaves a container, which keeps its image from going: the next send to that
// host removes it, doctor tells it, and so does clean.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { EngineCall } from '../../src/far/facts.js';
import { knownClientId } from '../../src/runs/environment.js';
import { createNear } from '../helpers/airgap.js';
import { client, withFar } from '../helpers/far-box.js';
import { needing } from '../helpers/needs.js';
import { buildApp, buildBase, buildBusybox } from '../helpers/real-images.js';
import { needsOf, type RigHost, type RigKind, shareRig } from '../rig/rig.js';

const kinds = ['d20', 'd28c'] as const satisfies readonly RigKind[];
const test = needing(...needsOf(...kinds));
const rig = shareRig({ test, hosts: kinds });
const call: EngineCall = { engine: 'docker', sudo: 'no' };

test.serial.before('the images are made', async () => {
  const from = await buildBase(rig.near.docker, 900_000);
  for (const n of [1, 2])
    await buildApp(rig.near.docker, { reference: `plant/app:${n}`, from, message: `app ${n}` });
});

const containers = async (host: RigHost): Promise<string[]> =>
  (await host.docker(['ps', '-a', '--format', '{{.Names}}'])).stdout
    .split('\n')
    .filter((name) => name !== '');

for (const kind of kinds) {
  test.serial(
    `a far side killed in the middle of a proof leaves a container that is told and removed (${kind})`,
    async (t) => {
      const host = rig.host(kind);
      await host.wipe();
      await buildBusybox(host.docker);
      const bin = await mkdtemp(path.join(tmpdir(), 'airgap-bin-'));
      try {
        // Killed after the container was made, before it is removed.
        const docker = `#!/bin/sh\n[ "$1" != rm ] || [ -e "$0.off" ] || { kill -9 $PPID; exit; }\nPATH=/usr/bin:/bin exec docker "$@"\n`;
        await writeFile(path.join(bin, 'docker'), docker, { mode: 0o755 });
        const env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, DOCKER_HOST: host.dockerHost };
        await withFar(
          'dash',
          async ({ far }) => {
            await t.throwsAsync(far.verify(call, 'busybox:latest', { create: true }));
            await writeFile(path.join(bin, 'docker.off'), '');
            t.deepEqual(await containers(host), [`airgap-verify-${client}`]);
            t.deepEqual((await far.probe(call)).containers, [client]);
            await far.unname(call, [], [client]);
            t.deepEqual(await containers(host), []);
            t.true((await far.verify(call, 'busybox:latest', { create: true }))?.created);
          },
          { env },
        );
      } finally {
        await rm(bin, { recursive: true, force: true });
      }
    },
  );

  test.serial(
    `a container that a killed proof left goes with the next send, or with clean (${kind})`,
    async (t) => {
      const near = await createNear({ DOCKER_HOST: rig.near.dockerHost });
      try {
        const host = rig.host(kind);
        await host.wipe();
        const { alias, configFile } = host.ssh;
        const airgap = (command: string, ...words: string[]) =>
          near.run([command, alias, ...words, '-F', configFile]);
        t.is((await airgap('send', 'plant/app:1')).exitCode, 0);
        const ours = `airgap-verify-${(await knownClientId(path.join(near.folder, 'state', 'airgap'))) ?? ''}`;
        const others = `airgap-verify-${client}`;
        const leave = (name: string) => host.docker(['create', '--name', name, 'plant/app:1', 'x']);
        await leave(ours);
        await leave(others);
        const doctor = await airgap('doctor');
        for (const name of [ours, others]) t.true(doctor.stdout.includes(name), doctor.stdout);
        const sent = await airgap('send', 'plant/app:2');
        t.is(sent.exitCode, 0, sent.stderr);
        t.deepEqual(await containers(host), [others]);
        await leave(ours);
        t.is((await airgap('clean')).exitCode, 2);
        const cleaned = await airgap('clean', '--yes');
        t.is(cleaned.exitCode, 0, cleaned.stderr);
        t.regex(cleaned.stdout, new RegExp(`removed container:${ours}\\n`));
        t.deepEqual(await containers(host), [others]);
        t.is((await airgap('clean', '--all', '--yes')).exitCode, 0);
        t.deepEqual(await containers(host), []);
      } finally {
        await near.remove();
      }
    },
  );
}
