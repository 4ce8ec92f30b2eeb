// Connections that never come about, and connections that break: what runs is told, nothing hangs.
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { buffer } from 'node:stream/consumers';
import test, { type ExecutionContext } from 'ava';
import { AirgapError, type ErrorCode } from '../../src/errors.js';
import type { Host } from '../../src/hosts/host.js';
import { openHost } from '../../src/hosts/open-host.js';
import type { ConnectOptions } from '../../src/runs/api.js';
import { needing } from '../helpers/needs.js';
import { startCable, withSshServer } from '../helpers/ssh-server.js';
import { freePort, startTestSshd } from '../helpers/sshd.js';

const ask = async (): Promise<undefined> => undefined;
const bare: ConnectOptions = { configFile: 'none', sshOptions: ['UserKnownHostsFile=none'] };
const env = { PATH: process.env.PATH, HOME: '/nonexistent' };
const clients = ['ssh2', 'openssh'] as const;
const forClient = (client: string): typeof test => (client === 'ssh2' ? test : needing('sshd'));

async function fails(
  t: ExecutionContext,
  opening: Promise<Host>,
  code: ErrorCode,
): Promise<AirgapError | undefined> {
  const error = await t.throwsAsync(opening, { instanceOf: AirgapError });
  t.is(error?.code, code, error?.message);
  return error;
}

for (const client of clients) {
  const clientTest = forClient(client);
  const connect = { ...bare, client };

  clientTest(`${client}: a name that nobody has is told`, async (t) => {
    await fails(t, openHost('no-such-machine.invalid', connect, { ask, env }), 'HOST_UNKNOWN');
  });

  clientTest(`${client}: a port that nobody listens on is told with its address`, async (t) => {
    const port = await freePort();
    const error = await fails(t, openHost(`ann@127.0.0.1:${port}`, connect, { ask, env }), 'HOST_REFUSED');
    t.deepEqual(error?.facts, { host: `ann@127.0.0.1:${port}`, address: `ann@127.0.0.1:${port}` });
  });

  clientTest(`${client}: a machine that takes the connection and says nothing is given up on`, async (t) => {
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const patience = { ...connect, sshOptions: [...(bare.sshOptions ?? []), 'ConnectTimeout=1'] };
    await fails(t, openHost(`127.0.0.1:${port}`, patience, { ask, env }), 'HOST_TIMEOUT');
    silent.close();
  });
}

test('opening can be stopped while the other side is silent', async (t) => {
  const silent = createServer((socket) => socket.on('error', () => undefined));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const address = silent.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const controller = new AbortController();
  silent.once('connection', () => controller.abort(new Error('stopped')));
  const opening = openHost(`127.0.0.1:${port}`, bare, { ask, env, signal: controller.signal });
  await t.throwsAsync(opening, { message: 'stopped' });
  silent.close();
});

test('a server that talks rubbish is no SSH server', async (t) => {
  const rubbish = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
  });
  await new Promise<void>((resolve) => rubbish.listen(0, '127.0.0.1', resolve));
  const address = rubbish.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await fails(t, openHost(`127.0.0.1:${port}`, bare, { ask, env }), 'SSH_LOST');
  rubbish.close();
});

test('lost-exit-status: a command whose whole life comes in one packet tells its exit code', async (t) => {
  await withSshServer({}, async ({ server, connect, env: home, knownHostsFile }) => {
    const cable = await startCable(server.port, { heldDownMs: 300 });
    const [, type = '', key = ''] = server.hostKeyLine.split(' ');
    await writeFile(knownHostsFile, `[127.0.0.1]:${cable.port} ${type} ${key}\n`);
    const host = await openHost(`demo@127.0.0.1:${cable.port}`, connect, { ask, env: home });
    try {
      const exec = await host.exec(['sh', '-c', 'echo said; exit 7']);
      exec.stdin.end();
      t.is((await buffer(exec.stdout)).toString(), 'said\n');
      t.deepEqual(await exec.exit, { exitCode: 7 });
    } finally {
      await host.close();
      await cable.close();
    }
  });
});

/** Two commands run over a cable; the one reads, the other writes. Both must be told when it breaks. */
async function breaks(t: ExecutionContext, host: Host, pull: () => void): Promise<void> {
  const reading = await host.exec(['sh', '-c', 'echo first; exec sleep 60']);
  await new Promise((resolve) => reading.stdout.once('data', resolve));
  const writing = await host.exec(['sleep', '60']);
  const written = new Promise<Error | null | undefined>((resolve) => {
    writing.stdin.write(Buffer.alloc(16 * 1024 * 1024), resolve);
  });
  const read = buffer(reading.stdout);
  read.catch(() => undefined);
  pull();
  for (const { exit } of [reading, writing]) {
    const error = await t.throwsAsync(exit, { instanceOf: AirgapError });
    t.is(error?.code, 'SSH_LOST', error?.message);
    t.true(error?.retryable);
  }
  // An orderly end would be a lie: what is missing was never sent.
  await t.throwsAsync(read);
  t.truthy(await written);
  const after = await t.throwsAsync(host.exec(['true']), { instanceOf: AirgapError });
  t.is(after?.code, 'SSH_LOST');
  await host.close();
}

const throughCable = ({ sshOptions = [], ...connect }: ConnectOptions, alias: string): ConnectOptions => ({
  ...connect,
  // The key is known for the port of the server, not of the cable.
  sshOptions: [...sshOptions, `HostKeyAlias=${alias}`, 'ServerAliveInterval=4', 'ServerAliveCountMax=2'],
});

for (const [how, pull] of [
  ['resets', 'cut'],
  ['goes silent', 'freeze'],
] as const) {
  test(`ssh2: commands are told when the connection ${how}`, (t) =>
    withSshServer({}, async ({ server, connect, env: own }) => {
      const cable = await startCable(server.port);
      const options = throughCable(connect, `[127.0.0.1]:${server.port}`);
      const host = await openHost(`demo@127.0.0.1:${cable.port}`, options, { ask, env: own });
      await breaks(t, host, cable[pull]);
      await cable.close();
    }));

  needing('sshd', 'root')(`openssh: commands are told when the connection ${how}`, async (t) => {
    const sshd = await startTestSshd();
    const cable = await startCable(sshd.port);
    try {
      const options = throughCable({ configFile: sshd.configFile }, `[127.0.0.1]:${sshd.port}`);
      const host = await openHost(
        `box:${cable.port}`,
        { ...options, client: 'openssh' },
        { ask, env: sshd.env, hasTerminal: false },
      );
      await breaks(t, host, cable[pull]);
    } finally {
      await cable.close();
      await sshd.stop();
    }
  });
}

needing('sshd', 'root')('ssh2: commands are told when sshd dies', async (t) => {
  const sshd = await startTestSshd();
  try {
    const host = await openHost('box', { configFile: sshd.configFile }, { ask, env: sshd.env });
    await breaks(t, host, sshd.killSessions);
  } finally {
    await sshd.stop();
  }
});

needing('sshd', 'root')('a slow line with a full queue is not taken for a dead one', async (t) => {
  const sshd = await startTestSshd();
  // 2 MiB wait for 16 s on this line, and the question for a sign of life waits behind them; 9 s of silence would be death.
  const cable = await startCable(sshd.port, { bytesPerSecond: 128 * 1024 });
  try {
    const alias = `HostKeyAlias=[127.0.0.1]:${sshd.port}`;
    const connect: ConnectOptions = {
      configFile: sshd.configFile,
      sshOptions: [alias, 'ServerAliveInterval=3', 'ServerAliveCountMax=2'],
    };
    const host = await openHost(`box:${cable.port}`, connect, { ask, env: sshd.env });
    const exec = await host.exec(['sh', '-c', 'echo up; exec wc -c']);
    // A login shell that takes its time reads nothing: what is tried here is the line.
    await new Promise((resolve) => exec.stdout.once('data', resolve));
    exec.stdin.end(Buffer.alloc(2 * 1024 * 1024));
    t.is((await buffer(exec.stdout)).toString().trim(), String(2 * 1024 * 1024));
    t.deepEqual(await exec.exit, { exitCode: 0 });
    await host.close();
  } finally {
    await cable.close();
    await sshd.stop();
  }
});
