// What registries say in headers, read without a registry; and a server that says nothing.
import { createServer } from 'node:net';
import test from 'ava';
import { parseChallenges } from '../../src/registry/challenge.js';
import { plainKey } from '../../src/registry/credentials.js';
import { connectionError } from '../../src/registry/errors.js';
import { firstPauseMs, longestPauseMs } from '../../src/registry/limits.js';
import { parseRegistry } from '../../src/registry/login.js';
import { readPlaces } from '../../src/registry/places.js';
import { isCut, parseRetryAfter, pauseBefore } from '../../src/registry/retry.js';
import { createTransport } from '../../src/registry/transport.js';
import { createTrust } from '../../src/registry/trust.js';

const told = (header: string): object[] =>
  parseChallenges(header).map(({ scheme, parameters }) => ({ scheme, ...Object.fromEntries(parameters) }));

test('challenges are read as RFC 9110 writes them, several in one header too', (t) => {
  t.deepEqual(
    told(
      'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push"',
    ),
    [
      {
        scheme: 'bearer',
        realm: 'https://auth.docker.io/token',
        service: 'registry.docker.io',
        scope: 'repository:a/b:pull,push',
      },
    ],
  );
  t.deepEqual(told('Negotiate, Basic realm="the \\"site\\"", charset=UTF-8,BEARER Realm = x'), [
    { scheme: 'negotiate' },
    { scheme: 'basic', realm: 'the "site"', charset: 'UTF-8' },
    { scheme: 'bearer', realm: 'x' },
  ]);
});

test('headers that are no challenges give none, however long they are', (t) => {
  for (const header of ['', ',,,', '"', '\u0000', '=,='.repeat(5000)]) t.deepEqual(told(header), []);
  t.true(told(`Basic ${'a="b",'.repeat(100_000)}`).length === 1);
  t.deepEqual(parseChallenges(undefined), []);
});

test('Retry-After is seconds or a date, and nothing else', (t) => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  t.is(parseRetryAfter('120', now), 120_000);
  t.is(parseRetryAfter('Thu, 01 Jan 2026 00:01:00 GMT', now), 60_000);
  t.is(parseRetryAfter('Wed, 31 Dec 2025 00:00:00 GMT', now), 0);
  for (const header of [undefined, '', '-5', 'soon', '1e9', '9'.repeat(12)])
    t.is(parseRetryAfter(header, now), undefined);
});

test('pauses double up to a limit, and chance is half of them', (t) => {
  t.is(pauseBefore(1, 0), firstPauseMs / 2);
  t.is(pauseBefore(1, 1), firstPauseMs);
  t.is(pauseBefore(3, 1), 4 * firstPauseMs);
  t.is(pauseBefore(50, 1), longestPauseMs);
});

test('names of registries are those of image names, docker.io under any of its own', (t) => {
  for (const name of ['docker.io', 'index.docker.io', 'https://index.docker.io/v1/', 'registry-1.docker.io'])
    t.is(parseRegistry(name), 'docker.io');
  for (const name of ['registry.lan:5000', 'http://registry.lan:5000/', 'https://registry.lan:5000/v2/'])
    t.is(parseRegistry(name), 'registry.lan:5000');
  t.is(parseRegistry('localhost'), 'localhost');
  for (const name of ['', 'registry', 'team/app', 'a.b/c', '-x.y', 'user@host.lan', 'x y.lan'])
    t.throws(() => parseRegistry(name), { code: 'REFERENCE_INVALID' }, name);
});

test('keys of logins are hosts, and parts of one, in whatever spelling', (t) => {
  t.is(plainKey('https://index.docker.io/v1/'), 'docker.io');
  t.is(plainKey('https://registry.lan:5000/v2/'), 'registry.lan:5000');
  t.is(plainKey('quay.io/team'), 'quay.io/team');
});

test('a server that takes the connection and says nothing counts as cut, and is told so', async (t) => {
  const server = createServer((socket) => socket.on('error', () => undefined));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const env = { HOME: '/nonexistent' };
  const transport = createTransport({ env, trust: createTrust(readPlaces(env)), silenceMs: 100 });
  const url = new URL(`http://127.0.0.1:${port}/v2/`);
  const exchange = { method: 'GET', url, headers: {}, isInsecure: true, registry: url.host };
  const error = await t.throwsAsync(transport.exchange(exchange));
  t.true(isCut(error));
  t.like(connectionError(error, url.host, 'GET /v2/'), {
    code: 'REGISTRY_FAILED',
    facts: { detail: 'no byte came for a minute' },
  });
  const stop = new AbortController();
  const waiting = transport.exchange({ ...exchange, signal: stop.signal });
  const reason = new Error('enough');
  stop.abort(reason);
  t.is(await t.throwsAsync(waiting), reason);
  transport.close();
  server.close();
});
