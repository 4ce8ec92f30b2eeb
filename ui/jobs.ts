// The runs that the screen has started: begun, paused and taken up again, tried again, stopped. A pause is a clean stop: what
// has arrived stays over there, and the same command sends the rest.
import { isAirgapError } from '../src/errors.js';
import type { AirgapEvent } from '../src/events.js';
import type { ExportResult, SendResult } from '../src/runs/api.js';
import { noProgress, type Progress, reduceProgress } from '../src/runs/progress.js';
import type { Run } from '../src/runs/run.js';
import { text } from '../src/text/text.js';
import { viewExport } from '../src/views/export.js';
import type { Line } from '../src/views/line.js';
import { milestones } from '../src/views/milestones.js';
import { follow } from './follow.js';
import { type Parts, type Questions, told } from './parts.js';
import { type Job, newJob } from './state/app-state.js';

export interface Jobs {
  /** False where an earlier one is not over: it must not be lost sight of. */
  start(commands: readonly (readonly string[])[]): boolean;
  /** False where there is nothing to do so with. */
  pauseOrResume(): boolean;
  /** What failed or was stopped, anew: only the hosts that have not got everything. */
  retry(): boolean;
  /** What is under way, by its targets. */
  running(): readonly string[];
  /** Resolves when nothing runs any more. */
  stop(): Promise<void>;
}

const resultColumns = 76;
let lastNumber = 0;

export function createJobs({ doors, state, dispatch }: Parts, { ask, withdraw }: Questions): Jobs {
  const runs = new Map<string, Run<unknown>>();
  /** What a run that is cancelled becomes. Also of one whose run is not there yet: it is cancelled when it is. */
  const endsAs = new Map<string, 'paused' | 'stopped'>();

  const begin = async (job: Job): Promise<void> => {
    const { id, command } = job;
    try {
      const parsed = await doors.parse(command);
      const core = await doors.core;
      const run: Run<SendResult | ExportResult> =
        parsed.command === 'send' ? core.send(parsed.options) : core.export(parsed.options);
      const over = followJob(job, run);
      runs.set(id, run);
      if (endsAs.has(id)) run.cancel();
      await over;
    } catch (error) {
      dispatch({ type: 'job.state', id, state: 'failed', now: doors.now(), error: told(error) });
    } finally {
      runs.delete(id);
    }
  };
  const followJob = async ({ id, targets }: Job, run: Run<SendResult | ExportResult>): Promise<void> => {
    let progress: Progress = noProgress;
    const told_ = (events: readonly AirgapEvent[]): void => {
      const log: Line[] = [];
      for (const event of events) {
        log.push(...milestones(event, progress, targets.length));
        progress = reduceProgress(progress, event);
      }
      dispatch({ type: 'job.told', id, events, log, now: doors.now() });
    };
    try {
      const value = await follow(run, {
        told: told_,
        asked: (event) => ask(event, (answer) => run.answer(event.id, answer)),
      });
      const result = 'place' in value ? viewExport(value, resultColumns) : [];
      dispatch({ type: 'job.state', id, state: 'done', now: doors.now(), result });
      doors.ring(text().words.screen.run.ended('done', targets));
    } catch (error) {
      const ended = endsAs.get(id);
      if (isAirgapError(error, 'CANCELLED') && ended !== undefined)
        dispatch({ type: 'job.state', id, state: ended, now: doors.now() });
      else {
        dispatch({ type: 'job.state', id, state: 'failed', now: doors.now(), error: told(error) });
        doors.ring(text().words.screen.run.ended('failed', targets));
      }
    } finally {
      endsAs.delete(id);
      withdraw(run.id);
      // What was planned has happened: the next plan is another one.
      dispatch({ type: 'planning', planning: { is: 'none' } });
      const receipts = await (await doors.core).receipts().catch(() => undefined);
      if (receipts !== undefined) dispatch({ type: 'receipts', receipts: { is: 'ready', value: receipts } });
    }
  };
  /** Everything begun and not over, also what has no run yet. */
  const begun = new Set<Promise<void>>();
  const track = (work: Promise<void>): void => {
    begun.add(work);
    void work.finally(() => begun.delete(work));
  };
  const numbered = (command: readonly string[]): Job => {
    lastNumber += 1;
    return newJob(`job ${lastNumber}`, command);
  };
  const again = (job: Job): void => {
    const next = numbered(leftOf(job));
    dispatch({ type: 'job.again', id: job.id, job: next });
    track(begin(next));
  };
  const inState = (...states: readonly Job['state'][]): Job[] =>
    state().jobs.filter(({ state: now }) => states.includes(now));
  const underWay = (): Job[] => inState('running', 'pausing', 'stopping');
  const cancelAs = (ended: 'paused' | 'stopped'): void => {
    for (const { id } of inState('running', 'pausing')) {
      endsAs.set(id, ended);
      dispatch({
        type: 'job.state',
        id,
        state: ended === 'paused' ? 'pausing' : 'stopping',
        now: doors.now(),
      });
      runs.get(id)?.cancel();
    }
  };

  return {
    start(commands) {
      if (inState('running', 'pausing', 'stopping', 'paused').length > 0) return false;
      const jobs = commands.map(numbered);
      dispatch({ type: 'jobs.started', jobs });
      for (const job of jobs) track(begin(job));
      return true;
    },
    pauseOrResume() {
      const paused = inState('paused');
      const isUnderWay = inState('running').length > 0;
      if (isUnderWay) cancelAs('paused');
      else for (const job of paused) again(job);
      return isUnderWay || paused.length > 0;
    },
    retry() {
      const left = inState('failed', 'stopped', 'paused');
      for (const job of left) again(job);
      return left.length > 0;
    },
    running: () => underWay().flatMap(({ targets }) => targets),
    async stop() {
      cancelAs('stopped');
      await Promise.allSettled([...begun]);
    },
  };
}

/** The command for what a job has left undone. */
function leftOf({ kind, command, targets, receipts }: Job): readonly string[] {
  if (kind === 'export') return command;
  const done = new Set(receipts.map(({ host }) => host));
  const left = targets.filter((host) => !done.has(host));
  const [word = '', , ...rest] = command;
  return [word, (left.length === 0 ? targets : left).join(','), ...rest];
}
