// Jobs as the reducer keeps them: what their runs told, added up. Pure.
import { reduceProgress } from '../../src/runs/progress.js';
import type { AppState, Job } from './app-state.js';
import type { AppEvent } from './events.js';

// A log of more lines is not read; the oldest go.
const maxLogLines = 500;

/** The state with one job changed. */
export function withJob(state: AppState, id: string, change: (job: Job) => Job): AppState {
  return { ...state, jobs: state.jobs.map((job) => (job.id === id ? change(job) : job)) };
}

/** A job after its run has told more. */
export function toldJob(job: Job, { events, log }: Extract<AppEvent, { type: 'job.told' }>): Job {
  const receipts = events.flatMap((one) => (one.type === 'host.finished' ? [one.receipt] : []));
  const failed = events.flatMap((one) =>
    one.type === 'host.failed' ? [{ host: one.host, error: one.error }] : [],
  );
  return {
    ...job,
    progress: events.reduce(reduceProgress, job.progress),
    log: [...job.log, ...log].slice(-maxLogLines),
    receipts: [...job.receipts, ...receipts],
    failed: [...job.failed, ...failed],
  };
}
