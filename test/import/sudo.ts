// import.sh for users whom docker refuses: by sudo without a password, with one asked for on the terminal, or told what is missing.
import { spawn } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import path from 'node:path';
import { readsDaemonJson } from '../helpers/daemon-config.js';
import { shells } from '../helpers/far-box.js';
import { expectRuns, listNames } from '../helpers/image-proofs.js';
import { type BundleSpec, makeBundle } from '../helpers/import-bundles.js';
import { realLayer, runnable } from '../helpers/import-host.js';
import { needing } from '../helpers/needs.js';
import { needsOf, type Ran, type RigUser, type RigUserOptions, run, shareRig } from '../rig/rig.js';

const needs = [...needsOf('d20'), 'busybox', 'gzip', 'sudo', 'script'];
const { serial: test } = needing(...needs);
const rig = shareRig({ test: needing(...needs), hosts: ['d20'], near: false });

const inside = async (script: string): Promise<string> =>
  (await rig.host('d20').inside(['sh', '-c', script])).stdout;

interface Wanted {
  readonly files?: Readonly<Record<string, string>>;
  readonly packages?: BundleSpec['packages'];
  /** One more rule of sudo for that user. */
  readonly rule?: string;
}

/** A user of the machine with a bundle in the home folder. */
async function userWithBundle(options: RigUserOptions, { files = {}, packages = [], rule }: Wanted = {}) {
  const host = rig.host('d20');
  await host.wipe();
  // /opt and /srv are the machine's own, which other boxes see, too.
  for (const folder of ['/opt', '/srv'])
    await inside(`mountpoint -q ${folder} || mount -t tmpfs -o mode=755 tmpfs ${folder}`);
  const user = await host.addUser(options);
  const outside = await mkdtemp(path.join(host.home, 'bundle-'));
  const images = [await runnable('docker.io/plant/app:1', 'one', [await realLayer({ busybox: true })])];
  await makeBundle({ folder: outside, images, files, packages });
  if (rule !== undefined) {
    const write = ['sh', '-c', 'umask 0227; cat >"$1"', 'sh', `/etc/sudoers.d/${user.name}-more`];
    await host.inside(write, { input: `${rule.replaceAll('USER', user.name)}\n` });
  }
  const place = `/root/${path.basename(outside)}`;
  await host.inside([
    'sh',
    '-c',
    `cp -r ${place}/site ${user.home}/site && chown -R ${user.name} ${user.home}/site`,
  ]);
  return { host, user };
}

const ssh = (user: RigUser, words: readonly string[]): Promise<Ran> =>
  run(['ssh', '-F', user.ssh.configFile, ...words], { mayFail: true });

/** On a terminal: the answer is typed once the question is there. */
async function answering(
  user: RigUser,
  answer: string,
  shell = 'sh',
): Promise<{ stdout: string; exitCode: number | null }> {
  const words = ['-F', user.ssh.configFile, '-tt', user.ssh.alias, `${shell} site/import.sh --yes`];
  const child = spawn('ssh', words, { stdio: ['pipe', 'pipe', 'ignore'] });
  let stdout = '';
  let answered = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    if (answered || !stdout.includes('Password for sudo: ')) return;
    answered = true;
    child.stdin.write(`${answer}\n`);
  });
  const exitCode = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { stdout, exitCode };
}

test('a user with sudo and no password imports without a question', async (t) => {
  const { host, user } = await userWithBundle({ docker: 'sudo' });
  const said = await ssh(user, [user.ssh.alias, 'sh site/import.sh']);
  t.is(said.exitCode, 0, said.stderr);
  await expectRuns(host.docker, 'plant/app:1', 'one');
});

test('a user whose sudo wants a password is asked on a terminal, and told elsewhere', async (t) => {
  const { host, user } = await userWithBundle({ docker: 'sudo-password' });
  const mute = await ssh(user, [user.ssh.alias, 'sh site/import.sh']);
  t.is(mute.exitCode, 41, mute.stderr);
  t.regex(mute.stderr, /\[FAR_ENGINE_DENIED\]/);
  const wrong = await answering(user, 'not-it');
  t.is(wrong.exitCode, 41, wrong.stdout);
  t.false(wrong.stdout.includes('not-it'));
  const said = await answering(user, user.password ?? '');
  t.is(said.exitCode, 0, said.stdout);
  t.false(said.stdout.includes(user.password ?? '?'));
  await expectRuns(host.docker, 'plant/app:1', 'one');
  t.deepEqual(await listNames(host.docker), ['plant/app:1']);
});

const target = '/opt/by-sudo/deep/x';
const files = { [target]: 'carried\n' };

for (const [shell, argv] of Object.entries(shells)) {
  test(`files of a user are put in place by sudo, whose password is nowhere to be found (${shell})`, async (t) => {
    await inside('rm -rf /opt/by-sudo');
    const rule = 'USER ALL=(root) ALL\nDefaults:USER timestamp_timeout=0, logfile=/var/tmp/USER.log';
    const { host, user } = await userWithBundle({ docker: 'sudo-password' }, { files, rule });
    const password = user.password ?? '?';
    const mute = await ssh(user, [user.ssh.alias, 'sh site/import.sh --files-only']);
    t.is(mute.exitCode, 41, mute.stderr);
    t.regex(mute.stderr, /no terminal to ask for it \[FAR_SUDO_DENIED\]\nhint: /);
    t.is(await inside('ls -A /opt/by-sudo 2>/dev/null || :'), '', 'nothing was changed');
    const wrong = await answering(user, 'not-it', argv.join(' '));
    t.is(wrong.exitCode, 41, wrong.stdout);
    t.deepEqual(await listNames(host.docker), [], 'nothing was loaded');
    const said = await answering(user, password, argv.join(' '));
    t.is(said.exitCode, 0, said.stdout);
    t.is(said.stdout.match(/Password for sudo/g)?.length, 1, 'it is asked once for engine and files');
    await expectRuns(host.docker, 'plant/app:1', 'one');
    t.is(await inside(`cat ${target}; stat -c '%a %U' ${target}`), 'carried\n644 root\n');
    t.is(await inside(`find ${user.home} ! -user ${user.name}`), '', 'nothing of the user’s is root’s now');
    const traces = `cat ${user.home}/airgap-returns/* /var/tmp/${user.name}.log; grep -r . ${user.home}/.cache/airgap`;
    const left = await inside(`${traces}; rm -f /var/tmp/${user.name}.log`);
    t.regex(left, /"backup": "/);
    t.false(left.includes(password) || said.stdout.includes(password));
  });
}

test('a user whose docker needs no sudo is asked for files alone, and sudo without a password asks nothing', async (t) => {
  await inside('rm -rf /opt/by-sudo');
  const free = await userWithBundle({ docker: 'group' }, { files, rule: 'USER ALL=(root) NOPASSWD: ALL' });
  const said = await ssh(free.user, [free.user.ssh.alias, 'sh site/import.sh']);
  t.is(said.exitCode, 0, said.stderr);
  t.is(await inside(`cat ${target}`), 'carried\n');
});

test('what an import by sudo has changed is taken back by sudo, in that very program', async (t) => {
  await inside('rm -rf /opt/by-sudo');
  const rule = 'USER ALL=(root) NOPASSWD: ALL';
  const { user } = await userWithBundle({ docker: 'none' }, { files, rule });
  const said = await ssh(user, [user.ssh.alias, 'sh site/import.sh --files-only']);
  t.is(said.exitCode, 0, said.stderr);
  t.regex(said.stderr, /^To put back .*: sh site\/import\.sh --rollback [0-9a-f-]+$/m);
  await inside(`echo mine >${target}`);
  const changed = await ssh(user, [user.ssh.alias, 'sh site/import.sh --rollback']);
  t.is(changed.exitCode, 49, changed.stderr);
  t.regex(changed.stderr, /has changed since the import \[FILE_CHANGED\]\nhint: /);
  await inside(`echo carried >${target}`);
  const back = await ssh(user, [user.ssh.alias, 'sh site/import.sh --rollback']);
  t.is(back.exitCode, 0, back.stderr);
  t.like(JSON.parse(back.stdout), { by: 'import.sh', files: [{ path: target, done: 'removed' }] });
  t.is(await inside('ls -d /opt/by-sudo 2>/dev/null || :'), '');
  t.is(await inside(`find ${user.home} ! -user ${user.name}`), '');
  const none = await ssh(user, [user.ssh.alias, 'sh site/import.sh --rollback']);
  t.regex(none.stderr, /\[ROLLBACK_UNKNOWN\]/);
});

test('a user whom sudo lets do nothing is told before anything is loaded', async (t) => {
  await inside('rm -rf /opt/by-sudo');
  const { host, user } = await userWithBundle({ docker: 'group' }, { files });
  const said = await ssh(user, [user.ssh.alias, 'sh site/import.sh']);
  t.is(said.exitCode, 41, said.stderr);
  t.regex(said.stderr, /\[FAR_SUDO_DENIED\]\nhint: .*--images-only/);
  t.deepEqual(await listNames(host.docker), []);
  const images = await ssh(user, [user.ssh.alias, 'sh site/import.sh --images-only']);
  t.is(images.exitCode, 0, images.stderr);
});

test('an import by sudo that fails after its files takes them back by sudo', async (t) => {
  await inside('rm -rf /opt/by-sudo');
  const rule = 'USER ALL=(root) NOPASSWD: ALL';
  const { host, user } = await userWithBundle({ docker: 'group' }, { files, rule });
  // A docker that does not set names: the last step of all.
  const fake = '#!/bin/sh\\ncase "$1 $3" in "tag plant/app:1") exit 1 ;; esac\\nexec /usr/bin/docker "$@"\\n';
  await inside(
    `mkdir ${user.home}/bin && printf '${fake}' >${user.home}/bin/docker && chmod 755 ${user.home}/bin ${user.home}/bin/docker`,
  );
  const failed = await ssh(user, [user.ssh.alias, `PATH=${user.home}/bin:$PATH sh site/import.sh`]);
  t.not(failed.exitCode, 0, failed.stderr);
  t.regex(failed.stderr, /1 file put in place/);
  t.is(await inside('ls -A /opt/by-sudo 2>/dev/null || :'), '');
  t.deepEqual(await listNames(host.docker), []);
});

const packages = [
  {
    set: 'tools',
    kind: 'rpm' as const,
    names: ['htop', 'jq'],
    files: { 'htop-3.rpm': 'x', 'repodata/repomd.xml': 'y' },
  },
];
// What sudo runs comes from the box's own /root: the machine's package manager is never asked.
const packagesRule =
  'USER ALL=(root) NOPASSWD: ALL\nDefaults:USER secure_path="/root/fake:/usr/sbin:/usr/bin:/sbin:/bin"';
const fakeManager = (exitCode: number): string =>
  `rm -rf /srv/airgap /opt/by-sudo; mkdir -p /root/fake
  printf '#!/bin/sh\\nid -un >/root/fake/calls; echo "$*" >>/root/fake/calls\\necho no such luck\\nexit ${exitCode}\\n' >/root/fake/dnf
  chmod 755 /root/fake/dnf`;

for (const [shell, argv] of Object.entries(shells)) {
  test(`packages of a user are brought and installed by sudo (${shell})`, async (t) => {
    await inside(fakeManager(0));
    // It is root that has a package manager here; the user finds one of that name, too.
    const { user } = await userWithBundle({ docker: 'group' }, { files, packages, rule: packagesRule });
    await inside(
      `mkdir -p ${user.home}/bin; printf '#!/bin/sh\\nexit 1\\n' >${user.home}/bin/dnf; chmod -R 755 ${user.home}/bin`,
    );
    const command = `PATH=${user.home}/bin:$PATH ${argv.join(' ')} site/import.sh`;
    const said = await ssh(user, [user.ssh.alias, `${command} --install-packages`]);
    t.is(said.exitCode, 0, said.stderr);
    t.regex(said.stderr, /Packages tools: installed: htop jq/);
    t.regex(await inside('cat /root/fake/calls'), /^root\n.*--assumeyes install htop jq\n$/);
    t.is(await inside(`cat ${target}`), 'carried\n');
    const place = '/srv/airgap/packages/site/tools';
    t.is(await inside(`stat -c '%a %U' ${place} ${place}/repodata/repomd.xml`), '755 root\n644 root\n');
    const receipt = JSON.parse(await inside(`cat ${user.home}/airgap-returns/*-receipt.json`));
    t.deepEqual(receipt.packages, [
      { set: 'tools', kind: 'rpm', names: ['htop', 'jq'], place, installed: true },
    ]);
    t.is(await inside(`find ${user.home} ! -user ${user.name} ! -path '*/bin*'`), '');
  });
}

test('a package manager that fails is an error with its words, and files and names are as they were', async (t) => {
  await inside(fakeManager(1));
  const { host, user } = await userWithBundle({ docker: 'group' }, { files, packages, rule: packagesRule });
  await inside(
    `mkdir -p ${user.home}/bin; cp /root/fake/dnf ${user.home}/bin; chmod -R 755 ${user.home}/bin`,
  );
  const command = `PATH=${user.home}/bin:$PATH LC_ALL=zh_CN.UTF-8 sh site/import.sh --install-packages`;
  const failed = await ssh(user, [user.ssh.alias, command]);
  t.is(failed.exitCode, 49, failed.stderr);
  t.regex(failed.stderr, /no such luck.*\[PACKAGES_FAILED\]\n提示：/);
  t.is(await inside('ls -d /opt/by-sudo 2>/dev/null || :'), '');
  t.deepEqual(await listNames(host.docker), []);
  t.is(await inside(`ls -d ${user.home}/airgap-returns 2>/dev/null || :`), '');
});

test('a reload by sudo is proved by sudo, where nothing but files is imported', async (t) => {
  const host = rig.host('d20');
  await readsDaemonJson(host);
  await inside('chmod 600 /etc/docker/daemon.json');
  const daemon = { '/etc/docker/daemon.json': '{"labels":["by=sudo"]}' };
  const wanted = { files: daemon, rule: 'USER ALL=(root) NOPASSWD: ALL' };
  const { user } = await userWithBundle({ docker: 'none' }, wanted);
  const said = await ssh(user, [user.ssh.alias, 'sh site/import.sh --files-only --reload']);
  t.is(said.exitCode, 0, said.stderr);
  t.regex(said.stderr, /docker info shows it: labels/);
  t.regex((await host.docker(['info', '--format', '{{json .Labels}}'])).stdout, /by=sudo/);
  const receipt = JSON.parse(await inside(`cat ${user.home}/airgap-returns/*-receipt.json`));
  t.deepEqual(receipt.reload, { shown: ['labels'], unshown: [], restart: [] });
  t.is(await inside('stat -c "%a %U" /etc/docker/daemon.json'), '600 root\n', 'it may hold secrets');
});
