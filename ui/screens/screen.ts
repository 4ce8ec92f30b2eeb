// One whole picture of the terminal out of the state: tabs, body, status, hints; questions above all. Pure.
import { text } from '../../src/text/text.js';
import { displayWidth } from '../../src/text/width.js';
import { cutLine, type Line, plainLine, span, wrapLine } from '../../src/views/line.js';
import type { AppState } from '../state/app-state.js';
import { tabOf, tabs } from '../state/tabs.js';
import { type Asked, askedLines, filterLines, type Place } from './asked.js';
import { viewExtrasScreen } from './extras.js';
import { helpLines, hintLines, typingHints } from './hints.js';
import { viewHistoryScreen, viewProofScreen } from './history.js';
import { viewImagesScreen } from './images.js';
import { viewInspectScreen } from './inspect.js';
import { type Body, type Frame, type ListPlace, scrolled } from './layout.js';
import { viewOptionsScreen } from './options.js';
import { viewPlanScreen } from './plan.js';
import { runShare, viewRunScreen } from './run.js';
import { statusLine } from './status.js';
import { viewTargetsScreen } from './targets.js';

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
  /** Where the next letter goes. */
  readonly cursor: Place | undefined;
}

interface TabPlace {
  readonly name: (typeof tabs)[number];
  readonly from: number;
  readonly to: number;
}

const roomy = 16;
const mostNotice = 3;
const leastBody = 2;

/** Our own signs in ASCII, each as wide as before. What is named in other letters stays: a `?` would name something else. */
function asciiLine(line: Line): Line {
  const plain = (words: string): string =>
    words.replace(/[…–—’·]/g, (sign) => ({ '…': '~', '’': "'", '·': '*' })[sign] ?? '-');
  if (typeof line === 'string') return plain(line);
  return line.map((part) => (typeof part === 'string' ? plain(part) : { ...part, text: plain(part.text) }));
}

/** What the terminal shows. */
export function drawScreen(state: AppState, frame: Frame): Picture {
  const blank: readonly Line[] = frame.rows >= roomy ? [''] : [];
  const { lines: bottom, cursor } = bottomOf(state, frame);
  const page = Math.max(1, frame.rows - 1 - 2 * blank.length - bottom.length);
  const inner = { ...frame, rows: page };
  const {
    lines,
    last = 0,
    list,
  }: Body = state.help
    ? scrolled(helpLines(state.screen, frame), state.helpScroll, inner)
    : viewBody(state, inner);
  const shown = lines.slice(0, page).map((line) => cutLine(line, frame.columns));
  const filler = Array.from({ length: page - shown.length }, (): Line => '');
  const top = tabLine(state, frame);
  const all = [top.line, ...blank, ...shown, ...filler, ...blank, ...bottom];
  return {
    lines: all.slice(0, frame.rows).map((line) => {
      const cut = cutLine(line, frame.columns);
      return frame.ascii ? asciiLine(cut) : cut;
    }),
    page,
    last,
    list: list && { ...list, top: list.top + 1 + blank.length },
    tabs: top.tabs,
    cursor: cursor && { ...cursor, row: all.length - bottom.length + cursor.row },
  };
}

/** What is asked or typed, else how things stand and what can be done. */
function bottomOf(state: AppState, frame: Frame): Asked {
  const asked = askedLines(state, frame) ?? filterLines(state, frame);
  // A sentence is read to its end, a status is glanced at.
  const notice = state.notice === undefined ? [] : wrapLine(state.notice, frame.columns).slice(0, mostNotice);
  if (asked !== undefined) {
    const { lines, cursor } = asked;
    // A yes-or-no question says itself what to press.
    const hasKeys = frame.rows >= roomy && (state.confirm === undefined || state.field !== undefined);
    const keys = hasKeys ? [...notice, typingHints()] : notice;
    const all = [...lines, ...keys].slice(0, Math.max(1, frame.rows - leastBody));
    return { lines: all, cursor };
  }
  const said = notice.length > 0 ? notice : [statusLine(state, frame.columns)];
  return { lines: [...said, ...hintLines(state, frame)], cursor: undefined };
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
      return viewRunScreen(state, frame);
    case 'options':
      return viewOptionsScreen(state, frame);
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
  const name = { ...names, ...titles }[screen];
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
