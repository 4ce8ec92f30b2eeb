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

test.serial(
  'packages, which send cannot bring, are refused before anything is sent, not left out',
  async (t) => {
    await withFolder(async (near, folder) => {
      const { ssh, docker } = rig.host('d20');
      const before = await listNames(docker);
      await mkdir(path.join(folder, 'rpms'));
      const spec = path.join(folder, 'bundle.yaml');
      await writeFile(spec, 'name: site\nimages: ["plant/four:1"]\npackages: [rpms]\n');
      const outcome = await near.run(['send', ssh.alias, '-f', spec, '-F', ssh.configFile, '--json']);
      t.is(outcome.errorCode, 'SPEC_INVALID');
      t.regex(outcome.stdout, /cannot bring packages; carry them with airgap export/);
      t.deepEqual(await listNames(docker), before);
    });
  },
);

test.serial(
  'files, repos with their key, settings and compose files arrive beside the images, and go back',
  async (t) => {
    await withFolder(async (near, folder) => {
      const host = rig.host('d20');
      const inside = async (script: string): Promise<string> =>
        (await host.inside(['sh', '-c', script])).stdout;
      await inside(
        'rm -rf /etc/yum.repos.d /etc/pki /etc/docker/daemon.json /opt/edge /srv/airgap; mkdir -p /etc/docker',
      );
      await inside('rm -f /etc/os-release; printf \'ID="rocky"\\nID_LIKE="rhel"\\n\' >/etc/os-release');
      await inside('echo \'{"labels": ["a=b"]}\' >/etc/docker/daemon.json');
      await writeFile(path.join(folder, 'compose.yaml'), 'services:\n  a: {image: "plant/one:1"}\n');
      await writeFile(path.join(folder, 'motd'), 'hello\n');
      await writeFile(path.join(folder, 'd.repo'), '[d]\nbaseurl=https://download.docker.com/linux/rhel/9\n');
      await writeFile(path.join(folder, 'd.asc'), '-----BEGIN PGP PUBLIC KEY BLOCK-----\n');
      const spec = path.join(folder, 'bundle.yaml');
      const parts = [
        'name: site',
        'compose: [compose.yaml]',
        'files: [{from: motd, to: /opt/edge/motd, mode: "0600"}]',
        'repos: [{from: d.repo, baseurl: http://mirror.lan/docker, gpgkey: d.asc}]',
        'daemon: {registry-mirrors: ["https://mirror.lan"]}',
      ];
      await writeFile(spec, `${parts.join('\n')}\n`);
      const words = [host.ssh.alias, '-f', spec, '-F', host.ssh.configFile, '--json'];
      const refused = await near.run(['send', ...words]);
      t.is(refused.errorCode, 'PROMPT_REFUSED', 'a daemon.json is there and would change');
      const sent = await near.run(['send', ...words, '--yes']);
      t.is(sent.exitCode, 0, sent.stdout);
      t.is(
        await inside('cat /etc/yum.repos.d/d.repo'),
        '[d]\nbaseurl=http://mirror.lan/docker/linux/rhel/9\ngpgkey=file:///etc/pki/rpm-gpg/d.asc\n',
      );
      t.regex(await inside('cat /etc/pki/rpm-gpg/d.asc'), /PUBLIC KEY/);
      t.is(await inside('stat -c %a /opt/edge/motd'), '600\n');
      t.regex(await inside('cat /srv/airgap/compose/site/compose.yaml'), /plant\/one:1/);
      t.deepEqual(JSON.parse(await inside('cat /etc/docker/daemon.json')), {
        labels: ['a=b'],
        'registry-mirrors': ['https://mirror.lan'],
      });
      const back = await near.run(['rollback', host.ssh.alias, '-F', host.ssh.configFile]);
      t.is(back.exitCode, 0, back.stderr);
      t.is(await inside('cat /etc/docker/daemon.json'), '{"labels": ["a=b"]}\n');
      t.is(await inside('ls /opt/edge /etc/yum.repos.d 2>/dev/null || :'), '');
      await inside('rm -f /etc/docker/daemon.json');
    });
  },
);

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
