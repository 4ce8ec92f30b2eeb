// History and proof: what was sent before, and of one receipt what was compared and found.
import { formatBytes } from '../../src/text/format.js';
import { text } from '../../src/text/text.js';
import { type Line, span } from '../../src/views/line.js';
import { localTime, receiptName, viewReceipt } from '../../src/views/receipt.js';
import type { AppState } from '../state/app-state.js';
import { shownReceipts } from '../state/rows.js';
import { type Body, type Frame, type ListColumn, listLines } from './layout.js';

type Receipt = ReturnType<typeof shownReceipts>[number];

/** The body, `frame.rows` lines at most. */
export function viewHistoryScreen(state: AppState, frame: Frame): Body {
  const words = text().words.screen;
  const rows = shownReceipts(state);
  const { receipts, historyRows } = state;
  if (rows.length === 0) {
    if (receipts.is === 'waiting') return { lines: ['', [span('busy', `  ${words.loading}`)]] };
    if (receipts.is === 'failed')
      return { lines: ['', ['  ', span('error', receipts.error.message), ` [${receipts.error.code}]`]] };
    const { filter } = historyRows;
    return { lines: ['', `  ${filter === '' ? words.history.empty : words.nothingMatches(filter)}`] };
  }
  const { columns } = words.history;
  const shown: readonly ListColumn<Receipt>[] = [
    { title: columns.when, width: 16, cell: ({ startedAt }) => localTime(startedAt).slice(0, 16) },
    { title: columns.host, width: 18, gives: 3, cell: ({ host }) => host },
    { title: columns.images, width: 'rest', cell: carried },
    {
      title: columns.sent,
      width: 9,
      right: true,
      gives: 2,
      cell: ({ layerBytes }) => formatBytes(layerBytes),
    },
  ];
  const list = { rows, columns: shown, state: historyRows, choosable: false };
  return listLines({ ...list, idOf: ({ id }: Receipt) => id }, frame);
}

/** All of it; the screen scrolls. */
export function viewProofScreen({ proof }: AppState, { columns }: Frame): readonly Line[] {
  return proof === undefined ? [] : viewReceipt(proof, columns);
}

export function historyStatus(): Line {
  return [span('dim', text().words.screen.history.none)];
}

function carried({ images, files, bundle }: Receipt): string {
  const names = [...images.map(receiptName), ...(files ?? []).map(({ to }) => to)].join(', ');
  return bundle === undefined ? names : text().words.screen.history.outOf(bundle.name, names);
}
