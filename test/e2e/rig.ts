// The rig itself, against real engines: each machine answers over the system's ssh, and images made near run far.
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { needing } from '../helpers/needs.js';
import {
  buildApp,
  buildBusybox,
  buildImage,
  commitWalkThrough,
  expectRuns,
  exportedTree,
  inspectImage,
  listNames,
  readPage,
  walkThrough,
} from '../helpers/real-images.js';
import { openLink } from '../rig/link.js';
import {
  chrootVersions,
  needsOf,
  openNear,
  outerDockers,
  type RigHost,
  rigKinds,
  run,
  shareRig,
  sshArgv,
  withRigHost,
} from '../rig/rig.js';

const test = needing(...needsOf(...rigKinds), 'busybox');
const rig = shareRig({ test, hosts: rigKinds });

for (const kind of outerDockers) {
  test.serial(`${kind} answers docker version over the system's ssh`, async (t) => {
    const host = rig.host(kind);
    const ran = await run([...sshArgv(host.ssh), 'docker', 'version', '--format', '{{.Server.Version}}']);
    t.is(ran.stdout.trim(), host.engineVersion);
  });

  test.serial(
    `an image built near, piped by hand through ssh to ${kind}, runs there and is the same tree`,
    async (t) => {
      const host = rig.host(kind);
      const near = rig.near.docker;
      await buildBusybox(near, 'rig/base:1');
      await buildApp(near, { reference: `rig/app:${kind}`, from: 'rig/base:1', message: `hello ${kind}` });
      await pipeByHand(host, [`rig/app:${kind}`]);
      await expectRuns(host.docker, `rig/app:${kind}`, `hello ${kind}`);
      t.deepEqual(await listNames(host.docker), [`rig/app:${kind}`]);
      const [here, there] = [
        await inspectImage(near, `rig/app:${kind}`),
        await inspectImage(host.docker, `rig/app:${kind}`),
      ];
      t.deepEqual(there?.diffIds, here?.diffIds);
      t.is(await exportedTree(host.docker, `rig/app:${kind}`), await exportedTree(near, `rig/app:${kind}`));
      await host.wipe();
      t.deepEqual(await listNames(host.docker), []);
    },
  );
}

test.serial('the walk-through by hand: two committed versions travel and serve their pages', async (t) => {
  const host = rig.host('d20');
  await commitWalkThrough(rig.near.docker);
  await pipeByHand(
    host,
    walkThrough.map(({ reference }) => reference),
  );
  for (const { reference, page } of walkThrough) t.is(await readPage(host.docker, reference), page);
});

test.serial('equal layer specs give equal layers, another seed another one', async (t) => {
  const near = rig.near.docker;
  const layer = { realBytes: 3_000_000, randomBytes: 100_000, seed: 'a' };
  await buildImage(near, { reference: 'rig/layer:1', layers: [layer] });
  // growing-cache: what tools put into their caches while tests run is not taken for the machine's files
  const cached = fileURLToPath(new URL(`../../node_modules/.cache/rig-${process.pid}`, import.meta.url));
  await mkdir(cached, { recursive: true });
  t.teardown(() => rm(cached, { recursive: true, force: true }));
  await writeFile(join(cached, 'compiled'), 'x'.repeat(5000));
  await buildImage(near, { reference: 'rig/layer:2', layers: [layer, { files: { x: 'y' } }] });
  await buildImage(near, { reference: 'rig/layer:3', layers: [{ ...layer, seed: 'b' }] });
  const [one, two, three] = await Promise.all(
    [1, 2, 3].map(async (tag) => (await inspectImage(near, `rig/layer:${tag}`))?.diffIds[0]),
  );
  t.truthy(one);
  t.is(two, one);
  t.not(three, one);
});

test.serial('an engine that is taken down stays down until it is started, with its images', async (t) => {
  const host = rig.host('d20');
  await buildBusybox(host.docker, 'rig/kept:1');
  await host.stopEngine();
  t.not((await run([...sshArgv(host.ssh), 'docker', 'version'], { mayFail: true })).exitCode, 0);
  t.is((await run([...sshArgv(host.ssh), 'echo', 'up'])).stdout, 'up\n');
  await host.startEngine();
  t.true((await listNames(host.docker)).includes('rig/kept:1'));
});

test.serial('users differ in shell and in their right to run docker', async (t) => {
  const host = rig.host('d20');
  const attempt = async (user: { ssh: RigHost['ssh'] }, command: string): Promise<number> =>
    (await run([...sshArgv(user.ssh), command], { mayFail: true })).exitCode;
  const none = await host.addUser({ shell: '/usr/bin/tcsh' });
  const group = await host.addUser({ docker: 'group', shell: '/usr/bin/fish' });
  const sudo = await host.addUser({ docker: 'sudo' });
  const asked = await host.addUser({ docker: 'sudo-password' });
  t.not(await attempt(none, 'docker version'), 0);
  t.is(await attempt(group, 'docker version'), 0);
  t.is((await run([...sshArgv(none.ssh), 'echo $shell'])).stdout, '/usr/bin/tcsh\n');
  t.is(
    (await run([...sshArgv(group.ssh), 'echo $FISH_VERSION | string length -q; and echo fish'])).stdout,
    'fish\n',
  );
  t.not(await attempt(sudo, 'docker version'), 0);
  t.is(await attempt(sudo, 'sudo -n docker version'), 0);
  t.not(await attempt(asked, 'sudo -n docker version'), 0);
  const input = `${asked.password}\n`;
  const ran = await run([...sshArgv(asked.ssh), "sudo -S -p '' docker version"], { input, mayFail: true });
  t.is(ran.exitCode, 0);
  t.false(existsSync(`/home/${asked.name}`));
});

test.serial('a user can be made in a chroot as well', async (t) => {
  const user = await rig.host('d28c').addUser({ docker: 'group' });
  t.is((await run([...sshArgv(user.ssh), 'docker version >/dev/null; id -un'])).stdout, `${user.name}\n`);
});

test.serial('settings of sshd change while the machine runs', async (t) => {
  const host = rig.host('d26');
  await host.setSshd({ lines: ['MaxSessions 0'] });
  t.not((await run([...sshArgv(host.ssh), 'true'], { mayFail: true })).exitCode, 0);
  await host.setSshd({ maxSessions: 1 });
  t.is((await run([...sshArgv(host.ssh), 'true'])).exitCode, 0);
  await host.setSshd({});
});

test.serial('a changed host key is refused by a client that knows the old one', async (t) => {
  const host = rig.host('d26c');
  const access = await host.sshVia(host.ssh.port);
  await host.changeHostKey();
  const ran = await run([...sshArgv(access), 'true'], { mayFail: true });
  t.is(ran.exitCode, 255);
  t.regex(ran.stderr, /HOST IDENTIFICATION HAS CHANGED/);
});

test.serial('sessions can be killed while sshd goes on', async (t) => {
  const host = rig.host('d28g');
  const link = await openLink({ to: host.ssh });
  try {
    const access = await host.sshVia(link.port);
    const sleeping = run([...sshArgv(access), 'echo up; sleep 300'], { mayFail: true });
    while (link.downBytes < 2000) await new Promise((resolve) => setTimeout(resolve, 50));
    t.true((await host.killSessions()) > 0);
    t.is((await sleeping).exitCode, 255);
    t.is((await run([...sshArgv(access), 'echo', 'again'])).stdout, 'again\n');
    t.is(link.connectionCount, 2);
  } finally {
    await link.close();
  }
});

test.serial('a small data root fills up', async (t) => {
  await withRigHost(
    'd20',
    async (host) => {
      const big = buildImage(host.docker, { reference: 'rig/big:1', layers: [{ randomBytes: 60_000_000 }] });
      await t.throwsAsync(big, { message: /no space left on device/ });
      const df = await run([...sshArgv(host.ssh), 'df', '-k', '--output=size', host.dataRoot]);
      t.is(Number(df.stdout.split('\n')[1]), 65536);
    },
    { dataBytes: 64 * 1024 * 1024 },
  );
});

test.serial('a stopped engine leaves no folder and no mount', async (t) => {
  const near = await openNear();
  await buildBusybox(near.docker);
  const work = near.dataRoot.replace(/\/data$/, '');
  t.true(existsSync(work));
  await near.stop();
  await near.stop();
  t.false(existsSync(work));
  const mounts = await run(['cat', '/proc/self/mountinfo']);
  t.false(mounts.stdout.includes(work));
});

test.serial('a process that is killed takes its machines along', async (t) => {
  const program = `
    import { openNear } from ${JSON.stringify(new URL('../rig/rig.ts', import.meta.url).href)};
    const near = await openNear();
    process.stdout.write(near.dataRoot + ' ');
    process.kill(process.pid, 'SIGKILL');`;
  const argv = [process.execPath, '--import=tsx', '--input-type=module', '--eval', program];
  const killed = await run(argv, { mayFail: true });
  t.is(killed.exitCode, 137);
  const work = killed.stdout.trim().replace(/\/data$/, '');
  t.regex(work, /run-near-/);
  for (let tries = 0; existsSync(work) && tries < 600; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  t.false(existsSync(work), `${await readdir(work).catch(() => '')}`);
});

test.serial('the log tells what the chroots hold', async (t) => {
  for (const suite of ['trixie', 'forky'] as const) {
    const versions = await chrootVersions(suite);
    t.log(versions);
    t.regex(versions, /docker\.io \d/);
  }
});

async function pipeByHand(host: RigHost, references: readonly string[]): Promise<void> {
  const script = 'names=$1; shift; docker save $names | "$@" docker load';
  await run(['sh', '-c', script, 'sh', references.join(' '), ...sshArgv(host.ssh)], {
    env: { DOCKER_HOST: rig.near.dockerHost },
  });
}
