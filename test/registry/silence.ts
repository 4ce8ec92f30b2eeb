// Registries that fall silent: over a socket of this machine, over a stream that somebody else has opened, before TLS and within a body.
import { EventEmitter, once } from 'node:events';
import type { ClientRequest } from 'node:http';
import { connect as connectTo, createServer, type Server, type Socket } from 'node:net';
import { Duplex, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { mock } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { createSecureContext } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { connectionError } from '../../src/registry/errors.js';
import { isCut } from '../../src/registry/retry.js';
import { limitSilence, patienceFor } from '../../src/registry/silence.js';
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
        await assertSilence(t, ask({ host, connect, body, workMs: 200 }), way);
      },
    );
});

test('deaf-tunnel: one that takes none of an upload, for want of a handshake, is not waited for as one that works on it', async (t) => {
  for (const [way, connect] of ways)
    await withServer(
      (socket) => void socket.resume(),
      async (host) => {
        const body = Buffer.from('blob');
        await assertSilence(t, ask({ host, scheme: 'https', connect, body, workMs: 2 ** 30 }), way);
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

/** Reads one request with its body to the end, and answers when it is told to; one that only asks whether it is there, at once. */
function answersOnce(socket: Socket, bodyBytes: number, until: Promise<void>): void {
  let got = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    got = Buffer.concat([got, chunk]);
    const end = got.indexOf('\r\n\r\n');
    if (end !== -1 && got.toString('latin1', 0, 4) === 'GET ')
      return void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
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

const limits = { silenceMs: 60_000, workMs: 900_000 };

test.serial(
  'cut-while-it-works: a registry that works is waited for as long as it can be reached',
  async (t) => {
    mock.timers.enable({ apis: ['setInterval'] });
    try {
      let failure: Error | undefined;
      let isThere = true;
      let asked = 0;
      const request = Object.assign(new EventEmitter(), {
        writableFinished: true,
        destroyed: false,
        destroy: (error: Error) => {
          failure = error;
          request.destroyed = true;
        },
      });
      const probing = {
        ...limits,
        isThere: async () => {
          asked += 1;
          return isThere;
        },
      };
      limitSilence(request as unknown as ClientRequest, probing, () => new SilenceError('silence'));
      request.emit('socket', { bytesRead: 0, bytesWritten: 1000, writableLength: 0 });
      const pass = async (seconds: number): Promise<void> => {
        for (let at = 0; at < seconds; at += 5) {
          mock.timers.tick(5000);
          await Promise.resolve();
          await Promise.resolve();
        }
      };
      await pass(300);
      t.is(failure, undefined);
      t.is(asked, 5);
      isThere = false;
      await pass(60);
      t.is(failure, undefined, 'one question may starve on a full link');
      await pass(65);
      t.true(failure instanceof SilenceError);
      t.is(asked, 7);
    } finally {
      mock.timers.reset();
    }
  },
);

test('thin-link: what the system may still have on its way gets the time that it needs', (t) => {
  const MiB = 1024 * 1024;
  // Nothing to wait for but the other side.
  t.is(patienceFor({ bytes: 0, withinMs: 5000 }, limits), 60_000);
  // All of it may lie here still: nothing tells how fast it leaves.
  t.is(patienceFor({ bytes: 100 * 1024, withinMs: 5000 }, limits), 160_000);
  t.is(patienceFor({ bytes: 4 * MiB, withinMs: 5000 }, limits), 900_000);
  // A quick link has shown that it is: a cut is told soon.
  t.is(patienceFor({ bytes: 8 * MiB, withinMs: 4000 }, limits), 64_000);
  t.is(patienceFor({ bytes: 5 * MiB, withinMs: 50_000 }, limits), 260_000);
  // What only reads is never waited for longer.
  t.is(patienceFor({ bytes: 8 * MiB, withinMs: 4000 }, { silenceMs: 60_000, workMs: 60_000 }), 60_000);
});

test.serial(
  'thin-link: an upload whose counters stand still for minutes is not cut while its last bytes may be under way',
  (t) => {
    mock.timers.enable({ apis: ['setInterval'] });
    try {
      let failure: Error | undefined;
      const request = Object.assign(new EventEmitter(), {
        writableFinished: false,
        destroy: (error: Error) => {
          failure = error;
        },
      });
      const socket = { bytesRead: 0, bytesWritten: 1000, writableLength: 0 };
      limitSilence(request as unknown as ClientRequest, limits, () => new SilenceError('silence'));
      request.emit('socket', socket);
      const pass = (seconds: number): void => {
        for (let at = 0; at < seconds; at += 5) mock.timers.tick(5000);
      };
      socket.bytesWritten += 300 * 1024;
      pass(300);
      t.is(failure, undefined, 'three hundred KiB at the least pace');
      socket.bytesWritten += 64 * 1024;
      pass(400);
      t.is(failure, undefined, 'what came on top counts, too');
      pass(60);
      t.true(failure instanceof SilenceError);
    } finally {
      mock.timers.reset();
    }
  },
);
