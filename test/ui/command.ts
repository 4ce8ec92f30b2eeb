// What is chosen as command lines: what is shown, copied and run is one and the same.
import test from 'ava';
import { parseCommand } from '../../src/cli/parse-command.js';
import { specText } from '../../ui/save.js';
import { commandLine, commandsOf, extraWords } from '../../ui/state/command.js';
import { reduce } from '../../ui/state/reduce.js';
import { shownTargets } from '../../ui/state/rows.js';
import { readyState } from '../helpers/screen-states.js';

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
    look: { freeBytes: 5, passports: [passport], receipts: [] },
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
  t.is(commandLine(['send', 'web1', 'app:2']), 'airgap send web1 app:2');
  t.is(commandLine(['send', 'db$(touch pwned)', "it's"]), `airgap send 'db$(touch pwned)' 'it'\\''s'`);
  t.is(commandLine(['export', '~/usb', 'a b']), `airgap export '~/usb' 'a b'`);
});

test('a typed file is repo config by its ending, else a file with a place', (t) => {
  t.deepEqual(extraWords('docker-ce.repo'), ['--repo', 'docker-ce.repo']);
  t.deepEqual(extraWords('a.env:/opt/a.env:640'), ['--file', 'a.env:/opt/a.env:640']);
});

test('the choice as a bundle.yaml holds what was chosen, and nothing that was typed means more', (t) => {
  const text = specText(readyState());
  t.regex(text, /^name: bundle\nimages:\n {2}- "nginx:1.27"\n {2}- "app:2"\n/);
  t.regex(text, /repos:\n {2}- \{"from":"\/etc\/yum\.repos\.d\/docker-ce\.repo"\}\ntargets:\n {2}- "web1"\n/);
});
