// `airgap mirror-config` tells whose failure it was where a registry answered, and what let us in here that hosts do not have.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeMirrorConfig } from '../../src/runs/mirror-config.js';
import { needing } from '../helpers/needs.js';
import { authOf, type RegistrySite, withSite } from '../helpers/registry-site.js';
import { openConnectProxy } from '../rig/connect-proxy.js';
import { siteLogin, writeHtpasswd } from '../rig/registry.js';
import { type Authority, makeAuthority } from '../rig/registry-certificates.js';
import { openTokenServer, type TokenServer } from '../rig/token-server.js';

const test = needing('registry');

interface Secure {
  readonly site: RegistrySite;
  readonly authority: Authority;
  readonly tokens: TokenServer;
  /** Trusts that authority by SSL_CERT_FILE. */
  readonly env: NodeJS.ProcessEnv;
  /** What auth.test is; nothing in the beginning. */
  at(host: string): void;
}

/** registry.test speaks TLS, and has its tokens from https://auth.test. */
async function withSecure(use: (secure: Secure) => Promise<void>): Promise<void> {
  await withSite(async (site) => {
    const authority = await makeAuthority(site.folder);
    const tokens = await openTokenServer(await authority.issue('tokens'));
    const { service, issuer } = tokens;
    const { host } = await site.registry({
      tls: await authority.issue('site', { for: 'registry.test' }),
      token: { realm: 'https://auth.test/token', service, issuer, certificate: authority.certificate },
    });
    const routes: Record<string, string> = { 'registry.test:443': host };
    const proxy = await openConnectProxy(routes);
    try {
      const env = { ...site.env, HTTPS_PROXY: proxy.url, SSL_CERT_FILE: authority.certificate };
      const at = (place: string): void => {
        routes['auth.test:443'] = place;
      };
      await use({ site, authority, tokens, env, at });
    } finally {
      await proxy.close();
      await tokens.close();
    }
  });
}

test('blamed-registry: a token server that fails is told as that, and no registry that answered by TLS as not reached', async (t) => {
  await withSecure(async ({ site, authority, tokens, env, at }) => {
    const told = async (written: string): Promise<string> => {
      const made = await makeMirrorConfig(env, { registry: written });
      const host = written.replace('http://', '');
      t.deepEqual([made.origin, made.isSupposed], [`https://${host}`, false]);
      const isOther = written.startsWith('http:');
      t.is(made.doubts.length, isOther ? 2 : 1);
      if (isOther) t.is(made.doubts[0], 'registry.test speaks TLS: the settings say https://');
      const doubt = made.doubts.at(-1) ?? '';
      t.true(
        doubt.startsWith(`${host} itself answered over TLS, and its certificate is trusted; the server`),
      );
      t.regex(doubt, /engines on hosts need that one, too/);
      return doubt;
    };
    for (const written of ['registry.test', 'registry.test:443', 'http://registry.test'])
      t.regex(
        await told(written),
        /failed: registry\.test(:443)?’s token server auth\.test cannot be reached/,
      );

    // No passing failure, so it is not asked again and again.
    const front = await site.proxy({
      to: new URL(tokens.realm).origin,
      tls: await authority.issue('auth', { for: 'auth.test' }),
    });
    at(front.host);
    front.play(() => ({ status: 501 }));
    t.regex(
      await told('http://registry.test'),
      /failed: registry\.test’s token server auth\.test answered GET https:\/\/auth\.test\/token.*HTTP 501/,
    );

    const other = await makeAuthority(path.dirname(await site.write('other/x', '')));
    const stranger = await site.proxy({
      to: new URL(tokens.realm).origin,
      tls: await other.issue('stranger', { for: 'auth.test' }),
    });
    at(stranger.host);
    t.regex(
      await told('registry.test'),
      /registry\.test’s token server auth\.test is not trusted.*certs\.d\/registry\.test\/tokens\.crt/,
    );
    const plain = await site.proxy({ to: new URL(tokens.realm).origin });
    at(plain.host);
    t.regex(
      await told('http://registry.test'),
      /registry\.test’s token server auth\.test is not trusted, it answers without TLS/,
    );
  });
});

test('blamed-registry: where a registry leads on to a place that is not there, that is told', async (t) => {
  await withSite(async (site) => {
    const front = await site.proxy({ to: site.open.origin });
    front.play(() => ({ status: 307, headers: { location: 'http://127.0.0.1:1/v2/' } }));
    const { origin, isSupposed, doubts } = await makeMirrorConfig(site.env, { registry: front.host });
    t.deepEqual([origin, isSupposed], [front.origin, false]);
    t.regex(doubts.at(-1) ?? '', /itself answered, and leads on to http:\/\/127\.0\.0\.1:1, /);
  });
});

test('left-behind: that the login of this machine does not go along is told, and nothing where none was wanted', async (t) => {
  await withSite(async (site) => {
    const { host } = await site.registry({ htpasswd: await writeHtpasswd(`${site.folder}/htpasswd`) });
    const auths = Object.fromEntries(
      [host, site.open.host].map((name) => [name, { auth: authOf(siteLogin) }]),
    );
    await site.write('.docker/config.json', { auths });
    const shut = await makeMirrorConfig(site.env, { registry: host });
    t.regex(shut.doubts.at(-1) ?? '', /the login that is kept here.*each host’s engine must be logged in/);
    const open = await makeMirrorConfig(site.env, { registry: site.open.host });
    t.notRegex(open.doubts.join(), /logged in/);
    t.false(JSON.stringify(shut).includes(siteLogin.password));
  });
});

test('left-behind: an authority that SSL_CERT_FILE alone names goes along, and one beside a private key does not', async (t) => {
  await withSecure(async ({ site, authority, tokens, env, at }) => {
    const front = await site.proxy({
      to: new URL(tokens.realm).origin,
      tls: await authority.issue('auth', { for: 'auth.test' }),
    });
    at(front.host);
    const make = (more: NodeJS.ProcessEnv = {}) =>
      makeMirrorConfig({ ...env, ...more }, { registry: 'registry.test' });
    const { configs, doubts } = await make();
    t.deepEqual(doubts, []);
    const folders = [
      '/etc/docker',
      '/etc/containers',
      '/etc/containerd',
      '/etc/rancher/k3s',
      '/etc/rancher/rke2',
    ];
    t.deepEqual(
      configs.map(({ send }) => /'([^']*)\/certs\.d\/registry\.test\/ca\.crt'/.exec(send)?.[1]),
      folders.map((folder) => `${authority.certificate}:${folder}`),
    );

    const both = path.join(site.folder, 'both.pem');
    const key = await readFile((await authority.issue('more')).key, 'utf8');
    await writeFile(both, `${await readFile(authority.certificate, 'utf8')}${key}`);
    const secret = await make({ SSL_CERT_FILE: both });
    t.regex(
      secret.doubts.join(),
      /both\.pem alone, which holds a private key.*certs\.d\/registry\.test\/ca\.crt/,
    );
    t.false(JSON.stringify(secret.configs).includes(both));

    // What certs.d has is enough: the other file stays here, and who we are does, too.
    const folder = '.config/docker/certs.d/registry.test';
    const own = await site.write(`${folder}/ca.crt`, await readFile(authority.certificate, 'utf8'));
    const known = await make();
    t.false(JSON.stringify(known.configs).includes(`${authority.certificate}:`));
    t.true(JSON.stringify(known.configs).includes(`${own}:`));
    const pair = await authority.issue('client');
    const client = await site.write(`${folder}/client.cert`, await readFile(pair.certificate, 'utf8'));
    await site.write(`${folder}/client.key`, await readFile(pair.key, 'utf8'));
    const shown = await make();
    t.is(shown.doubts.length, 1);
    t.true(shown.doubts[0]?.startsWith(`registry.test gets the client certificate ${client} from here`));
  });
});
