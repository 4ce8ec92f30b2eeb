// The run screen: each job with its targets, a bar for each thing under way, what happened, and how it ended.
import { totalOf } from '../../src/runs/progress.js';
import { text } from '../../src/text/text.js';
import { type Line, type Style, span, wrapLine } from '../../src/views/line.js';
import { liveLines } from '../../src/views/live.js';
import type { AppState, Job } from '../state/app-state.js';
import type { Frame } from './layout.js';

const styles: Readonly<Record<Job['state'], Style>> = {
  running: 'busy',
  pausing: 'warn',
  paused: 'warn',
  stopping: 'warn',
  stopped: 'warn',
  done: 'ok',
  failed: 'error',
};

/** Bars and ends on top, the newest of the log below them: exactly what fits. */
export function viewRunScreen(state: AppState, frame: Frame): readonly Line[] {
  const words = text().words.screen;
  if (state.jobs.length === 0) return ['', `  ${words.run.none}`];
  const share = Math.max(4, Math.floor((frame.rows * 2) / 3 / state.jobs.length));
  const jobs = state.jobs.flatMap((job) => jobLines(job, { ...frame, rows: share }, state.now));
  const log = state.jobs.flatMap(({ log: lines }) => lines);
  const room = Math.max(0, frame.rows - jobs.length - 2);
  if (room < 2 || log.length === 0) return jobs.slice(0, frame.rows);
  // Scrolled back from the end: the newest line is what people look for.
  const end = Math.max(Math.min(room, log.length), log.length - state.scroll);
  return [...jobs, '', [span('dim', words.run.log)], ...log.slice(Math.max(0, end - room), end)];
}

/** How many lines of the log lie above what is seen at most. */
export function logLength(state: AppState): number {
  return state.jobs.reduce((sum, { log }) => sum + log.length, 0);
}

export function runStatus(state: AppState): Line {
  const words = text().words.screen.run;
  if (state.jobs.length === 0) return '';
  if (state.jobs.every((job) => job.state === 'done'))
    return [span('ok', state.jobs.some(({ kind }) => kind === 'send') ? words.allDone : words.allWritten)];
  return state.jobs.some((job) => job.state === 'running') ? [span('dim', words.goesOn)] : '';
}

/** `run 43 %` for the first line, while anything runs. */
export function runShare(state: AppState): number | undefined {
  const running = state.jobs.filter((job) => job.state === 'running');
  const totals = running.map((job) => totalOf(job.progress));
  const all = totals.reduce((sum, { totalBytes }) => sum + (totalBytes ?? 0), 0);
  if (running.length === 0) return undefined;
  return all === 0 ? 0 : totals.reduce((sum, { doneBytes }) => sum + doneBytes, 0) / all;
}

function jobLines(job: Job, frame: Frame, now: number): Line[] {
  const { columns, rows } = frame;
  const live = job.finishedAt === undefined ? liveLines(job.progress, { now, columns, rows }) : [];
  return [jobTitle(job), ...live, ...jobEnds(job).flatMap((line) => wrapLine(line, columns))];
}

/** What a job is, and how it stands. */
export function jobTitle({ kind, targets, state }: Job): Line {
  const { run } = text().words.screen;
  return [span('strong', run.title(kind, targets)), '  ', span(styles[state], run.states[state])];
}

/** What has ended of a job: well, or not. */
export function jobEnds(job: Job): Line[] {
  const { done: took } = text().words.progress;
  const done = job.receipts.map(
    (receipt): Line => ['  ', span('ok', `${receipt.host}: ${took(receipt.durationMs)}`)],
  );
  return [...done, ...failures(job), ...job.result];
}

function failures({ failed, error }: Job): Line[] {
  const { words } = text();
  const told = failed.length > 0 ? failed : error === undefined ? [] : [{ host: undefined, error }];
  return told.flatMap(({ host, error: { message, code, hint } }): Line[] => [
    ['  ', ...(host === undefined ? [] : [`${host}: `]), span('error', message), ` [${code}]`],
    ...(hint === undefined ? [] : [['    ', span('dim', words.hint), hint]]),
  ]);
}
