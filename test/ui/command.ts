// What is chosen as command lines: what is shown, copied and run is one and the same.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { readSpec } from '../../src/bundle/spec.js';
import { completionTree } from '../../src/cli/completion/tree.js';
import { knownOptions } from '../../src/cli/known-options.js';
import { parseCommand } from '../../src/cli/parse-command.js';
import { specText } from '../../ui/save.js';
import type { AppState } from '../../ui/state/app-state.js';
import { commandLine, commandsOf as commands } from '../../ui/state/command.js';
import { extraWords } from '../../ui/state/extras.js';
import { offeredOptions } from '../../ui/state/options.js';
import { reduce } from '../../ui/state/reduce.js';
import { shownTargets } from '../../ui/state/rows.js';
import { localTarget } from '../../ui/state/targets.js';
import { readyState } from '../helpers/screen-states.js';
import { withTempDir } from '../helpers/tmp.js';

const commandsOf = (state: AppState): readonly (readonly string[])[] =>
  commands(state).map(({ words }) => words);

test('hosts get one command together, each folder one of its own', (t) => {
  t.deepEqual(commandsOf(readyState()), [
    ['send', 'web1', 'nginx:1.27', 'app:2', '--repo', '/etc/yum.repos.d/docker-ce.repo', '--limit', '20Mbit'],
    ['export', '/media/usb', 'nginx:1.27', 'app:2', '--repo', '/etc/yum.repos.d/docker-ce.repo'],
  ]);
});

test('a passport of a chosen folder is for the bundle of that folder alone', (t) => {
  const ready = readyState();
  const passport = { path: '/media/usb/edge 1.json', host: 'edge1', made: '2026-03-01T13:05:09Z', images: 3 };
  const found = reduce(ready, {
    type: 'folder.look',
    id: 'folder:/media/usb',
    look: { freeBytes: 5, bundles: [], passports: [passport], receipts: [] },
  });
  const chosen = [...found.targetRows.chosen, `passport:${passport.path}`];
  const state = { ...found, targetRows: { ...found.targetRows, chosen } };
  const [send = [], toFolder = []] = commandsOf(state);
  t.false(send.includes('--for'));
  t.deepEqual(toFolder.slice(-2), ['--for', passport.path]);
  t.deepEqual(
    shownTargets(state).map(({ kind }) => kind),
    ['host', 'folder', 'passport', 'host'],
  );
});

test('choosing all targets chooses no passport: each makes bundles smaller, and is meant one by one', (t) => {
  const look = {
    freeBytes: 5,
    bundles: [],
    receipts: [],
    passports: [{ path: '/p.json', host: 'e', made: '', images: 1 }],
  };
  const state = { ...readyState(), screen: 'targets' as const };
  const found = reduce(state, { type: 'folder.look', id: 'folder:/media/usb', look });
  const all = reduce(found, { type: 'action', action: 'list.all', page: 1, last: 0 });
  t.is(all.targetRows.chosen.length, 3);
});

test('nothing or nowhere chosen is no command', (t) => {
  const state = readyState();
  const none = { ...state.imageRows, chosen: [] };
  t.deepEqual(commandsOf({ ...state, imageRows: none, extraRows: { ...state.extraRows, chosen: [] } }), []);
  t.deepEqual(commandsOf({ ...state, targetRows: { ...state.targetRows, chosen: [] } }), []);
});

test('the command line understands each of them', async (t) => {
  const [send = [], toFolder = []] = commandsOf(readyState());
  const sent = await parseCommand(send);
  t.is(sent.command, 'send');
  t.like(sent.options, { hosts: ['web1'], limitBytesPerSecond: 2_500_000 });
  t.like(await parseCommand(toFolder), { command: 'export', options: { destination: '/media/usb' } });
  await t.throwsAsync(parseCommand(['send', 'web1', 'x', '--limit', 'fast']), { code: 'RATE_INVALID' });
  await t.throwsAsync(parseCommand(['sned', 'web1', 'x']), { code: 'USAGE' });
});

test('a copied line is one line for any shell, whatever the names hold', (t) => {
  t.is(commandLine({ words: ['send', 'web1', 'app:2'] }), 'airgap send web1 app:2');
  t.is(
    commandLine({ words: ['send', 'db$(touch pwned)', "it's"] }),
    `airgap send 'db$(touch pwned)' 'it'\\''s'`,
  );
  t.is(commandLine({ words: ['export', '~/usb', 'a b'] }), `airgap export '~/usb' 'a b'`);
});

test('what was typed is told by its form, and a file without a place is asked for one', (t) => {
  const file = 'a.env:/opt/a.env:640';
  t.deepEqual(extraWords('docker-ce.repo'), ['--repo', 'docker-ce.repo']);
  t.deepEqual(extraWords(file), ['--file', file]);
  t.deepEqual(extraWords('debug=true'), ['--daemon-key', 'debug=true']);
  const mirrors = 'registry-mirrors=["https://mirror.lan"]';
  t.deepEqual(extraWords(mirrors), ['--daemon-key', mirrors]);
  t.deepEqual(extraWords('a=b:/opt/a'), ['--file', 'a=b:/opt/a']);
  t.deepEqual(extraWords('rpms/'), ['--packages', 'rpms']);
  t.is(extraWords('a.env'), undefined);
  t.is(extraWords('/'), undefined);
});

test('packages go into bundles and on no send', async (t) => {
  const ready = readyState();
  const add = (state: AppState, ...words: string[]): AppState =>
    reduce(state, { type: 'extra.add', words, from: 'typed' });
  const state = add(add(ready, '--packages', '/srv/rpms'), '--daemon-key', 'debug=true');
  const [send = [], toFolder = []] = commandsOf(state);
  t.false(send.includes('--packages'));
  t.like(await parseCommand(send), { options: { files: [{ kind: 'repo' }, { kind: 'daemon' }] } });
  t.like(await parseCommand(toFolder), { options: { packages: ['/srv/rpms'] } });
  const only = {
    ...state,
    imageRows: { ...state.imageRows, chosen: [] },
    extraRows: { ...state.extraRows, chosen: ['--packages /srv/rpms'] },
  };
  t.deepEqual(commandsOf(only), [['export', '/media/usb', '--packages', '/srv/rpms']]);
});

test('the choice as a bundle.yaml is one that airgap reads, without what does not lie beside it', (t) =>
  withTempDir(async (folder) => {
    for (const name of ['a.env', 'x.repo']) await writeFile(join(folder, name), 'x');
    await mkdir(join(folder, 'rpms'));
    const state = [
      ['--file', `${join(folder, 'a.env')}:/opt/a.env:640`],
      ['--repo', join(folder, 'x.repo')],
      ['--packages', join(folder, 'rpms')],
      ['--daemon-key', 'debug=true'],
      ['--daemon-key', 'registry-mirrors=["https://mirror.lan"]'],
    ].reduce<AppState>(
      (now, words) => reduce(now, { type: 'extra.add', words, from: 'typed' }),
      readyState(),
    );
    const { document, outside } = specText(state, folder);
    t.deepEqual(outside, ['/etc/yum.repos.d/docker-ce.repo']);
    const file = join(folder, 'bundle.yaml');
    await writeFile(file, document);
    const spec = await readSpec(file, () => undefined);
    t.deepEqual(
      spec.images.map(({ source }) => source),
      ['nginx:1.27', 'app:2'],
    );
    t.like(spec, { name: 'bundle', targets: ['web1'] });
    t.regex(document, /packages:\n {2}- "rpms"/);
    t.regex(document, /files:\n {2}- \{"from":"a.env","to":"\/opt\/a.env","mode":"0640"\}/);
    t.regex(document, /daemon:\n {2}"debug": true\n {2}"registry-mirrors": \["https/);
  }));

test('names given on the way are told in bundle.yaml as it wants them', (t) => {
  const state = readyState();
  const id = 'nginx:1.27=registry.lan/web:1';
  const source = {
    id,
    kind: 'image',
    label: id,
    bytes: 1,
    layers: 1,
    createdAt: undefined,
    about: '',
  } as const;
  const chosen = { ...state, repeated: [source], imageRows: { ...state.imageRows, chosen: [id] } };
  t.regex(specText(chosen, '/').document, /- \{"from":"nginx:1\.27","as":"registry\.lan\/web:1"\}/);
});

test('a key of daemon.json is set once: the later setting takes the place of the earlier', (t) => {
  const add = (state: ReturnType<typeof readyState>, word: string) =>
    reduce(state, { type: 'extra.add', words: ['--daemon-key', word], from: 'typed', instead: undefined });
  const both = add(add(readyState(), 'debug=true'), 'debug=false');
  t.deepEqual(
    both.extras.filter(({ words }) => words[0] === '--daemon-key').map(({ words }) => words[1]),
    ['debug=false'],
  );
  t.is(both.extraRows.chosen.filter((one) => one.includes('debug')).length, 1);
});

test('saved-without-a-word: what a bundle.yaml cannot say is named when it is saved', (t) => {
  const passport = { path: '/media/usb/e.json', host: 'e', made: '', images: 1 };
  const look = { freeBytes: 5, bundles: [], receipts: [], passports: [passport] };
  const found = reduce(readyState(), { type: 'folder.look', id: 'folder:/media/usb', look });
  const options = new Map(found.options).set('--split', ['4GB']).set('--name', ['site']).set('--replace', []);
  const chosen = [...found.targetRows.chosen, `passport:${passport.path}`];
  const state = { ...found, options, targetRows: { ...found.targetRows, chosen } };
  const { document, unsaid } = specText(state, '/etc/yum.repos.d');
  t.regex(document, /^name: site$/m);
  t.deepEqual(unsaid, [
    '--limit 20Mbit',
    '--split 4GB',
    '--replace',
    '/media/usb',
    '--for /media/usb/e.json',
  ]);
});

test('gap-between-screen-and-line: every option of what it starts is offered by some screen', async (t) => {
  const offered = new Set(offeredOptions(knownOptions()).map(({ flag }) => flag));
  const tree = completionTree().filter(({ path }) =>
    ['send', 'export', 'import', 'push'].includes(path.join(' ')),
  );
  const all = new Set(tree.flatMap(({ options }) => options.map(({ long, short }) => long ?? short)));
  // Chosen on Extras and Targets, asked in place, or of use to who reads a terminal line by line.
  const elsewhere = ['--file', '--repo', '--daemon-key', '--packages', '--for', '--to', '--dry-run'];
  const lines = ['--yes', '--json', '--quiet', '--lang', '--help'];
  t.deepEqual(
    [...all].filter((flag) => flag === undefined || !offered.has(flag)).toSorted(),
    [...elsewhere, ...lines].toSorted(),
  );
});

test('a bundle goes to each host by a command of its own, and takes the options that an import knows', async (t) => {
  const bundle = {
    paths: ['/a/1', '/b/2'],
    name: 's',
    images: 1,
    files: 0,
    packages: 0,
    bytes: 1,
    missing: [],
  };
  const put = reduce(readyState(), { type: 'bundle.put', bundle });
  const local = reduce(put, { type: 'target.put', target: localTarget(), instead: undefined });
  const options = new Map([
    ['--install-packages', []],
    ['--limit', ['1MB']],
    ['--engine', ['layout:/srv']],
  ]);
  const state = { ...local, options, imageRows: { ...local.imageRows, chosen: ['bundle:/a/1'] } };
  const only = { ...state, extraRows: { ...state.extraRows, chosen: [] } };
  const words = ['--engine', 'layout:/srv', '--install-packages'];
  const [there = [], here = [], ...more] = commandsOf(only);
  t.deepEqual(more, []);
  t.deepEqual(here.slice(0, 3), ['import', '/a/1', '/b/2']);
  t.deepEqual(there.slice(0, 5), ['import', '/a/1', '/b/2', '--to', 'web1']);
  t.deepEqual(here.slice(3).toSorted(), words.toSorted());
  t.like(await parseCommand(there), { command: 'import', options: { to: 'web1', installPackages: true } });
});
