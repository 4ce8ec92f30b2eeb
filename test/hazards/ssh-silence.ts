// Machines that let us in and then never answer: nothing waits without end, and whoever stops is heard.
import { execFileSync } from 'node:child_process';
import { createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import ssh2, { type Connection } from 'ssh2';
import { AirgapError } from '../../src/errors.js';
import { openFar } from '../../src/far/far.js';
import { openHost } from '../../src/hosts/open-host.js';
import { createThrowAwayKey } from '../../src/hosts/throw-away-key.js';
import type { ConnectOptions } from '../../src/runs/api.js';
import { client } from '../helpers/far-box.js';
import { needing } from '../helpers/needs.js';
import { startTestSshd } from '../helpers/sshd.js';
import { withTempDir } from '../helpers/tmp.js';

const ask = async (): Promise<undefined> => undefined;
const env = { PATH: process.env.PATH, HOME: '/nonexistent' };
const trusting: ConnectOptions = {
  configFile: 'none',
  sshOptions: ['UserKnownHostsFile=none', 'GlobalKnownHostsFile=none'],
  acceptNewHostKey: true,
};

async function portOf(server: Server | ssh2.Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** A server that lets everybody in; what comes after is up to the test. */
async function withServer(
  serve: (connection: Connection) => void,
  body: (port: number) => Promise<void>,
): Promise<void> {
  const connections = new Set<Connection>();
  const server = new ssh2.Server({ hostKeys: [createThrowAwayKey().private] }, (connection) => {
    connections.add(connection);
    connection.on('error', () => undefined);
    connection.on('authentication', (context) => context.accept());
    connection.on('ready', () => serve(connection));
  });
  try {
    await body(await portOf(server));
  } finally {
    for (const connection of connections) connection.end();
    server.close();
  }
}

async function isStopped(t: ExecutionContext, waiting: Promise<unknown>): Promise<void> {
  await t.throwsAsync(waiting, { message: 'stopped' });
}

needing('sshd', 'root')('openssh: a ForceCommand that never speaks is given up on and ended', async (t) => {
  const sshd = await startTestSshd({ lines: ['ForceCommand sleep 30'] });
  try {
    const connect: ConnectOptions = { configFile: sshd.configFile, client: 'openssh' };
    const host = await openHost('box', connect, { ask, env: sshd.env, hasTerminal: false });
    const opening = openFar(host, { client, hostName: 'box', timeouts: { silenceMs: 1000 } });
    const error = await t.throwsAsync(opening, { instanceOf: AirgapError });
    t.is(error?.code, 'FAR_SILENT', error?.message);
    t.deepEqual(error?.facts, { host: 'box', command: 'start', seconds: 1 });
    const ours = (): boolean =>
      execFileSync('ps', ['-o', 'args=', '--ppid', String(process.pid)], { encoding: 'utf8' }).includes(
        sshd.configFile,
      );
    while (ours()) await sleep(20);
    const controller = new AbortController();
    const starting = host.exec(['true'], { signal: controller.signal });
    controller.abort(new Error('stopped'));
    await isStopped(t, starting);
    await host.close();
  } finally {
    await sshd.stop();
  }
});

test('ssh2: a command that the other side neither starts nor refuses can be stopped', (t) =>
  withServer(
    (connection) => connection.on('session', (accept) => accept().on('exec', () => undefined)),
    async (port) => {
      const host = await openHost(`127.0.0.1:${port}`, trusting, { ask, env });
      const controller = new AbortController();
      const starting = host.exec(['true'], { signal: controller.signal });
      controller.abort(new Error('stopped'));
      await isStopped(t, starting);
      await host.close();
    },
  ));

for (const how of ['is given up on', 'can be stopped'] as const) {
  test(`ssh2: a jump host that neither reaches the next one nor says so ${how}`, (t) => {
    const controller = new AbortController();
    return withServer(
      (connection) =>
        connection.on('tcpip', () => {
          if (how === 'can be stopped') controller.abort(new Error('stopped'));
        }),
      async (port) => {
        const sshOptions = [...(trusting.sshOptions ?? []), 'ConnectTimeout=2'];
        const connect = { ...trusting, sshOptions, jump: `127.0.0.1:${port}` };
        const opening = openHost('192.0.2.1', connect, { ask, env, signal: controller.signal });
        if (how === 'can be stopped') await isStopped(t, opening);
        else t.like(await t.throwsAsync(opening), { code: 'HOST_TIMEOUT', facts: { seconds: 2 } });
      },
    );
  });
}

for (const how of ['is done without', 'does not keep an abort from being heard'] as const) {
  test(`ssh2: an agent that never answers ${how}`, (t) =>
    withTempDir(async (folder) => {
      const controller = new AbortController();
      const socket = path.join(folder, 'agent');
      const askers = new Set<Socket>();
      const agent = createServer((asking) => {
        askers.add(asking);
        asking.on('error', () => undefined);
        if (how !== 'is done without') controller.abort(new Error('stopped'));
      });
      await new Promise<void>((resolve) => agent.listen(socket, resolve));
      await withServer(
        () => undefined,
        async (port) => {
          const context = { ask, env: { ...env, SSH_AUTH_SOCK: socket }, signal: controller.signal };
          const opening = openHost(`127.0.0.1:${port}`, trusting, context);
          if (how === 'is done without') await (await opening).close();
          else await isStopped(t, opening);
        },
      );
      for (const asking of askers) asking.destroy();
      agent.close();
      t.true(askers.size > 0);
    }));
}
