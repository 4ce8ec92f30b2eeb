// A run that was, as a choice: the words of a command line that does it again.
import test from 'ava';
import { parseCommand } from '../../src/cli/parse-command.js';
import { digestOf } from '../../src/oci/digest.js';
import { commandsOf } from '../../ui/state/command.js';
import { reduce } from '../../ui/state/reduce.js';
import { receiptTarget, repeatOf } from '../../ui/state/repeat.js';
import { shownReceipts } from '../../ui/state/rows.js';
import { sampleReceipt } from '../helpers/samples.js';
import { readyState, sampleTarget } from '../helpers/screen-states.js';

const base = sampleReceipt('web1');
const image = (source: string, reference: string) => ({ ...base.images[0]!, source, reference });
const file = { digest: digestOf('x'), previous: null, backup: null };
const receipt = {
  ...base,
  images: [
    image('docker-daemon:nginx:1.27', 'nginx:1.27'),
    image('docker-daemon:redis', 'redis:latest'),
    image('docker-daemon:app:2', 'registry.lan/app:2'),
    image('docker-archive:/srv/a.tar', 'tool:1'),
    image('container:shop', 'shop:latest'),
  ],
  files: [
    { ...file, to: '/opt/a', mode: '0640', kind: 'file' as const, source: '/srv/a' },
    { ...file, to: '/opt/odd', mode: '0666', kind: 'file' as const, source: '/srv/odd' },
    { ...file, to: '/etc/yum.repos.d/x.repo', mode: '0644', kind: 'repo' as const, source: '/srv/x.repo' },
    { ...file, to: '/etc/docker/daemon.json', mode: '0644' },
  ],
};

test('images keep their source and name over there, files their place and mode', async (t) => {
  const { sources, extras, missing } = repeatOf(receipt, readyState());
  t.deepEqual(missing, ['/etc/docker/daemon.json']);
  const state = reduce(readyState(), { type: 'repeat', sources, extras, targets: ['host:web1'] });
  const [{ words } = { words: [] }, ...others] = commandsOf({ ...state, options: new Map() });
  t.deepEqual(others, []);
  t.deepEqual(words, [
    'send',
    'web1',
    'nginx:1.27',
    'redis',
    'app:2=registry.lan/app:2',
    'docker-archive:/srv/a.tar=tool:1',
    'container:shop',
    '--file',
    '/srv/a:/opt/a:0640',
    '--file',
    '/srv/odd:/opt/odd',
    '--repo',
    '/srv/x.repo',
  ]);
  t.is((await parseCommand(words)).command, 'send');
});

test('receipts that came home stand among the others, each once, by their time', (t) => {
  const old = { ...base, id: 'aaaaaaaa', startedAt: '2020-01-01T00:00:00.000Z' };
  const state = reduce(readyState(), {
    type: 'folder.look',
    id: 'folder:/media/usb',
    look: { freeBytes: undefined, bundles: [], passports: [], receipts: [base, old] },
  });
  t.deepEqual(
    shownReceipts(state).map(({ id }) => id),
    [base.id, old.id],
  );
  const filtered = { ...state, historyRows: { ...state.historyRows, filter: 'no such' } };
  t.deepEqual(shownReceipts(filtered), []);
});

test('repeated-to-another-host: one address behind two gateways is two machines, and a name that leads elsewhere is another', (t) => {
  const address = 'root@10.0.0.7:22';
  const [north, south] = ['north', 'south'].map((name) => sampleTarget(name, { address }));
  const elsewhere = sampleTarget('web1', { address: 'root@10.0.0.9:22' });
  const named = (host: string, ...targets: readonly (typeof elsewhere | undefined)[]): string =>
    receiptTarget({ host, address }, { targets: targets.flatMap((one) => one ?? []) }).name;
  t.is(named('south', north, south), 'south');
  t.is(named('10.0.0.7', north), 'north');
  t.is(named('10.0.0.7', north, south), '10.0.0.7');
  t.is(named('web1', elsewhere, south), 'south');
  t.is(named('web1', elsewhere), address);
  t.is(named('web1'), 'web1');
});
