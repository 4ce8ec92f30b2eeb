// Logins to a part of a registry: what is told to do about them does that, and nothing else.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createNear } from '../helpers/airgap.js';
import { needing } from '../helpers/needs.js';
import { authOf } from '../helpers/registry-site.js';
import { run } from '../rig/command.js';

const test = needing('podman');
const host = 'registry.lan:5000';
const entry = { auth: authOf({ user: 'me', password: 'x' }) };

test('empty-advice: podman takes a login away where that is told, and nowhere else is it told', async (t) => {
  const near = await createNear({ AIRGAP_LANG: 'en' });
  try {
    const write = async (name: string, content: object): Promise<string> => {
      const file = path.join(near.folder, name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, JSON.stringify(content));
      return file;
    };
    const auths = { [`${host}/plant`]: entry, 'other.lan': entry };
    const config = path.join(near.folder, "somebody's config");
    const podmans = await write(path.join("somebody's config", 'containers/auth.json'), { auths });
    // podman would lose the rest of it.
    const dockers = await write('.docker/config.json', { auths, credsStore: '' });
    const logout = async (): Promise<string> =>
      (await near.run(['logout', host], { env: { XDG_CONFIG_HOME: config } })).stdout;
    const told = await logout();
    t.true(
      told.includes(`the login to ${host}/plant in ${dockers}; take its entry out of ${dockers}\n`),
      told,
    );
    const [, command = ''] = /auth\.json; (podman logout --authfile .*) takes it away\n/.exec(told) ?? [];
    await run(['env', `HOME=${near.folder}`, 'sh', '-c', command]);
    t.deepEqual(JSON.parse(await readFile(podmans, 'utf8')), { auths: { 'other.lan': entry } });
    t.notRegex(await logout(), /podman/);
    // Keys that it does not find, and settings that it would lose.
    for (const content of [{ auths: { [`https://${host}/plant/`]: entry } }, { auths, credsStore: '' }]) {
      await write(path.join("somebody's config", 'containers/auth.json'), content);
      t.true((await logout()).includes(`/plant in ${podmans}; take its entry out of ${podmans}\n`));
    }
  } finally {
    await near.remove();
  }
});
