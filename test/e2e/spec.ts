// send -f bundle.yaml: images of the file, of its archives and of compose files, to the targets that it names.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are variables of compose files
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createNear, type Near } from '../helpers/airgap.js';
import { needing } from '../helpers/needs.js';
import { buildApp, buildBusybox, expectRuns, listNames } from '../helpers/real-images.js';
import { needsOf, shareRig } from '../rig/rig.js';

const test = needing(...needsOf('d20'));
const rig = shareRig({ test, hosts: ['d20'] });

test.serial.before('the images are made', async () => {
  const { docker } = rig.near;
  await buildBusybox(docker);
  for (const name of ['one', 'two', 'three', 'four'])
    await buildApp(docker, { reference: `plant/${name}:1`, from: 'busybox:latest', message: name });
});

async function withFolder(body: (near: Near, folder: string) => Promise<void>): Promise<void> {
  const near = await createNear({ DOCKER_HOST: rig.near.dockerHost });
  const folder = path.join(near.folder, 'site');
  await mkdir(folder);
  try {
    await body(near, folder);
  } finally {
    await near.remove();
  }
}

test.serial(
  'images, archives beside the file and compose files arrive; the targets stand in for HOST',
  async (t) => {
    await withFolder(async (near, folder) => {
      const { ssh, docker } = rig.host('d20');
      await rig.near.docker(['save', 'plant/two:1'], { outputFile: path.join(folder, 'two.tar') });
      await writeFile(
        path.join(folder, 'compose.yaml'),
        'services:\n  a: {image: "plant/three:${TAG:-1}"}\n  b: {image: "plant/three:1"}\n',
      );
      const spec = path.join(folder, 'bundle.yaml');
      const images = [
        '{from: plant/one:1, as: site/one:9}',
        'docker-archive:two.tar',
        'compose:compose.yaml',
      ];
      await writeFile(
        spec,
        `name: site\nimages:\n${images.map((one) => `  - ${one}\n`).join('')}targets: [${ssh.alias}]\n`,
      );
      const planned = await near.run(['plan', '-f', spec, '-F', ssh.configFile, '--json']);
      t.is(planned.exitCode, 0, planned.stdout);
      t.deepEqual(
        planned.plans[0]?.images.map(({ name }) => name),
        ['site/one:9', 'plant/two:1', 'plant/three:1'],
      );
      const sent = await near.run(['send', '-f', spec, '-F', ssh.configFile, '--json'], {
        env: { TAG: '7' },
      });
      t.is(sent.exitCode, 0, sent.stdout);
      await expectRuns(docker, 'site/one:9', 'one');
      await expectRuns(docker, 'plant/two:1', 'two');
      await expectRuns(docker, 'plant/three:1', 'three');
      // What the line names comes in addition, a second time under compose: by itself.
      const line = ['plant/four:1', `compose:${path.join(folder, 'compose.yaml')}`];
      const more = await near.run(['send', ssh.alias, ...line, '-f', spec, '-F', ssh.configFile, '--json']);
      t.deepEqual(
        more.receipts[0]?.images.map(({ reference }) => reference),
        ['plant/four:1', 'plant/three:1', 'site/one:9', 'plant/two:1'],
      );
    });
  },
);

test.serial('what send cannot bring is refused before anything is sent, not left out', async (t) => {
  await withFolder(async (near, folder) => {
    const { ssh, docker } = rig.host('d20');
    const before = await listNames(docker);
    await writeFile(path.join(folder, 'compose.yaml'), 'services:\n  a: {image: "plant/one:1"}\n');
    const spec = path.join(folder, 'bundle.yaml');
    const parts =
      'compose: [compose.yaml]\nfiles:\n  - {from: compose.yaml, to: /opt/x}\ndaemon: {debug: true}\n';
    await writeFile(spec, `name: site\nimages: ["plant/four:1"]\n${parts}`);
    const outcome = await near.run(['send', ssh.alias, '-f', spec, '-F', ssh.configFile, '--json']);
    t.is(outcome.errorCode, 'SPEC_INVALID');
    t.regex(outcome.stdout, /cannot bring compose, files, daemon/);
    t.deepEqual(await listNames(docker), before);
  });
});

test.serial('neither HOST nor targets, and a mistyped key, are refused with what to do', async (t) => {
  await withFolder(async (near, folder) => {
    const spec = path.join(folder, 'bundle.yaml');
    await writeFile(spec, 'name: site\nimages: ["plant/one:1"]\n');
    const nowhere = await near.run(['send', '-f', spec]);
    t.is(nowhere.exitCode, 2);
    t.regex(nowhere.stderr, /names no targets/);
    await writeFile(spec, 'name: site\nimage: ["plant/one:1"]\n');
    const mistyped = await near.run(['send', 'web1', '-f', spec]);
    t.is(mistyped.exitCode, 28);
    t.regex(mistyped.stderr, /bundle\.yaml" line 2: there is no key image; did you mean images\?/);
    const named = await near.run(['send', 'web1', 'compose:x.yaml=y:1']);
    t.is(named.exitCode, 2);
    t.regex(named.stderr, /cannot be given one name/);
    const idle = await near.run(['send', 'web1', 'plant/one:1', '--no-pause']);
    t.is(idle.exitCode, 2);
    t.regex(idle.stderr, /are for container:NAME/);
  });
});
