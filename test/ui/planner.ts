// Plans as the screen has them made: begun for what is chosen, ended when it is not chosen any more.
import { setImmediate as turn } from 'node:timers/promises';
import test from 'ava';
import { parseCommand } from '../../src/cli/parse-command.js';
import { AirgapError } from '../../src/errors.js';
import type { Core } from '../../src/runs/api.js';
import { startRun } from '../../src/runs/run.js';
import { createPlanner } from '../../ui/planner.js';
import type { AppState } from '../../ui/state/app-state.js';
import { reduce } from '../../ui/state/reduce.js';
import { createFakeCore } from '../helpers/fake-core.js';
import { readyState } from '../helpers/screen-states.js';

/** A planner on a state of its own; every dry run of a send asks, and waits for ever. */
function waiting(): {
  readonly state: () => AppState;
  readonly change: (next: AppState) => void;
  readonly settle: () => Promise<void>;
  readonly begun: string[];
  readonly ended: string[];
  readonly close: () => void;
} {
  let state: AppState = { ...readyState(), screen: 'plan' };
  const begun: string[] = [];
  const ended: string[] = [];
  const send: Core['send'] = ({ hosts }) =>
    startRun(async ({ ask, signal }) => {
      begun.push(hosts.join());
      signal.addEventListener('abort', () => ended.push(hosts.join()));
      await ask({ kind: 'confirm', question: 'Really?' });
      throw new AirgapError('CANCELLED', { resumable: true });
    });
  const planner = createPlanner(
    {
      doors: {
        core: Promise.resolve({ ...createFakeCore('works'), send }),
        parse: parseCommand,
        knownOptions: async () => [],
        save: async () => true,
        copy: async () => 'terminal',
        ring: () => undefined,
        now: () => 0,
      },
      state: () => state,
      dispatch: (event) => {
        state = reduce(state, event);
      },
    },
    {
      ask: (question) => {
        state = reduce(state, { type: 'asked', question });
      },
      withdraw: (runId) => {
        state = reduce(state, { type: 'withdrawn', runId });
      },
    },
  );
  return {
    state: () => state,
    change: (next) => {
      state = next;
    },
    async settle() {
      planner.settle();
      for (let turns = 0; turns < 50; turns += 1) await turn();
    },
    begun,
    ended,
    close: planner.close,
  };
}

for (const [what, screen] of [
  ['on the plan', 'plan'],
  ['on another screen', 'images'],
] as const) {
  test(`dry-run-of-nothing: a choice that becomes empty ${what} ends its plan and takes back its question`, async (t) => {
    const { state, change, settle, begun, ended } = waiting();
    await settle();
    for (let tries = 0; tries < 500 && state().questions.length === 0; tries += 1) await settle();
    t.deepEqual([begun, ended, state().questions.length], [['web1'], [], 1]);
    const none = { ...state().targetRows, chosen: [] };
    change({ ...state(), screen, targetRows: none });
    for (let tries = 0; tries < 500 && state().questions.length > 0; tries += 1) await settle();
    t.deepEqual([ended, state().questions, state().planning], [['web1'], [], { is: 'none' }]);
    await settle();
    t.deepEqual(begun, ['web1']);
  });
}

test('another choice is planned anew, and only where the plan is shown', async (t) => {
  const { state, change, settle, begun, ended, close } = waiting();
  t.teardown(close);
  await settle();
  for (let tries = 0; tries < 500 && begun.length === 0; tries += 1) await settle();
  const other = { ...state().imageRows, chosen: ['app:2'] };
  change({ ...state(), screen: 'images', imageRows: other });
  for (let tries = 0; tries < 500 && ended.length === 0; tries += 1) await settle();
  t.deepEqual([begun, ended], [['web1'], ['web1']]);
  change({ ...state(), screen: 'plan' });
  for (let tries = 0; tries < 500 && begun.length < 2; tries += 1) await settle();
  t.is(begun.length, 2);
});
