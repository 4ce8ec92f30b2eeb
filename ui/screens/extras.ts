// The extras screen: repo config and files that can go along.
import { text } from '../../src/text/text.js';
import { type Line, span } from '../../src/views/line.js';
import type { AppState, Extra } from '../state/app-state.js';
import { shownExtras } from '../state/rows.js';
import { type Body, type Frame, listLines } from './layout.js';

/** The body, `frame.rows` lines at most. */
export function viewExtrasScreen(state: AppState, frame: Frame): Body {
  const words = text().words.screen;
  const rows = shownExtras(state);
  const { filter } = state.extraRows;
  if (rows.length === 0)
    return { lines: ['', `  ${filter === '' ? words.extras.empty : words.nothingMatches(filter)}`] };
  const { columns } = words.extras;
  return listLines(
    {
      rows,
      columns: [
        { title: columns.name, width: 'rest', cell: ({ words: [, file = ''] }: Extra) => sourceOf(file) },
        { title: columns.to, width: 30, gives: 1, cell: placeOf },
        { title: columns.from, width: 13, gives: 2, cell: ({ from }) => words.extras.from[from] },
      ],
      state: state.extraRows,
      idOf: ({ id }) => id,
      choosable: true,
    },
    frame,
  );
}

export function extrasStatus(state: AppState): Line {
  const words = text().words.screen;
  const { chosen } = state.extraRows;
  return chosen.length === 0
    ? [span('dim', words.extras.none)]
    : [span('ok', words.images.chosen(chosen.length))];
}

const sourceOf = (file: string): string => file.replace(/:\/.*$/, '');

function placeOf({ words: [flag, value = ''] }: Extra): string {
  return flag === '--repo' ? text().words.screen.extras.repoFolder : (/:(\/.*)$/.exec(value)?.[1] ?? '');
}
