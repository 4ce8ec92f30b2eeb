// Jobs as the reducer keeps them: what their runs told, added up; how each of their targets stands. Pure.
import { reduceProgress } from '../../src/runs/progress.js';
import type { AppState, Job, JobState, Told } from './app-state.js';
import { broughtBy } from './command.js';
import type { AppEvent } from './events.js';
import { withOption } from './options.js';

// What a person agrees to for one run: who once let another image take a name has not said so of the next.
const onceOnly = '--replace';

// A log of more lines is not read; the oldest go.
const maxLogLines = 500;

/** One target of a job: a row of the run screen. */
export interface RunRow {
  readonly id: string;
  readonly job: Job;
  readonly target: string;
  readonly state: JobState;
  readonly error: Told | undefined;
}

/** Every target of every job, in order. */
export function runRows({ jobs }: Pick<AppState, 'jobs'>): readonly RunRow[] {
  return jobs.flatMap((job) =>
    job.targets.map((target) => ({
      id: `${job.id} ${target}`,
      job,
      target,
      state: stateOf(job, target),
      error: errorOf(job, target),
    })),
  );
}

/** The row at the cursor. */
export function runHere(state: Pick<AppState, 'jobs' | 'runRows'>): RunRow | undefined {
  const rows = runRows(state);
  return rows[Math.max(0, Math.min(rows.length - 1, state.runRows.cursor))];
}

/** Whether a run of it goes on, be it to its end. */
export const isUnderWay = ({ state }: Pick<Job, 'state'>): boolean =>
  state === 'running' || state === 'pausing' || state === 'stopping';

/** The targets of a job that it could be tried again for: those that have not got everything, and to which nothing is under way. */
export function leftOf(job: Job): readonly string[] {
  return job.targets.filter((target) => ['failed', 'stopped', 'paused'].includes(stateOf(job, target)));
}

function stateOf(job: Job, target: string): JobState {
  const hasArrived = job.receipts.some((one) => one.target === target);
  // What is wrong after that with a run to several is wrong with another of them.
  if (job.state === 'done' || (hasArrived && (job.state !== 'failed' || job.targets.length > 1)))
    return 'done';
  return job.failed.some(({ host }) => isOf(job, host, target)) ? 'failed' : job.state;
}

function errorOf(job: Job, target: string): Told | undefined {
  if (stateOf(job, target) !== 'failed') return undefined;
  return job.failed.find(({ host }) => isOf(job, host, target))?.error ?? job.error;
}

/** A job with one target is about that, whatever its host calls itself. */
function isOf({ targets }: Job, host: string, target: string): boolean {
  return targets.length === 1 || host === target;
}

/** New jobs; of earlier ones only what still could be tried again stays, unless a new one brings all of it to the same target. */
export function withStarted(state: AppState, started: readonly Job[]): AppState {
  const brought = ({ command }: Job): readonly string[] => broughtBy(command, state);
  const isAgain = (job: Job, target: string): boolean =>
    started.some((one) => {
      const words = brought(one);
      return one.targets.includes(target) && brought(job).every((word) => words.includes(word));
    });
  const left = state.jobs.filter((job) => leftOf(job).some((target) => !isAgain(job, target)));
  const jobs = [...left, ...started];
  const cursor = runRows({ jobs: left }).length;
  const next: AppState = { ...state, jobs, runRows: { ...state.runRows, cursor }, screen: 'run', scroll: 0 };
  return state.options.has(onceOnly) ? withOption(next, onceOnly, undefined) : next;
}

/** A job is taken up again by another, for all that is left of it or for some of that; what it has done and told stays. */
export function withAgain(state: AppState, id: string, next: Job): AppState {
  const jobs = state.jobs.flatMap((job) => {
    if (job.id !== id) return [job];
    const isGoing = (target: string): boolean => next.targets.includes(target);
    const { log } = job;
    // Who goes again has not got everything, whatever had arrived there: only the next run may say so.
    const receipts = job.receipts.filter(({ target }) => !isGoing(target));
    if (!isUnderWay(job) && leftOf(job).every(isGoing))
      return [{ ...next, targets: job.targets, receipts, log }];
    const targets = job.targets.filter((target) => !isGoing(target));
    return [
      { ...job, targets, receipts, failed: job.failed.filter(({ host }) => !isGoing(host)) },
      { ...next, log },
    ];
  });
  // What is tried again may stand in another place now.
  const here = runHere(state)?.target;
  const at = runRows({ jobs }).findIndex(({ job, target }) => job.id === next.id && target === here);
  const cursor = at < 0 ? state.runRows.cursor : at;
  return { ...state, jobs, runRows: { ...state.runRows, cursor }, scroll: 0 };
}

/** The state with one job changed. */
export function withJob(state: AppState, id: string, change: (job: Job) => Job): AppState {
  return { ...state, jobs: state.jobs.map((job) => (job.id === id ? change(job) : job)) };
}

/** A job after its run has told more. */
export function toldJob(job: Job, { events, log }: Extract<AppEvent, { type: 'job.told' }>): Job {
  const receipts = events.flatMap((one) =>
    one.type === 'host.finished' ? [{ target: one.host, receipt: one.receipt }] : [],
  );
  const failed = events.flatMap((one) =>
    // Of a run that is stopped every host says so: how it ends, the run itself tells.
    one.type === 'host.failed' && one.error.code !== 'CANCELLED'
      ? [{ host: one.host, error: one.error }]
      : [],
  );
  return {
    ...job,
    progress: events.reduce(reduceProgress, job.progress),
    log: [...job.log, ...log].slice(-maxLogLines),
    receipts: [...job.receipts, ...receipts],
    failed: [...job.failed, ...failed],
  };
}
