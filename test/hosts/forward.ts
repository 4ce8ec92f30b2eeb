// Connections from a host to another machine, by both SSH clients: what is told of one that was not made, and what of one that ends.
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Host } from '../../src/hosts/host.js';
import { openOpenSshHost } from '../../src/hosts/openssh.js';
import { resolveTarget } from '../../src/hosts/resolve-target.js';
import { openSsh2Host } from '../../src/hosts/ssh2.js';
import { needing } from '../helpers/needs.js';
import { freePort, startTestSshd, type TestSshd } from '../helpers/sshd.js';

const test = needing('sshd', 'root');

/** A host of each client, over an sshd with these lines. */
async function withHosts(
  lines: readonly string[],
  use: (host: Host, client: string, sshd: TestSshd) => Promise<void>,
): Promise<void> {
  const sshd = await startTestSshd({ lines });
  try {
    const connect = { configFile: sshd.configFile };
    const target = await resolveTarget('box', connect, sshd.env);
    for (const client of ['ssh2', 'openssh']) {
      const host =
        client === 'ssh2'
          ? await openSsh2Host({ target, ask: () => Promise.reject(new Error('asked')) })
          : await openOpenSshHost({ target, connect, env: sshd.env, canAsk: false });
      try {
        await use(host, client, sshd);
      } finally {
        await host.close();
      }
    }
  } finally {
    await sshd.stop();
  }
}

async function forward(host: Host, hostName: string, port: number): Promise<Duplex> {
  const made = await host.forward?.({ hostName, port });
  if (made === undefined) throw new Error('it forwards nothing');
  return made;
}

/** A server that does with each connection what it is told. */
async function withServer(
  serve: (socket: Socket) => void,
  use: (port: number) => Promise<void>,
): Promise<void> {
  const server = createServer({ allowHalfOpen: true }, serve);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  try {
    await use(typeof address === 'object' ? (address?.port ?? 0) : 0);
  } finally {
    server.close();
  }
}

test('refused-as-cut: a connection that could not be made says so, be it read or written', async (t) => {
  const port = await freePort();
  for (const [lines, hostName, want] of [
    [[], '127.0.0.1', { code: 'ERR_FORWARD_FAILED', host: 'box', message: 'Connection refused' }],
    [[], 'no-such-name.invalid', { code: 'ERR_FORWARD_FAILED', host: 'box' }],
    [['AllowTcpForwarding no'], '127.0.0.1', { code: 'ERR_FORWARD_REFUSED' }],
  ] as const)
    await withHosts(lines, async (host, client) => {
      for (const isWritten of [false, true]) {
        const error = await t.throwsAsync(async () => {
          const made = await forward(host, hostName, port);
          if (isWritten) made.write('GET / HTTP/1.1\r\n\r\n');
          await buffer(made);
        });
        t.like(error, want, `${client} ${hostName} ${isWritten}`);
      }
    });
});

test('refused-as-cut: the end of one that was made comes when the other side says all, or nothing', async (t) => {
  for (const answer of ['', 'all of it'])
    await withServer(
      (socket) => void socket.resume().end(answer),
      (port) =>
        withHosts([], async (host, client) => {
          const made = await forward(host, '127.0.0.1', port);
          made.write('GET / HTTP/1.1\r\n\r\n');
          t.is(String(await buffer(made)), answer, client);
        }),
    );
});

test('refused-as-cut: a host that is lost meanwhile is told as that, not as one that reaches nothing', async (t) => {
  await withServer(
    (socket) => void socket.on('error', () => undefined).resume(),
    (port) =>
      withHosts([], async (host, client, sshd) => {
        const made = await forward(host, '127.0.0.1', port);
        made.write('GET / HTTP/1.1\r\n\r\n');
        sshd.killSessions();
        // It ends, with or without an error.
        await buffer(made).catch(() => undefined);
        await t.throwsAsync(
          async () => buffer(await forward(host, '127.0.0.1', port)),
          { code: 'SSH_LOST' },
          client,
        );
      }),
  );
});
