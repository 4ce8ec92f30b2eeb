// Whose the files of logins are, and who may read them, after a login and a logout.
import { chmod, chown, lstat, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import anyTest from 'ava';
import { forgetLogin, keepLogin } from '../../src/registry/login-file.js';
import type { Places } from '../../src/registry/places.js';
import { needing } from '../helpers/needs.js';
import { withTempDir } from '../helpers/tmp.js';

const asRoot = needing('root');
const host = 'registry.test';
const login = { host, user: 'me', credentials: { kind: 'password', user: 'me', password: 'x' } } as const;

const placesOf = (file: string): Places => ({
  env: {},
  certificateFolders: [],
  daemonFiles: [],
  registriesFiles: [],
  registriesFolders: [],
  loginFiles: [{ path: file, kind: 'docker' }],
});
const modeOf = async (file: string): Promise<string> => ((await stat(file)).mode & 0o777).toString(8);

anyTest('taken-login: a login file keeps its mode, unless everybody could read it', async (t) => {
  await withTempDir(async (folder) => {
    for (const [before, after] of [
      [0o600, '600'],
      [0o640, '640'],
      [0o660, '660'],
      [0o644, '600'],
      [0o666, '600'],
    ] as const) {
      const file = path.join(folder, `${before}.json`);
      await writeFile(file, '{}');
      await chmod(file, before);
      await keepLogin(placesOf(file), login);
      t.is(await modeOf(file), after);
      await forgetLogin(placesOf(file), host);
      t.is(await modeOf(file), after);
    }
    const fresh = path.join(folder, 'new/config.json');
    await keepLogin(placesOf(fresh), login);
    t.is(await modeOf(fresh), '600');
  });
});

anyTest(
  'taken-login: a link that leads to what is not there yet stays one, and its target is made',
  async (t) => {
    await withTempDir(async (folder) => {
      const file = path.join(folder, 'home/config.json');
      const real = path.join(folder, 'kept/more/config.json');
      await mkdir(path.dirname(file));
      await symlink('../kept/link.json', file);
      await mkdir(path.join(folder, 'kept'));
      await symlink('more/config.json', path.join(folder, 'kept/link.json'));
      await keepLogin(placesOf(file), login);
      t.true((await lstat(file)).isSymbolicLink());
      t.true((await lstat(path.join(folder, 'kept/link.json'))).isSymbolicLink());
      t.true((await readFile(real, 'utf8')).includes(host));
      t.is(await modeOf(real), '600');
      // One that leads to itself is refused, and stays.
      const round = path.join(folder, 'round.json');
      await symlink(round, round);
      await t.throwsAsync(keepLogin(placesOf(round), login), { code: 'REGISTRY_CONFIG' });
      t.true((await lstat(round)).isSymbolicLink());
    });
  },
);

asRoot('taken-login: root, who logs in with the file of somebody else, leaves it to them', async (t) => {
  await withTempDir(async (folder) => {
    const real = path.join(folder, 'kept/config.json');
    const file = path.join(folder, 'config.json');
    await mkdir(path.dirname(real));
    await writeFile(real, '{}', { mode: 0o600 });
    await chown(real, 4711, 4712);
    await symlink(real, file);
    const ownerOf = async (): Promise<readonly number[]> => {
      const { uid, gid } = await stat(real);
      return [uid, gid];
    };
    await keepLogin(placesOf(file), login);
    t.deepEqual(await ownerOf(), [4711, 4712]);
    t.is(await modeOf(real), '600');
    t.true((await readFile(real, 'utf8')).includes(host));
    t.true((await lstat(file)).isSymbolicLink());
    await forgetLogin(placesOf(file), host);
    t.deepEqual(await ownerOf(), [4711, 4712]);
    t.false((await readFile(real, 'utf8')).includes(host));
  });
});
