// The options of the plan as a form: what is set, and what the option at the cursor does.
import type { KnownOption } from '../../src/cli/known-options.js';
import { text } from '../../src/text/text.js';
import { type Line, span, wrapLine } from '../../src/views/line.js';
import type { AppState } from '../state/app-state.js';
import { optionHere, optionValue, shownOptions } from '../state/options.js';
import { type Body, type Frame, type ListColumn, listLines } from './layout.js';

const wide = 120;

/** The body, `frame.rows` lines at most. */
export function viewOptionsScreen(state: AppState, frame: Frame): Body {
  const words = text().words.screen;
  const rows = shownOptions(state);
  const { filter } = state.optionRows;
  if (rows.length === 0)
    return { lines: ['', `  ${filter === '' ? words.loading : words.nothingMatches(filter)}`] };
  const { columns } = words.options;
  // Beside every option what it does, where that can be read; else below the list for the one at the cursor.
  const isWide = frame.columns >= wide;
  const shown: readonly ListColumn<KnownOption>[] = [
    { title: columns.option, width: 24, cell: optionName },
    {
      title: columns.value,
      width: isWide ? 30 : 'rest',
      cell: ({ flag }) => optionValue(state.options, flag),
    },
    ...(isWide ? [{ title: columns.about, width: 'rest' as const, cell: aboutOf }] : []),
  ];
  const list = {
    rows,
    columns: shown,
    state: { ...state.optionRows, chosen: [...state.options.keys()] },
    choosable: true,
  };
  const here = optionHere(state);
  const below = here === undefined ? [] : aboutLines(here, frame).slice(0, Math.floor(frame.rows / 2));
  const above = listLines(
    { ...list, idOf: ({ flag }: KnownOption) => flag },
    { ...frame, rows: frame.rows - below.length },
  );
  return { ...above, lines: [...above.lines, ...below] };
}

export function optionsStatus({ options }: AppState): Line {
  const words = text().words.screen;
  return options.size === 0
    ? [span('dim', words.options.none)]
    : [span('ok', words.options.set([...options.keys()]))];
}

const aboutOf = ({ about }: KnownOption): string => about;

/** An option as help writes it. */
export const optionName = ({ flag, takes }: KnownOption): string =>
  takes === undefined ? flag : `${flag} <${takes}>`;

function aboutLines({ about, of }: KnownOption, { columns }: Frame): Line[] {
  const words = text().words.screen.options;
  return ['', ...wrapLine([span('dim', words.about(about, of))], columns)];
}
