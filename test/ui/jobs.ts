// Runs as the reducer keeps them: how each target stands, what is left, and what a second try leaves of the first.
import test from 'ava';
import { knownOptions } from '../../src/cli/known-options.js';
import { plainLine } from '../../src/views/line.js';
import type { ActionId } from '../../ui/keys.js';
import { drawScreen } from '../../ui/screens/screen.js';
import { type AppState, initialState, newJob } from '../../ui/state/app-state.js';
import type { AppEvent } from '../../ui/state/events.js';
import { leftOf, runHere, runRows } from '../../ui/state/jobs.js';
import { offeredOptions } from '../../ui/state/options.js';
import { reduce } from '../../ui/state/reduce.js';
import { sampleReceipt } from '../helpers/samples.js';
import { sendCommand } from '../helpers/screen-states.js';

const error = { code: 'SSH_LOST', message: 'lost', hint: 'again', facts: {} } as const;
const stamp = { runId: 'r', at: 1 };

function after(...events: readonly AppEvent[]): AppState {
  const jobs = [newJob('one', sendCommand('a', 'b', 'c'))];
  return events.reduce(reduce, reduce(initialState, { type: 'jobs.started', jobs }));
}
const told = (id: string, events: Extract<AppEvent, { type: 'job.told' }>['events']): AppEvent => ({
  type: 'job.told',
  id,
  now: 1,
  log: [`said by ${id}`],
  events,
});
const arrived = (id: string, host: string): AppEvent =>
  told(id, [{ ...stamp, type: 'host.finished', host, receipt: sampleReceipt(host) }]);
const lost = (id: string, host: string): AppEvent =>
  told(id, [{ ...stamp, type: 'host.failed', host, error } as never]);
const ended = (id: string, state: 'failed' | 'paused' | 'done'): AppEvent => ({
  type: 'job.state',
  id,
  state,
  now: 2,
  ...(state === 'failed' ? { error } : {}),
});
const stand = (state: AppState): string[] => runRows(state).map((row) => `${row.target} ${row.state}`);
const again = (id: string, ...targets: string[]): AppEvent => ({
  type: 'job.again',
  id,
  job: newJob(`${id} again`, sendCommand(...targets)),
});

test('each target stands for itself: one has arrived, one has failed, one goes on', (t) => {
  const state = after(arrived('one', 'a'), lost('one', 'b'));
  t.deepEqual(stand(state), ['a done', 'b failed', 'c running']);
  t.deepEqual(state.jobs.map(leftOf), [['b']]);
  t.deepEqual(stand(reduce(state, ended('one', 'paused'))), ['a done', 'b failed', 'c paused']);
  t.deepEqual(reduce(state, ended('one', 'paused')).jobs.map(leftOf), [['b', 'c']]);
});

test('retry-dropped-what-was-done: what has arrived and what was told stay when all that is left is tried again', (t) => {
  const state = after(arrived('one', 'a'), lost('one', 'b'), lost('one', 'c'), ended('one', 'failed'));
  const next = reduce(state, again('one', 'b', 'c'));
  t.deepEqual(stand(next), ['a done', 'b running', 'c running']);
  t.is(next.jobs.length, 1);
  t.is(next.jobs[0]?.log.length, 3);
  const over = [arrived('one again', 'b'), lost('one again', 'c'), ended('one again', 'failed')].reduce(
    reduce,
    next,
  );
  t.deepEqual(stand(over), ['a done', 'b done', 'c failed']);
  t.is(over.jobs[0]?.log.length, 5);
});

test('one of several is tried again by itself, also while the others go on, and the cursor goes with it', (t) => {
  const failed = after(lost('one', 'b'));
  const here = reduce({ ...failed, runRows: { ...failed.runRows, cursor: 1 } }, again('one', 'b'));
  t.deepEqual(stand(here), ['a running', 'c running', 'b running']);
  t.is(runHere(here)?.target, 'b');
  t.is(runHere(here)?.job.log.length, 1);
  const over = [arrived('one', 'a'), arrived('one', 'c'), ended('one', 'failed')].reduce(reduce, here);
  // The first run counts the host that it has lost; whoever else it had has everything.
  t.deepEqual(stand(over), ['a done', 'c done', 'b running']);
  t.deepEqual(over.jobs.flatMap(leftOf), []);
});

test('a run that is stopped has stopped, whatever its hosts say of that', (t) => {
  const cancelled = { ...error, code: 'CANCELLED' };
  const said = told('one', [{ ...stamp, type: 'host.failed', host: 'b', error: cancelled } as never]);
  const state = after(arrived('one', 'a'), said, ended('one', 'paused'));
  t.deepEqual(stand(state), ['a done', 'b paused', 'c paused']);
});

test('a new run leaves in sight what could still be tried again, and nothing else', (t) => {
  const state = after(arrived('one', 'a'), lost('one', 'b'), lost('one', 'c'), ended('one', 'failed'));
  const other = reduce(state, { type: 'jobs.started', jobs: [newJob('two', sendCommand('d'))] });
  t.deepEqual(stand(other), ['a done', 'b failed', 'c failed', 'd running']);
  t.is(runHere(other)?.target, 'd');
  const same = reduce(state, { type: 'jobs.started', jobs: [newJob('two', sendCommand('b', 'c'))] });
  t.deepEqual(stand(same), ['b running', 'c running']);
});

test('replaced-twice: that another image may lose its name is said for one run', (t) => {
  const options = new Map([
    ['--replace', []],
    ['--limit', ['20Mbit']],
  ]);
  const started = reduce(
    { ...initialState, options },
    { type: 'jobs.started', jobs: [newJob('one', sendCommand('a'))] },
  );
  t.deepEqual([...started.options.keys()], ['--limit']);
  t.is(started.planning.is, 'none');
});

test('green-over-what-never-came: a failed run stays in sight when another brings other things to its target', (t) => {
  const state = after(arrived('one', 'a'), arrived('one', 'b'), lost('one', 'c'), ended('one', 'failed'));
  const start = (...words: string[]): string[] => {
    const command = { kind: 'send', targets: ['c'], words: ['send', 'c', ...words] } as const;
    const known = { ...state, knownOptions: offeredOptions(knownOptions()) };
    return stand(reduce(known, { type: 'jobs.started', jobs: [newJob('two', command)] }));
  };
  const both = ['a done', 'b done', 'c failed', 'c running'];
  t.deepEqual(start('other:1'), both);
  t.deepEqual(start('--stage', 'app:2', 'other:1'), both);
  t.deepEqual(start('other:1', 'app:2', '--stage', '/big'), ['c running']);
});

test('a run to one target that fails after it has arrived says so', (t) => {
  const jobs = [newJob('one', sendCommand('a'))];
  const begun = reduce(initialState, { type: 'jobs.started', jobs });
  const state = [arrived('one', 'a'), ended('one', 'failed')].reduce(reduce, begun);
  t.deepEqual(stand(state), ['a failed']);
  t.is(runHere(state)?.error?.code, 'SSH_LOST');
});

test('green-before-it-is-true: what goes again because its run failed at the end is not done by what had arrived', (t) => {
  const jobs = [newJob('one', sendCommand('a'))];
  const begun = reduce(initialState, { type: 'jobs.started', jobs });
  const failed = [arrived('one', 'a'), ended('one', 'failed')].reduce(reduce, begun);
  const next = reduce(failed, again('one', 'a'));
  t.deepEqual(stand(next), ['a running']);
  t.deepEqual(stand(reduce(next, ended('one again', 'paused'))), ['a paused']);
  t.deepEqual(stand(reduce(next, arrived('one again', 'a'))), ['a done']);
});

const drawn = (state: AppState, columns = 79, rows = 23): string =>
  drawScreen(state, { columns, rows, ascii: false }).lines.map(plainLine).join('\n');

test('silent-stop: what is being ended says so, in its row and at the bottom, also before the screen is left', (t) => {
  const running = after(arrived('one', 'a'));
  t.regex(drawn(running), /To b +running[\s\S]*It goes on while you look elsewhere/);
  const stopping = reduce(running, { type: 'job.state', id: 'one', state: 'stopping', now: 2 });
  t.regex(drawn(stopping), /To a +done[\s\S]*To b +stopping[\s\S]*Ending cleanly/);
  const away: AppState = { ...stopping, screen: 'images' };
  t.regex(drawn(reduce(away, { type: 'leaving' })), /\[5 Run\][\s\S]*Stopping cleanly, then leaving/);
});

test('cut-story: in a small terminal all targets and the whole story of each can be reached', (t) => {
  const hint = 'a way out that takes many words '.repeat(8).concat('to its very end');
  const far = { ...error, message: 'no room', hint };
  const failed = told('one', [{ ...stamp, type: 'host.failed', host: 'c', error: far } as never]);
  const state = after(arrived('one', 'a'), lost('one', 'b'), failed, ended('one', 'failed'));
  const act = (now: AppState, action: ActionId): AppState => {
    const { page, last } = drawScreen(now, { columns: 39, rows: 11, ascii: false });
    return reduce(now, { type: 'action', action, page: Math.max(1, page - 2), last });
  };
  const onC = act(act(state, 'list.down'), 'list.down');
  t.regex(drawn(onC, 39, 11), /> To c +failed\n(?:[^\n]*\n)?no room/);
  const end = Array.from({ length: 9 }).reduce<AppState>((now) => act(now, 'list.pageDown'), onC);
  t.regex(drawn(end, 39, 11), /said by one/);
  const seen = Array.from({ length: 30 }, (_, scroll) => drawn({ ...onC, scroll }, 39, 11)).join('\n');
  t.regex(seen, /to its very end|very end/);
});

test('bar-before-all-have-told: no sum is drawn as long as one target has not told how much it is', (t) => {
  const told50 = (host: string): AppEvent =>
    told('one', [
      { ...stamp, type: 'step.started', step: 'send', host },
      { ...stamp, type: 'host.progress', host, doneBytes: 50, totalBytes: 100, estimate: false },
    ] as never);
  const sumIn = (state: AppState): string | undefined =>
    drawScreen({ ...state, screen: 'run' }, { columns: 80, rows: 24, ascii: true })
      .lines.map(plainLine)
      .find((line) => / of 3 done/.test(line));
  t.is(sumIn(after(told50('a'), told50('b'))), '  0 of 3 done');
  t.regex(sumIn(after(told50('a'), told50('b'), told50('c'))) ?? '', /^ {2}0 of 3 done {2}#{10}\.{10} +50 %/);
});
