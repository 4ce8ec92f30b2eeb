// Hosts with several engines: which is used is said, another is chosen with a key, and each engine gets a line of its own.
import test from 'ava';
import { parseCommand } from '../../src/cli/parse-command.js';
import { plainLine } from '../../src/views/line.js';
import { drawScreen } from '../../ui/screens/screen.js';
import type { AppState } from '../../ui/state/app-state.js';
import { commandsOf } from '../../ui/state/command.js';
import { reduce } from '../../ui/state/reduce.js';
import { hostTarget } from '../../ui/state/targets.js';
import { samplePassport } from '../helpers/samples.js';
import { readyState } from '../helpers/screen-states.js';

const id = 'host:web1';
const looked = (state: AppState): AppState =>
  reduce(state, {
    type: 'target.probe',
    id,
    probe: { is: 'ready', value: samplePassport('web1') },
    otherEngines: ['podman', 'containerd'],
  });
const next = (state: AppState): AppState => reduce(state, { type: 'target.engine', id });
const engineOf = (state: AppState): string | undefined => state.targets.find((one) => one.id === id)?.engine;

test('the key goes through the engines of a host and back to the usual one; each is looked at anew', (t) => {
  const first = looked(readyState());
  t.is(engineOf(first), undefined);
  const second = next(first);
  t.is(engineOf(second), 'podman');
  t.is(second.targets.find((one) => one.id === id)?.probe.is, 'none');
  // What is beside podman is docker: the list stays that of the usual engine.
  const probe = { is: 'ready', value: samplePassport('web1') } as const;
  const again = reduce(second, { type: 'target.probe', id, probe, otherEngines: ['docker'] });
  t.is(engineOf(next(again)), 'containerd');
  t.is(engineOf(next(next(again))), undefined);
});

test('hosts are sent to by a line for each engine, which stands above the engine of the options', async (t) => {
  const two = reduce(looked(readyState()), {
    type: 'target.put',
    target: hostTarget('web3', 'typed'),
    instead: undefined,
  });
  const state = { ...next(two), options: new Map([['--engine', ['containerd']]]) };
  const sends = commandsOf(state).filter(({ kind }) => kind === 'send');
  t.deepEqual(
    sends.map(({ targets }) => targets.join()),
    ['web1', 'web3'],
  );
  const parsed = await Promise.all(sends.map(({ words }) => parseCommand(words)));
  t.deepEqual(
    parsed.map(({ command, options }) => command === 'send' && options.engine),
    ['podman', 'containerd'],
  );
  t.deepEqual(
    sends.map(({ words }) => words.filter((word) => word === '--engine').length),
    [1, 1],
  );
});

test('what is chosen stays when lists are filled anew, and the other engines are told', (t) => {
  const chosen = next(looked(readyState()));
  const filled = reduce(chosen, { type: 'targets', targets: [hostTarget('web1', 'config')] });
  t.is(engineOf(filled), 'podman');
  const state: AppState = { ...looked(readyState()), screen: 'targets' };
  const lines = drawScreen(state, { columns: 119, rows: 30, ascii: false }).lines.map(plainLine).join('\n');
  t.regex(lines, /docker 28\.0\.1[\s\S]*E takes another engine: podman,\s+containerd/);
});
