// One whole picture of the terminal out of the state: tabs, body, status, hints; questions above all. Pure.
import { printable } from '../../src/text/format.js';
import { text } from '../../src/text/text.js';
import { cutStart, displayWidth, padEnd } from '../../src/text/width.js';
import { isSecret } from '../../src/views/answer.js';
import { type Line, plainLine, type Span, span, wrapLine } from '../../src/views/line.js';
import { type ActionId, bindingsOn, keyLabel, type ScreenName } from '../keys.js';
import type { AppState } from '../state/app-state.js';
import { listOf } from '../state/lists.js';
import { tabOf, tabs } from '../state/tabs.js';
import { extrasStatus, viewExtrasScreen } from './extras.js';
import { historyStatus, viewHistoryScreen, viewProofScreen } from './history.js';
import { imagesStatus, viewImagesScreen } from './images.js';
import { viewInspectScreen } from './inspect.js';
import { type Body, type Frame, type ListPlace, oneRow, scrolled } from './layout.js';
import { planStatus, viewPlanScreen } from './plan.js';
import { logLength, runShare, runStatus, viewRunScreen } from './run.js';
import { targetsStatus, viewTargetsScreen } from './targets.js';

export interface Picture {
  /** As many as the frame has rows. */
  readonly lines: readonly Line[];
  /** Rows of the body: a page. */
  readonly page: number;
  /** How far the body can be scrolled. */
  readonly last: number;
  /** Where the rows of the list stand. */
  readonly list: ListPlace | undefined;
  /** Where the tabs stand in the first row: from this column to before that one. */
  readonly tabs: readonly TabPlace[];
}

interface TabPlace {
  readonly name: (typeof tabs)[number];
  readonly from: number;
  readonly to: number;
}

const roomy = 16;
const mostNotice = 3;

/** What the terminal shows. */
export function drawScreen(state: AppState, frame: Frame): Picture {
  const blank: readonly Line[] = frame.rows >= roomy ? [''] : [];
  const asked = askedLines(state, frame);
  // A sentence is read to its end, a status is glanced at.
  const status = state.notice === undefined ? [statusLine(state)] : wrapLine(state.notice, frame.columns);
  const bottom = asked.length > 0 ? asked : [...status.slice(0, mostNotice), hintLine(state, frame)];
  const page = Math.max(1, frame.rows - 1 - 2 * blank.length - bottom.length);
  const inner = { ...frame, rows: page };
  const {
    lines,
    last = 0,
    list,
  }: Body = state.help ? scrolled(helpLines(frame), state.helpScroll, inner) : viewBody(state, inner);
  const shown = lines.slice(0, page).map((line) => oneRow(line, frame.columns));
  const filler = Array.from({ length: page - shown.length }, (): Line => '');
  const top = tabLine(state, frame);
  const all = [top.line, ...blank, ...shown, ...filler, ...blank, ...bottom];
  return {
    lines: all.map((line) => oneRow(line, frame.columns)).slice(0, frame.rows),
    page,
    last,
    list: list && { ...list, top: list.top + 1 + blank.length },
    tabs: top.tabs,
  };
}

/** What a screen itself shows. */
export function viewBody(state: AppState, frame: Frame): Body {
  switch (state.screen) {
    case 'images':
      return viewImagesScreen(state, frame);
    case 'targets':
      return viewTargetsScreen(state, frame);
    case 'extras':
      return viewExtrasScreen(state, frame);
    case 'history':
      return viewHistoryScreen(state, frame);
    case 'run':
      return { lines: viewRunScreen(state, frame), last: logLength(state) };
    case 'inspect':
      return viewInspectScreen(state, frame);
    case 'plan':
      return scrolled(viewPlanScreen(state, frame), state.scroll, frame);
    case 'proof':
      return scrolled(viewProofScreen(state, frame), state.scroll, frame);
  }
}

function tabLine(
  state: AppState,
  { columns }: Frame,
): { readonly line: Line; readonly tabs: readonly TabPlace[] } {
  const { tabs: names, titles } = text().words.screen;
  const { screen } = state;
  const here = tabOf(screen);
  const name = screen === 'inspect' || screen === 'proof' ? titles[screen] : names[here];
  const parts = tabs.map((tab, at) =>
    tab === here ? span('strong', `[${at + 1} ${name}]`) : span('dim', ` ${at + 1} ${names[tab]} `),
  );
  const title = 'airgap ';
  const wide: Line = [span('strong', title), ...parts, ...runningPart(state)];
  if (displayWidth(plainLine(wide)) <= columns) return { line: wide, tabs: places(parts, title.length) };
  // Narrow: numbers, and the name of where one is.
  const short = tabs.map((tab, at) =>
    tab === here ? span('strong', `[${at + 1} ${name}]`) : span('dim', ` ${at + 1} `),
  );
  return { line: [...short, ...runningPart(state)], tabs: places(short, 0) };
}

function places(parts: readonly { readonly text: string }[], start: number): TabPlace[] {
  let from = start;
  return tabs.map((name, at) => {
    const place = { name, from, to: from + displayWidth(parts[at]?.text ?? '') };
    from = place.to;
    return place;
  });
}

function runningPart(state: AppState): Line & readonly unknown[] {
  const share = runShare(state);
  if (share === undefined) return [];
  const { words } = text();
  return ['  ', span('busy', `${words.progress.steps.send} ${words.progress.percent(share)}`)];
}

/** One sentence on where things stand. */
export function statusLine(state: AppState): Line {
  const words = text().words.screen;
  const list = listOf(state);
  if (list?.typing === true) return [span('strong', words.filter), `${list.filter}_`];
  if (list !== undefined && list.filter !== '')
    return [span('strong', `${words.filter}${list.filter}`), '  ', span('dim', words.esc)];
  const status: Partial<Record<ScreenName, () => Line>> = {
    images: () => imagesStatus(state),
    targets: () => targetsStatus(state),
    extras: () => extrasStatus(state),
    plan: () => planStatus(state),
    run: () => runStatus(state),
    history: historyStatus,
  };
  return status[state.screen]?.() ?? '';
}

/** What must be answered before anything else: a run's question, one of the screen's own, a line to be typed. */
export function askedLines(state: AppState, { columns, rows }: Frame): Line[] {
  const { words } = text();
  // A line that somebody is typing is not taken away by a question: it waits until the line is done.
  if (state.field !== undefined) {
    const label = words.screen.fields[state.field.purpose];
    return typedLines(span('strong', label), state.field.value, columns);
  }
  if (state.confirm !== undefined) {
    const { what, subject } = state.confirm;
    return typedLines(span('warn', words.screen.confirm[what](subject)), '', columns);
  }
  const [question] = state.questions;
  if (question === undefined) return [];
  const { prompt } = question;
  const typed = isSecret(prompt) ? '*'.repeat([...state.answer].length) : state.answer;
  const before = rows >= 10 ? words.questions.before(prompt) : [];
  const above = before.flatMap((line) => wrapLine(line, columns));
  return [...above, ...typedLines(span('strong', words.questions.ask(prompt)), ` ${typed}`, columns)];
}

/** What is asked, whole, and the end of what is typed: that is where the next letter goes. */
function typedLines(label: Span, typed: string, columns: number): Line[] {
  const shown = printable(typed);
  if (displayWidth(label.text) + displayWidth(shown) + 1 <= columns) return [[label, `${shown}_`]];
  const asked = wrapLine([label], columns);
  const last = asked.at(-1) ?? '';
  const left = columns - displayWidth(plainLine(last)) - 1;
  const isShort = displayWidth(shown) < left;
  if (isShort) return [...asked.slice(0, -1), [...(typeof last === 'string' ? [last] : last), `${shown}_`]];
  return [...asked, `${cutStart(shown.trimStart(), columns - 1)}_`];
}

/** What works everywhere stands at the end and always has its room; of the screen's own keys as many as fit before it. */
function hintLine(state: AppState, { columns, ascii }: Frame): Line {
  const { actions } = text().words.screen;
  const hinted = bindingsOn(state.screen).filter(({ hint }) => hint === true);
  const label = ({ id, keys }: (typeof hinted)[number]) => ({
    key: keyLabel(keys[0] ?? '', ascii),
    does: actions[id],
  });
  const always = hinted.filter(({ on }) => on === 'everywhere').map(label);
  const own = hinted.filter(({ on }) => on !== 'everywhere').map(label);
  const widthOf = ({ key, does }: { key: string; does: string }): number =>
    displayWidth(`${key} ${does}`) + 2;
  let left = columns - always.reduce((sum, one) => sum + widthOf(one), 0);
  const fitting = own.filter((one) => {
    left -= widthOf(one);
    return left >= 0;
  });
  return [...fitting, ...always].flatMap(({ key, does }) => [
    span('strong', key),
    ' ',
    span('dim', does),
    '  ',
  ]);
}

/** Every key there is, made from the registry. */
export function helpLines({ ascii }: Pick<Frame, 'ascii'>): Line[] {
  const words = text().words.screen;
  const shown = (id: ActionId, keys: readonly string[]): Line => [
    '  ',
    span('strong', padEnd(keys.map((key) => keyLabel(key, ascii)).join(' '), 16)),
    ' ',
    words.actions[id],
  ];
  const groups = (['images', 'inspect', 'targets', 'extras', 'plan', 'run', 'history', 'proof'] as const).map(
    (screen) => ({
      title: screen === 'proof' || screen === 'inspect' ? words.titles[screen] : words.tabs[screen],
      bindings: bindingsOn(screen).filter(({ on }) => on !== 'everywhere' && on[0] === screen),
    }),
  );
  const everywhere = bindingsOn('images').filter(({ on }) => on === 'everywhere');
  const moving = bindingsOn('images').filter(({ id }) => id.startsWith('list.'));
  return [
    [span('strong', words.help.title), '  ', span('dim', words.help.close)],
    ...[...moving, ...everywhere].map(({ id, keys }) => shown(id, keys)),
    ...groups.flatMap(({ title, bindings }) => {
      const own = bindings.filter(({ id }) => !id.startsWith('list.'));
      return own.length === 0
        ? []
        : ['', [span('dim', title)], ...own.map(({ id, keys }) => shown(id, keys))];
    }),
  ];
}
