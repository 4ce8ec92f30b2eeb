import { execFileSync, spawn } from 'node:child_process';
import { copyFile, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import type { AuthContext } from 'ssh2';
import { AirgapError } from '../../src/errors.js';
import type { Ask, Prompt } from '../../src/events.js';
import type { Host } from '../../src/hosts/host.js';
import { openHost } from '../../src/hosts/open-host.js';
import type { ConnectOptions } from '../../src/runs/api.js';
import { outcome } from '../contract/host.js';
import { needing } from '../helpers/needs.js';
import { type TestServer, withSshServer } from '../helpers/ssh-server.js';
import { makeKey, startTestSshd, type TestSshd } from '../helpers/sshd.js';

/** Answers in order, and remembers what was asked. */
function answering(...answers: (string | undefined)[]): { ask: Ask; asked: Prompt[] } {
  const asked: Prompt[] = [];
  const ask: Ask = async (prompt) => {
    asked.push(prompt);
    return answers.shift();
  };
  return { ask, asked };
}

async function works(host: Host): Promise<boolean> {
  try {
    return (await outcome(await host.exec(['echo', 'in']))).stdout === 'in\n';
  } finally {
    await host.close();
  }
}

const withPasswords = (body: (server: TestServer) => Promise<void>): Promise<void> =>
  withSshServer({ authenticate: takePassword }, body);

/** Takes `right` as a password; two questions for the user `twice`. */
function takePassword(context: AuthContext): void {
  if (context.method === 'password' && context.username === 'plain') {
    if (context.password === 'right') context.accept();
    else context.reject(['password']);
  } else if (context.method === 'keyboard-interactive' && context.username === 'twice') {
    const questions = [
      { prompt: 'Password: ', echo: false },
      { prompt: 'Code\u001b[2J: ', echo: true },
    ];
    context.prompt(questions, (answers) => {
      if (answers[0] === 'right' && answers[1] === '42') context.accept();
      else context.reject(['keyboard-interactive']);
    });
  } else {
    context.reject([context.username === 'plain' ? 'password' : 'keyboard-interactive']);
  }
}

const passwordConnect = ({ connect }: TestServer): ConnectOptions => ({
  configFile: 'none',
  sshOptions: [...(connect.sshOptions ?? []), 'PubkeyAuthentication=no'],
});

test('a password is asked again until it is right, three times at most', (t) =>
  withPasswords(async (server) => {
    const { ask, asked } = answering('wrong', 'right');
    const host = await openHost(`plain@127.0.0.1:${server.server.port}`, passwordConnect(server), {
      ask,
      env: server.env,
    });
    t.true(await works(host));
    const name = `plain@127.0.0.1:${server.server.port}`;
    t.deepEqual(asked[1], { kind: 'password', host: name, user: 'plain', label: 'Password:' });
    const wrong = answering('a', 'b', 'c', 'right');
    const opening = openHost(name, passwordConnect(server), { ask: wrong.ask, env: server.env });
    const error = await t.throwsAsync(opening, { instanceOf: AirgapError });
    t.is(error?.code, 'SSH_AUTH_FAILED');
    t.is(wrong.asked.length, 3);
    t.false(JSON.stringify(error).includes('"c"'));
  }));

test('every question of a server is asked, without its control characters', (t) =>
  withPasswords(async (server) => {
    const { ask, asked } = answering('right', '42');
    const name = `twice@127.0.0.1:${server.server.port}`;
    t.true(await works(await openHost(name, passwordConnect(server), { ask, env: server.env })));
    t.deepEqual(
      asked.map((prompt) => (prompt.kind === 'password' ? prompt.label : prompt.kind)),
      ['Password:', 'Code [2J:'],
    );
  }));

for (const user of ['plain', 'twice']) {
  test(`a login as ${user} fails at once when nobody can be asked`, (t) =>
    withPasswords(async (server) => {
      const { ask, asked } = answering();
      const opening = openHost(`${user}@127.0.0.1:${server.server.port}`, passwordConnect(server), {
        ask,
        env: server.env,
      });
      const error = await t.throwsAsync(opening, { instanceOf: AirgapError });
      t.is(error?.code, 'SSH_AUTH_FAILED');
      t.is(asked.length, 1);
    }));
}

test('BatchMode asks nothing', (t) =>
  withPasswords(async (server) => {
    const { ask, asked } = answering('right');
    const connect = passwordConnect(server);
    const opening = openHost(
      `plain@127.0.0.1:${server.server.port}`,
      { ...connect, sshOptions: [...(connect.sshOptions ?? []), 'BatchMode=yes'] },
      { ask, env: server.env },
    );
    await t.throwsAsync(opening, { instanceOf: AirgapError });
    t.is(asked.length, 0);
  }));

test('a key given by hand that is not there is an error of its own', (t) =>
  withSshServer({}, async ({ address, connect, env, folder }) => {
    const opening = openHost(
      address,
      { ...connect, identityFiles: [path.join(folder, 'secret-folder', 'missing')] },
      { ask: answering().ask, env },
    );
    const error = await t.throwsAsync(opening, { instanceOf: AirgapError });
    t.is(error?.code, 'SSH_KEY_UNREADABLE');
    t.false(error?.message.includes('secret-folder'));
  }));

test('a key that is not let in is told by its file name, without its path', (t) =>
  withSshServer({}, async ({ address, connect, env, folder }) => {
    makeKey(path.join(folder, 'id_other'));
    const opening = openHost(
      address,
      { ...connect, identityFiles: [path.join(folder, 'id_other')] },
      { ask: answering().ask, env },
    );
    const error = await t.throwsAsync(opening, { instanceOf: AirgapError });
    t.deepEqual(error?.facts, { host: address, user: 'demo', tried: ['publickey (id_other)'] });
  }));

const sshdTest = needing('sshd', 'root');
let shared: Promise<TestSshd> | undefined;
const sshd = (): Promise<TestSshd> => {
  shared ??= startTestSshd();
  return shared;
};
sshdTest.after.always('stopping sshd', async () => {
  await (await shared)?.stop();
});

async function boxOptions(keyFile: string | undefined, more: string[] = []): Promise<ConnectOptions> {
  const { folder } = await sshd();
  return {
    configFile: 'none',
    ...(keyFile === undefined ? {} : { identityFiles: [keyFile] }),
    sshOptions: [
      'HostName=127.0.0.1',
      `UserKnownHostsFile=${path.join(folder, 'known_hosts')}`,
      'GlobalKnownHostsFile=none',
      ...more,
    ],
  };
}

for (const [type, format] of [
  ['ed25519', 'RFC4716'],
  ['ecdsa', 'RFC4716'],
  ['rsa', 'RFC4716'],
  ['rsa', 'PEM'],
] as const) {
  sshdTest.serial(`an encrypted ${type} key of format ${format} is unlocked by its passphrase`, async (t) => {
    const { port, env, folder } = await sshd();
    const file = path.join(folder, `locked_${type}_${format}`);
    execFileSync('ssh-keygen', ['-q', '-t', type, '-m', format, '-N', 'open sesame', '-f', file]);
    await rm(path.join(folder, 'authorized_keys'));
    await copyFile(`${file}.pub`, path.join(folder, 'authorized_keys'));
    try {
      const name = `root@box:${port}`;
      const options = await boxOptions(file);
      const { ask, asked } = answering('wrong', '', 'open sesame');
      t.true(await works(await openHost(name, options, { ask, env })));
      t.deepEqual(asked, Array(3).fill({ kind: 'passphrase', key: path.basename(file) }));
      const opening = openHost(name, options, { ask: answering().ask, env });
      t.is((await t.throwsAsync(opening, { instanceOf: AirgapError }))?.code, 'SSH_AUTH_FAILED');
    } finally {
      await copyFile(path.join(folder, 'id_test.pub'), path.join(folder, 'authorized_keys'));
    }
  });
}

sshdTest.serial('nobody is asked for the passphrase of a key that the server does not take', async (t) => {
  const { port, env, folder } = await sshd();
  const file = path.join(folder, 'locked_stranger');
  makeKey(file, 'ed25519', 'secret');
  const { ask, asked } = answering('secret');
  const opening = openHost(`root@box:${port}`, await boxOptions(file), { ask, env });
  t.is((await t.throwsAsync(opening, { instanceOf: AirgapError }))?.code, 'SSH_AUTH_FAILED');
  t.deepEqual(asked, []);
});

sshdTest.serial('keys of a real agent let in, and a locked file that it holds is left alone', async (t) => {
  const { port, env, folder, keyFile } = await sshd();
  const socket = path.join(folder, 'agent');
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => agent.stdout.once('data', resolve));
  try {
    const agentEnv = { ...env, SSH_AUTH_SOCK: socket };
    for (const type of ['ecdsa', 'rsa']) makeKey(path.join(folder, `other_${type}`), type);
    const locked = path.join(folder, 'locked_copy');
    await copyFile(keyFile, locked);
    const files = [path.join(folder, 'other_ecdsa'), path.join(folder, 'other_rsa'), keyFile];
    execFileSync('ssh-add', ['-q', ...files], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
    execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'locked', '-f', locked]);
    const { ask, asked } = answering();
    const name = `root@box:${port}`;
    t.true(await works(await openHost(name, await boxOptions(undefined), { ask, env: agentEnv })));
    t.true(await works(await openHost(name, await boxOptions(locked), { ask, env: agentEnv })));
    const only = await boxOptions(undefined, ['IdentitiesOnly=yes']);
    await t.throwsAsync(openHost(name, only, { ask, env: agentEnv }), { instanceOf: AirgapError });
    t.deepEqual(asked, []);
    const dead = { ...env, SSH_AUTH_SOCK: path.join(folder, 'nobody-listens') };
    t.true(await works(await openHost(name, await boxOptions(keyFile), { ask, env: dead })));
  } finally {
    const ended = new Promise((resolve) => agent.once('exit', resolve));
    agent.kill();
    await ended;
  }
});

sshdTest.serial('keys where everybody has them are found without any option', async (t) => {
  const { port, folder, keyFile, env } = await sshd();
  await mkdir(path.join(folder, 'home/.ssh'), { recursive: true });
  await copyFile(keyFile, path.join(folder, 'home/.ssh/id_ed25519'));
  const host = await openHost(`root@box:${port}`, await boxOptions(undefined), { ask: answering().ask, env });
  t.true(await works(host));
});
