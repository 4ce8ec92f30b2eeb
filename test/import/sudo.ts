// import.sh for users whom docker refuses: by sudo without a password, with one asked for on the terminal, or told what is missing.
import { spawn } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import path from 'node:path';
import { expectRuns, listNames } from '../helpers/image-proofs.js';
import { makeBundle } from '../helpers/import-bundles.js';
import { realLayer, runnable } from '../helpers/import-host.js';
import { needing } from '../helpers/needs.js';
import { needsOf, type Ran, type RigUser, type RigUserOptions, run, shareRig } from '../rig/rig.js';

const needs = [...needsOf('d20'), 'busybox', 'gzip', 'sudo', 'script'];
const { serial: test } = needing(...needs);
const rig = shareRig({ test: needing(...needs), hosts: ['d20'], near: false });

/** A user of the machine with a bundle in the home folder. */
async function userWithBundle(options: RigUserOptions) {
  const host = rig.host('d20');
  await host.wipe();
  const user = await host.addUser(options);
  const outside = await mkdtemp(path.join(host.home, 'bundle-'));
  const images = [await runnable('docker.io/plant/app:1', 'one', [await realLayer({ busybox: true })])];
  await makeBundle({ folder: outside, images });
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
): Promise<{ stdout: string; exitCode: number | null }> {
  const words = ['-F', user.ssh.configFile, '-tt', user.ssh.alias, 'sh site/import.sh --yes'];
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
