// `airgap login` and `logout` against real registries: tried before it is kept, kept where docker and podman look.
import { mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createNear, type Near } from '../helpers/airgap.js';
import { testImages } from '../helpers/images.js';
import { needing } from '../helpers/needs.js';
import { authOf, type RegistrySite, withSite } from '../helpers/registry-site.js';
import { openConnectProxy } from '../rig/connect-proxy.js';
import { siteLogin, writeHtpasswd } from '../rig/registry.js';
import { makeAuthority } from '../rig/registry-certificates.js';
import { openTokenServer } from '../rig/token-server.js';

const test = needing('registry');

interface Locked {
  readonly site: RegistrySite;
  readonly near: Near;
  /** Has plant/bus-info:v1. */
  readonly host: string;
  readonly source: string;
  /** docker's file of logins. */
  readonly file: string;
}

/** A registry with a password file, and a user's home. */
async function withLocked(use: (locked: Locked) => Promise<void>): Promise<void> {
  await withSite(async (site) => {
    const near = await createNear({ AIRGAP_LANG: 'en' });
    try {
      await site.push.image('plant/bus-info', 'v1', testImages('login')[0]);
      const { host } = await site.registry({ htpasswd: await writeHtpasswd(`${site.folder}/htpasswd`) });
      const file = path.join(near.folder, '.docker/config.json');
      await use({ site, near, host, source: `docker://${host}/plant/bus-info:v1`, file });
    } finally {
      await near.remove();
    }
  });
}

const stdinLogin = (host: string): string[] => ['login', host, '-u', siteLogin.user, '--password-stdin'];
const readJson = async (file: string): Promise<Record<string, Record<string, unknown>>> =>
  JSON.parse(await readFile(file, 'utf8'));

test('a login that the registry knows is kept for this user alone, beside what else is in the file', async (t) => {
  await withLocked(async ({ near, host, source, file }) => {
    await mkdir(path.dirname(file));
    const others = { auths: { 'other.lan': { auth: 'eDp5' } }, HttpHeaders: { 'X-Meta': '1' } };
    // Who keeps settings elsewhere has a link here.
    await writeFile(`${file}.real`, JSON.stringify(others), { mode: 0o644 });
    await symlink(`${file}.real`, file);
    t.is((await near.run(['inspect', source])).exitCode, 16);
    const login = await near.run(stdinLogin(host), { input: `${siteLogin.password}\n` });
    t.is(login.exitCode, 0, login.stderr);
    t.regex(login.stdout, /only encoded \(base64\)/);
    t.deepEqual(await readJson(file), {
      ...others,
      auths: { ...others.auths, [host]: { auth: authOf(siteLogin) } },
    });
    t.is((await stat(`${file}.real`)).mode & 0o777, 0o600);
    t.is((await near.run(['inspect', source])).exitCode, 0);

    const logout = await near.run(['logout', host]);
    t.is(logout.exitCode, 0, logout.stderr);
    t.deepEqual(await readJson(file), others);
    t.regex((await near.run(['logout', host])).stdout, /There was no login/);
    t.is((await near.run(['inspect', source])).exitCode, 16);
  });
});

test('a wrong password is told and not kept', async (t) => {
  await withLocked(async ({ near, host, file }) => {
    const login = await near.run(stdinLogin(host), { input: 'wrong-password-4711\n' });
    t.is(login.exitCode, 16);
    t.regex(login.stderr, /does not accept that user and password.*\[REGISTRY_DENIED\]/);
    t.false(`${login.stdout}${login.stderr}`.includes('wrong-password-4711'));
    await t.throwsAsync(stat(file), { code: 'ENOENT' });
  });
});

test('a user name with a colon, which would be kept as another one, is refused', async (t) => {
  await withLocked(async ({ near, host, file }) => {
    const login = await near.run(['login', host, '-u', 'me:s3cret', '--password-stdin'], { input: 'x\n' });
    t.regex(login.stderr, /no colon.*\[USAGE\]/);
    t.false(login.stderr.includes('s3cret'));
    await t.throwsAsync(stat(file), { code: 'ENOENT' });
  });
});

test('without a terminal and without stdin nobody is asked', async (t) => {
  await withLocked(async ({ near, host }) => {
    const asked = await near.run(['login', host, '-u', 'me']);
    t.regex(asked.stderr, /\[PROMPT_REFUSED\]/);
    t.regex(asked.stderr, /--password-stdin/);
    t.regex((await near.run(['login', host])).stderr, /^error: Nobody answered: User at /m);
    t.regex((await near.run(['login', host, '--password-stdin'], { input: 'x\n' })).stderr, /-u USER/);
    t.regex((await near.run(stdinLogin(host), { input: '' })).stderr, /no password/);
  });
});

// Keeps one login, as docker-credential-helpers say; its arguments, and what came on stdin, are written down.
const helper = `#!/bin/sh
dir=\${0%/*}
echo "$*" >>"$dir/argv"
case $1 in
  store) cat >"$dir/kept" ;;
  get) if [ -e "$dir/kept" ]; then cat "$dir/kept"; else echo "credentials not found in native keychain"; exit 1; fi ;;
  erase) rm -f "$dir/kept" ;;
esac
`;

test('a credential helper keeps the login where one is set, and the file holds none', async (t) => {
  await withLocked(async ({ near, host, source, file }) => {
    const folder = path.join(near.folder, 'bin');
    const options = await installHelper(near, helper);
    await mkdir(path.dirname(file));
    await writeFile(file, JSON.stringify({ credsStore: 'site' }));
    const login = await near.run(stdinLogin(host), { ...options, input: siteLogin.password });
    t.is(login.exitCode, 0, login.stderr);
    t.regex(login.stdout, /Kept by docker-credential-site/);
    t.deepEqual(await readJson(file), { credsStore: 'site', auths: { [host]: {} } });
    t.deepEqual(await readJson(path.join(folder, 'kept')), {
      ServerURL: host,
      Username: siteLogin.user,
      Secret: siteLogin.password,
    } as never);
    t.is((await near.run(['inspect', source], options)).exitCode, 0);
    t.is((await near.run(['logout', host], options)).exitCode, 0);
    await t.throwsAsync(stat(path.join(folder, 'kept')), { code: 'ENOENT' });
    t.deepEqual((await readFile(path.join(folder, 'argv'), 'utf8')).trim().split('\n'), [
      'store',
      'get',
      'get',
      'erase',
    ]);
    t.is((await near.run(['inspect', source], { env: { PATH: process.env.PATH } })).exitCode, 16);
  });
});

test('a refresh token is kept in place of the password where the registry gives one', async (t) => {
  await withSite(async (site) => {
    const near = await createNear({ AIRGAP_LANG: 'en' });
    const authority = await makeAuthority(site.folder);
    const tokens = await openTokenServer(await authority.issue('tokens'));
    try {
      await site.push.image('team/app', '1', testImages('login-token')[0]);
      const { realm, service, issuer } = tokens;
      const { host } = await site.registry({
        token: { realm, service, issuer, certificate: authority.certificate },
      });
      const login = await near.run(stdinLogin(host), { input: siteLogin.password });
      t.is(login.exitCode, 0, login.stderr);
      const { auths } = await readJson(path.join(near.folder, '.docker/config.json'));
      t.like(auths, { [host]: { identitytoken: tokens.refreshToken } });
      t.false(JSON.stringify(auths).includes(authOf(siteLogin)));
      t.is((await near.run(['inspect', `docker://${host}/team/app:1`])).exitCode, 0);
    } finally {
      await tokens.close();
      await near.remove();
    }
  });
});

test('logins of podman are found, and one for a part of the registry counts there only', async (t) => {
  await withLocked(async ({ site, near, host }) => {
    const file = path.join(near.folder, '.config/containers/auth.json');
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, JSON.stringify({ auths: { [`${host}/plant`]: { auth: authOf(siteLogin) } } }));
    await site.push.image('team/app', '1', testImages('login-podman')[0]);
    t.is((await near.run(['inspect', `docker://${host}/plant/bus-info:v1`])).exitCode, 0);
    t.is((await near.run(['inspect', `docker://${host}/team/app:1`])).exitCode, 16);
    const asked = path.join(near.folder, 'asked.json');
    await writeFile(asked, '{}');
    const env = { REGISTRY_AUTH_FILE: asked };
    t.is((await near.run(['inspect', `docker://${host}/plant/bus-info:v1`], { env })).exitCode, 16);
    const login = await near.run(stdinLogin(host), { env, input: siteLogin.password });
    t.is(login.exitCode, 0, login.stderr);
    const other = await near.run(['logout', 'other.lan'], { env });
    t.true(
      other.stdout.startsWith(`There was no login to other.lan in ${asked}; no other file was looked at`),
    );
    t.like(await readJson(asked), { auths: { [host]: { auth: authOf(siteLogin) } } });
    t.false(login.stdout.includes('stays in use'), login.stdout);
    const beside = await near.run(stdinLogin(host), { input: siteLogin.password });
    t.true(
      beside.stdout.includes(`For repositories below ${host}/plant the older login in ${file} stays in use`),
      beside.stdout,
    );
  });
});

/** A helper for logins in a folder of its own. @returns what the program needs to find it */
async function installHelper(near: Near, program: string): Promise<{ readonly env: NodeJS.ProcessEnv }> {
  const folder = path.join(near.folder, 'bin');
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'docker-credential-site'), program, { mode: 0o755 });
  return { env: { PATH: `${folder}:${process.env.PATH}` } };
}

test('ghost-login: a helper is asked whether it has one, whatever the file says, and logins to a part of the registry are told', async (t) => {
  await withLocked(async ({ near, host, source, file }) => {
    const options = await installHelper(near, helper);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, JSON.stringify({ credsStore: 'site' }));
    t.is((await near.run(stdinLogin(host), { ...options, input: siteLogin.password })).exitCode, 0);
    // As another program leaves it that keeps no empty entries.
    await writeFile(file, JSON.stringify({ credsStore: 'site' }));
    t.is((await near.run(['inspect', source], options)).exitCode, 0);
    const parts = path.join(near.folder, '.config/containers/auth.json');
    await mkdir(path.dirname(parts), { recursive: true });
    await writeFile(parts, JSON.stringify({ auths: { [`${host}/plant`]: { auth: authOf(siteLogin) } } }));
    const logout = await near.run(['logout', host], options);
    t.regex(logout.stdout, /is gone from docker-credential-site\n/);
    t.true(logout.stdout.includes(`Still there: the login to ${host}/plant in ${parts}`), logout.stdout);
    await writeFile(parts, '{}');
    t.is((await near.run(['inspect', source], options)).exitCode, 16);
    t.regex((await near.run(['logout', host], options)).stdout, /^There was no login to/);
    // One in the file counts beside a helper that has none.
    await writeFile(
      file,
      JSON.stringify({ credsStore: 'site', auths: { [host]: { auth: authOf(siteLogin) } } }),
    );
    t.is((await near.run(['inspect', source], options)).exitCode, 0);
    const second = await near.run(['logout', host], options);
    t.true(second.stdout.includes(`is gone from ${file}`), second.stdout);
    t.is((await near.run(['inspect', source], options)).exitCode, 16);
  });
});

test('misnamed-failure: a helper that keeps nothing is told as that, and a missing one is to be installed', async (t) => {
  await withLocked(async ({ near, host, file }) => {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, JSON.stringify({ credsStore: 'site' }));
    const login = stdinLogin(host);
    const missing = await near.run(login, { input: siteLogin.password });
    t.regex(missing.stderr, /docker-credential-site did not keep the login: there is no such program/);
    t.regex(missing.stderr, /hint: Install it, or take it out/);
    const options = await installHelper(near, '#!/bin/sh\necho the vault is locked\nexit 1\n');
    const locked = await near.run(login, { ...options, input: siteLogin.password });
    t.regex(locked.stderr, /did not keep the login: the vault is locked/);
    const env = { SSL_CERT_FILE: '/nope' };
    const unread = await near.run(['login', 'registry.test', '-u', 'me', '--password-stdin'], {
      env,
      input: 'x\n',
    });
    t.regex(unread.stderr, /SSL_CERT_FILE=\/nope cannot be used: it is not there/);
    t.regex(unread.stderr, /hint: Set SSL_CERT_FILE to a file/);
  });
});

test('shouted-password: that anyone may get the password is told before it is sent', async (t) => {
  await withLocked(async ({ site, near }) => {
    const authority = await makeAuthority(site.folder);
    const tls = await authority.issue('site', { for: 'registry.test' });
    const { host } = await site.registry({ tls, htpasswd: await writeHtpasswd(`${site.folder}/htpasswd`) });
    const proxy = await openConnectProxy({ 'registry.test:443': host });
    try {
      const folder = path.join(near.folder, '.config/docker');
      await mkdir(folder, { recursive: true });
      await writeFile(path.join(folder, 'daemon.json'), '{"insecure-registries": ["registry.test"]}');
      const env = { HTTPS_PROXY: proxy.url };
      const login = await near.run(stdinLogin('registry.test'), { env, input: siteLogin.password });
      t.is(login.exitCode, 0, login.stderr);
      t.regex(login.stderr, /registry\.test is insecure .*the password goes to whoever answers/);
    } finally {
      await proxy.close();
    }
  });
});

test('path-in-a-host: who logs in is told to write no path, and a wrong prefix is not blamed on the registry', async (t) => {
  const near = await createNear({ AIRGAP_LANG: 'en' });
  try {
    const refused = async (...words: readonly string[]): Promise<string> => {
      const { exitCode, stderr } = await near.run(words);
      t.is(exitCode, 2, stderr);
      return stderr;
    };
    for (const words of [
      ['login', 'registry.lan/team', '-u', 'me'],
      ['logout', 'registry.lan/team'],
      ['mirror-config', 'registry.lan', '--of', 'quay.io/foo'],
    ])
      t.regex(await refused(...words), /hint: Write it as HOST\[:PORT\] without a path/);
    const prefixed = await refused('push', 'app:1', 'registry.lan', '--prefix', 'A');
    t.regex(
      prefixed,
      /"A" is not a prefix: a repository is written in lower case.*\nhint: Write it as a path/,
    );
    t.regex(await refused('push', 'app:1', 'registry.lan', '--prefix', 'b:1'), /"b:1" is not a prefix/);
    t.regex(await refused('push', 'app:1', 'registry.lan', '-p', '22'), /need --through HOST/);
    const files = ['send', 'web1', '--file', '/etc/hostname:/etc/motd.d/x'];
    t.regex(await refused(...files, '--through-registry', 'registry.lan'), /for images, and none is named/);
  } finally {
    await near.remove();
  }
});
