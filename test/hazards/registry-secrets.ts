// Passwords and tokens of registries stand nowhere: in no output of any kind, no argument, no file but those of logins.
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { createNear, type Outcome } from '../helpers/airgap.js';
import { testImages } from '../helpers/images.js';
import { needing } from '../helpers/needs.js';
import { authOf, withSite } from '../helpers/registry-site.js';
import { siteLogin } from '../rig/registry.js';
import { makeAuthority } from '../rig/registry-certificates.js';
import { openTokenServer } from '../rig/token-server.js';

const test = needing('registry');

test('no output, receipt, bundle or cache holds a password or token, whatever goes wrong', async (t) => {
  t.timeout(600_000);
  await withSite(async (site) => {
    const near = await createNear({ AIRGAP_LANG: 'en' });
    const authority = await makeAuthority(site.folder);
    const tokens = await openTokenServer(await authority.issue('tokens'));
    try {
      const [one, two] = testImages('secrets');
      await site.push.image('team/app', '1', one);
      await site.push.image('team/app', '2', two);
      const { realm, service, issuer } = tokens;
      const locked = await site.registry({
        token: { realm, service, issuer, certificate: authority.certificate },
      });
      const proxy = await site.proxy({ to: locked.origin });
      const outcomes: Outcome[] = [];
      const run = async (
        args: readonly string[],
        options: { input?: string; env?: NodeJS.ProcessEnv } = {},
      ) => {
        const outcome = await near.run(args, options);
        outcomes.push(outcome);
        return outcome;
      };
      const source = `docker://${proxy.host}/team/app:1`;
      const login = ['login', proxy.host, '-u', siteLogin.user, '--password-stdin'];
      const drive = path.join(near.folder, 'drive');
      const store = `layout:${path.join(near.folder, 'store')}`;

      t.is((await run(login, { input: siteLogin.password })).exitCode, 0);
      t.is((await run([...login, '--json'], { input: siteLogin.password })).exitCode, 0);
      t.is((await run(['send', '--json', '--engine', store, 'local:', source])).exitCode, 0);
      t.is((await run(['export', drive, source])).exitCode, 0);
      t.is((await run(['push', '--json', source, `${proxy.host}/again`])).exitCode, 0);
      t.is((await run(['push', drive, `${proxy.host}/more`])).exitCode, 0);
      await run(['receipts', 'show', '1', '--json']);
      await run(['inspect', `docker://${proxy.host}/team/absent:1`]);
      await run(login, { input: 'another-wrong-s3cret' });
      // Written where they do not belong.
      const written = `${siteLogin.user}:${siteLogin.password}@${proxy.host}`;
      for (const words of [['login'], ['logout'], ['push', '--json', source]])
        t.is((await run([...words, `https://${written}`])).exitCode, 2);
      t.is((await run(['inspect', '--json', `docker://${written}/team/app:1`])).exitCode, 2);

      // Servers that repeat what they were told, in every place where they may speak.
      const echo = (headers: Readonly<Record<string, unknown>>): string =>
        JSON.stringify({ errors: [{ code: 'X', message: `you said ${String(headers.authorization)}` }] });
      for (const status of [400, 403, 418, 500]) {
        const isDocument = (url: string): boolean => url.includes('/manifests/');
        proxy.play(({ headers, url, method }) =>
          method !== 'GET' || !isDocument(url) ? undefined : { status, body: echo(headers) },
        );
        // That one is asked for again and again.
        const wishes = status === 500 ? [[]] : [[], ['--json'], ['--lang', 'zh']];
        for (const flags of wishes) {
          const args = ['export', drive, '--replace', `docker://${proxy.host}/team/app:2`, ...flags];
          const { stdout, stderr } = await run(args);
          t.regex(`${stdout}${stderr}`, /you said Bearer \*\*\*/);
        }
      }
      proxy.play(() => undefined);
      tokens.revoke();
      t.is((await run(['export', drive, '--replace', `docker://${proxy.host}/team/app:2`])).exitCode, 16);

      const secrets = [
        siteLogin.password,
        authOf(siteLogin),
        tokens.refreshToken,
        'another-wrong-s3cret',
        Buffer.from(`${siteLogin.user}:another-wrong-s3cret`).toString('base64'),
        ...tokens.made,
      ];
      t.true(tokens.made.length > 5);
      for (const { stdout, stderr } of outcomes)
        for (const secret of secrets) t.false(`${stdout}${stderr}`.includes(secret), secret);
      const files = await readdir(near.folder, { recursive: true, withFileTypes: true });
      for (const entry of files.filter((file) => file.isFile())) {
        const file = path.join(entry.parentPath, entry.name);
        if (file.endsWith('.docker/config.json')) continue;
        const content = await readFile(file, 'latin1');
        for (const secret of secrets) t.false(content.includes(secret), file);
      }
      t.true(files.length > 20);
    } finally {
      await tokens.close();
      await near.remove();
    }
  });
});
