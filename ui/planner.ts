// Makes the plan of what is chosen, and makes it anew when the choice changes: dry runs of the very commands.
import type { ParsedCommand } from '../src/cli/parse-command.js';
import type { AirgapEvent } from '../src/events.js';
import type { Core } from '../src/runs/api.js';
import type { Run } from '../src/runs/run.js';
import { follow } from './follow.js';
import { type Parts, type Questions, told } from './parts.js';
import type { PlanPart, Told } from './state/app-state.js';
import { type Command, commandsOf } from './state/command.js';
import { isRefused, type Startable, startable, targetsOf } from './state/plan.js';

export interface Planner {
  /** Makes a plan if it is shown and there is none of what is chosen now; ends the making of any other. */
  settle(): void;
  /** Makes it again whatever there is. */
  plan(): void;
  /** What may start, of just what is chosen now; undefined while there is no such plan. */
  startable(): Startable | undefined;
  close(): void;
}

interface Making {
  stopped: boolean;
  cancel?: () => void;
}

export function createPlanner({ doors, state, dispatch }: Parts, { ask, withdraw }: Questions): Planner {
  let planned: readonly Command[] = [];
  let current: Making | undefined;

  const stop = (): void => {
    if (current === undefined) return;
    current.stopped = true;
    current.cancel?.();
    current = undefined;
  };
  const make = async (commands: readonly Command[]): Promise<void> => {
    const own: Making = { stopped: false };
    current = own;
    const before: PlanPart[] = [];
    const tell = (is: 'making' | 'ready', parts: readonly PlanPart[], share?: number): void => {
      if (!own.stopped) dispatch({ type: 'planning', planning: { is, parts, share } });
    };
    tell('making', []);
    // One target that cannot be planned for must not hide what is known of the others.
    for (const command of commands) {
      const parts: PlanPart[] = [];
      await makeOne(command, own, parts, (share) => tell('making', [...before, ...parts], share));
      if (own.stopped) return;
      before.push(...parts);
    }
    tell('ready', before);
    if (current === own) current = undefined;
  };
  const makeOne = async (
    command: Command,
    own: Making,
    parts: PlanPart[],
    changed: (share: number | undefined) => void,
  ): Promise<void> => {
    try {
      const parsed = await doors.parse(command.words);
      const core = await doors.core;
      if (own.stopped) return;
      const run = dryRun(core, parsed);
      own.cancel = () => run.cancel();
      try {
        await follow<unknown>(run, {
          asked: (event) => ask(event, (value) => run.answer(event.id, value)),
          told(events) {
            for (const event of events) parts.push(...partsOf(event, command, parsed, parts));
            changed(events.reduce<number | undefined>((share, event) => shareOf(event) ?? share, undefined));
          },
        });
      } finally {
        withdraw(run.id);
      }
    } catch (error) {
      withFailure(parts, command, told(error));
    }
  };
  const plan = (): void => {
    stop();
    planned = commandsOf(state());
    if (planned.length > 0) void make(planned);
    else if (state().planning.is !== 'none') dispatch({ type: 'planning', planning: { is: 'none' } });
  };
  const isOfThis = (): boolean => JSON.stringify(commandsOf(state())) === JSON.stringify(planned);

  return {
    settle() {
      const isShown = state().screen === 'plan';
      // What is not chosen any more is not asked about, wherever one is by now.
      if (current !== undefined && !isOfThis()) {
        stop();
        dispatch({ type: 'planning', planning: { is: 'none' } });
      }
      if (isShown && (state().planning.is === 'none' || !isOfThis())) plan();
    },
    plan,
    startable() {
      const { planning } = state();
      if (planning.is !== 'ready' || planning.parts.length === 0 || !isOfThis()) return undefined;
      return startable(planned, planning.parts);
    },
    close: stop,
  };
}

function dryRun(core: Core, parsed: ParsedCommand): Run<unknown> {
  const dryRun = true;
  switch (parsed.command) {
    case 'send':
      return core.send({ ...parsed.options, dryRun });
    case 'export':
      return core.export({ ...parsed.options, dryRun });
    case 'import':
      return core.import({ ...parsed.options, dryRun });
    case 'push':
      return core.push({ ...parsed.options, dryRun });
  }
}

/** Of a bundle that is proved before anything is planned: how far that is. */
function shareOf(event: AirgapEvent): number | undefined {
  if (event.type !== 'item.progress' || event.kind !== 'bundle') return undefined;
  return event.totalBytes === undefined ? undefined : event.doneBytes / event.totalBytes;
}

function partsOf(
  event: AirgapEvent,
  command: Command,
  { command: kind, options }: ParsedCommand,
  before: readonly PlanPart[],
): PlanPart[] {
  switch (event.type) {
    case 'plan': {
      const limit = kind === 'send' ? options.limitBytesPerSecond : undefined;
      return [{ kind: 'send', command, plan: event.plan, limit }];
    }
    case 'export.plan':
      return [{ kind: 'export', command, place: event.place, plan: event.plan }];
    case 'push.plan':
      return [{ kind: 'push', command, plan: event.plan }];
    case 'host.failed': {
      // A host fails with what its plan refuses: the plan has told it.
      const targets = command.targets.length > 1 ? [event.host] : command.targets;
      const isTold = before.some((part) => isRefused(part) && targetsOf(part).includes(event.host));
      return isTold ? [] : [{ kind: 'failed', command, targets, error: event.error }];
    }
    default:
      return [];
  }
}

/** What ended a dry run, where it is not told yet: beside the plan of an export, else for the targets without a plan. */
function withFailure(parts: PlanPart[], command: Command, error: Told): void {
  if (parts.some(isRefused) && command.targets.every((target) => parts.flatMap(targetsOf).includes(target)))
    return;
  const at = parts.findIndex(({ kind }) => kind === 'export');
  const part = parts[at];
  if (part?.kind === 'export') {
    parts[at] = { ...part, refusal: error };
    return;
  }
  const covered = parts.flatMap(targetsOf);
  const left = command.targets.filter((target) => !covered.includes(target));
  parts.push({ kind: 'failed', command, targets: left.length === 0 ? command.targets : left, error });
}
