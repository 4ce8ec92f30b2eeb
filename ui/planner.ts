// Makes the plan of what is chosen, and makes it anew when the choice changes: dry runs of the very commands.
import type { AirgapEvent } from '../src/events.js';
import type { ParsedCommand } from './doors.js';
import { follow } from './follow.js';
import { type Parts, type Questions, told } from './parts.js';
import type { PlanPart } from './state/app-state.js';
import { commandsOf } from './state/command.js';
import { isRefused } from './state/plan.js';

export interface Planner {
  /** Makes a plan if there is none of what is chosen now. */
  settle(): void;
  /** Makes it again whatever there is. */
  plan(): void;
  /** A plan is ready, of just this, and refuses nothing. */
  mayStart(): boolean;
  close(): void;
}

export function createPlanner({ doors, state, dispatch }: Parts, { ask, withdraw }: Questions): Planner {
  let planned = '';
  let current: { stopped: boolean; cancel?: () => void } | undefined;

  const make = async (commands: readonly (readonly string[])[]): Promise<void> => {
    current?.cancel?.();
    const own: { stopped: boolean; cancel?: () => void } = { stopped: false };
    if (current !== undefined) current.stopped = true;
    current = own;
    const before: PlanPart[] = [];
    const tell = (is: 'making' | 'ready', parts: readonly PlanPart[]): void => {
      if (!own.stopped) dispatch({ type: 'planning', planning: { is, parts } });
    };
    tell('making', []);
    // One target that cannot be planned for must not hide what is known of the others.
    for (const words of commands) {
      const parts: PlanPart[] = [];
      await makeOne(words, own, parts, () => tell('making', [...before, ...parts]));
      if (own.stopped) return;
      before.push(...parts);
    }
    tell('ready', before);
  };
  const makeOne = async (
    words: readonly string[],
    own: { readonly stopped: boolean; cancel?: () => void },
    parts: PlanPart[],
    changed: () => void,
  ): Promise<void> => {
    const [, where = ''] = words;
    try {
      const parsed = await doors.parse(words);
      const core = await doors.core;
      if (own.stopped) return;
      const dryRun = true;
      const run =
        parsed.command === 'send'
          ? core.send({ ...parsed.options, dryRun })
          : core.export({ ...parsed.options, dryRun });
      own.cancel = () => run.cancel();
      try {
        await follow<unknown>(run, {
          asked: (event) => ask(event, (value) => run.answer(event.id, value)),
          told(events) {
            for (const event of events) if (!isToldBy(event, parts)) parts.push(...partsOf(event, parsed));
            changed();
          },
        });
      } finally {
        withdraw(run.id);
      }
    } catch (error) {
      // A refusal, or what a host said, is there already, with its hint.
      if (!isRefused(parts)) parts.push({ kind: 'failed', target: where, error: told(error) });
    }
  };
  const plan = (): void => {
    const commands = commandsOf(state());
    planned = JSON.stringify(commands);
    if (commands.length > 0) void make(commands);
  };

  return {
    settle() {
      const { planning } = state();
      const wanted = JSON.stringify(commandsOf(state()));
      if (planning.is === 'none' || wanted !== planned) plan();
    },
    plan,
    mayStart() {
      const { planning } = state();
      const isOfThis = JSON.stringify(commandsOf(state())) === planned;
      return planning.is === 'ready' && isOfThis && planning.parts.length > 0 && !isRefused(planning.parts);
    },
    close() {
      if (current === undefined) return;
      current.stopped = true;
      current.cancel?.();
    },
  };
}

/** A host fails with what its plan refuses: the plan has told it. */
function isToldBy(event: AirgapEvent, parts: readonly PlanPart[]): boolean {
  if (event.type !== 'host.failed') return false;
  return parts.some((part) => part.kind === 'send' && part.plan.host === event.host && isRefused([part]));
}

function partsOf(event: AirgapEvent, { command, options }: ParsedCommand): PlanPart[] {
  switch (event.type) {
    case 'plan': {
      const limit = command === 'send' ? options.limitBytesPerSecond : undefined;
      return [{ kind: 'send', plan: event.plan, limit }];
    }
    case 'export.plan':
      return [{ kind: 'export', place: event.place, plan: event.plan }];
    case 'host.failed':
      return [{ kind: 'failed', target: event.host, error: event.error }];
    default:
      return [];
  }
}
