// Who answers, and who gets to see the login: TLS with a private authority, redirects, tokens that die.
import { copyFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import { AirgapError } from '../../src/errors.js';
import { parseReference } from '../../src/oci/reference.js';
import type { FoundManifest } from '../../src/registry/repository.js';
import { testImages } from '../helpers/images.js';
import { needing } from '../helpers/needs.js';
import { authOf, type RegistrySite, withSite } from '../helpers/registry-site.js';
import { type ConnectProxy, openConnectProxy } from '../rig/connect-proxy.js';
import { type RegistryRig, siteLogin, writeHtpasswd } from '../rig/registry.js';
import { type Authority, makeAuthority } from '../rig/registry-certificates.js';
import { openTokenServer, type TokenServer } from '../rig/token-server.js';

const test = needing('registry');

const resolve = async (site: RegistrySite, name: string, env: NodeJS.ProcessEnv = {}) => {
  const source = await site.client(env).source(parseReference(name));
  return await source.first<FoundManifest>((repository) => repository.resolve('1'));
};

async function fails(t: ExecutionContext, promise: Promise<unknown>, code: string): Promise<object> {
  const error = await t.throwsAsync(promise, { instanceOf: AirgapError });
  t.is(error?.code, code, error?.message);
  return error?.facts ?? {};
}

interface Private {
  readonly site: RegistrySite;
  readonly authority: Authority;
  /** Gives names of the outside world to servers of this test; loopback itself counts as insecure. */
  named(routes: Readonly<Record<string, string>>): Promise<NodeJS.ProcessEnv>;
}

async function withPrivate(use: (scene: Private) => Promise<void>): Promise<void> {
  await withSite(async (site) => {
    const proxies: ConnectProxy[] = [];
    try {
      await site.push.image('team/app', '1', testImages('trust')[0]);
      const authority = await makeAuthority(site.folder);
      const named: Private['named'] = async (routes) => {
        const proxy = await openConnectProxy(routes);
        proxies.push(proxy);
        return { HTTPS_PROXY: proxy.url };
      };
      await use({ site, authority, named });
    } finally {
      for (const proxy of proxies) await proxy.close();
    }
  });
}

test('a private authority is trusted where docker and podman keep it, or by SSL_CERT_FILE, and nowhere else', async (t) => {
  await withPrivate(async ({ site, authority, named }) => {
    const tls = await authority.issue('site', { for: 'registry.test' });
    const { host } = await site.registry({ tls });
    const env = await named({ 'registry.test:5000': host });
    const name = 'registry.test:5000/team/app:1';
    t.like(await fails(t, resolve(site, name, env), 'REGISTRY_TLS'), {
      registry: 'registry.test:5000',
      problem: 'untrusted',
    });
    t.truthy(await resolve(site, name, { ...env, SSL_CERT_FILE: authority.certificate }));
    for (const engine of ['docker', 'containers']) {
      const config = path.join(site.folder, engine);
      const folder = path.join(config, engine, 'certs.d', 'registry.test:5000');
      await mkdir(folder, { recursive: true });
      await copyFile(authority.certificate, path.join(folder, 'ca.crt'));
      t.truthy(await resolve(site, name, { ...env, XDG_CONFIG_HOME: config }), engine);
    }
  });
});

test('a client certificate of certs.d is shown to a registry that asks for one', async (t) => {
  await withPrivate(async ({ site, authority, named }) => {
    const tls = await authority.issue('site', { for: 'registry.test' });
    const proxy = await site.proxy({
      to: site.open.origin,
      tls: { ...tls, clientAuthority: authority.certificate },
    });
    const env = await named({ 'registry.test:443': proxy.host });
    const name = 'registry.test/team/app:1';
    const folder = path.join(site.folder, 'home/.config/docker/certs.d/registry.test');
    await mkdir(folder, { recursive: true });
    await copyFile(authority.certificate, path.join(folder, 'ca.crt'));
    t.like(await fails(t, resolve(site, name, env), 'REGISTRY_TLS'), { problem: 'client-certificate' });
    const client = await authority.issue('client');
    await copyFile(client.certificate, path.join(folder, 'client.cert'));
    t.regex(
      String(((await fails(t, resolve(site, name, env), 'REGISTRY_CONFIG')) as { path: string }).path),
      /client\.key$/,
    );
    await copyFile(client.key, path.join(folder, 'client.key'));
    t.truthy(await resolve(site, name, env));
  });
});

test('a certificate that has expired or is for another name, plain HTTP and no answer at all have each their own reason', async (t) => {
  await withPrivate(async ({ site, authority, named }) => {
    const expired = await site.registry({
      tls: await authority.issue('old', { for: 'old.test', isExpired: true }),
    });
    const other = await site.registry({ tls: await authority.issue('other', { for: 'elsewhere.test' }) });
    const env = {
      ...(await named({
        'old.test:443': expired.host,
        'registry.test:443': other.host,
        'plain.test:443': site.open.host,
      })),
      SSL_CERT_FILE: authority.certificate,
    };
    const problem = async (host: string, code: string): Promise<object> =>
      await fails(t, resolve(site, `${host}/team/app:1`, env), code);
    t.like(await problem('old.test', 'REGISTRY_TLS'), { problem: 'dates' });
    t.like(await problem('registry.test', 'REGISTRY_TLS'), { problem: 'host-name' });
    t.like(await problem('plain.test', 'REGISTRY_TLS'), { problem: 'plain-http' });
    t.like(await problem('unknown.test', 'REGISTRY_UNREACHABLE'), { problem: 'proxy' });
    t.like(await fails(t, resolve(site, 'registry.invalid/team/app:1'), 'REGISTRY_UNREACHABLE'), {
      problem: 'name',
    });
    t.like(await fails(t, resolve(site, '127.0.0.1:1/team/app:1'), 'REGISTRY_UNREACHABLE'), {
      problem: 'refused',
    });
  });
});

test('an insecure registry is read over whatever it speaks, and that is told', async (t) => {
  await withPrivate(async ({ site, authority, named }) => {
    const tls = await site.registry({ tls: await authority.issue('site', { for: 'elsewhere.test' }) });
    const env = await named({ 'registry.test:443': tls.host });
    await site.write('.config/docker/daemon.json', {
      'insecure-registries': ['registry.test', '192.0.2.0/24'],
    });
    t.truthy(await resolve(site, 'registry.test/team/app:1', env));
    t.deepEqual(site.notices, [{ kind: 'insecure', endpoint: 'registry.test' }]);
    // Loopback is so by itself, with TLS and without.
    t.truthy(await resolve(site, `${tls.host}/team/app:1`));
    t.truthy(await resolve(site, `${site.open.host}/team/app:1`));
    t.is(site.notices.length, 1);
  });
});

test('no proxy stands before a registry on loopback', async (t) => {
  await withPrivate(async ({ site }) => {
    const env = { HTTPS_PROXY: 'http://127.0.0.1:1', HTTP_PROXY: 'http://127.0.0.1:1' };
    t.truthy(await resolve(site, `${site.open.host}/team/app:1`, env));
    const facts = await fails(t, resolve(site, 'registry.test/team/app:1', env), 'REGISTRY_UNREACHABLE');
    // blamed-registry: it is the proxy that is not there.
    t.like(facts, { registry: 'registry.test', problem: 'no-proxy' });
  });
});

test('NO_PROXY names registries that the proxy does not stand before', async (t) => {
  await withPrivate(async ({ site, authority }) => {
    const tls = await authority.issue('site', { for: 'registry.test' });
    const { host } = await site.registry({ tls });
    const proxy = await openConnectProxy({ 'registry.test:443': host });
    try {
      const env = { HTTPS_PROXY: proxy.url, SSL_CERT_FILE: authority.certificate };
      const name = 'registry.test/team/app:1';
      t.truthy(await resolve(site, name, { ...env, NO_PROXY: 'other.test' }));
      t.deepEqual([...new Set(proxy.asked)], ['registry.test:443']);
      const asked = proxy.asked.length;
      // Nobody else knows the way to that name. A name stands for all below it, as it does for docker and podman.
      for (const said of ['other.test,.test', 'test'])
        await fails(t, resolve(site, name, { ...env, NO_PROXY: said }), 'REGISTRY_UNREACHABLE');
      t.is(proxy.asked.length, asked);
    } finally {
      await proxy.close();
    }
  });
});

test('an insecure registry that wants a certificate is not asked without TLS', async (t) => {
  await withPrivate(async ({ site, authority }) => {
    const tls = { ...(await authority.issue('site')), clientAuthority: authority.certificate };
    const proxy = await site.proxy({ to: site.open.origin, tls });
    t.like(await fails(t, resolve(site, `${proxy.host}/team/app:1`), 'REGISTRY_TLS'), {
      problem: 'client-certificate',
    });
  });
});

interface Guarded extends Private {
  readonly tokens: TokenServer;
  readonly locked: RegistryRig;
}

async function withTokens(use: (scene: Guarded) => Promise<void>): Promise<void> {
  await withPrivate(async (scene) => {
    const { site, authority } = scene;
    const tokens = await openTokenServer(await authority.issue('tokens'));
    try {
      const { realm, service, issuer } = tokens;
      const locked = await site.registry({
        token: { realm, service, issuer, certificate: authority.certificate },
      });
      await use({ ...scene, tokens, locked });
    } finally {
      await tokens.close();
    }
  });
}

test('the authority of a registry counts for its token server, too, and for nobody else', async (t) => {
  await withTokens(async ({ site, authority, named, tokens, locked }) => {
    const front = await site.proxy({
      to: locked.origin,
      tls: await authority.issue('site', { for: 'registry.test' }),
    });
    const server = await site.proxy({
      to: new URL(tokens.realm).origin,
      tls: await authority.issue('tls-tokens', { for: 'tokens.test' }),
    });
    const challenge = `Bearer realm="https://tokens.test/token",service="${tokens.service}"`;
    front.play(({ headers }) =>
      headers.authorization === undefined
        ? { status: 401, headers: { 'www-authenticate': challenge } }
        : undefined,
    );
    const env = await named({ 'registry.test:443': front.host, 'tokens.test:443': server.host });
    const folder = path.join(site.folder, 'home/.config/docker/certs.d/registry.test');
    await mkdir(folder, { recursive: true });
    await copyFile(authority.certificate, path.join(folder, 'ca.crt'));
    await site.write('.docker/config.json', { auths: { 'registry.test': { auth: authOf(siteLogin) } } });
    t.truthy(await resolve(site, 'registry.test/team/app:1', env));
    t.is(tokens.made.length, 1);
    t.like(await fails(t, resolve(site, 'tokens.test/team/app:1', env), 'REGISTRY_TLS'), {
      problem: 'untrusted',
    });
  });
});

test('a token that dies on the way is fetched again, once', async (t) => {
  await withTokens(async ({ site, tokens, locked }) => {
    const proxy = await site.proxy({ to: locked.origin });
    await site.write('.docker/config.json', { auths: { [proxy.host]: { auth: authOf(siteLogin) } } });
    const source = await site.client().source(parseReference(`${proxy.host}/team/app:1`));
    t.truthy(await source.first((repository) => repository.resolve('1')));
    t.is(tokens.made.length, 1);
    const dead = `Bearer ${tokens.made[0]}`;
    const challenge = `Bearer realm="${tokens.realm}",service="${tokens.service}",error="invalid_token"`;
    proxy.play(({ headers }) =>
      headers.authorization === dead
        ? { status: 401, headers: { 'www-authenticate': challenge } }
        : undefined,
    );
    t.truthy(await source.first((repository) => repository.resolve('1')));
    t.is(tokens.made.length, 2);

    // One that is dead when it comes is not asked for without end.
    tokens.setLife(-3600, 300);
    const other = await site.client().source(parseReference(`${proxy.host}/team/app:1`));
    t.like(
      await fails(
        t,
        other.first((repository) => repository.resolve('1')),
        'REGISTRY_DENIED',
      ),
      { problem: 'forbidden' },
    );
    t.is(tokens.made.length, 3);
  });
});

test('a refresh token that is revoked is told as an expired login, and not repeated', async (t) => {
  await withTokens(async ({ site, tokens, locked }) => {
    await site.write('.docker/config.json', {
      auths: { [locked.host]: { identitytoken: tokens.refreshToken } },
    });
    t.truthy(await resolve(site, `${locked.host}/team/app:1`));
    tokens.revoke();
    const error = await t.throwsAsync(resolve(site, `${locked.host}/team/app:1`));
    t.like(error, { code: 'REGISTRY_DENIED', facts: { problem: 'expired', detail: 'bad ***' } });
    t.false(JSON.stringify(error).includes(tokens.refreshToken));
  });
});

test('a token server that wants the password without TLS does not get it', async (t) => {
  await withPrivate(async ({ site, authority, named }) => {
    const tls = await authority.issue('site', { for: 'registry.test' });
    const proxy = await site.proxy({ to: site.open.origin, tls });
    const env = {
      ...(await named({ 'registry.test:443': proxy.host })),
      SSL_CERT_FILE: authority.certificate,
    };
    await site.write('.docker/config.json', { auths: { 'registry.test': { auth: authOf(siteLogin) } } });
    const challenge = 'Bearer realm="http://tokens.test/token",service="x"';
    proxy.play(() => ({ status: 401, headers: { 'www-authenticate': challenge } }));
    const facts = await fails(t, resolve(site, 'registry.test/team/app:1', env), 'REGISTRY_REDIRECT');
    t.like(facts, { problem: 'realm', to: 'http://tokens.test' });
    t.true(proxy.asked.every(({ headers }) => headers.authorization === undefined));
  });
});

test('a login does not follow a redirect to another host, and what that host asks for is not told', async (t) => {
  await withPrivate(async ({ site }) => {
    const locked = await site.registry({ htpasswd: await writeHtpasswd(`${site.folder}/htpasswd`) });
    const elsewhere = await site.proxy({ to: site.open.origin });
    const proxy = await site.proxy({ to: locked.origin });
    await site.write('.docker/config.json', {
      auths: { [proxy.host]: { auth: authOf(siteLogin) }, [elsewhere.host]: { auth: authOf(siteLogin) } },
    });
    const isBlob = ({ url }: { readonly url: string }): boolean => url.includes('/blobs/');
    proxy.play((asked) =>
      isBlob(asked)
        ? { status: 307, headers: { location: `${elsewhere.origin}${asked.url}?key=1` } }
        : undefined,
    );
    const source = await site.client().source(parseReference(`${proxy.host}/team/app:1`));
    const found = await source.first((repository) => repository.resolve('1'));
    const { config } = JSON.parse(found!.raw.toString()) as { config: { digest: never; size: number } };
    t.truthy(await source.first((repository) => repository.blob(config)));
    t.true(proxy.asked.some((asked) => isBlob(asked) && asked.headers.authorization !== undefined));
    t.true(elsewhere.asked.some(isBlob));

    elsewhere.play(() => ({ status: 401, headers: { 'www-authenticate': 'Basic realm="give it to me"' } }));
    const denied = source.first((repository) => repository.blob(config));
    const at = { kind: 'elsewhere', place: elsewhere.origin };
    t.like(await fails(t, denied, 'REGISTRY_ANSWER'), { at, detail: 'HTTP 401' });
    t.true(elsewhere.asked.every(({ headers }) => headers.authorization === undefined));
  });
});

test('a redirect from TLS to plain HTTP, to nowhere, or in a circle is refused', async (t) => {
  await withPrivate(async ({ site, authority, named }) => {
    const tls = await authority.issue('site', { for: 'registry.test' });
    const proxy = await site.proxy({ to: site.open.origin, tls });
    const env = {
      ...(await named({ 'registry.test:443': proxy.host })),
      SSL_CERT_FILE: authority.certificate,
    };
    const to = async (location: string): Promise<object> => {
      proxy.play(() => ({ status: 302, headers: { location } }));
      return await fails(t, resolve(site, 'registry.test/team/app:1', env), 'REGISTRY_REDIRECT');
    };
    t.like(await to(`${site.open.origin}/v2/team/app/manifests/1?secret=1`), {
      problem: 'scheme',
      to: site.open.origin,
    });
    t.like(await to('file:///etc/passwd'), { problem: 'address' });
    t.like(await to('/v2/team/app/manifests/1'), { problem: 'too-many' });
  });
});
