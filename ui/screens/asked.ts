// What stands at the bottom while something is typed or asked: a field and why it was refused, a question, the filter; and where
// the cursor stands in it. Pure.
import { printable } from '../../src/text/format.js';
import { text } from '../../src/text/text.js';
import { cutEnd, cutStart, displayWidth } from '../../src/text/width.js';
import { isSecret } from '../../src/views/answer.js';
import { type Line, type Span, span, wrapLine } from '../../src/views/line.js';
import type { AppState, Field, Told } from '../state/app-state.js';
import { comeUnasked } from '../state/asked.js';
import { filterOf } from '../state/list.js';
import { listOf } from '../state/lists.js';
import { nothingTyped, parted, type Typed } from '../state/typing.js';
import type { Frame } from './layout.js';
import { optionName } from './options.js';

/** A cell of the terminal; both count from 0. */
export interface Place {
  readonly row: number;
  readonly column: number;
}

export interface Asked {
  readonly lines: readonly Line[];
  /** In these lines; undefined while nothing is taken. */
  readonly cursor: Place | undefined;
}

/** What must be answered before anything else: a line to be typed, a question of the screen's own, a run's. */
export function askedLines(state: AppState, frame: Frame): Asked | undefined {
  const { words } = text();
  const { columns, rows } = frame;
  // A line that somebody is typing is not taken away by a question: it waits until the line is done.
  if (state.field !== undefined) {
    const { refused, isChecking } = state.field;
    const asked = typedLines(span('strong', fieldLabel(state.field)), state.field, frame);
    const why = refused === undefined ? [] : toldLines(refused).flatMap((line) => wrapLine(line, columns));
    return {
      lines: [...asked.lines, ...why],
      cursor: isChecking === true ? undefined : asked.cursor,
    };
  }
  const unasked = comeUnasked(state);
  const hears = unasked === undefined || unasked === state.listening;
  if (state.confirm !== undefined) {
    const { what, subject } = state.confirm;
    const label = span('warn', `${words.screen.confirm[what](subject)} `);
    return typedLines(label, nothingTyped, frame, { hears, least: leastAnswer });
  }
  const [question] = state.questions;
  if (question === undefined) return undefined;
  const { prompt } = question;
  const { answer } = state;
  const before = rows >= 10 ? words.questions.before(prompt) : [];
  const above = before.flatMap((line) => wrapLine(line, columns));
  const shown = isSecret(prompt) ? masked(answer) : answer;
  const { lines, cursor } = typedLines(span('strong', `${words.questions.ask(prompt)} `), shown, frame, {
    hears,
  });
  return {
    lines: [...above, ...lines],
    cursor: cursor && { ...cursor, row: above.length + cursor.row },
  };
}

function fieldLabel({ purpose, option }: Field): string {
  const { fields } = text().words.screen;
  if (purpose !== 'option') return fields[purpose];
  return option === undefined ? '' : fields.option(optionName(option));
}

/** The filter while it is typed. */
export function filterLines(state: AppState, frame: Frame): Asked | undefined {
  const list = listOf(state);
  if (list?.typing !== true) return undefined;
  return typedLines(span('strong', text().words.screen.filter), filterOf(list), frame);
}

/** An error with its hint. */
export function toldLines({ code, message, hint }: Told): Line[] {
  const told: Line = [span('error', message), ` [${code}]`];
  return hint === undefined ? [told] : [told, [span('dim', text().words.hint), hint]];
}

const masked = (typed: Typed): Typed => {
  const { before, after } = parted(typed);
  return { value: '*'.repeat(before.length + after.length), behind: after.length };
};

// With less room than this beside its label, what is typed gets a row of its own.
const leastTyped = 20;
const leastAnswer = 3;
const indent = '  ';

/** What is asked, whole, and of what is typed the part around the cursor. */
function typedLines(
  label: Span,
  typed: Typed,
  { columns }: Frame,
  { hears = true, least = leastTyped } = {},
): Asked {
  const isBeside = displayWidth(label.text) + least <= columns;
  const above = isBeside ? [] : wrapLine([span(label.style, label.text.trimEnd())], columns);
  const lead = isBeside ? label : indent;
  const start = displayWidth(isBeside ? label.text : indent);
  // Not yet: keys that were on their way are no answer.
  if (!hears) return { lines: [...above, [lead, span('dim', '…')]], cursor: undefined };
  const { shown, column } = around(typed, columns - start);
  return { lines: [...above, [lead, shown]], cursor: { row: above.length, column: start + column } };
}

/** What is seen of a line in so many columns. The cursor needs one itself, and is told by a sign where it stands at the end. */
function around(typed: Typed, room: number): { readonly shown: string; readonly column: number } {
  const { before, after } = parted(typed);
  const behind = printable(after.join(''));
  const kept = Math.min(displayWidth(behind), Math.floor(room / 3));
  const left = cutStart(printable(before.join('')), Math.max(1, room - 1 - kept));
  const column = displayWidth(left);
  return { shown: left + (behind === '' ? '_' : cutEnd(behind, room - column)), column };
}
