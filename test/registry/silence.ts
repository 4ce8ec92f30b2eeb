// Registries that fall silent: over a socket of this machine, over a stream that somebody else has opened, before TLS and within a body.
import { once } from 'node:events';
import { connect as connectTo, createServer, type Server, type Socket } from 'node:net';
import { Duplex, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { createSecureContext } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { connectionError } from '../../src/registry/errors.js';
import { isCut } from '../../src/registry/retry.js';
import { type Connect, createTransport, SilenceError } from '../../src/registry/transport.js';

const env = { HOME: '/nonexistent' };
const trust = async () => ({ secureContext: createSecureContext() });

/** As a channel of SSH is: no socket, and none of what only sockets have. */
const tunnel: Connect = async ({ hostName, port }) => {
  const socket = connectTo(port, hostName);
  await once(socket, 'connect');
  return Duplex.from({ readable: socket, writable: socket });
};
const ways: readonly (readonly [string, Connect | undefined])[] = [
  ['directly', undefined],
  ['through a tunnel', tunnel],
];

/** A server that does with each connection what it is told. */
async function withServer(
  serve: (socket: Socket) => void,
  use: (host: string) => Promise<void>,
): Promise<void> {
  const open = new Set<Socket>();
  const server: Server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  try {
    await use(`127.0.0.1:${typeof address === 'object' ? address?.port : undefined}`);
  } finally {
    for (const socket of open) socket.destroy();
    server.close();
  }
}

interface Asking {
  readonly host: string;
  readonly scheme?: 'http' | 'https';
  readonly connect: Connect | undefined;
  readonly body?: Readable | Buffer;
  readonly silenceMs?: number;
  readonly workMs?: number;
}

/** The whole body of what is answered. */
async function ask({ host, scheme = 'http', connect, body, ...limits }: Asking): Promise<Buffer> {
  const transport = createTransport({ env, trust, connect, silenceMs: 100, ...limits });
  try {
    const url = new URL(`${scheme}://${host}/v2/`);
    const method = body === undefined ? 'GET' : 'PUT';
    const exchange = { method, url, headers: {}, body, isInsecure: true, registry: host };
    return await buffer((await transport.exchange(exchange)).body);
  } finally {
    transport.close();
  }
}

async function assertSilence(t: ExecutionContext, asking: Promise<Buffer>, way: string): Promise<void> {
  const error = await t.throwsAsync(asking, { instanceOf: SilenceError }, way);
  t.true(isCut(error), way);
  t.like(connectionError(error, 'registry.test', 'GET /v2/'), { code: 'REGISTRY_FAILED' }, way);
}

test('deaf-tunnel: a registry that takes a request and says nothing counts as cut, whatever the connection is', async (t) => {
  for (const [way, connect] of ways)
    for (const scheme of ['http', 'https'] as const)
      await withServer(
        // It reads what comes, of a TLS handshake, too.
        (socket) => void socket.resume(),
        async (host) => assertSilence(t, ask({ host, scheme, connect }), `${scheme} ${way}`),
      );
});

test('deaf-tunnel: one that stops within its answer counts as cut', async (t) => {
  for (const [way, connect] of ways)
    await withServer(
      (socket) =>
        void socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf')),
      async (host) => assertSilence(t, ask({ host, connect }), way),
    );
});

test('deaf-tunnel: one that takes no more of an upload counts as cut', async (t) => {
  for (const [way, connect] of ways)
    await withServer(
      (socket) => void socket.pause(),
      async (host) => {
        async function* endless(): AsyncGenerator<Buffer> {
          for (;;) yield Buffer.alloc(64 * 1024);
        }
        const body = Readable.from(endless(), { objectMode: false });
        await assertSilence(t, ask({ host, connect, body }), way);
      },
    );
});

test('deaf-tunnel: a host on the way that never says whether it has a connection is waited for no longer than a network', async (t) => {
  let isLateGone = false;
  const late = Promise.withResolvers<Duplex>();
  const transport = createTransport({ env, trust, connect: () => late.promise, connectMs: 20 });
  const exchange = { method: 'GET', url: new URL('http://registry.test/v2/'), headers: {} };
  const error = await t.throwsAsync(
    transport.exchange({ ...exchange, isInsecure: true, registry: 'registry.test' }),
  );
  t.like(connectionError(error, 'registry.test', 'GET /v2/'), {
    code: 'REGISTRY_UNREACHABLE',
    facts: { problem: 'timeout' },
  });
  const stream = new Duplex({ read: () => undefined, destroy: (_error, done) => done(null) });
  stream.on('close', () => {
    isLateGone = true;
  });
  late.resolve(stream);
  while (!isLateGone) await turn();
  t.pass();
  transport.close();
});

test('deaf-tunnel: who reads slowly is not taken for a registry that says nothing, and no byte is lost on the way', async (t) => {
  const sent = Buffer.alloc(1024 * 1024, 'x');
  for (const [way, connect] of ways)
    await withServer(
      (socket) =>
        void socket.once('data', () => {
          socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${sent.byteLength}\r\n\r\n`);
          socket.write(sent);
        }),
      async (host) => {
        const silenceMs = 60;
        const transport = createTransport({ env, trust, connect, silenceMs });
        const url = new URL(`http://${host}/`);
        const exchange = { method: 'GET', url, headers: {}, isInsecure: true, registry: host };
        const { body } = await transport.exchange(exchange);
        await new Promise((resolve) => setTimeout(resolve, silenceMs * 5));
        t.true((await buffer(body)).equals(sent), way);
        transport.close();
      },
    );
});

/** Reads one request with its body to the end, and answers when it is told to. */
function answersOnce(socket: Socket, bodyBytes: number, until: Promise<void>): void {
  let got = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    got = Buffer.concat([got, chunk]);
    const end = got.indexOf('\r\n\r\n');
    if (end === -1 || got.byteLength < end + 4 + bodyBytes) return;
    void until.then(() => socket.write('HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\nok'));
  });
}

test('slow-commit: a registry that works on what it got is waited for longer than one that takes no bytes', async (t) => {
  for (const [way, connect] of ways) {
    const worked = Promise.withResolvers<void>();
    await withServer(
      (socket) => answersOnce(socket, 4, worked.promise),
      async (host) => {
        const silenceMs = 60;
        const asking = ask({ host, connect, body: Buffer.from('blob'), silenceMs, workMs: 60_000 });
        await Promise.race([asking, new Promise((resolve) => setTimeout(resolve, silenceMs * 5))]);
        worked.resolve();
        t.is(String(await asking), 'ok', way);
      },
    );
  }
});

test('slow-commit: one that never comes to an end with it counts as cut all the same', async (t) => {
  for (const [way, connect] of ways)
    await withServer(
      (socket) => void socket.resume(),
      async (host) => {
        const body = Buffer.from('blob');
        await assertSilence(t, ask({ host, connect, body, silenceMs: 40, workMs: 120 }), way);
      },
    );
});
