// The extras screen: repo config, files, daemon settings and packages that can go along, and the folder they are chosen from.
import type { FolderEntry } from '../../src/runs/local-api.js';
import { formatBytes } from '../../src/text/format.js';
import { text } from '../../src/text/text.js';
import { type Line, span } from '../../src/views/line.js';
import type { AppState, Extra } from '../state/app-state.js';
import { type Browser, fileParts, shownEntries } from '../state/extras.js';
import { shownExtras } from '../state/rows.js';
import { type Body, type Frame, type ListColumn, listLines, roomFor } from './layout.js';

/** The body, `frame.rows` lines at most. */
export function viewExtrasScreen(state: AppState, frame: Frame): Body {
  const words = text().words.screen;
  if (state.browser !== undefined) return viewBrowser(state, state.browser, frame);
  const rows = shownExtras(state);
  const { filter } = state.extraRows;
  if (rows.length === 0)
    return { lines: ['', `  ${filter === '' ? words.extras.empty : words.nothingMatches(filter)}`] };
  const { columns } = words.extras;
  return listLines(
    {
      rows,
      columns: [
        { title: columns.name, width: 'rest', least: roomFor(state.extras.map(sourceOf)), cell: sourceOf },
        { title: columns.to, width: 24, gives: 2, cell: placeOf },
        { title: columns.mode, width: 4, gives: 3, cell: modeOf },
        { title: columns.from, width: 13, gives: 1, cell: ({ from }) => words.extras.from[from] },
      ],
      state: state.extraRows,
      idOf: ({ id }) => id,
      choosable: true,
    },
    frame,
  );
}

const daemonJson = '/etc/docker/daemon.json';

const wordOf = ({ words: [, word = ''] }: Extra): string => word;
const isFile = ({ words: [flag] }: Extra): boolean => flag === '--file';
const sourceOf = (extra: Extra): string => (isFile(extra) ? fileParts(wordOf(extra)).from : wordOf(extra));
const modeOf = (extra: Extra): string => (isFile(extra) ? (fileParts(wordOf(extra)).mode ?? '') : '');

function placeOf(extra: Extra): string {
  const words = text().words.screen.extras;
  const places: Readonly<Record<string, string>> = {
    '--repo': words.repoFolder,
    '--daemon-key': daemonJson,
    '--packages': words.packages,
  };
  return places[extra.words[0] ?? ''] ?? fileParts(wordOf(extra)).to;
}

function viewBrowser(state: AppState, { path, listing, rows: list }: Browser, frame: Frame): Body {
  const words = text().words.screen;
  const head: Line = [span('strong', listing?.path ?? path), '  ', span('dim', words.extras.browse)];
  if (listing === undefined) return { lines: [head, [span('busy', `  ${words.loading}`)]] };
  const rows = shownEntries(state);
  const columns: readonly ListColumn<FolderEntry>[] = [
    {
      title: words.extras.columns.name,
      width: 'rest',
      cell: ({ name, kind }) => (kind === 'folder' ? `${name}/` : name),
    },
    {
      title: words.extras.columns.size,
      width: 9,
      right: true,
      gives: 1,
      cell: ({ bytes }) => (bytes === undefined ? '' : formatBytes(bytes)),
    },
  ];
  const cut = listing.isCut ? [[span('warn', `  ${words.extras.cut(listing.entries.length)}`)]] : [];
  const idOf = ({ name }: FolderEntry): string => name;
  const room = { ...frame, rows: frame.rows - 1 - cut.length };
  const shown = listLines({ rows, columns, state: list, idOf, choosable: false }, room);
  return { lines: [head, ...shown.lines, ...cut], list: { ...shown.list, top: shown.list.top + 1 } };
}
