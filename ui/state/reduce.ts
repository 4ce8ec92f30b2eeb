// The one reducer: what happens, and the state after it. Pure; what must be done in the world is in ui/controller.ts.
import type { ActionId, ScreenName } from '../keys.js';
import { withBundle, withExtra, withImage, withoutExtra, withTarget } from './added.js';
import type { AppState, Extra, Target } from './app-state.js';
import { withEdit, withQuestions } from './asked.js';
import type { AppEvent } from './events.js';
import { isUnderWay, runRows, toldJob, withAgain, withJob, withStarted } from './jobs.js';
import { layerRead, withoutReading } from './layers.js';
import { emptyList, type ListEvent } from './list.js';
import { allIds, isBrowsing, listOf, withList } from './lists.js';
import { withOption } from './options.js';
import { withRunning } from './running.js';
import { withSteadyCursor } from './steady.js';
import { tabOf, tabs } from './tabs.js';
import { withKnown, withNextEngine, withProbe } from './target-looks.js';

/** The state after one more event. */
export function reduce(state: AppState, event: AppEvent): AppState {
  return withSteadyCursor(state, reduced(state, event), event);
}

function reduced(state: AppState, event: AppEvent): AppState {
  switch (event.type) {
    case 'tick':
      return { ...state, now: event.now };
    case 'images':
      return { ...state, images: event.images };
    case 'places':
      return withPlaces({ ...state, places: event.places });
    case 'targets':
      return { ...state, targets: mergeTargets(state.targets, event.targets) };
    case 'target.probe':
      return withProbe(state, event);
    case 'target.engine':
      return withNextEngine(state, event.id);
    case 'registry.reach':
      return {
        ...state,
        targets: state.targets.map((one) => (one.id === event.id ? { ...one, reach: event.reach } : one)),
      };
    case 'folder.look': {
      const { freeBytes } = event.look;
      return {
        ...state,
        folderLooks: new Map(state.folderLooks).set(event.id, event.look),
        targets: state.targets.map((one) => (one.id === event.id ? { ...one, freeBytes } : one)),
      };
    }
    case 'target.put':
      return withTarget(state, event.target, event.instead);
    case 'target.forget':
      return {
        ...state,
        targets: state.targets.filter(({ id }) => id !== event.id),
        targetRows: { ...state.targetRows, chosen: state.targetRows.chosen.filter((id) => id !== event.id) },
      };
    case 'extra.add':
      return withExtra(state, event, event.instead);
    case 'extra.remove':
      return withoutExtra(state, event.id);
    case 'image.put':
      return withImage(state, event.id, event.image);
    case 'bundle.put':
      return withBundle(state, event.bundle);
    case 'browse': {
      const browser =
        event.path === undefined ? undefined : { path: event.path, listing: undefined, rows: emptyList };
      return { ...state, browser };
    }
    case 'browsed':
      return state.browser === undefined
        ? state
        : { ...state, browser: { ...state.browser, listing: event.listing } };
    case 'option':
      return withOption(state, event.flag, event.values);
    case 'known.options':
      return { ...state, knownOptions: event.options };
    case 'inspected':
      return { ...state, inspected: new Map(state.inspected).set(event.id, event.image) };
    case 'inspect':
      return {
        ...state,
        screen: 'inspect',
        inspecting: event.id,
        showsConfig: false,
        layerRows: emptyList,
        scroll: 0,
      };
    case 'layer.look':
      return { ...state, layerFiles: new Map(state.layerFiles).set(event.diffId, event.look) };
    case 'layer.stop':
      return withoutReading(state);
    case 'receipts':
      return { ...state, receipts: event.receipts };
    case 'proof':
      return { ...state, screen: 'proof', proof: event.receipt, scroll: 0 };
    case 'choose':
      return {
        ...state,
        imageRows: { ...state.imageRows, chosen: event.images },
        targetRows: { ...state.targetRows, chosen: event.targets },
        planning: { is: 'none' },
      };
    case 'repeat': {
      const { sources, targets, extras } = event;
      const fresh = { ...state, repeated: sources, extraRows: { ...state.extraRows, chosen: [] } };
      return extras.reduce<AppState>(
        (now, words) => reduce(now, { type: 'extra.add', words, from: 'typed' }),
        reduce(fresh, { type: 'choose', images: sources.map(({ id }) => id), targets }),
      );
    }
    case 'planning':
      return { ...state, planning: event.planning };
    case 'jobs.started':
      return withStarted(state, event.jobs);
    case 'job.again':
      return withAgain(state, event.id, event.job);
    case 'leaving':
      return { ...state, leaving: true, screen: 'run', scroll: 0 };
    case 'job.told':
      return withJob({ ...state, now: event.now }, event.id, (job) => toldJob(job, event));
    case 'job.state':
      return withJob({ ...state, now: event.now }, event.id, (job) => ({
        ...job,
        state: event.state,
        error: event.error,
        result: event.result ?? job.result,
        finishedAt: isUnderWay(event) ? undefined : event.now,
      }));
    case 'asked':
      return withQuestions(state, [...state.questions, event.question]);
    case 'answered':
      return withQuestions(
        state,
        state.questions.filter(({ id }) => id !== event.id),
      );
    case 'withdrawn':
      return withQuestions(
        state,
        state.questions.filter(({ runId }) => runId !== event.runId),
      );
    case 'field':
      return { ...state, field: event.field };
    case 'confirm':
      return { ...state, confirm: event.confirm };
    case 'notice':
      return { ...state, notice: event.notice };
    case 'edited':
      return withEdit(state, event.edit);
    case 'listens':
      return { ...state, listening: event.id };
    case 'filter.end':
      return withList(state, event.keep ? { type: 'accept' } : { type: 'clear' });
    case 'row':
      return withRow(state, { type: 'to', row: event.row });
    case 'action':
      return acted(state, event);
  }
}

function acted(state: AppState, { action, page, last }: Extract<AppEvent, { type: 'action' }>): AppState {
  const moves: Partial<Record<typeof action, number>> = {
    'list.up': -1,
    'list.down': 1,
    'list.pageUp': -page,
    'list.pageDown': page,
    'list.first': Number.NEGATIVE_INFINITY,
    'list.last': Number.POSITIVE_INFINITY,
  };
  const by = moves[action];
  if (by !== undefined) {
    if (state.help) return { ...state, helpScroll: Math.max(0, Math.min(last, state.helpScroll + by)) };
    if (movesRows(state, action)) return withRow(state, { type: 'move', by });
    return { ...state, scroll: Math.max(0, Math.min(last, Math.min(state.scroll, last) + by)) };
  }
  switch (action) {
    case 'list.toggle':
      // What is chosen of a folder becomes an extra: the world must be asked first.
      if (isBrowsing(state) || state.screen === 'options') return state;
      return { ...withList(state, { type: 'toggle' }), planning: { is: 'none' } };
    case 'list.all':
      return {
        ...withList(state, { type: 'all' }, allIds(state)),
        planning: { is: 'none' },
      };
    case 'list.filter':
      return withList(state, { type: 'filter' });
    case 'list.sort':
      return { ...state, sort: state.sort === 'name' ? 'size' : state.sort === 'size' ? 'age' : 'name' };
    case 'images.kind': {
      const next = {
        image: 'container',
        container: 'compose',
        compose: 'bundle',
        bundle: 'image',
      } as const;
      const imageRows = { ...state.imageRows, cursor: 0, filter: '' };
      return { ...state, imageTab: next[state.imageTab], imageRows };
    }
    case 'images.running':
      return withRunning(state);
    case 'plan.options':
      return { ...goTo(state, 'options'), optionRows: emptyList };
    case 'inspect.config':
      return { ...state, showsConfig: !state.showsConfig, scroll: 0 };
    case 'app.help':
      return { ...state, help: !state.help, helpScroll: 0 };
    case 'app.next':
      return goTo(state, neighbour(state.screen, 1));
    case 'app.previous':
      return goTo(state, neighbour(state.screen, -1));
    case 'app.images':
    case 'app.targets':
    case 'app.extras':
    case 'app.plan':
    case 'app.run':
    case 'app.history':
      return goTo(state, action.slice('app.'.length) as ScreenName);
    case 'app.back':
      return goBack(state);
    default:
      return state;
  }
}

/** Of a run people look at one target, whose story may be longer than the screen: pages scroll that. */
function movesRows(state: AppState, action: ActionId): boolean {
  if (state.screen !== 'run') return listOf(state) !== undefined;
  return runRows(state).length > 1 && (action === 'list.up' || action === 'list.down');
}

/** Another row has another story. */
function withRow(state: AppState, event: Extract<ListEvent, { type: 'move' | 'to' }>): AppState {
  return { ...withList(state, event), ...(state.screen === 'run' ? { scroll: 0 } : {}) };
}

function goTo(state: AppState, screen: ScreenName): AppState {
  return { ...state, screen, scroll: 0 };
}

// Esc takes back the smallest thing first: what is being read, the filter, then the screen.
function goBack(state: AppState): AppState {
  const list = listOf(state);
  if (list !== undefined && list.filter !== '') return withList(state, { type: 'clear' });
  if (isBrowsing(state)) return { ...state, browser: undefined };
  if (state.screen === 'inspect') {
    if (layerRead(state) !== undefined) return withoutReading(state);
    return state.showsConfig ? { ...state, showsConfig: false } : goTo(state, 'images');
  }
  if (state.screen === 'proof') return goTo(state, 'history');
  if (state.screen === 'options') return goTo(state, 'plan');
  const before: Partial<Record<ScreenName, ScreenName>> = {
    targets: 'images',
    extras: 'targets',
    plan: 'targets',
  };
  return goTo(state, before[state.screen] ?? state.screen);
}

function neighbour(screen: ScreenName, by: 1 | -1): ScreenName {
  const at = tabs.indexOf(tabOf(screen)) + by;
  return tabs[(at + tabs.length) % tabs.length] ?? screen;
}

function mergeTargets(known: readonly Target[], found: readonly Target[]): readonly Target[] {
  const before = new Map(known.map((target) => [target.id, target]));
  const fresh = found.map((target) => {
    const { probe, reach, engine, otherEngines } = before.get(target.id) ?? target;
    return withKnown(target, { probe, reach, engine, otherEngines });
  });
  const there = new Set(found.map(({ id }) => id));
  // What was typed stays, whatever else is found.
  return [...fresh, ...known.filter(({ id, from }) => from === 'typed' && !there.has(id))];
}

function withPlaces(state: AppState): AppState {
  const known = new Set(state.extras.map(({ id }) => id));
  const { files, readyFiles } = state.places;
  const extra = (from: Extra['from']) => (file: string) => ({
    id: `--repo ${file}`,
    words: ['--repo', file],
    from,
  });
  const found = [...files.map(extra('here')), ...readyFiles.map(extra('ready'))];
  return { ...state, extras: [...found.filter(({ id }) => !known.has(id)), ...state.extras] };
}
