// The images screen: images, containers and compose files, with what the selection weighs.
import { formatBytes } from '../../src/text/format.js';
import { text } from '../../src/text/text.js';
import { displayWidth } from '../../src/text/width.js';
import { type Line, plainLine, type Span, span, wrapLine } from '../../src/views/line.js';
import type { AppState, Source } from '../state/app-state.js';
import { shownSources, sourcesOf } from '../state/rows.js';
import { type Body, type Frame, type ListColumn, listLines, roomFor } from './layout.js';

const kinds = ['image', 'container', 'compose', 'bundle'] as const;

/** The body, `frame.rows` lines at most. */
export function viewImagesScreen(state: AppState, frame: Frame): Body {
  const words = text().words.screen;
  const rows = shownSources(state);
  const head = kindLine(state, frame.columns);
  const left = { ...frame, rows: frame.rows - 1 };
  if (rows.length > 0) {
    const columns = columnsOf(state);
    const idOf = ({ id }: Source): string => id;
    const { lines, list } = listLines({ rows, columns, state: state.imageRows, idOf, choosable: true }, left);
    return { lines: [head, ...lines], list: { ...list, top: list.top + 1 } };
  }
  // A hint is read to its end: cut, it helps nobody.
  const why = emptyLines(state, words).flatMap((line) => wrapLine(line, frame.columns));
  return { lines: [head, ...why.slice(0, left.rows)] };
}

function emptyLines(state: AppState, words: ReturnType<typeof text>['words']['screen']): Line[] {
  const { images, imageRows, imageTab } = state;
  if (imageRows.filter !== '' && sourcesOf(state, imageTab).length > 0)
    return ['', `  ${words.nothingMatches(imageRows.filter)}`];
  if (imageTab === 'container') return ['', `  ${words.images.noContainers}`];
  if (imageTab === 'compose') return ['', `  ${words.images.noCompose}`];
  if (imageTab === 'bundle') return ['', `  ${words.images.noBundles}`];
  if (images.is === 'waiting') return ['', [span('busy', `  ${words.loading}`)]];
  if (images.is === 'failed') {
    const { message, hint, code } = images.error;
    return [
      '',
      ['  ', span('error', message), ` [${code}]`],
      ...(hint === undefined ? [] : [['  ', span('dim', text().words.hint), hint]]),
    ];
  }
  const reasons = images.value.unavailable.map(({ store, message }): Line => `  ${store}: ${message}`);
  return ['', `  ${words.images.empty}`, ...reasons];
}

/** What there is of each kind. Where that is too wide, the kind that is shown comes first: it must be seen. */
function kindLine(state: AppState, columns: number): Line {
  const words = text().words.screen.images;
  const spans = (of: readonly Source['kind'][]): (string | Span)[] => [
    ...of.flatMap((kind) => {
      const label = `${words.kinds[kind]} ${sourcesOf(state, kind).length}`;
      return [kind === state.imageTab ? span('strong', `[${label}]`) : span('dim', ` ${label} `), ' '];
    }),
    span('dim', words.sorted[state.sort]),
  ];
  const wide = spans(kinds);
  if (displayWidth(plainLine(wide)) <= columns) return wide;
  const at = kinds.indexOf(state.imageTab);
  return spans([...kinds.slice(at), ...kinds.slice(0, at)]);
}

function columnsOf(state: AppState): readonly ListColumn<Source>[] {
  const { imageTab, now } = state;
  const all = sourcesOf(state, imageTab);
  const { screen, none, ago, unknown } = text().words;
  const { columns, containerColumns, composeColumns, bundleColumns } = screen.images;
  const sizeOf = ({ bytes }: Source): string => (bytes === undefined ? unknown : formatBytes(bytes));
  const least = roomFor(all.map(({ label }) => label));
  const name = (title: string): ListColumn<Source> => ({
    title,
    width: 'rest',
    least,
    cell: ({ label }) => label,
  });
  if (imageTab === 'container')
    return [
      name(containerColumns.name),
      { title: containerColumns.about, width: 24, gives: 1, cell: ({ about }) => about },
    ];
  if (imageTab === 'compose')
    return [
      { title: composeColumns.name, width: 28, cell: ({ label }) => label },
      { title: composeColumns.about, width: 'rest', cell: ({ about }) => about },
    ];
  if (imageTab === 'bundle')
    return [
      name(bundleColumns.name),
      { title: columns.size, width: 9, right: true, gives: 2, cell: sizeOf },
      { title: bundleColumns.about, width: 36, gives: 1, cell: ({ about }) => about },
    ];
  const isOneStore = new Set(all.map(({ about }) => about)).size < 2;
  const age = (iso: string | undefined): string => {
    const time = iso === undefined ? Number.NaN : Date.parse(iso);
    return Number.isNaN(time) || time <= 0 ? none : ago(now - time);
  };
  return [
    name(columns.name),
    {
      title: columns.size,
      width: 9,
      right: true,
      gives: 5,
      cell: sizeOf,
    },
    { title: columns.layers, width: 6, right: true, gives: 2, cell: ({ layers }) => String(layers || none) },
    { title: columns.age, width: 14, gives: 3, cell: ({ createdAt }) => age(createdAt) },
    // Where all are of one store, it tells nothing.
    { title: columns.about, width: 13, gives: isOneStore ? 1 : 4, cell: ({ about }) => about },
  ];
}
