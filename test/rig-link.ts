// The rig's bad cable: whatever it does to time, it changes no byte and no order, and what it says it counted is what passed.
import { randomBytes } from 'node:crypto';
import { createConnection, createServer, type Socket } from 'node:net';
import test from 'ava';
import { type Link, type LinkOptions, openLink } from './rig/link.js';

type Lines = Omit<LinkOptions, 'to'>;

const echoes = test.macro({
  title: (kind) => `bytes come back whole and in order over a ${kind ?? ''} link`,
  exec: async (t, lines: Lines, size: number) => {
    await withEcho(lines, async (link) => {
      const sent = randomBytes(size);
      t.true((await exchange(link.port, sent)).equals(sent));
      t.is(link.upBytes, size);
      t.is(link.downBytes, size);
      t.is(link.connectionCount, 1);
    });
  },
});

test('plain', echoes, {}, 9_000_001);
test('delayed', echoes, { rttMs: 30 }, 9_000_001);
test('limited', echoes, { bytesPerSecond: 4_000_000 }, 1_500_001);
test('delayed and limited', echoes, { rttMs: 30, bytesPerSecond: 4_000_000 }, 1_500_001);
test('delayed, with more in flight than a lane holds,', echoes, { rttMs: 600 }, 40_000_000);

test('a limited link is never faster than its limit, whatever the number of connections', async (t) => {
  await withEcho({ bytesPerSecond: 2_000_000 }, async (link) => {
    const started = performance.now();
    await Promise.all([1, 2, 3].map(() => exchange(link.port, randomBytes(200_000))));
    // a slow machine makes it longer, never shorter; a lagging timer may catch up 20 ms
    t.true(performance.now() - started >= 600_000 / 2000 - 40);
  });
});

test('a delayed link delays both ways', async (t) => {
  await withEcho({ rttMs: 200 }, async (link) => {
    const started = performance.now();
    await exchange(link.port, Buffer.from('x'));
    t.true(performance.now() - started >= 199);
  });
});

test('a cut after so many bytes resets the connection, and the next one is served', async (t) => {
  await withEcho({}, async (link) => {
    const cut = link.cutAfter({ upBytes: 1_000_000 });
    const error = await t.throwsAsync(exchange(link.port, randomBytes(20_000_000)));
    t.truthy(error);
    await cut;
    t.true(link.upBytes >= 1_000_000 && link.upBytes < 3_000_000);
    const sent = randomBytes(2_000_000);
    t.true((await exchange(link.port, sent)).equals(sent));
  });
});

test('a cut kills every connection open at that moment', async (t) => {
  await withEcho({}, async (link) => {
    const sockets = await Promise.all([open(link.port), open(link.port)]);
    const closed = Promise.all(
      sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve))),
    );
    link.cut();
    await closed;
    t.pass();
  });
});

test('a black hole swallows nothing for good: after healing all bytes arrive', async (t) => {
  await withEcho({}, async (link) => {
    link.blackhole();
    const sent = randomBytes(1_000_000);
    let done = false;
    const echoed = exchange(link.port, sent).then((bytes) => {
      done = true;
      return bytes;
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    t.false(done);
    t.is(link.downBytes, 0);
    link.heal();
    t.true((await echoed).equals(sent));
  });
});

test('a link to nobody resets its client', async (t) => {
  const link = await openLink({ to: { host: '127.0.0.1', port: 1 } });
  t.teardown(() => link.close());
  await t.throwsAsync(exchange(link.port, Buffer.from('x')));
});

test('a link that refuses turns clients away and can be told to serve again', async (t) => {
  await withEcho({}, async (link) => {
    link.refuse(true);
    await t.throwsAsync(exchange(link.port, Buffer.from('x')));
    link.refuse(false);
    t.is((await exchange(link.port, Buffer.from('x'))).toString(), 'x');
  });
});

test('a far side that ends first is passed on as an end, not as an error', async (t) => {
  const server = createServer((socket) => socket.end('bye'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  const link = await openLink({ to: { host: '127.0.0.1', port: address.port }, rttMs: 20 });
  t.teardown(async () => {
    await link.close();
    server.close();
  });
  t.is((await exchange(link.port, Buffer.alloc(0))).toString(), 'bye');
});

async function withEcho(lines: Lines, fn: (link: Link) => Promise<void>): Promise<void> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  const link = await openLink({ to: { host: '127.0.0.1', port: address.port }, ...lines });
  try {
    await fn(link);
  } finally {
    await link.close();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** Sends all, ends, and gives all that comes back. Rejects when the connection breaks. */
async function exchange(port: number, bytes: Buffer): Promise<Buffer> {
  const socket = createConnection({ host: '127.0.0.1', port, allowHalfOpen: true });
  socket.end(bytes);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function open(port: number): Promise<Socket> {
  const socket = createConnection({ host: '127.0.0.1', port });
  socket.on('error', () => {});
  // an echoed byte proves that the link's own two sockets are connected
  socket.write('x');
  await new Promise((resolve) => socket.once('data', resolve));
  return socket;
}
