// Registries as targets: what is planned for them, how a run becomes a choice again, what is remembered.
import test from 'ava';
import { parseCommand } from '../../src/cli/parse-command.js';
import { plainLine } from '../../src/views/line.js';
import { drawScreen } from '../../ui/screens/screen.js';
import type { AppState } from '../../ui/state/app-state.js';
import { commandsOf } from '../../ui/state/command.js';
import { startable, targetsOf } from '../../ui/state/plan.js';
import { reduce } from '../../ui/state/reduce.js';
import { repeatOf } from '../../ui/state/repeat.js';
import { registryTarget, registryTargets } from '../../ui/state/targets.js';
import { samplePushPlan, samplePushReceipt, sampleReceipt } from '../helpers/samples.js';
import { everyScreen, pushCommand, readyState } from '../helpers/screen-states.js';

const bundle = {
  paths: ['/a/1', '/b/2'],
  name: 's',
  images: 1,
  files: 0,
  packages: 0,
  bytes: 1,
  missing: [],
};

function withRegistry(state: AppState, name: string): AppState {
  return reduce(state, { type: 'target.put', target: registryTarget(name, 'typed'), instead: undefined });
}

test('each registry gets a push of its own, beside the send of the hosts and the bundle of the drive', async (t) => {
  const state = withRegistry(withRegistry(readyState(), 'registry.lan:5000/site'), 'hub.lan');
  const commands = commandsOf({ ...state, options: new Map([['--limit', ['2MB']]]) });
  t.deepEqual(
    commands.map(({ kind, targets }) => `${kind} ${targets.join()}`),
    ['send web1', 'export /media/usb', 'push registry.lan:5000/site', 'push hub.lan'],
  );
  const [, , push] = commands;
  const parsed = await parseCommand(push?.words ?? []);
  t.is(parsed.command, 'push');
  t.like(parsed.options, { registry: 'registry.lan:5000/site', limitBytesPerSecond: 2_000_000 });
  // Files have no place in a registry, and that is said.
  t.false(push?.words.includes('--repo'));
  const lines = drawScreen({ ...state, screen: 'plan' }, { columns: 119, rows: 50, ascii: false }).lines;
  t.regex(lines.map(plainLine).join('\n'), /no file goes to registry\.lan:5000\/site, hub\.lan/);
});

test('a bundle is pushed with all its volumes', async (t) => {
  const put = withRegistry(reduce(readyState(), { type: 'bundle.put', bundle }), 'hub.lan');
  const targets = { ...put.targetRows, chosen: ['registry:hub.lan'] };
  const state = { ...put, targetRows: targets, imageRows: { ...put.imageRows, chosen: ['bundle:/a/1'] } };
  const [{ words } = { words: [] }, ...more] = commandsOf({ ...state, options: new Map() });
  t.deepEqual(more, []);
  t.deepEqual(words, ['push', '/a/1', '/b/2', 'hub.lan']);
  t.is((await parseCommand(words)).command, 'push');
});

test('a registry that refuses holds up no other target', (t) => {
  const [good, bad] = [pushCommand('registry.lan'), pushCommand('hub.lan')];
  const parts = [
    { kind: 'push' as const, command: good, plan: samplePushPlan('registry.lan') },
    { kind: 'push' as const, command: bad, plan: samplePushPlan('hub.lan', true) },
  ];
  t.deepEqual(parts.map(targetsOf), [['registry.lan'], ['hub.lan']]);
  t.deepEqual(startable([good, bad], parts), { commands: [good], leftOut: ['hub.lan'] });
});

test('the registries are those that were added, and those that receipts know, each once', (t) => {
  const old = { ...samplePushReceipt('hub.lan'), startedAt: '2020-01-01T00:00:00.000Z' };
  const receipts = [
    samplePushReceipt('registry.lan/site'),
    sampleReceipt('web1'),
    samplePushReceipt('hub.lan'),
    old,
  ];
  const found = registryTargets(
    [registryTarget('hub.lan', 'typed'), registryTarget('new.lan', 'typed')],
    receipts,
  );
  t.deepEqual(
    found.map(({ id, from, lastSend }) => [id, from, lastSend === undefined]),
    [
      ['registry:hub.lan', 'typed', false],
      ['registry:new.lan', 'typed', true],
      ['registry:registry.lan/site', 'receipt', false],
    ],
  );
  t.not(found[0]?.lastSend, old.startedAt);
});

test('a push again is the push of the same images to the same place', (t) => {
  const receipt = samplePushReceipt('registry.lan/site');
  const [first] = receipt.images;
  const image = (source: string, reference: string) => ({ ...first!, source, reference });
  const images = [
    image('docker-daemon:team/app:2', 'registry.lan/site/team/app:2'),
    image('oci:/srv/images:tool:1', 'registry.lan/site/tool:1'),
  ];
  const { sources } = repeatOf({ ...receipt, images }, readyState());
  t.deepEqual(
    sources.map(({ id }) => id),
    ['team/app:2', 'oci:/srv/images:tool:1=registry.lan/site/tool:1'],
  );
});

test('what was found of a registry stays when lists are filled anew', (t) => {
  const id = 'registry:hub.lan';
  const reach = { is: 'ready', value: { origin: 'https://hub.lan', user: 'me' } } as const;
  const looked = reduce(withRegistry(readyState(), 'hub.lan'), { type: 'registry.reach', id, reach });
  const again = reduce(looked, { type: 'targets', targets: [registryTarget('hub.lan', 'receipt')] });
  t.deepEqual(again.targets.find((one) => one.id === id)?.reach, reach);
});

test('a registry that cannot be used says why and what to do', (t) => {
  const state = everyScreen().get('registries');
  const text = drawScreen(state!, { columns: 119, rows: 30, ascii: false }).lines.map(plainLine).join('\n');
  t.regex(text, /registry\.lan +a registry, reached as me/);
  t.regex(text, /hub\.lan is not trusted.* \[REGISTRY_TLS\]/);
  t.regex(text, /Put the certificate/);
});
