// Makes the plan of what is chosen, and makes it anew when the choice changes: dry runs of the very commands.
import { type Parts, type Questions, told } from './controller.js';
import { follow } from './follow.js';
import { isRefused } from './screens/plan.js';
import type { PlanPart } from './state/app-state.js';
import { commandsOf } from './state/command.js';

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
    const parts: PlanPart[] = [];
    const tell = (planning: Parameters<typeof dispatch>[0]): void => {
      if (!own.stopped) dispatch(planning);
    };
    tell({ type: 'planning', planning: { is: 'making', parts } });
    try {
      for (const words of commands) {
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
              for (const event of events) {
                if (event.type === 'plan') parts.push({ kind: 'send', plan: event.plan });
                if (event.type === 'export.plan')
                  parts.push({ kind: 'export', place: event.place, plan: event.plan });
              }
              tell({ type: 'planning', planning: { is: 'making', parts: [...parts] } });
            },
          });
        } catch (error) {
          // A refusal is in the plan, with its hint: it is told there.
          if (!isRefused(parts)) throw error;
        } finally {
          withdraw(run.id);
        }
      }
      tell({ type: 'planning', planning: { is: 'ready', parts: [...parts] } });
    } catch (error) {
      tell({ type: 'planning', planning: { is: 'failed', parts: [...parts], error: told(error) } });
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
