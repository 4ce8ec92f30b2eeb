// The runs that the screen has started: begun, paused and taken up again, tried again, stopped. A pause is a clean stop: what
// has arrived stays over there, and the same command sends the rest.
import type { ParsedCommand } from '../src/cli/parse-command.js';
import { isAirgapError } from '../src/errors.js';
import type { AirgapEvent } from '../src/events.js';
import type { Core, ExportResult, SendResult } from '../src/runs/api.js';
import { noProgress, type Progress, reduceProgress } from '../src/runs/progress.js';
import type { PushResult } from '../src/runs/push-options.js';
import type { Run } from '../src/runs/run.js';
import { text } from '../src/text/text.js';
import type { Line } from '../src/views/line.js';
import { milestones } from '../src/views/milestones.js';
import { follow } from './follow.js';
import { type Parts, type Questions, told } from './parts.js';
import { type Job, newJob } from './state/app-state.js';
import { type Command, forTargets } from './state/command.js';
import { isUnderWay, leftOf } from './state/jobs.js';
import { targetLabel } from './state/targets.js';

export interface Jobs {
  /** False where an earlier one is not over: it must not be lost sight of. */
  start(commands: readonly Command[]): boolean;
  /** Pauses what runs of these, else takes up what is paused. False where there is nothing to do so with. */
  pauseOrResume(jobs: readonly Job[]): boolean;
  /** What failed or was stopped, anew: only the targets that have not got everything. `only`: this one of them. */
  retry(jobs: readonly Job[], only?: string): boolean;
  /** Resolves when none of these, or nothing at all, runs any more. */
  stop(jobs?: readonly Job[]): Promise<void>;
}

let lastNumber = 0;

export function createJobs({ doors, state, dispatch }: Parts, { ask, withdraw }: Questions): Jobs {
  const runs = new Map<string, Run<unknown>>();
  /** What a run that is cancelled becomes. Also of one whose run is not there yet: it is cancelled when it is. */
  const endsAs = new Map<string, 'paused' | 'stopped'>();

  const begin = async (job: Job): Promise<void> => {
    const { id, command } = job;
    try {
      const parsed = await doors.parse(command.words);
      const run = startRun(await doors.core, parsed);
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
  const followJob = async (
    { id, targets }: Job,
    run: Run<SendResult | ExportResult | PushResult>,
  ): Promise<void> => {
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
      const result = 'place' in value ? value : undefined;
      dispatch({ type: 'job.state', id, state: 'done', now: doors.now(), result });
      doors.ring(text().words.screen.run.ended('done', targets.map(targetLabel)));
    } catch (error) {
      const ended = endsAs.get(id);
      if (isAirgapError(error, 'CANCELLED') && ended !== undefined)
        dispatch({ type: 'job.state', id, state: ended, now: doors.now() });
      else {
        dispatch({ type: 'job.state', id, state: 'failed', now: doors.now(), error: told(error) });
        doors.ring(text().words.screen.run.ended('failed', targets.map(targetLabel)));
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
  /** Everything begun and not over, also what has no run yet; by the id of its job. */
  const begun = new Map<string, Promise<void>>();
  const track = (job: Job): void => {
    const work = begin(job);
    begun.set(job.id, work);
    void work.finally(() => begun.delete(job.id));
  };
  const numbered = (command: Command): Job => {
    lastNumber += 1;
    return newJob(`job ${lastNumber}`, command);
  };
  const again = (job: Job, targets: readonly string[]): void => {
    const next = numbered(forTargets(job.command, targets));
    dispatch({ type: 'job.again', id: job.id, job: next });
    track(next);
  };
  const cancelAs = (jobs: readonly Job[], ended: 'paused' | 'stopped'): void => {
    for (const { id, state: now } of jobs) {
      if (now !== 'running' && now !== 'pausing') continue;
      endsAs.set(id, ended);
      const next = ended === 'paused' ? 'pausing' : 'stopping';
      dispatch({ type: 'job.state', id, state: next, now: doors.now() });
      runs.get(id)?.cancel();
    }
  };

  return {
    start(commands) {
      if (state().jobs.some((job) => isUnderWay(job) || job.state === 'paused')) return false;
      const jobs = commands.map(numbered);
      dispatch({ type: 'jobs.started', jobs });
      for (const job of jobs) track(job);
      return true;
    },
    pauseOrResume(jobs) {
      const running = jobs.filter((job) => job.state === 'running');
      const paused = running.length > 0 ? [] : jobs.filter((job) => job.state === 'paused');
      cancelAs(running, 'paused');
      for (const job of paused) again(job, leftOf(job));
      return running.length + paused.length > 0;
    },
    retry(jobs, only) {
      const left = jobs
        .map((job) => ({
          job,
          targets: leftOf(job).filter((target) => only === undefined || target === only),
        }))
        .filter(({ targets }) => targets.length > 0);
      for (const { job, targets } of left) again(job, targets);
      return left.length > 0;
    },
    async stop(jobs = state().jobs) {
      cancelAs(jobs, 'stopped');
      await Promise.allSettled(jobs.flatMap(({ id }) => begun.get(id) ?? []));
    },
  };
}

function startRun(core: Core, parsed: ParsedCommand): Run<SendResult | ExportResult | PushResult> {
  switch (parsed.command) {
    case 'send':
      return core.send(parsed.options);
    case 'export':
      return core.export(parsed.options);
    case 'import':
      return core.import(parsed.options);
    case 'push':
      return core.push(parsed.options);
  }
}
