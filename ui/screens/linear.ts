// The screen for who hears it: where one is, the row at the cursor in words, what is asked; one line a thing, no bars. It changes
// when something has happened, not while bytes flow. Pure.
import { text } from '../../src/text/text.js';
import { type Line, plainLine } from '../../src/views/line.js';
import type { AppState } from '../state/app-state.js';
import { type RunRow, runHere, runRows } from '../state/jobs.js';
import { tabOf, tabs } from '../state/tabs.js';
import { askedLines, filterLines } from './asked.js';
import { helpLines } from './hints.js';
import { rowEnds, rowTitle } from './run.js';
import { viewBody } from './screen.js';
import { statusLine } from './status.js';

// Tables keep to this; a terminal breaks what is longer.
const columns = 78;
const percentStep = 10;

/** Every line is read as a whole. */
export function linearLines(state: AppState): readonly Line[] {
  const words = text().words.screen;
  const { screen } = state;
  const tab = tabOf(screen);
  const title = { ...words.tabs, ...words.titles }[screen];
  const frame = { columns, rows: Number.MAX_SAFE_INTEGER, ascii: true };
  const asked = (askedLines(state, frame) ?? filterLines(state, frame))?.lines ?? [];
  const said = state.notice === undefined ? [statusLine(state)] : [state.notice];
  return [
    words.linear.place(title, tabs.indexOf(tab) + 1, tabs.length),
    ...(state.help ? helpLines(screen, frame) : bodyLines(state)),
    ...(asked.length > 0 && state.notice === undefined ? asked : [...asked, ...said]),
  ]
    .map((line) => plainLine(line).trim())
    .filter((line) => line !== '');
}

function bodyLines(state: AppState): readonly Line[] {
  const words = text().words.screen.linear;
  const here = state.screen === 'run' ? runHere(state) : undefined;
  if (here !== undefined) {
    const rows = runRows(state);
    const at = rows.findIndex(({ id }) => id === here.id) + 1;
    // Which of several the keys are about.
    const told = rows.length > 1 ? [`${rowTitle(here)}, ${words.row(at, rows.length)}`] : [];
    return [...told, ...rows.flatMap(targetLines)];
  }
  // Of a text all of it; of a list what a window of a few rows knows of the row at the cursor.
  const isText = ['plan', 'inspect', 'proof'].includes(state.screen);
  const { lines, list } = viewBody(state, { columns, rows: isText ? 100_000 : 8, ascii: true });
  return list === undefined ? lines : [list.told, ...lines.slice(list.top + list.count)];
}

function targetLines(row: RunRow): Line[] {
  const { linear, run } = text().words.screen;
  const { job, target, state } = row;
  const { doneBytes = 0, totalBytes = 0 } = job.progress.hosts.get(target) ?? {};
  const steps = totalBytes === 0 ? 0 : Math.floor(((doneBytes / totalBytes) * 100) / percentStep);
  const share =
    state === 'running' && totalBytes > 0 ? [linear.host(target, Math.min(100, steps * percentStep))] : [];
  return [`${rowTitle(row)}  ${run.states[state]}`, ...share, ...rowEnds(row, columns)];
}
