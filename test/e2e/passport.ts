// Passports: what a host holds, told alike by airgap and by import.sh, taken home, and left out of the next bundle.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parsePassport } from '../../src/bundle/passport.js';
import { digestOf } from '../../src/oci/digest.js';
import { createNear } from '../helpers/airgap.js';
import { bundleOn, makeDrive, readReturns, realLayer, runImport, runnable } from '../helpers/import-host.js';
import { needing } from '../helpers/needs.js';
import { buildApp, buildBusybox, expectRuns } from '../helpers/real-images.js';
import { needsOf, type RigKind, run, shareRig } from '../rig/rig.js';

const kinds = ['d20', 'd28c'] as const satisfies readonly RigKind[];
const needs = [...needsOf(...kinds), 'busybox', 'gzip'];
const { serial: test } = needing(...needs);
const rig = shareRig({ test: needing(...needs), hosts: kinds });

const repo = '[docker-ce]\nname=Docker\nbaseurl=http://mirror.lan/docker-ce\n';

for (const kind of kinds) {
  test(`airgap passport and import.sh --passport tell the same of a host, but for the time (${kind})`, async (t) => {
    const host = rig.host(kind);
    await host.wipe();
    await host.inside(['sh', '-c', 'mkdir -p /etc/yum.repos.d && cat >/etc/yum.repos.d/docker-ce.repo'], {
      input: repo,
    });
    // A pipe, a folder and a name that is no plain one: passed over by both.
    await host.inside(['sh', '-c', 'cd /etc/yum.repos.d && mkfifo a.repo && mkdir b.repo && : >"c d.repo"']);
    const drive = await makeDrive(host);
    const image = await runnable('docker.io/plant/held:1', 'held', [await realLayer({ busybox: true })]);
    const [folder = ''] = (await bundleOn(drive, { images: [image] })).inside;
    t.is((await runImport(host, folder)).exitCode, 0);
    const near = await createNear({ DOCKER_HOST: rig.near.dockerHost });
    try {
      const told = await near.run(['passport', host.ssh.alias, '-F', host.ssh.configFile]);
      t.is(told.exitCode, 0, told.stderr);
      const ran = await runImport(host, folder, ['--passport']);
      t.is(ran.exitCode, 0, ran.stderr);
      const [ours, theirs] = [told.stdout, ran.stdout].map((raw) => parsePassport(Buffer.from(raw), 'here'));
      if (ours === undefined || theirs === undefined) return t.fail();
      const { made, free, ...rest } = ours;
      const { made: madeThere, free: freeThere, ...restThere } = theirs;
      t.deepEqual(rest, restThere);
      for (const time of [made, madeThere]) t.regex(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      // Others write to the same disk meanwhile.
      t.deepEqual(Object.keys(free), Object.keys(freeThere));
      t.true(Object.keys(free).includes('/root/.cache/airgap'));
      t.deepEqual(Object.keys(JSON.parse(told.stdout)), Object.keys(JSON.parse(ran.stdout)));
      t.like(ours.images[0], { names: ['plant/held:1'], diffIds: image.layers.map(({ diffId }) => diffId) });
      t.is(ours.blobs.length > 0, kind === 'd28c');
      const repos = ours.config?.filter((file) => file.path.startsWith('/etc/yum.repos.d/'));
      t.deepEqual(repos, [{ path: '/etc/yum.repos.d/docker-ce.repo', digest: digestOf(repo) }]);
      const { passports } = await readReturns(drive);
      t.deepEqual(parsePassport(Buffer.from(JSON.stringify(passports.at(-1))), 'drive').config, ours.config);
    } finally {
      await near.remove();
      await host.inside(['rm', '-rf', '/etc/yum.repos.d']);
    }
  });

  test(`a bundle for a passport carries only what changed, and import.sh loads it there (${kind})`, async (t) => {
    const host = rig.host(kind);
    await host.wipe();
    const near = await createNear({ DOCKER_HOST: rig.near.dockerHost });
    try {
      await buildBusybox(rig.near.docker);
      await buildApp(rig.near.docker, { reference: 'plant/app:1', from: 'busybox:latest', message: 'one' });
      await buildApp(rig.near.docker, { reference: 'plant/app:2', from: 'plant/app:1', message: 'two' });
      const sent = await near.run([
        'send',
        host.ssh.alias,
        'plant/app:1',
        '-F',
        host.ssh.configFile,
        '--json',
      ]);
      t.is(sent.exitCode, 0, sent.stdout);
      const site = path.join(near.folder, 'site.json');
      const made = await near.run(['passport', host.ssh.alias, '-F', host.ssh.configFile, '--output', site]);
      t.is(`${made.exitCode}${made.stdout}`, '0', made.stderr);
      const drive = await makeDrive(host);
      const usb = path.join(drive.outside, 'usb');
      await mkdir(usb);
      const exported = await near.run(['export', usb, 'plant/app:2', '--for', site, '--json']);
      t.is(exported.exitCode, 0, exported.stdout);
      const [name = ''] = await readdir(usb);
      const manifest: { layers: unknown[]; omitted: unknown[]; base: { name: string; digest: string }[] } =
        JSON.parse(await readFile(path.join(usb, name, 'airgap.json'), 'utf8'));
      t.is(manifest.layers.length, 1);
      t.true(manifest.omitted.length >= 1);
      t.deepEqual(
        manifest.base.map(({ digest }) => digest),
        [digestOf(await readFile(site))],
      );
      const ran = await runImport(host, `${drive.inside}/usb/${name}`);
      t.is(ran.exitCode, 0, ran.stderr);
      await expectRuns(host.docker, 'plant/app:2', 'two');
      // A host that is not the one of the passport, or no longer.
      await host.wipe();
      const refused = await runImport(host, `${drive.inside}/usb/${name}`);
      t.is(refused.exitCode, 24, refused.stderr);
      t.regex(refused.stderr, /airgap export DEST plant\/app:2 --for/);
      t.is((await host.docker(['images', '-aq'])).stdout, '');
    } finally {
      await near.remove();
    }
  });
}

test('a signer that import.sh has checked stands on its receipt, and on the page made of it at home', async (t) => {
  const host = rig.host('d20');
  await host.wipe();
  const near = await createNear({ DOCKER_HOST: rig.near.dockerHost });
  try {
    const key = path.join(near.folder, 'key');
    await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', key]);
    const fingerprint = (await run(['ssh-keygen', '-l', '-f', `${key}.pub`])).stdout.split(' ')[1] ?? '';
    const drive = await makeDrive(host);
    const usb = path.join(drive.outside, 'usb');
    await mkdir(usb);
    await buildBusybox(rig.near.docker);
    const exported = await near.run(['export', usb, 'busybox:latest', '--name', 'signed', '--sign', key]);
    t.is(exported.exitCode, 0, exported.stderr);
    const signers = `site-lead ${await readFile(`${key}.pub`, 'utf8')}`;
    await writeFile(path.join(drive.outside, 'signers'), signers);
    const folder = `${drive.inside}/usb/signed`;
    const trusting = ['--allowed-signers', `${drive.inside}/signers`];
    const imported = async (words: readonly string[]) => {
      const ran = await runImport(host, folder, words);
      t.is(ran.exitCode, 0, ran.stderr);
      return (await readReturns({ ...drive, outside: usb })).receipts.at(-1);
    };
    t.is((await imported([]))?.signer, undefined);
    const receipt = await imported(trusting);
    t.deepEqual(receipt?.signer, { name: 'site-lead', fingerprint });
    const returns = path.join(usb, 'airgap-returns');
    const name =
      (await readdir(returns))
        .filter((one) => one.endsWith('-receipt.json'))
        .sort()
        .at(-1) ?? '';
    const page = await near.run(['receipts', 'show', path.join(returns, name), '--html']);
    t.is(page.exitCode, 0, page.stderr);
    for (const word of ['site-lead', fingerprint, receipt?.bundle?.digest ?? '?'])
      t.true(page.stdout.includes(word), word);
  } finally {
    await near.remove();
  }
});

test('airgap passport without a host is that of this machine', async (t) => {
  const near = await createNear({ DOCKER_HOST: rig.near.dockerHost });
  try {
    await buildBusybox(rig.near.docker);
    const told = await near.run(['passport']);
    t.is(told.exitCode, 0, told.stderr);
    const passport = parsePassport(Buffer.from(told.stdout), 'here');
    t.true(passport.images.some(({ names }) => names.includes('busybox:latest')));
    const file = path.join(near.folder, 'no/site.json');
    const nowhere = await near.run(['passport', '--output', file]);
    t.is(nowhere.exitCode, 26);
    const down = await near.run(['passport'], { env: { DOCKER_HOST: `unix://${near.folder}/none.sock` } });
    t.is(down.exitCode, 40);
    t.is(down.stdout, '');
  } finally {
    await near.remove();
  }
});
