// The first words with a registry: which of TLS and plain HTTP it speaks, and how it wants to know who asks. Without a registry.
import { Readable } from 'node:stream';
import test from 'ava';
import { AirgapError } from '../../src/errors.js';
import type { Credentials } from '../../src/registry/credentials.js';
import type { RegistryNotice } from '../../src/registry/notices.js';
import { createRegistry, greetRegistry } from '../../src/registry/registry.js';
import type { Answer, Exchange } from '../../src/registry/transport.js';

interface Scene {
  readonly isInsecure?: boolean;
  readonly credentials?: Credentials;
  answer(exchange: Exchange): Pick<Answer, 'status'> & Partial<Answer>;
}

/** @returns what became of a greeting, with all that was asked and told for it */
async function greet({ isInsecure = false, credentials, answer }: Scene) {
  const asked: string[] = [];
  const notices: RegistryNotice[] = [];
  const registry = createRegistry({
    host: 'registry.test',
    isInsecure,
    transport: {
      exchange: async (exchange) => {
        asked.push(exchange.url.protocol);
        return { url: exchange.url, headers: {}, body: Readable.from([]), ...answer(exchange) };
      },
      secrets: [],
      close: () => undefined,
    },
    credentials: async () => credentials,
    isInsecureHost: async () => isInsecure,
    notify: (notice) => void notices.push(notice),
  });
  const error = await greetRegistry(registry).catch((caught: unknown) => caught);
  return { error, asked, notices, registry };
}

const withCode = (code: string): Error => Object.assign(new Error(code), { code });

test('impatient-first-word: a cut while an insecure registry is asked what it speaks is tried again, for both at once', async (t) => {
  let rounds = 0;
  const { error, asked, notices, registry } = await greet({
    isInsecure: true,
    answer({ url }) {
      if (url.protocol === 'https:') rounds += 1;
      if (rounds === 1) throw withCode('ECONNRESET');
      if (url.protocol === 'https:')
        throw Object.assign(withCode('EPROTO'), { message: 'wrong version number' });
      return { status: 200 };
    },
  });
  t.is(error, undefined);
  t.is(await registry.origin(), 'http://registry.test');
  // Two rounds of both, and the greeting itself.
  t.deepEqual(asked, ['https:', 'http:', 'https:', 'http:', 'http:']);
  t.is(notices.length, 1);
});

test('impatient-first-word: a refusal is told at once, and a busy registry is waited for by the request alone', async (t) => {
  const refused = await greet({
    isInsecure: true,
    answer() {
      throw withCode('ECONNREFUSED');
    },
  });
  t.like(refused.error, { code: 'REGISTRY_UNREACHABLE' });
  t.is(refused.asked.length, 2);
  let answers = 0;
  const busy = await greet({
    isInsecure: true,
    answer: ({ url }) => {
      if (url.protocol === 'http:') throw withCode('ECONNRESET');
      answers += 1;
      return { status: answers <= 2 ? 503 : 200 };
    },
  });
  t.is(busy.error, undefined);
  t.deepEqual(busy.asked, ['https:', 'http:', 'https:', 'https:']);
  t.is(busy.notices.length, 1);
});

test('unasked-login: who is refused is told whether the registry has said how to log in', async (t) => {
  const login: Credentials = { kind: 'password', user: 'me', password: 'secret-4711' };
  const refusal = async (challenge: string | undefined, credentials?: Credentials) => {
    const headers = challenge === undefined ? {} : { 'www-authenticate': challenge };
    const { error } = await greet({
      ...(credentials === undefined ? {} : { credentials }),
      answer: () => ({ status: 401, headers }),
    });
    t.true(error instanceof AirgapError);
    return error as AirgapError;
  };
  const silent = await refusal(undefined, login);
  t.like(silent, { code: 'REGISTRY_DENIED', facts: { problem: 'unasked' } });
  t.regex(silent.message, /does not say how to log in/);
  const foreign = await refusal('Negotiate, NTLM', login);
  t.like(foreign.facts, { problem: 'scheme', schemes: ['negotiate', 'ntlm'] });
  t.regex(foreign.message, /a way of logging in that airgap does not know, negotiate, ntlm/);
  // Without a login one is asked for, unless none would do.
  t.like((await refusal(undefined)).facts, { problem: 'no-login' });
  t.like((await refusal('Negotiate')).facts, { problem: 'scheme' });
  t.like((await refusal('Basic realm="x"', login)).facts, { problem: 'wrong-login' });
});
