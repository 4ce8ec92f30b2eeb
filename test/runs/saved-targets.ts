// Hosts and folders that were added: kept in a file that anybody may have written.
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { AirgapError } from '../../src/errors.js';
import { createSavedTargets } from '../../src/runs/saved-targets.js';
import { withTempDir } from '../helpers/tmp.js';

const open = (stateDirectory: string) =>
  createSavedTargets({
    stateDirectory,
    home: '/home/me',
    checkHost: async (name) => {
      if (name.includes(' ')) throw new AirgapError('HOST_INVALID', { input: name });
    },
  });

test('what was added is there for the next process, once, until it is forgotten', (t) =>
  withTempDir(async (folder) => {
    const state = join(folder, 'not', 'there', 'yet');
    t.deepEqual(await open(state).targets(), []);
    t.deepEqual(await open(state).addTarget('me@web1:2222'), { kind: 'host', name: 'me@web1:2222' });
    t.deepEqual(await open(state).addTarget('~/stick'), { kind: 'folder', name: '/home/me/stick' });
    await open(state).addTarget('me@web1:2222');
    t.deepEqual(
      (await open(state).targets()).map(({ name }) => name),
      ['me@web1:2222', '/home/me/stick'],
    );
    t.true(await open(state).forgetTarget('~/stick'));
    t.false(await open(state).forgetTarget('~/stick'));
    t.deepEqual(await open(state).targets(), [{ kind: 'host', name: 'me@web1:2222' }]);
    t.deepEqual(await readdir(state), ['targets.json']);
    t.is((await stat(join(state, 'targets.json'))).mode & 0o777, 0o600);
  }));

test('a slash tells a registry from a host, in whatever form it is typed', (t) =>
  withTempDir(async (folder) => {
    const plain = { kind: 'registry', name: 'registry.lan:5000' } as const;
    const site = { kind: 'registry', name: 'registry.lan:5000/site' } as const;
    for (const typed of ['registry.lan:5000/', 'docker://registry.lan:5000', 'https://registry.lan:5000/'])
      t.deepEqual(await open(folder).addTarget(typed), plain);
    t.deepEqual(await open(folder).addTarget('registry.lan:5000/site'), site);
    // The very name may be a host's, too.
    const host = { kind: 'host', name: 'registry.lan:5000' } as const;
    t.deepEqual(await open(folder).addTarget('registry.lan:5000'), host);
    t.deepEqual(await open(folder).addTarget('ssh://me@web1'), { kind: 'host', name: 'ssh://me@web1' });
    t.deepEqual((await open(folder).targets()).slice(0, 3), [plain, site, host]);
    t.true(await open(folder).forgetTarget('registry.lan:5000/'));
    t.deepEqual((await open(folder).targets()).slice(0, 2), [site, host]);
    await t.throwsAsync(open(folder).addTarget('registry.lan/app:1'), { code: 'REFERENCE_INVALID' });
  }));

test('what is no host is not kept', (t) =>
  withTempDir(async (folder) => {
    await t.throwsAsync(open(folder).addTarget('a b'), { code: 'HOST_INVALID' });
    t.deepEqual(await readdir(folder), []);
  }));

for (const [title, content] of [
  ['is cut', '{"version":1,"targ'],
  ['has another form', '{"version":1,"targets":{}}'],
  ['is of another version', '{"version":2,"targets":[]}'],
  ['holds escape codes', '{"version":1,"targets":["web1\\u001b[2J"]}'],
  ['holds an empty name', '{"version":1,"targets":[""]}'],
  ['is endless', `{"version":1,"targets":["${'x'.repeat(5_000_000)}"]}`],
] as const) {
  test(`a list that ${title} is refused, and left as it is`, (t) =>
    withTempDir(async (folder) => {
      const file = join(folder, 'targets.json');
      await writeFile(file, content);
      await t.throwsAsync(open(folder).targets(), { code: 'TARGETS_INVALID' });
      await t.throwsAsync(open(folder).addTarget('web1'), { code: 'TARGETS_INVALID' });
      await t.throwsAsync(open(folder).forgetTarget('web1'), { code: 'TARGETS_INVALID' });
      t.is(await readFile(file, 'utf8'), content);
    }));
}

test('a link or a folder in its place is refused', (t) =>
  withTempDir(async (folder) => {
    await writeFile(join(folder, 'other'), '{"version":1,"targets":["web1"]}');
    await symlink(join(folder, 'other'), join(folder, 'targets.json'));
    await t.throwsAsync(open(folder).targets(), { code: 'TARGETS_INVALID' });
    await mkdir(join(folder, 'b', 'targets.json'), { recursive: true });
    await t.throwsAsync(open(join(folder, 'b')).targets(), { code: 'TARGETS_INVALID' });
  }));
