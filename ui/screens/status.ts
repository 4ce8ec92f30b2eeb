// The line above the keys: what is chosen and what comes next, or how things stand. Pure.
import { formatBytes } from '../../src/text/format.js';
import { text } from '../../src/text/text.js';
import { displayWidth } from '../../src/text/width.js';
import { type Line, type Span, span } from '../../src/views/line.js';
import { keyLabel, type ScreenName } from '../keys.js';
import type { AppState, Source } from '../state/app-state.js';
import { chosenExtras } from '../state/extras.js';
import { listOf } from '../state/lists.js';
import { nextScreen } from '../state/next.js';
import { chosenSources, chosenTargets, distinctBytes, lackedBytes, sharedLayers } from '../state/rows.js';
import { tabs } from '../state/tabs.js';
import { targetLabel } from '../state/targets.js';
import { historyStatus } from './history.js';
import { aboutBytes } from './layout.js';
import { optionsStatus } from './options.js';
import { planStatus } from './plan.js';
import { runStatus } from './run.js';

const joint = ' · ';

type Choosing = 'images' | 'targets' | 'extras';

const isChoosing = (screen: ScreenName): screen is Choosing =>
  screen === 'images' || screen === 'targets' || screen === 'extras';

/** One sentence on where things stand, in so many columns. */
export function statusLine(state: AppState, columns = Number.POSITIVE_INFINITY): Line {
  const words = text().words.screen;
  const filter = listOf(state)?.filter ?? '';
  if (filter !== '' && !(isChoosing(state.screen) && choiceParts(state, state.screen).length > 0))
    return [span('strong', `${words.filter}${filter}`), '  ', span('dim', words.esc)];
  const status: Partial<Record<ScreenName, () => Line>> = {
    images: () => choiceLine(state, 'images', columns),
    targets: () => choiceLine(state, 'targets', columns),
    extras: () => choiceLine(state, 'extras', columns),
    plan: () => planStatus(state),
    options: () => optionsStatus(state),
    run: () => runStatus(state),
    history: historyStatus,
  };
  return status[state.screen]?.() ?? '';
}

/** A part of the line. Where there is no room, what has the highest `gives` goes first; the next step never. */
interface Part {
  readonly said: Span;
  readonly gives: number;
}

/** What is chosen altogether, and where to go on. */
function choiceLine(state: AppState, here: Choosing, columns: number): Line {
  const words = text().words.screen;
  const filter = listOf(state)?.filter ?? '';
  const next = nextPart(state, here);
  const said = (parts: readonly Part[]): readonly Span[] => [...parts.map((part) => part.said), next];
  const isWide = (parts: readonly Part[]): boolean =>
    displayWidth(
      said(parts)
        .map((part) => part.text)
        .join(joint),
    ) > columns;
  let parts = choiceParts(state, here);
  if (parts.length === 0) return [span('dim', words[here].none)];
  // Rows that a filter hides are chosen all the same.
  if (filter !== '') parts.unshift({ gives: 0, said: span('strong', `${words.filter}${filter}`) });
  while (parts.length > 1 && isWide(parts)) {
    const most = Math.max(...parts.map(({ gives }) => gives));
    const at = parts.findLastIndex(({ gives }) => gives === most);
    parts = parts.filter((_, one) => one !== at);
  }
  return said(parts).flatMap((part, at) => (at === 0 ? [part] : [joint, part]));
}

function choiceParts(state: AppState, here: Choosing): Part[] {
  const { status, images } = text().words.screen;
  const sources = chosenSources(state);
  const countOf = (kind: Source['kind']): number => sources.filter((one) => one.kind === kind).length;
  const files = chosenExtras(state).length;
  const targets = chosenTargets(state);
  const sent = [
    ...(['image', 'container', 'compose', 'bundle'] as const).flatMap((kind) =>
      countOf(kind) === 0 ? [] : [status[kind](countOf(kind))],
    ),
    ...(files === 0 ? [] : [status.files(files)]),
  ];
  const isWeighed = sources.length > 0 && sources.every(({ kind }) => kind === 'image');
  const lacks = targets.flatMap((target) => {
    const bytes = lackedBytes(state, target);
    const name = targetLabel(target.name);
    return bytes === undefined ? [] : [images.travels(name, formatBytes(bytes, true))];
  });
  const part = (gives: number, said: Span): Part => ({ said, gives });
  return [
    ...(sent.length === 0 ? [] : [part(0, span('ok', status.things(sent)))]),
    ...(isWeighed
      ? [part(2, span('dim', status.weight(sharedLayers(state), aboutBytes(distinctBytes(state)))))]
      : []),
    ...(targets.length === 0
      ? []
      : [part(1, span('ok', status.targets(targets.map(({ name }) => targetLabel(name)))))]),
    ...(here === 'images' ? lacks.map((one) => part(3, span('dim', one))) : []),
  ];
}

function nextPart(state: AppState, here: Choosing): Span {
  const { status, tabs: names } = text().words.screen;
  const next = nextScreen(state);
  if (next === here) return span('strong', status.choose[next]);
  const at = tabs.indexOf(next);
  const key = tabs.indexOf(here) + 1 === at ? keyLabel('tab') : String(at + 1);
  return span('strong', status.next(names[next].toLowerCase(), key));
}
