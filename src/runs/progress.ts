// What both faces show of a run under way: a pure reducer over its events, and selectors that compute rates and
// remaining time, once, here. No clock of its own: every selector is told what time it is.
import type { AirgapEvent, Item, StepName } from '../events.js';
import type { Plan } from '../plan/plan.js';

/** Bytes done at a moment. */
interface Sample {
  readonly at: number;
  readonly bytes: number;
}

/** A thing under way. */
export interface ItemProgress extends Item {
  readonly doneBytes: number;
  readonly totalBytes: number | undefined;
  readonly startedAt: number;
  readonly samples: readonly Sample[];
}

/** One host of the run. */
export interface HostProgress {
  readonly host: string;
  readonly state: 'running' | 'finished' | 'failed';
  /** Steps begun and not ended, in order. */
  readonly steps: readonly StepName[];
  readonly plan: Plan | undefined;
  readonly doneBytes: number;
  readonly totalBytes: number | undefined;
  readonly estimate: boolean;
  readonly samples: readonly Sample[];
}

/** All that is known of a run. */
export interface Progress {
  readonly command: string | undefined;
  readonly startedAt: number | undefined;
  /** Things under way, by id, oldest first. */
  readonly items: ReadonlyMap<string, ItemProgress>;
  /** By name, in the order they appeared. */
  readonly hosts: ReadonlyMap<string, HostProgress>;
  /** Steps that belong to no host. */
  readonly steps: readonly StepName[];
}

/** Rate and remaining time; undefined while nobody can know. */
export interface Pace {
  readonly bytesPerSecond: number | undefined;
  readonly leftMs: number | undefined;
  /** 0 to 1; undefined without a total. */
  readonly share: number | undefined;
}

// Rates are means over this span: long enough to be calm, short enough to follow a link that changes.
const windowMs = 5000;
// A rate over less than this is noise.
const leastMs = 400;
// A rate of fewer bytes is one of waiting for something else, such as the next layer to be read.
const leastBytes = 16 * 1024;

/** Before the first event. */
export const noProgress: Progress = {
  command: undefined,
  startedAt: undefined,
  items: new Map(),
  hosts: new Map(),
  steps: [],
};

/** The state after one more event. Pure; unknown events change nothing. */
export function reduceProgress(state: Progress, event: AirgapEvent): Progress {
  switch (event.type) {
    case 'run.started':
      return { ...state, command: event.command, startedAt: event.at };
    case 'step.started':
      return withSteps(state, event.host, (steps) => [
        ...steps.filter((step) => step !== event.step),
        event.step,
      ]);
    case 'step.finished':
      return withSteps(state, event.host, (steps) => steps.filter((step) => step !== event.step));
    case 'plan':
      return withHost(state, event.host, (host) => ({
        ...host,
        plan: event.plan,
        totalBytes: event.plan.totals.wire.bytes,
        estimate: event.plan.totals.wire.kind === 'estimate',
      }));
    case 'item.started':
    case 'item.progress':
      return withItem(state, event);
    case 'item.finished':
    case 'item.skipped': {
      const items = new Map(state.items);
      items.delete(event.id);
      return { ...state, items };
    }
    case 'host.progress':
      return withHost(state, event.host, (host) => ({
        ...host,
        doneBytes: event.doneBytes,
        totalBytes: event.totalBytes,
        estimate: event.estimate,
        samples: addSample(host.samples, { at: event.at, bytes: event.doneBytes }),
      }));
    case 'host.finished':
    case 'host.failed': {
      const over = event.type === 'host.finished' ? 'finished' : 'failed';
      const items = new Map([...state.items].filter(([, item]) => item.host !== event.host));
      return withHost({ ...state, items }, event.host, (host) => ({ ...host, state: over, steps: [] }));
    }
    case 'run.finished':
    case 'run.failed':
      return { ...state, items: new Map(), steps: [] };
    case 'push.plan':
      return withHost(state, event.plan.registry, (host) => ({
        ...host,
        totalBytes: event.plan.totals.upload.bytes,
        estimate: event.plan.totals.upload.kind === 'estimate',
      }));
    case 'export.plan':
    case 'layer.files':
    case 'note':
    case 'warning':
    case 'prompt.needed':
      return state;
  }
}

/** How fast a thing or a host goes at `now`. The rate falls when nothing comes. */
export function paceOf(thing: Pick<ItemProgress, 'samples' | 'doneBytes' | 'totalBytes'>, now: number): Pace {
  const { doneBytes, totalBytes } = thing;
  const bytesPerSecond = rateOf(thing.samples, now);
  const rest = totalBytes === undefined ? undefined : Math.max(0, totalBytes - doneBytes);
  return {
    bytesPerSecond,
    leftMs:
      rest === undefined || bytesPerSecond === undefined || bytesPerSecond <= 0
        ? undefined
        : (rest / bytesPerSecond) * 1000,
    share: totalBytes === undefined ? undefined : totalBytes === 0 ? 1 : Math.min(1, doneBytes / totalBytes),
  };
}

/** Sum over all hosts, for a run to several. */
export function totalOf(state: Progress): {
  readonly doneBytes: number;
  readonly totalBytes: number | undefined;
  readonly estimate: boolean;
  readonly hostsDone: number;
} {
  const hosts = [...state.hosts.values()];
  const totals = hosts.map((host) => host.totalBytes);
  return {
    doneBytes: hosts.reduce((sum, host) => sum + host.doneBytes, 0),
    totalBytes: totals.reduce<number | undefined>(
      (sum, total) => (sum === undefined || total === undefined ? undefined : sum + total),
      hosts.length === 0 ? undefined : 0,
    ),
    estimate: hosts.some((host) => host.estimate),
    hostsDone: hosts.filter((host) => host.state !== 'running').length,
  };
}

function rateOf(samples: readonly Sample[], now: number): number | undefined {
  // The newest sample that is older than the window stands at its edge, so a stall shows as a falling rate.
  const edge = samples.findLast((sample) => sample.at <= now - windowMs) ?? samples[0];
  const last = samples.at(-1);
  if (edge === undefined || last === undefined || samples.length < 2) return undefined;
  const spanMs = now - Math.max(edge.at, now - windowMs);
  if (spanMs < leastMs) return undefined;
  const moved = Math.max(0, last.bytes - edge.bytes);
  return moved > 0 && moved < leastBytes ? undefined : (moved * 1000) / spanMs;
}

function addSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  // Fewer bytes than before: a new transfer under the same name, such as the next send of the demo.
  if (sample.bytes < (samples.at(-1)?.bytes ?? 0)) return [sample];
  // One sample beyond the window is kept: it is the edge.
  const firstInside = samples.findIndex((old) => old.at > sample.at - windowMs);
  const kept = firstInside < 0 ? samples.slice(-1) : samples.slice(Math.max(0, firstInside - 1));
  return [...kept, sample];
}

const newHost = (host: string): HostProgress => ({
  host,
  state: 'running',
  steps: [],
  plan: undefined,
  doneBytes: 0,
  totalBytes: undefined,
  estimate: true,
  samples: [],
});

function withHost(state: Progress, name: string, change: (host: HostProgress) => HostProgress): Progress {
  const hosts = new Map(state.hosts);
  hosts.set(name, change(hosts.get(name) ?? newHost(name)));
  return { ...state, hosts };
}

function withSteps(
  state: Progress,
  host: string | undefined,
  change: (steps: readonly StepName[]) => readonly StepName[],
): Progress {
  if (host === undefined) return { ...state, steps: change(state.steps) };
  return withHost(state, host, (known) => ({ ...known, steps: change(known.steps) }));
}

type ItemEvent = Extract<AirgapEvent, { type: 'item.started' | 'item.progress' }>;

function withItem(state: Progress, event: ItemEvent): Progress {
  const before = state.items.get(event.id);
  const doneBytes = event.type === 'item.progress' ? event.doneBytes : 0;
  const { id, kind, phase, label, host } = event;
  const items = new Map(state.items);
  items.set(id, {
    id,
    kind,
    phase,
    label,
    ...(host === undefined ? {} : { host }),
    doneBytes,
    totalBytes: event.totalBytes ?? before?.totalBytes,
    startedAt: before?.startedAt ?? event.at,
    samples: addSample(before?.samples ?? [], { at: event.at, bytes: doneBytes }),
  });
  return { ...state, items };
}
