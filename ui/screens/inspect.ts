// One image from the inside: its layers as one bar and as a list, the files of a layer that was read, and its settings.
import type { InspectedLayer } from '../../src/runs/api.js';
import { formatBytes } from '../../src/text/format.js';
import { text } from '../../src/text/text.js';
import { biggestLines, layerFilesTitle, madeBy, viewInspected } from '../../src/views/images.js';
import { type Line, type Style, span } from '../../src/views/line.js';
import { shortId } from '../../src/views/plan.js';
import type { AppState, Target } from '../state/app-state.js';
import { layerHere, shownLayers } from '../state/layers.js';
import { heldLayers } from '../state/rows.js';
import { targetLabel } from '../state/targets.js';
import { type Body, type Frame, type ListColumn, listLines, scrolled } from './layout.js';

/** Its layers with what is to be said of the one at the cursor, in `frame.rows` lines; or all of its settings, which scroll. */
export function viewInspectScreen(state: AppState, frame: Frame): Body {
  const { words } = text();
  const shown = state.inspected.get(state.inspecting ?? '');
  if (shown === undefined || shown.is === 'waiting') return { lines: [[span('busy', words.screen.loading)]] };
  if (shown.is === 'failed') {
    const { message, code, hint } = shown.error;
    const told: Line = [span('error', message), ` [${code}]`];
    const lines = hint === undefined ? [told] : [told, [span('dim', words.hint), hint]];
    return scrolled(lines, state.scroll, frame);
  }
  if (state.showsConfig) return scrolled(viewInspected(shown.value, frame.columns), state.scroll, frame);
  const { layers } = shown.value;
  const head: Line[] = [
    [span('strong', shown.value.image.source)],
    stack(
      layers.map(({ bytes }) => bytes ?? 0),
      frame,
    ),
    ...holders(
      state,
      layers.map(({ diffId }) => diffId),
    ),
  ];
  const room = Math.max(3, frame.rows - head.length);
  const here = layerHere(state);
  // What was found is worth more room than the list that it was chosen from.
  const least = Math.min(layers.length + 1, Math.max(3, Math.floor(room / 3)));
  const below = here === undefined ? [] : layerLines(state, here, frame.columns).slice(0, room - least);
  const { lines, list } = layerList(state, { ...frame, rows: room - below.length });
  return { lines: [...head, ...lines, ...below], list: { ...list, top: list.top + head.length } };
}

function layerList(state: AppState, frame: Frame): ReturnType<typeof listLines> {
  const { inspect, unknown } = text().words;
  const { columns } = inspect;
  const rows = shownLayers(state).map((layer, at) => ({ ...layer, number: at + 1 }));
  type Row = (typeof rows)[number];
  const shown: readonly ListColumn<Row>[] = [
    { title: columns.number, width: 4, right: true, gives: 2, cell: ({ number }) => String(number) },
    { title: columns.diffId, width: 12, gives: 1, cell: ({ diffId }) => shortId(diffId) },
    {
      title: columns.size,
      width: 9,
      right: true,
      gives: 3,
      cell: ({ bytes, exact }) => (bytes === undefined ? unknown : formatBytes(bytes, !exact)),
    },
    { title: columns.madeBy, width: 'rest', cell: ({ createdBy }) => madeBy(createdBy) },
  ];
  const list = { rows, columns: shown, state: state.layerRows, choosable: false };
  return listLines({ ...list, idOf: ({ number, diffId }: Row) => `${number} ${diffId}` }, frame);
}

/** Who else has the layer, here and on targets, and what was found in it. */
function layerLines(state: AppState, { diffId, sharedWith }: InspectedLayer, columns: number): Line[] {
  const { inspect, screen } = text().words;
  const look = state.layerFiles.get(diffId);
  const [first, second, third, ...more] = sharedWith;
  const names = [first, second, third].flatMap((name) => name ?? []);
  const there = state.targets.filter((target) => heldLayers(target).has(diffId));
  const shared: Line[] = [
    ...(names.length === 0 ? [] : [[span('dim', inspect.sharedWith(names, more.length))]]),
    ...(there.length === 0 ? [] : [[span('ok', screen.inspect.layerHeldBy(namesOf(there)))]]),
  ];
  if (look === undefined) return ['', ...shared, [span('dim', screen.inspect.ask)]];
  if (look.is === 'failed')
    return ['', ...shared, [span('error', look.error.message), ` [${look.error.code}]`]];
  const ends: Partial<Record<typeof look.is, Line>> = {
    reading: [span('busy', screen.inspect.reading)],
    stopped: [span('warn', screen.inspect.stopped)],
  };
  const end = ends[look.is];
  return [
    '',
    ...shared,
    ...(look.files === undefined ? [] : [[span('strong', layerFilesTitle(look.files))]]),
    ...(end === undefined ? [] : [end]),
    ...(look.files === undefined ? [] : biggestLines(look.files, columns)),
  ];
}

const turns: readonly Style[] = ['busy', 'ok', 'warn', 'strong'];
const leastShown = 1;

/** The layers one after another, each as wide as its share; base first. */
function stack(sizes: readonly number[], { columns, ascii }: Frame): Line {
  const total = sizes.reduce((sum, bytes) => sum + bytes, 0);
  const width = Math.max(10, Math.min(columns - 12, 120));
  if (total === 0) return '';
  const signs = ascii ? ['#', '='] : ['█', '▓'];
  const parts = sizes.map((bytes, at) => {
    const share = Math.round((bytes / total) * width);
    const wide = bytes > 0 ? Math.max(leastShown, share) : 0;
    return span(turns[at % turns.length] ?? 'dim', (signs[at % 2] ?? '#').repeat(wide));
  });
  return [...parts, ' ', span('dim', formatBytes(total, true))];
}

/** The targets that hold the whole stack, as far as they have been looked at. */
function holders({ targets }: AppState, diffIds: readonly string[]): Line[] {
  const stackId = diffIds.join();
  const there = targets.filter(
    ({ probe }) =>
      probe.is === 'ready' && probe.value.images.some((image) => image.diffIds.join() === stackId),
  );
  return there.length === 0 ? [] : [[span('ok', text().words.screen.inspect.heldBy(namesOf(there)))]];
}

const namesOf = (targets: readonly Target[]): readonly string[] =>
  targets.map(({ name }) => targetLabel(name));
