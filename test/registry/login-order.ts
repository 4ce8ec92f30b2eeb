// Of several logins to one registry the first that is found counts: where they are looked for, and that a new one is found first.
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import type { AirgapError } from '../../src/errors.js';
import { createLogins } from '../../src/registry/credentials.js';
import { forgetLogin, keepLogin } from '../../src/registry/login-file.js';
import { type Machine, type Places, readPlaces } from '../../src/registry/places.js';
import { authOf } from '../helpers/registry-site.js';
import { withTempDir } from '../helpers/tmp.js';

const host = 'registry.lan:5000';
const podman = { user: 'podman', password: 'of-podman' };

/** A user's home, and a /run of its own. */
async function withHome(
  use: (home: {
    readonly places: Places;
    readonly machine: Machine;
    /** A file below that folder. */
    write(name: string, content: object | string): Promise<string>;
  }) => Promise<void>,
): Promise<void> {
  await withTempDir(async (folder) => {
    const machine: Machine = { platform: 'linux', uid: 1000, runFolder: path.join(folder, 'run') };
    const places = readPlaces({ HOME: folder, PATH: `${folder}/bin:${process.env.PATH}` }, machine);
    await use({
      places,
      machine,
      write: async (name, content) => {
        const file = path.join(folder, name);
        await mkdir(path.dirname(file), { recursive: true });
        await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
        return file;
      },
    });
  });
}

test('sessionless-login: what podman keeps below /run without a session is found, before what is in the home', async (t) => {
  await withHome(async ({ places, machine, write }) => {
    await write('.config/containers/auth.json', {
      auths: { [host]: { auth: authOf({ user: 'a', password: 'b' }) } },
    });
    const file = await write('run/containers/1000/auth.json', {
      auths: { [host]: { auth: authOf(podman) } },
    });
    t.is(places.loginFiles[0]?.path, file);
    t.deepEqual(await createLogins(places).find(host, 'app'), { kind: 'password', ...podman });
    const paths = (env: NodeJS.ProcessEnv, more: Partial<Machine> = {}) =>
      readPlaces({ HOME: '/home/me', ...env }, { ...machine, ...more }).loginFiles.map((one) => one.path);
    const others = ['/home/me/.config/containers/auth.json', '/home/me/.docker/config.json'];
    t.deepEqual(paths({ XDG_RUNTIME_DIR: '/run/user/7' }), ['/run/user/7/containers/auth.json', ...others]);
    t.deepEqual(paths({ REGISTRY_AUTH_FILE: '/srv/auth.json' }), ['/srv/auth.json']);
    // There podman keeps them in the home.
    t.deepEqual(paths({}, { platform: 'darwin' }), others);
  });
});

test('unreached-entry: a helper that is missing does not keep a logout from the passwords in files, and is told with its file', async (t) => {
  await withHome(async ({ places, write }) => {
    const entry = { auth: authOf(podman) };
    const first = await write('.config/containers/auth.json', {
      credHelpers: { [host]: 'absent', 'other.lan': 'absent' },
      auths: { [host]: entry, 'other.lan': {} },
    });
    const docker = await write('.docker/config.json', { auths: { [`https://${host}/v2/`]: entry } });
    const error = await t.throwsAsync<AirgapError<'CREDENTIAL_HELPER'>>(forgetLogin(places, host), {
      code: 'CREDENTIAL_HELPER',
    });
    t.is(
      error?.message,
      `docker-credential-absent did not forget the login: there is no such program; the one in ${first} is gone; the one in ${docker} is gone`,
    );
    t.is(error?.hint, `Install it, or take it out of credsStore and credHelpers in ${first}`);
    const now = async (file: string): Promise<unknown> => JSON.parse(await readFile(file, 'utf8'));
    t.like(await now(first), { auths: { 'other.lan': {} } });
    t.notRegex(`${await readFile(first, 'utf8')}${await readFile(docker, 'utf8')}`, /"auth":/);
    // What leads to the helper stays as long as that may have the login.
    const before = await write('.config/containers/auth.json', {
      credsStore: 'absent',
      auths: { [host]: {} },
    });
    const again = await t.throwsAsync<AirgapError<'CREDENTIAL_HELPER'>>(forgetLogin(places, host));
    t.notRegex(again?.message ?? '', /gone/);
    t.deepEqual(await now(before), { credsStore: 'absent', auths: { [host]: {} } });
  });
});

// Keeps one login in `kept` beside it.
const helper = `#!/bin/sh
dir=\${0%/*}
case $1 in
  store) cat >"$dir/kept" ;;
  get) if [ -e "$dir/kept" ]; then cat "$dir/kept"; else echo "credentials not found"; exit 1; fi ;;
esac
`;

test('outranked-login: a new login goes where the older one was found, with the helper of an earlier file, too', async (t) => {
  await withHome(async ({ places, write }) => {
    const credentials = { kind: 'password', user: 'new', password: 'of-today' } as const;
    const keep = () => keepLogin(places, { host, user: credentials.user, credentials });
    const program = await write('bin/docker-credential-early', helper);
    await chmod(program, 0o755);
    await write('.config/containers/auth.json', { credHelpers: { [host]: 'early' } });
    const docker = await write('.docker/config.json', { auths: {} });
    // One that has no login keeps none: docker would not find it there.
    t.deepEqual(await keep(), { keptIn: { kind: 'file', path: docker }, older: [] });
    t.deepEqual(await createLogins(places).find(host, 'app'), credentials);

    await write('bin/kept', { ServerURL: host, Username: 'old', Secret: 'of-yesterday' });
    t.like(await createLogins(places).find(host, 'app'), { user: 'old' });
    t.deepEqual((await keep()).keptIn, { kind: 'helper', program: 'docker-credential-early' });
    t.deepEqual(await createLogins(places).find(host, 'app'), credentials);

    await rm(program);
    const error = await t.throwsAsync<AirgapError<'CREDENTIAL_HELPER'>>(keep());
    t.regex(error?.hint ?? '', /in .*\/\.config\/containers\/auth\.json$/);
  });
});

test('outranked-login: what is older and stays in use for a part of the registry is told', async (t) => {
  await withHome(async ({ places, write }) => {
    const credentials = { kind: 'password', user: 'new', password: 'of-today' } as const;
    const keep = () => keepLogin(places, { host, user: credentials.user, credentials });
    const entry = { auth: authOf(podman) };
    const auths = { [`${host}/plant`]: entry, [`${host}/empty`]: {}, 'other.lan/plant': entry };
    const first = await write('.config/containers/auth.json', { auths });
    const docker = await write('.docker/config.json', { auths: { [`https://${host}/site/`]: entry } });
    const { older } = await keep();
    t.deepEqual(older, [
      { key: `${host}/plant`, path: first, isPodmans: true },
      { key: `${host}/site`, path: docker, isPodmans: false },
    ]);
    const find = async (repository: string) => await createLogins(places).find(host, repository);
    for (const { key } of older)
      t.like(await find(`${key.slice(host.length + 1)}/app`), { user: podman.user }, key);
    t.like(await find('empty/app'), { user: 'new' });
    // What stands behind the file that it goes to, or behind its helper, is not found before it.
    await write('.config/containers/auth.json', { auths: { [host]: entry } });
    t.deepEqual(await keep(), { keptIn: { kind: 'file', path: first }, older: [], dockers: docker });
    t.like(await find('site/app'), { user: 'new' });
  });
});

test('outranked-login: that docker keeps an older one in its own file is told, and nothing where the new one replaces it', async (t) => {
  await withHome(async ({ places, write }) => {
    const credentials = { kind: 'password', user: 'new', password: 'of-today' } as const;
    const keep = async () => (await keepLogin(places, { host, user: credentials.user, credentials })).dockers;
    const entry = { auth: authOf(podman) };
    const first = '.config/containers/auth.json';
    await write(first, { auths: { [host]: entry } });
    const docker = await write('.docker/config.json', { auths: { 'other.lan': entry, [host]: {} } });
    t.is(await keep(), undefined);
    await write('.docker/config.json', { auths: { [`https://${host}/v2/`]: entry } });
    t.is(await keep(), docker);

    // Of its helper, which may be missing, or the one that the new login goes to.
    await write('.docker/config.json', { credsStore: 'site' });
    t.is(await keep(), undefined);
    await chmod(await write('bin/docker-credential-site', helper), 0o755);
    await write('bin/kept', { ServerURL: host, Username: 'old', Secret: 'of-yesterday' });
    t.is(await keep(), docker);
    await write(first, { credHelpers: { [host]: 'site' } });
    t.is(await keep(), undefined);
    await write(first, '{}');
    await write('.docker/config.json', { auths: { [host]: entry } });
    t.is(await keep(), undefined);
  });
});

// Keeps one login a key, in files named after the key's letters.
const keyed = `#!/bin/sh
dir=\${0%/*}
input=$(cat)
case $1 in store) url=\${input#*ServerURL\\":\\"}; url=\${url%%\\"*} ;; *) url=$input ;; esac
file=$dir/kept-$(printf %s "$url" | tr -dc a-z0-9.)
case $1 in
  store) printf %s "$input" >"$file" ;;
  get) if [ -e "$file" ]; then cat "$file"; else echo "credentials not found"; exit 1; fi ;;
  erase) rm -f "$file" ;;
esac
`;

test('foreign-key: a helper of a file of podman’s is asked for docker.io by that name, and a logout takes both names', async (t) => {
  await withHome(async ({ places, write }) => {
    await chmod(await write('bin/docker-credential-site', keyed), 0o755);
    const folder = path.dirname(await write('bin/x', ''));
    const kept = async (): Promise<string[]> =>
      (await readdir(folder)).filter((name) => name.startsWith('kept-')).toSorted();
    const login = (user: string) => JSON.stringify({ Username: user, Secret: 'x' });
    const find = () => createLogins(places).find('docker.io', 'library/nginx');
    const credentials = { kind: 'password', user: 'new', password: 'y' } as const;
    const keep = () => keepLogin(places, { host: 'docker.io', user: 'new', credentials });
    await write('bin/kept-docker.io', login('podman'));
    await write('bin/kept-httpsindex.docker.iov1', login('docker'));

    const file = await write('.config/containers/auth.json', { credHelpers: { 'docker.io': 'site' } });
    t.like(await find(), { user: 'podman' });
    await keep();
    t.like(await find(), { user: 'new' });
    t.deepEqual(JSON.parse(await readFile(file, 'utf8')).auths, { 'docker.io': {} });
    t.like(JSON.parse(await readFile(path.join(folder, 'kept-httpsindex.docker.iov1'), 'utf8')), {
      Username: 'docker',
    });
    await forgetLogin(places, 'docker.io');
    t.deepEqual(await kept(), []);
    await rm(file);
    await write('.docker/config.json', { credsStore: 'site' });
    await keep();
    t.deepEqual(await kept(), ['kept-httpsindex.docker.iov1']);
    t.like(await find(), { user: 'new' });
  });
});
