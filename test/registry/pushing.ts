// What registries may answer to a push: no right, no room, lies, other places to send to. Each has its code, and nobody is told a secret.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ErrorFacts } from '../../src/errors.js';
import type { Near, Outcome } from '../helpers/airgap.js';
import { testImage, testImages, testLayer } from '../helpers/images.js';
import { needing } from '../helpers/needs.js';
import { withPushSite } from '../helpers/push-site.js';
import { authOf } from '../helpers/registry-site.js';
import { siteLogin, writeHtpasswd } from '../rig/registry.js';
import { makeAuthority } from '../rig/registry-certificates.js';
import { openTokenServer } from '../rig/token-server.js';

const test = needing('registry');

async function logIn(near: Near, host: string, login: typeof siteLogin = siteLogin): Promise<void> {
  await mkdir(path.join(near.folder, '.docker'), { recursive: true });
  const file = path.join(near.folder, '.docker/config.json');
  await writeFile(file, JSON.stringify({ auths: { [host]: { auth: authOf(login) } } }));
}

const problemOf = (outcome: Outcome): string => {
  const last = outcome.events.at(-1);
  if (last?.type !== 'run.failed') throw new Error(outcome.stdout + outcome.stderr);
  const { problem } = last.error.facts as ErrorFacts['REGISTRY_PUSH'];
  return `${last.error.code} ${problem}`;
};
const saysNo = (outcome: Outcome, ...secrets: readonly string[]): boolean =>
  secrets.every((secret) => !`${outcome.stdout}${outcome.stderr}`.includes(secret));

test('a push logs in by a token for pushing, and one for each repository that it mounts from', async (t) => {
  await withPushSite(async ({ site, near, layout }) => {
    const authority = await makeAuthority(site.folder);
    const tokens = await openTokenServer(await authority.issue('tokens'));
    try {
      const { realm, service, issuer } = tokens;
      const token = { realm, service, issuer, certificate: authority.certificate };
      const { host } = await site.registry({ token });
      const [source = ''] = await layout([testImages('push-token')[0]]);
      const refused = await near.run(['push', '--json', source, host]);
      t.is(problemOf(refused), 'REGISTRY_DENIED no-login');
      // A reader's words would send who pushes to look for a slip in the name.
      const told = await near.run(['push', source, host]);
      t.regex(told.stderr, /takes images from those only who are logged in/);
      t.regex(told.stderr, /Log in: airgap login/);
      await logIn(near, host, { user: siteLogin.user, password: 'wrong-4711-password' });
      const wrong = await near.run(['push', '--json', source, host]);
      t.is(problemOf(wrong), 'REGISTRY_DENIED wrong-login');
      t.true(
        saysNo(
          wrong,
          'wrong-4711-password',
          authOf({ user: siteLogin.user, password: 'wrong-4711-password' }),
        ),
      );

      await logIn(near, host);
      for (const args of [[source], [`${source}=other/app:1`]]) {
        const pushed = await near.run(['push', '--json', ...args, host]);
        t.is(pushed.exitCode, 0, pushed.stderr);
        t.true(saysNo(pushed, siteLogin.password, authOf(siteLogin), ...tokens.made));
      }
      const scopes = tokens.asked.map(({ url }) =>
        new URL(url, 'http://x').searchParams.getAll('scope').join(' '),
      );
      t.true(scopes.includes('repository:plant/bus-info:pull,push'));
      t.true(scopes.includes('repository:other/app:pull,push repository:plant/bus-info:pull'));
    } finally {
      await tokens.close();
    }
  });
});

test('a password file lets a push in, and a registry that is read-only says so', async (t) => {
  await withPushSite(async ({ site, near, layout }) => {
    const htpasswd = await writeHtpasswd(`${site.folder}/htpasswd`);
    const [source = ''] = await layout([testImages('push-basic')[0]]);
    const closed = await site.registry({ htpasswd, isReadOnly: true });
    await logIn(near, closed.host);
    const refused = await near.run(['push', '--json', source, closed.host]);
    t.is(problemOf(refused), 'REGISTRY_PUSH read-only');
    t.is(refused.exitCode, 15);
    const { host } = await site.registry({ htpasswd });
    await logIn(near, host);
    const pushed = await near.run(['push', '--json', source, host]);
    t.is(pushed.exitCode, 0, pushed.stderr);
    t.true(saysNo(pushed, siteLogin.password, authOf(siteLogin)));
  });
});

test('no right, a used-up quota and a proxy that takes less have codes of their own', async (t) => {
  await withPushSite(async ({ near, proxy, layout }) => {
    const [source = ''] = await layout([testImages('push-denied')[0]]);
    const answers = [
      [
        403,
        { errors: [{ code: 'DENIED', message: 'requested access to the resource is denied' }] },
        'REGISTRY_DENIED forbidden',
      ],
      // As Harbor says it.
      [
        412,
        { errors: [{ code: 'PRECONDITION', message: 'will exceed the configured upper limit of 1.0 MiB' }] },
        'REGISTRY_PUSH full',
      ],
      [413, {}, 'REGISTRY_PUSH too-large'],
      [
        400,
        { errors: [{ code: 'DIGEST_INVALID', message: 'provided digest did not match uploaded content' }] },
        'REGISTRY_PUSH digest',
      ],
    ] as const;
    for (const [status, body, want] of answers) {
      proxy.play(({ method }) =>
        ['PUT', 'PATCH'].includes(method) ? { status, body: JSON.stringify(body) } : undefined,
      );
      t.is(problemOf(await near.run(['push', '--json', source, proxy.host])), want);
    }
  });
});

test('judged-by-prose: a refusal is judged by status and code, not by words in names', async (t) => {
  await withPushSite(async ({ near, proxy, layout }) => {
    const [source = ''] = await layout([testImages('push-prose')[0]]);
    const says = (code: string, message: string) => JSON.stringify({ errors: [{ code, message }] });
    const answers = [
      [400, says('MANIFEST_INVALID', 'unsupported manifest media type and no default'), 'format'],
      [415, '', 'format'],
      [404, says('NAME_UNKNOWN', 'repository plant/read-only not known'), 'no-project'],
      [404, says('NOT_FOUND', 'project plant not found'), 'no-project'],
      [404, says('', 'nothing at plant/read-only'), 'other'],
      [400, says('UNSUPPORTED', 'no "read-only" of that kind'), 'other'],
      [412, says('PRECONDITION', "due to 'plant/app:1' configured as immutable"), 'immutable'],
      [400, says('TAG_INVALID', "The image with tag 'quota' already exists"), 'immutable'],
      [403, says('DENIED', 'The system is in read only mode'), 'read-only'],
      [405, '', 'read-only'],
      [413, says('DENIED', 'the quota of plant is exceeded'), 'full'],
      [507, '', 'full'],
    ] as const;
    for (const [status, body, want] of answers) {
      proxy.play(({ method, url }) =>
        method === 'PUT' && url.includes('/manifests/') ? { status, body } : undefined,
      );
      const to = `${proxy.host}/read-only`;
      t.is(problemOf(await near.run(['push', '--json', source, to])), `REGISTRY_PUSH ${want}`, body);
    }
  });
});

test('refused-mount: where a registry will not mount, whatever it says, the blob is uploaded', async (t) => {
  await withPushSite(async ({ near, proxy, layout }) => {
    const [source = ''] = await layout([testImages('push-mount')[0]]);
    t.is((await near.run(['push', source, `${proxy.host}/one`])).exitCode, 0);
    for (const status of [400, 401, 403, 404, 405, 501]) {
      let refusals = 0;
      proxy.play(({ method, url }) => {
        if (method !== 'POST' || !url.includes('mount=')) return undefined;
        refusals += 1;
        return { status };
      });
      const pushed = await near.run(['push', source, `${proxy.host}/m${status}`]);
      t.is(pushed.exitCode, 0, `${status}: ${pushed.stderr}`);
      t.true(refusals > 0);
    }
  });
});

test('deaf-upload: an upload waits as long as it is told to, and asks no more of a registry that says hours', async (t) => {
  await withPushSite(async ({ near, proxy, layout }) => {
    const [source = ''] = await layout([testImages('push-waits')[0]]);
    const isUpload = (method: string): boolean => method === 'PUT' || method === 'PATCH';
    const of = (answers: { status: number; headers: Readonly<Record<string, string>> }[]) => {
      proxy.play(({ method, url }) =>
        isUpload(method) && url.includes('/uploads/') ? answers.shift() : undefined,
      );
    };
    const later = (status: number, seconds: number) => ({
      status,
      headers: { 'retry-after': String(seconds) },
    });
    of(Array.from({ length: 20 }, () => later(503, 7200)));
    const since = proxy.asked.length;
    const given = await near.run(['push', '--json', source, proxy.host]);
    t.is(problemOf(given).split(' ')[0], 'REGISTRY_FAILED');
    t.like(given.events.at(-1), { error: { facts: { seconds: 7200 } } });
    // Each of what goes at a time is sent once.
    const urls = proxy.asked.slice(since).filter(({ method }) => isUpload(method));
    t.is(new Set(urls.map(({ url }) => url.split('?')[0])).size, urls.length);
    of([later(429, 3)]);
    const pushed = await near.run(['push', '--json', source, proxy.host]);
    t.is(pushed.exitCode, 0, pushed.stderr);
    const waits = pushed.events.flatMap((event) =>
      event.type === 'note' && event.message.includes('asking again') ? [event.message] : [],
    );
    t.is(waits.length, 1);
    // The three seconds, and a pause of at most half a second.
    t.regex(waits[0] ?? '', /: too many requests; asking again in 3\.\d s/);
  });
});

test('a proxy that takes no more than a MiB gets smaller chunks', async (t) => {
  await withPushSite(async ({ near, proxy, layout }) => {
    const image = testImage({ name: 'docker.io/team/app:1', layers: [testLayer('push-small', 3_000_000)] });
    const [source = ''] = await layout([image]);
    proxy.play(({ headers }) =>
      Number(headers['content-length'] ?? 0) > 1024 * 1024 ? { status: 413 } : undefined,
    );
    const pushed = await near.run(['push', '--json', source, proxy.host]);
    t.is(pushed.exitCode, 0, pushed.stderr);
  });
});

test('a blob that the registry says it has, and has not, is sent all the same', async (t) => {
  await withPushSite(async ({ near, proxy, layout, manifest }) => {
    const [image] = testImages('push-lies');
    const [source = ''] = await layout([image]);
    let isLying = true;
    proxy.play(({ method, url }) => {
      if (method === 'POST') isLying = false;
      // The size is right: its memory of blobs has outlived them.
      return isLying && method === 'HEAD' && url.endsWith(image.imageId)
        ? { status: 200, headers: { 'content-length': String(image.rawConfig.byteLength) } }
        : undefined;
    });
    const pushed = await near.run(['push', '--json', source, proxy.host]);
    t.is(pushed.exitCode, 0, pushed.stdout + pushed.stderr);
    t.is((await manifest('plant/bus-info:v1')).status, 200);
  });
});

test('a registry that goes on to lie gets no name', async (t) => {
  await withPushSite(async ({ near, proxy, layout, manifest }) => {
    const [source = ''] = await layout([testImages('push-liar')[0]]);
    const body = JSON.stringify({
      errors: [{ code: 'MANIFEST_BLOB_UNKNOWN', message: 'blob unknown to registry' }],
    });
    proxy.play(({ method, url }) =>
      method === 'PUT' && url.includes('/manifests/') ? { status: 400, body } : undefined,
    );
    const pushed = await near.run(['push', '--json', source, proxy.host]);
    t.is(problemOf(pushed), 'REGISTRY_PUSH blob-unknown');
    t.is((await manifest('plant/bus-info:v1')).status, 404);
  });
});

test('a login does not follow an upload to another host', async (t) => {
  await withPushSite(async ({ site, near, layout }) => {
    const htpasswd = await writeHtpasswd(`${site.folder}/htpasswd`);
    const { origin } = await site.registry({ htpasswd });
    const [front, elsewhere] = [await site.proxy({ to: origin }), await site.proxy({ to: origin })];
    await logIn(near, front.host);
    const [source = ''] = await layout([testImages('push-redirect')[0]]);
    front.play(({ method }) =>
      method === 'POST'
        ? {
            status: 202,
            headers: { location: `${elsewhere.origin}/v2/plant/bus-info/blobs/uploads/x`, range: '0-0' },
          }
        : undefined,
    );
    const pushed = await near.run(['push', '--json', source, front.host]);
    t.not(pushed.exitCode, 0);
    t.true(elsewhere.asked.length > 0);
    t.deepEqual(
      elsewhere.asked.filter(({ headers }) => headers.authorization !== undefined),
      [],
    );
    t.true(front.asked.some(({ headers }) => headers.authorization !== undefined));
  });
});

test('a host that uploads are sent to names nobody who is told the login', async (t) => {
  await withPushSite(async ({ site, near, layout }) => {
    const htpasswd = await writeHtpasswd(`${site.folder}/htpasswd`);
    const { origin } = await site.registry({ htpasswd });
    const [front, elsewhere, thief] = [
      await site.proxy({ to: origin }),
      await site.proxy({ to: origin }),
      await site.proxy({ to: origin }),
    ];
    await logIn(near, front.host);
    const [source = ''] = await layout([testImages('push-thief')[0]]);
    const location = `${elsewhere.origin}/v2/plant/bus-info/blobs/uploads/x`;
    front.play(({ method }) =>
      method === 'POST' ? { status: 202, headers: { location, range: '0-0' } } : undefined,
    );
    const asks = { 'www-authenticate': `Bearer realm="${thief.origin}/token",service="x"` };
    elsewhere.play(() => ({ status: 401, headers: asks }));
    const pushed = await near.run(['push', '--json', source, front.host]);
    t.regex(problemOf(pushed), /^REGISTRY_ANSWER/);
    t.true(elsewhere.asked.length > 0);
    t.deepEqual(thief.asked, []);
  });
});
