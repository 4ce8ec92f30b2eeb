// Mirrors, moved and blocked registries, as daemon.json and registries.conf have them, against real registries.
import type { ExecutionContext } from 'ava';
import { AirgapError } from '../../src/errors.js';
import { parseReference } from '../../src/oci/reference.js';
import { createEndpoints } from '../../src/registry/endpoints.js';
import { readPlaces } from '../../src/registry/places.js';
import { testImages } from '../helpers/images.js';
import { needing } from '../helpers/needs.js';
import { authOf, type RegistrySite, withSite } from '../helpers/registry-site.js';
import { openConnectProxy } from '../rig/connect-proxy.js';
import { siteLogin } from '../rig/registry.js';
import { makeAuthority } from '../rig/registry-certificates.js';

const test = needing('registry');

const [image] = testImages('mirrors');

/** The digest that a name stands for, as a new run finds it. */
async function digestOf(
  site: RegistrySite,
  name: string,
  env: NodeJS.ProcessEnv = {},
): Promise<string | undefined> {
  const source = await site.client(env).source(parseReference(name));
  return (await source.first((repository) => repository.resolve('1')))?.descriptor.digest;
}

async function fails(t: ExecutionContext, promise: Promise<unknown>, code: string): Promise<object> {
  const error = await t.throwsAsync(promise, { instanceOf: AirgapError });
  t.is(error?.code, code, error?.message);
  return error?.facts ?? {};
}

test('docker.io is read from the mirror of daemon.json, and that is told once', async (t) => {
  await withSite(async (site) => {
    const { digest } = await site.push.image('library/app', '1', image);
    await site.write('.config/docker/daemon.json', { 'registry-mirrors': [site.open.origin] });
    await site.write('.docker/config.json', {
      auths: { 'https://index.docker.io/v1/': { auth: authOf(siteLogin) } },
    });
    const source = await site.client().source(parseReference('app:1'));
    for (let round = 0; round < 2; round += 1)
      t.is((await source.first((repository) => repository.resolve('1')))?.descriptor.digest, digest);
    t.deepEqual(site.notices, [{ kind: 'mirror', registry: 'docker.io', endpoint: site.open.origin }]);
  });
});

test('a mirror that is down, refuses, or lacks the image is passed over for the registry itself', async (t) => {
  await withSite(async (site) => {
    const { digest } = await site.push.image('library/app', '1', image);
    const authority = await makeAuthority(site.folder);
    const hub = await site.registry({ tls: await authority.issue('hub', { for: 'registry-1.docker.io' }) });
    const connect = await openConnectProxy({ 'registry-1.docker.io:443': hub.host });
    try {
      const env = { HTTPS_PROXY: connect.url, SSL_CERT_FILE: authority.certificate };
      const proxy = await site.proxy({ to: site.open.origin });
      const mirrors = ['http://127.0.0.1:1', proxy.origin];
      await site.write('.config/docker/daemon.json', { 'registry-mirrors': mirrors });
      proxy.play(() => ({ status: 403 }));
      t.is(await digestOf(site, 'app:1', env), digest);
      t.deepEqual(
        site.notices.map((notice) => (notice.kind === 'mirror-failed' ? notice.endpoint : notice.kind)),
        ['127.0.0.1:1', proxy.host],
      );
      proxy.play(() => ({ status: 404 }));
      t.is(await digestOf(site, 'app:1', env), digest);
      t.true(connect.asked.includes('registry-1.docker.io:443'));
    } finally {
      await connect.close();
    }
  });
});

test('registries.conf moves names, adds mirrors, and blocks, the longest prefix counting', async (t) => {
  await withSite(async (site) => {
    const { digest } = await site.push.image('hub/team/app', '1', image);
    const { host } = site.open;
    const file = await site.write(
      '.config/containers/registries.conf',
      `
[[registry]]
prefix = "moved.test/team"
location = "${host}/hub/team"

[[registry]]
prefix = "*.wild.test"
location = "${host}/hub"

[[registry]]
location = "mirrored.test"
[[registry.mirror]]
location = "127.0.0.1:1/nothing"
[[registry.mirror]]
location = "${host}/hub"
pull-from-mirror = "tag-only"

[[registry]]
prefix = "moved.test/team/secret"
location = "${host}/hub/team"
blocked = true
`,
    );
    t.is(await digestOf(site, 'moved.test/team/app:1'), digest);
    t.is(await digestOf(site, 'a.wild.test/team/app:1'), digest);
    t.is(await digestOf(site, 'mirrored.test/team/app:1'), digest);
    t.like(await fails(t, digestOf(site, 'moved.test/team/secret:1'), 'REGISTRY_BLOCKED'), { path: file });
    // The mirror is for tags only, and the registry itself is nowhere.
    await fails(t, digestOf(site, `mirrored.test/team/app@${digest}`), 'REGISTRY_UNREACHABLE');
  });
});

test('a mirror that is not there is passed over once, and asked where it is meant itself', async (t) => {
  await withSite(async (site) => {
    const gone = '127.0.0.1:1';
    const conf = `[[registry]]\nlocation = "${site.open.host}"\n[[registry.mirror]]\nlocation = "${gone}"\n`;
    await site.write('.config/containers/registries.conf', conf);
    await site.push.image('team/app', '1', image);
    const client = site.client();
    const ask = async (name: string): Promise<unknown> => {
      const source = await client.source(parseReference(name));
      return await source.first((repository) => repository.resolve('1'));
    };
    t.truthy(await ask(`${site.open.host}/team/app:1`));
    t.is(site.notices.length, 1);
    await fails(t, ask(`${gone}/team/app:1`), 'REGISTRY_UNREACHABLE');
  });
});

test('a drop-in file wins over the main one, and another file is taken where the environment names one', async (t) => {
  await withSite(async (site) => {
    const { digest } = await site.push.image('team/app', '1', image);
    const entry = (location: string): string =>
      `[[registry]]\nprefix = "moved.test"\nlocation = "${location}"\n`;
    await site.write('.config/containers/registries.conf', entry('127.0.0.1:1'));
    await fails(t, digestOf(site, 'moved.test/team/app:1'), 'REGISTRY_UNREACHABLE');
    await site.write('.config/containers/registries.conf.d/10-site.conf', entry(site.open.host));
    t.is(await digestOf(site, 'moved.test/team/app:1'), digest);
    const named = await site.write('other.conf', entry('127.0.0.1:1'));
    await fails(
      t,
      digestOf(site, 'moved.test/team/app:1', { CONTAINERS_REGISTRIES_CONF: named }),
      'REGISTRY_UNREACHABLE',
    );
  });
});

test('a file that its engine would not take is refused by its name', async (t) => {
  await withSite(async (site) => {
    const asked = async (): Promise<object> =>
      await fails(t, digestOf(site, 'app.test/x:1'), 'REGISTRY_CONFIG');
    const daemon = await site.write('.config/docker/daemon.json', '{ "registry-mirrors": "x"');
    t.deepEqual(await asked(), { path: daemon, problem: 'it is no JSON' });
    await site.write('.config/docker/daemon.json', { 'registry-mirrors': ['mirror.lan'] });
    t.like(await asked(), { problem: 'registry-mirrors is not as expected' });
    await site.write('.config/docker/daemon.json', {});
    const conf = await site.write('.config/containers/registries.conf', '[[registry]\n');
    t.deepEqual(await asked(), { path: conf, problem: 'it is no TOML' });
    await site.write('.config/containers/registries.conf', '[[registry]]\nlocation = 7\n');
    t.like(await asked(), { problem: 'registry.0.location is not as expected' });
    // not-an-address: it would end in a stack trace.
    await site.write(
      '.config/containers/registries.conf',
      '[[registry]]\nprefix = "app.test"\nlocation = "mirror.lan:99999"\n',
    );
    t.deepEqual(await asked(), {
      path: conf,
      problem: 'a location is no HOST[:PORT]/PATH: mirror.lan:99999/x',
    });
    await site.write('.config/containers/registries.conf', '');
    const logins = await site.write('.docker/config.json', '{"auths": {"127.0.0.1:1": {"auth": "c2VjcmV0');
    // Read where somebody asks who it is, and only there.
    t.is(await digestOf(site, `${site.open.host}/x:1`), undefined);
    const proxy = await site.proxy({ to: site.open.origin });
    proxy.play(() => ({ status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }));
    const facts = await fails(t, digestOf(site, `${proxy.host}/x:1`), 'REGISTRY_CONFIG');
    t.deepEqual(facts, { path: logins, problem: 'it is no JSON' });
  });
});

test('insecure registries are told by name, by network, and by their own loopback address', async (t) => {
  await withSite(async (site) => {
    await site.write('.config/docker/daemon.json', {
      'insecure-registries': ['Registry.LAN:5000', '10.1.0.0/16', 'fd00::/8'],
    });
    const conf = '[[registry]]\nlocation = "other.lan"\ninsecure = true\n';
    await site.write('.config/containers/registries.conf', conf);
    const { isInsecure } = createEndpoints(readPlaces(site.env));
    const answers = await Promise.all(
      ['registry.lan:5000', '10.1.2.3:5000', '[fd00::1]:80', '127.9.9.9:1', 'localhost', 'other.lan'].map(
        isInsecure,
      ),
    );
    t.true(answers.every((answer) => answer));
    const others = await Promise.all(
      ['registry.lan', '10.2.0.1', '[fe80::1]', '128.0.0.1', 'localhost.invalid'].map(isInsecure),
    );
    t.false(others.some((answer) => answer));
  });
});
