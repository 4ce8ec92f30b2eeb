import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { checkHost } from '../../src/hosts/open-host.js';
import { listConfigHosts } from '../../src/hosts/resolve-target.js';
import { withTempDir } from '../helpers/tmp.js';

const none = { configFile: 'none' } as const;
const env = { HOME: '/root' };

test('an option that ssh_config does not have is refused, as ssh does', async (t) => {
  await t.throwsAsync(checkHost('box', { ...none, sshOptions: ['Foo=bar'] }, env), {
    code: 'SSH_CONFIG_INVALID',
    message: /-o cannot be used: ssh_config has no Foo/,
  });
  for (const sshOptions of [
    ['port=22'],
    ['Compression yes'],
    ['IgnoreUnknown=Foo', 'Foo=bar'],
    ['VisualHostKey = yes'],
  ])
    await t.notThrowsAsync(checkHost('box', { ...none, sshOptions }, env), sshOptions.join());
  // The system's ssh may be newer than the list.
  await t.notThrowsAsync(checkHost('box', { ...none, sshOptions: ['Foo=bar'], client: 'openssh' }, env));
});

test('a key given by -i that is not there is told before anything is connected', async (t) => {
  await withTempDir(async (folder) => {
    const file = path.join(folder, 'keys of the site', 'id_plant');
    await t.throwsAsync(checkHost('box', { ...none, identityFiles: [file] }, env), {
      code: 'SSH_KEY_UNREADABLE',
      message: 'The private key cannot be used: …/id_plant cannot be read',
    });
    await mkdir(path.dirname(file));
    await writeFile(file, '');
    await t.notThrowsAsync(checkHost('box', { ...none, identityFiles: [file] }, env));
  });
});

test('a file named by -F that is not there, or is a folder, is an error; the usual ones may be absent', async (t) => {
  await withTempDir(async (folder) => {
    for (const configFile of [path.join(folder, 'absent'), folder]) {
      await t.throwsAsync(checkHost('box', { configFile }, { HOME: folder }), { code: 'SSH_CONFIG_INVALID' });
      await t.throwsAsync(listConfigHosts({ configFile }, { HOME: folder }), { code: 'SSH_CONFIG_INVALID' });
    }
    await t.notThrowsAsync(checkHost('box', {}, { HOME: folder }));
    await t.notThrowsAsync(checkHost('box', { configFile: 'none' }, { HOME: folder }));
  });
});
