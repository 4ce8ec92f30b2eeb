// What was found out of a target, and the engine that a person wants there. Pure.
import type { AppState, Target } from './app-state.js';
import type { AppEvent } from './events.js';

type Known = Pick<Target, 'probe'> & {
  readonly [K in 'reach' | 'engine' | 'otherEngines']: Target[K] | undefined;
};

/** The target as lists have it now, with what was known of it before. */
export function withKnown(target: Target, { probe, reach, engine, otherEngines }: Known): Target {
  return {
    ...target,
    probe,
    ...(reach === undefined ? {} : { reach }),
    ...(engine === undefined ? {} : { engine }),
    ...(otherEngines === undefined ? {} : { otherEngines }),
  };
}

export function withProbe(state: AppState, event: Extract<AppEvent, { type: 'target.probe' }>): AppState {
  const { id, probe, otherEngines } = event;
  return mapped(state, id, (one) => ({
    ...one,
    probe,
    // Beside one that was chosen others are others: what counts is what there is beside the usual one.
    ...(one.engine === undefined && otherEngines !== undefined ? { otherEngines } : {}),
  }));
}

/** What is known of the one engine says nothing of the next. */
export function withNextEngine(state: AppState, id: string): AppState {
  const next = mapped(state, id, ({ engine, otherEngines = [], ...one }) => ({
    ...one,
    otherEngines,
    engine: otherEngines[engine === undefined ? 0 : otherEngines.indexOf(engine) + 1],
    probe: { is: 'none' },
  }));
  return { ...next, planning: { is: 'none' } };
}

function mapped(state: AppState, id: string, change: (target: Target) => Target): AppState {
  return { ...state, targets: state.targets.map((one) => (one.id === id ? change(one) : one)) };
}
