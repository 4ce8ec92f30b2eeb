// The client against a real docker-registry: documents and blobs, by tag and digest, for everybody and with each kind of login.
import { buffer } from 'node:stream/consumers';
import { digestOf } from '../../src/oci/digest.js';
import { parseReference } from '../../src/oci/reference.js';
import { testImages } from '../helpers/images.js';
import { needing } from '../helpers/needs.js';
import { authOf, type RegistrySite, withSite } from '../helpers/registry-site.js';
import { siteLogin, writeHtpasswd } from '../rig/registry.js';
import { makeAuthority } from '../rig/registry-certificates.js';
import { openTokenServer } from '../rig/token-server.js';

const test = needing('registry');

async function readImage(site: RegistrySite, name: string, env: NodeJS.ProcessEnv = {}) {
  const source = await site.client(env).source(parseReference(name));
  return await source.first((repository) => repository.resolve(source.reference.tag ?? ''));
}

test('a tag is resolved, and its blobs are read from any byte on', async (t) => {
  await withSite(async (site) => {
    const [image] = testImages('reading');
    const pushed = await site.push.image('team/app', '1', image);
    const source = await site.client().source(parseReference(`${site.open.host}/team/app:1`));
    const found = await source.first((repository) => repository.resolve('1'));
    t.is(found?.descriptor.digest, pushed.digest);
    t.is(digestOf(found!.raw), pushed.digest);
    const [layer] = pushed.layers;
    const whole = await source.first((repository) => repository.blob(layer!));
    const bytes = await buffer(whole!);
    t.is(digestOf(bytes), layer!.digest);
    const tail = await source.first((repository) => repository.blob(layer!, { offset: 100 }));
    t.deepEqual(await buffer(tail!), bytes.subarray(100));
    t.is(await source.first((repository) => repository.resolve('2')), undefined);
    t.deepEqual(await source.first((repository) => repository.tags()), ['1']);
  });
});

test('a basic login of docker’s file opens a registry with a password file', async (t) => {
  await withSite(async (site) => {
    const [image] = testImages('basic');
    const pushed = await site.push.image('team/app', '1', image);
    const locked = await site.registry({ htpasswd: await writeHtpasswd(`${site.folder}/htpasswd`) });
    const name = `${locked.host}/team/app:1`;
    await t.throwsAsync(readImage(site, name), { code: 'REGISTRY_DENIED' });
    await site.write('.docker/config.json', { auths: { [locked.host]: { auth: authOf(siteLogin) } } });
    t.is((await readImage(site, name))?.descriptor.digest, pushed.digest);
  });
});

test('tokens are fetched for each repository, with a password or a refresh token, and kept', async (t) => {
  await withSite(async (site) => {
    const [image] = testImages('token');
    const pushed = await site.push.image('team/app', '1', image);
    await site.push.image('open/app', '1', image);
    const authority = await makeAuthority(site.folder);
    const tokens = await openTokenServer(await authority.issue('tokens'));
    try {
      const { realm, service, issuer } = tokens;
      const locked = await site.registry({
        token: { realm, service, issuer, certificate: authority.certificate },
      });
      t.truthy(await readImage(site, `${locked.host}/open/app:1`));
      const denied = await t.throwsAsync(readImage(site, `${locked.host}/team/app:1`));
      t.like(denied, { code: 'REGISTRY_DENIED', facts: { problem: 'no-login', repository: 'team/app' } });

      await site.write('.docker/config.json', { auths: { [locked.host]: { auth: authOf(siteLogin) } } });
      const client = site.client();
      const source = await client.source(parseReference(`${locked.host}/team/app:1`));
      const before = tokens.made.length;
      for (let round = 0; round < 3; round += 1)
        t.is((await source.first((one) => one.resolve('1')))?.descriptor.digest, pushed.digest);
      t.is(tokens.made.length, before + 1);

      await site.write('.docker/config.json', {
        auths: { [locked.host]: { identitytoken: tokens.refreshToken } },
      });
      t.is((await readImage(site, `${locked.host}/team/app:1`))?.descriptor.digest, pushed.digest);
      t.is(tokens.asked.at(-1)?.method, 'POST');
      t.false(tokens.asked.some(({ url }) => url.includes(tokens.refreshToken)));
    } finally {
      await tokens.close();
    }
  });
});
