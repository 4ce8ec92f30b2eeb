// The run screen: every target with how it stands, and below them the story of the one at the cursor: a bar for each thing
// under way, how it ended and what to press, what happened.
import path from 'node:path';
import { type HostProgress, type Pace, type Progress, paceOf, totalOf } from '../../src/runs/progress.js';
import { text } from '../../src/text/text.js';
import { viewExport } from '../../src/views/export.js';
import { type Line, type Style, span } from '../../src/views/line.js';
import { liveLines, rate, sumLine } from '../../src/views/live.js';
import type { AppState, Job } from '../state/app-state.js';
import { isUnderWay, type RunRow, runHere, runRows } from '../state/jobs.js';
import { targetLabel } from '../state/targets.js';
import { toldLines } from './asked.js';
import { type Body, type Frame, type ListColumn, listLines, scrolled } from './layout.js';

const styles: Readonly<Record<Job['state'], Style>> = {
  running: 'busy',
  pausing: 'warn',
  paused: 'warn',
  stopping: 'warn',
  stopped: 'warn',
  done: 'ok',
  failed: 'error',
};

// With fewer rows than this each is needed.
const tall = 12;

/** The list takes what it needs, at most half; the story scrolls. */
export function viewRunScreen(state: AppState, frame: Frame): Body {
  const words = text().words.screen;
  const rows = runRows(state);
  const here = runHere(state);
  if (here === undefined) return { lines: ['', `  ${words.run.none}`] };
  const room = Math.max(3, Math.min(rows.length + 1, Math.floor(frame.rows / 2)));
  const { lines, list } = listLines(
    {
      rows,
      columns: columnsOf(state),
      state: state.runRows,
      idOf: ({ id }: RunRow) => id,
      choosable: false,
    },
    { ...frame, rows: room },
  );
  const gap = frame.rows < tall ? [] : [''];
  const sum = rows.length > 1 ? [sumOf(rows, frame)] : [];
  const left = { ...frame, rows: frame.rows - lines.length - sum.length - gap.length };
  const story = scrolled(storyLines(state, here, left), state.scroll, left);
  return { lines: [...lines, ...sum, ...gap, ...story.lines], last: story.last, list };
}

/** All targets together. As long as one that goes on has not told how much it is, there is no bar: it would be too long. */
function sumOf(rows: readonly RunRow[], frame: Frame): Line {
  const hosts = rows.map(({ job, target }) => job.progress.hosts.get(target));
  const isTold = rows.every(({ state }, at) => state === 'done' || hosts[at]?.totalBytes !== undefined);
  const total = (of: (host: HostProgress) => number | undefined): number =>
    hosts.reduce((all, host) => all + ((host && of(host)) ?? 0), 0);
  const sum = {
    doneBytes: total((host) => host.doneBytes),
    totalBytes: isTold ? total((host) => host.totalBytes) : undefined,
    estimate: hosts.some((host) => host?.estimate === true),
  };
  const done = rows.filter((row) => row.state === 'done').length;
  return ['  ', ...partsOf(sumLine(sum, text().words.screen.run.targetsDone(done, rows.length), frame))];
}

const partsOf = (line: Line): Exclude<Line, string> => (typeof line === 'string' ? [line] : line);

export function runStatus(state: AppState): Line {
  const words = text().words.screen.run;
  const rows = runRows(state);
  const has = (...states: readonly Job['state'][]): boolean => rows.some((row) => states.includes(row.state));
  if (rows.length === 0) return '';
  if (state.leaving) return [span('warn', words.leaving)];
  if (has('stopping', 'pausing')) return [span('warn', words.stopping)];
  if (has('running')) return [span('dim', words.goesOn)];
  if (has('failed', 'stopped', 'paused')) return '';
  return [
    span('ok', rows.every(({ job }) => job.command.kind === 'export') ? words.allWritten : words.allDone),
  ];
}

/** `run 43 %` for the first line, while anything runs. */
export function runShare(state: AppState): number | undefined {
  const running = state.jobs.filter((job) => job.state === 'running');
  const totals = running.map((job) => totalOf(job.progress));
  const all = totals.reduce((sum, { totalBytes }) => sum + (totalBytes ?? 0), 0);
  if (running.length === 0) return undefined;
  return all === 0 ? 0 : totals.reduce((sum, { doneBytes }) => sum + doneBytes, 0) / all;
}

/** What a target's row is called. */
export function rowTitle({ job, target }: RunRow): string {
  const {
    kind,
    words: [, bundle = ''],
  } = job.command;
  return text().words.screen.run.title(kind, targetLabel(target), path.basename(bundle));
}

/** What has ended of a target, well or not, and what to press. */
export function rowEnds(row: RunRow, columns: number): Line[] {
  const { job, target, state, error } = row;
  const { words } = text();
  const receipt = job.receipts.find((one) => one.target === target)?.receipt;
  const took =
    receipt === undefined
      ? []
      : [[span('ok', words.progress.lead(targetLabel(target)) + words.progress.done(receipt.durationMs))]];
  const result = job.result === undefined || state !== 'done' ? [] : viewExport(job.result, columns);
  const press: Partial<Record<Job['state'], string>> = words.screen.run.press;
  const keys = press[state];
  return [
    ...took,
    ...(error === undefined ? [] : toldLines(error)),
    ...result,
    ...(keys === undefined ? [] : [[span('strong', keys)]]),
  ];
}

function columnsOf({ now }: AppState): readonly ListColumn<RunRow>[] {
  const words = text().words.screen.run;
  const { progress } = text().words;
  const pace = (row: RunRow): Pace | undefined => paceOfRow(row, now);
  return [
    { title: words.columns.target, width: 'rest', cell: rowTitle },
    {
      title: words.columns.state,
      width: 12,
      cell: ({ state }) => words.states[state],
      style: ({ state }) => styles[state],
    },
    {
      title: words.columns.share,
      width: 5,
      right: true,
      gives: 3,
      cell: (row) => {
        const share = pace(row)?.share;
        return share === undefined ? '' : progress.percent(share);
      },
    },
    {
      title: words.columns.rate,
      width: 11,
      right: true,
      gives: 2,
      cell: (row) => rate(pace(row) ?? { bytesPerSecond: undefined, leftMs: undefined, share: undefined }),
    },
    {
      title: words.columns.left,
      width: 16,
      gives: 1,
      cell: (row) => {
        const leftMs = pace(row)?.leftMs;
        return leftMs === undefined || leftMs === 0 ? '' : progress.left(leftMs);
      },
    },
  ];
}

/** Of a host what was sent to it; of a bundle what is under way. */
function paceOfRow({ job, target, state }: RunRow, now: number): Pace | undefined {
  if (state !== 'running' && state !== 'pausing' && state !== 'stopping') return undefined;
  const host = job.progress.hosts.get(target);
  if (host !== undefined && host.totalBytes !== undefined && host.totalBytes > 0) return paceOf(host, now);
  const [item] = [...job.progress.items.values()].filter(({ totalBytes }) => totalBytes !== undefined);
  return item === undefined ? undefined : paceOf(item, now);
}

function storyLines({ now }: AppState, row: RunRow, { columns, rows, ascii }: Frame): Line[] {
  const { job, state } = row;
  const { run } = text().words.screen;
  // A moment's picture never scrolls: what does not fit is counted in its last line.
  const live =
    isUnderWay({ state }) && isUnderWay(job)
      ? liveLines(progressOf(row), { now, columns, ascii, rows: Math.max(5, rows - 2) })
      : [];
  const log = job.log.length === 0 ? [] : [[span('dim', run.log)], ...job.log.toReversed()];
  const ends = rowEnds(row, columns);
  return [...live, ...ends, ...(log.length > 0 && live.length + ends.length > 0 ? [''] : []), ...log];
}

/** What of a run's progress is of one of its hosts; all of it where it has only one. */
function progressOf({ job: { progress, targets }, target }: RunRow): Progress {
  if (targets.length === 1) return progress;
  return {
    ...progress,
    hosts: new Map([...progress.hosts].filter(([host]) => host === target)),
    items: new Map([...progress.items].filter(([, { host }]) => host === undefined || host === target)),
  };
}
