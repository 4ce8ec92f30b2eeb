// What keys do that begin runs, pause them, try them again and stop them. Questions name whom they are about.
import { text } from '../src/text/text.js';
import { span } from '../src/views/line.js';
import type { Jobs } from './jobs.js';
import type { ActionId } from './keys.js';
import type { Parts } from './parts.js';
import type { Planner } from './planner.js';
import type { Confirm, Job } from './state/app-state.js';
import { isUnderWay, runHere } from './state/jobs.js';

export interface Runner {
  readonly acts: Partial<Record<ActionId, () => void>>;
  /** A question of these was answered with yes. */
  confirmed(confirm: Confirm): void;
}

/** `leave` ends the screen. */
export function createRunner(
  { state, dispatch }: Pick<Parts, 'state' | 'dispatch'>,
  { planner, jobs, leave }: { readonly planner: Planner; readonly jobs: Jobs; readonly leave: () => void },
): Runner {
  const complain = (line: string): void => dispatch({ type: 'notice', notice: [span('warn', line)] });
  const ask = (what: Confirm['what'], subject: readonly string[], of?: readonly Job[]): void =>
    dispatch({
      type: 'confirm',
      confirm: {
        what,
        subject: subject.join(', '),
        ...(of === undefined ? {} : { jobs: of.map(({ id }) => id) }),
      },
    });
  const nothing = (): void => complain(text().words.screen.run.nothing);
  const here = (): readonly Job[] => {
    const row = runHere(state());
    return row === undefined ? [] : [row.job];
  };
  const begin = (): void => {
    const { plan } = text().words.screen;
    const found = planner.startable();
    if (found === undefined || found.commands.length === 0) complain(plan.notNow);
    else if (!jobs.start(found.commands)) complain(plan.busy);
  };
  const start = (): void => {
    const found = planner.startable();
    if (found === undefined || found.commands.length === 0 || found.leftOut.length === 0) begin();
    else ask('start', found.leftOut);
  };
  const stop = (of: readonly Job[]): void => {
    const running = of.filter(({ state: now }) => now === 'running' || now === 'pausing');
    const paused = of.filter(({ state: now }) => now === 'paused');
    // Nothing of it runs: there is nothing to be asked.
    for (const { id } of paused) dispatch({ type: 'job.state', id, state: 'stopped', now: state().now });
    if (running.length > 0) ask('cancel', namesOf(running), running);
    else if (paused.length === 0) nothing();
  };
  const quit = (): void => {
    const running = state().jobs.filter(isUnderWay);
    // Whoever asks again has asked: what is being stopped is shown.
    if (running.length === 0) leave();
    else if (!state().leaving) ask('quit', namesOf(running));
  };

  return {
    acts: {
      'plan.start': start,
      'plan.again': () => planner.plan(),
      'run.pause': () => {
        if (!jobs.pauseOrResume(here())) nothing();
      },
      'run.pauseAll': () => {
        if (!jobs.pauseOrResume(state().jobs)) nothing();
      },
      'run.retry': () => {
        if (!jobs.retry(here(), runHere(state())?.target)) nothing();
      },
      'run.retryAll': () => {
        if (!jobs.retry(state().jobs)) nothing();
      },
      'run.cancel': () => stop(here()),
      'run.cancelAll': () => stop(state().jobs),
      'app.quit': quit,
      'app.stop': quit,
    },
    confirmed({ what, jobs: of = [] }) {
      if (what === 'start') begin();
      if (what === 'cancel') void jobs.stop(state().jobs.filter(({ id }) => of.includes(id)));
      if (what === 'quit') {
        dispatch({ type: 'leaving' });
        void jobs.stop().then(leave);
      }
    },
  };
}

/** Of what runs: the targets that have not got everything yet, as people know them. */
function namesOf(jobs: readonly Job[]): string[] {
  return jobs.flatMap(({ targets, receipts, failed }) =>
    targets.filter(
      (target) =>
        !receipts.some((one) => one.target === target) && !failed.some(({ host }) => host === target),
    ),
  );
}
