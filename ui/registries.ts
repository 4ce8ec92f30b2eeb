// Registries of the targets screen: asked whether they are there, and logged in to where a person is there to answer.
import { isAirgapError } from '../src/errors.js';
import type { AirgapEvent } from '../src/events.js';
import type { RegistryWay } from '../src/runs/local-api.js';
import type { Run } from '../src/runs/run.js';
import { text } from '../src/text/text.js';
import { span } from '../src/views/line.js';
import { viewLogout } from '../src/views/logout.js';
import { follow } from './follow.js';
import { type Parts, type Questions, told } from './parts.js';
import type { Target } from './state/app-state.js';

export interface RegistryProbe {
  /** `asking`: where the registry wants a login, a person is asked for it; else that is told. */
  look(target: Target, options: { readonly asking: boolean }): Promise<void>;
  /** Asks for user and password, whoever one is there now. */
  logIn(target: Target): Promise<void>;
  /** Forgets who one is there. */
  logOut(target: Target): Promise<void>;
  close(): void;
}

/** What the options of the plan say of the way there; `reached`: of what should be remembered. */
interface RegistryProbeOptions {
  howToReach(registry: string): Promise<RegistryWay>;
  reached(target: Target): void;
}

export function createRegistryProbe(
  { doors, state, dispatch }: Parts,
  { ask, withdraw }: Questions,
  { howToReach, reached }: RegistryProbeOptions,
): RegistryProbe {
  const running = new Set<Run<unknown>>();
  let closed = false;

  const tell = (id: string, reach: NonNullable<Target['reach']>): void => {
    if (!closed) dispatch({ type: 'registry.reach', id, reach });
  };
  // That a password goes to anyone is told while it is asked for.
  const warn = (events: readonly AirgapEvent[]): void => {
    for (const event of events)
      if (event.type === 'warning') dispatch({ type: 'notice', notice: [span('warn', event.message)] });
  };
  const result = async <T>(run: Run<T>, isAsking: boolean): Promise<T> => {
    running.add(run);
    try {
      const asked = (event: { id: string; runId: string; prompt: Parameters<typeof ask>[0]['prompt'] }) =>
        ask(event, (value) => run.answer(event.id, value));
      return await follow(run, { told: warn, ...(isAsking ? { asked } : {}) });
    } finally {
      running.delete(run);
      withdraw(run.id);
    }
  };
  /** @returns whether the registry took it */
  const isLoggedIn = async (target: Target, before?: unknown): Promise<boolean> => {
    const { id, name } = target;
    try {
      const [registry = name] = name.split('/');
      const done = await result((await doors.core).login({ registry }), true);
      const words = text().words.login;
      const kept =
        done.keptIn.kind === 'helper'
          ? words.keptByHelper(done.keptIn.program)
          : words.keptInFile(done.keptIn.path, done.isToken);
      dispatch({
        type: 'notice',
        notice: [
          span('ok', words.done(registry, done.user, done.isProved)),
          ...[
            kept,
            ...done.older.map((part) => words.older(part)),
            ...(done.dockers === undefined ? [] : [words.dockersOlder(registry, done.dockers)]),
          ].map((line) => `  ${line}`),
        ],
      });
      return true;
    } catch (error) {
      // Whoever does not answer knows it: what is left is why it was asked.
      const why = isAirgapError(error, 'PROMPT_REFUSED') ? before : error;
      if (why !== undefined) tell(id, { is: 'failed', error: told(why) });
      return false;
    }
  };
  const look: RegistryProbe['look'] = async (target, { asking }) => {
    const { id, name } = target;
    if (state().targets.find((one) => one.id === id)?.reach?.is === 'asking') return;
    tell(id, { is: 'asking' });
    const core = await doors.core;
    try {
      tell(id, {
        is: 'ready',
        value: await result(core.lookAtRegistry(name, await howToReach(name)), asking),
      });
      reached(target);
    } catch (error) {
      // What no login of ours would help with is asked of nobody.
      const isLogin =
        isAirgapError(error, 'REGISTRY_DENIED') &&
        !['forbidden', 'unasked', 'scheme'].includes(error.facts.problem);
      if (!asking || !isLogin) tell(id, { is: 'failed', error: told(error) });
      else if (await isLoggedIn(target, error)) {
        tell(id, { is: 'none' });
        await look(target, { asking: false });
      }
    }
  };

  return {
    look,
    async logIn(target) {
      if (await isLoggedIn(target)) await look(target, { asking: false });
    },
    async logOut(target) {
      const [registry = target.name] = target.name.split('/');
      try {
        const done = await (await doors.core).logout(registry);
        dispatch({ type: 'notice', notice: [viewLogout(done).join('; ')] });
        await look(target, { asking: false });
      } catch (error) {
        tell(target.id, { is: 'failed', error: told(error) });
      }
    },
    close() {
      closed = true;
      for (const run of running) run.cancel();
    },
  };
}
