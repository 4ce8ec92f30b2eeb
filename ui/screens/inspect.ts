// One image from the inside: its layers as one bar, the line that made each, who else has it, and the config.
import { formatBytes } from '../../src/text/format.js';
import { text } from '../../src/text/text.js';
import { viewInspected } from '../../src/views/images.js';
import { type Line, type Style, span } from '../../src/views/line.js';
import type { AppState } from '../state/app-state.js';
import type { Frame } from './layout.js';

/** All of it; the screen scrolls. */
export function viewInspectScreen(state: AppState, frame: Frame): readonly Line[] {
  const { words } = text();
  const shown = state.inspected.get(state.inspecting ?? '');
  if (shown === undefined || shown.is === 'waiting') return [[span('busy', words.screen.loading)]];
  if (shown.is === 'failed') {
    const { message, code, hint } = shown.error;
    const lines: Line[] = [[span('error', message), ` [${code}]`]];
    return hint === undefined ? lines : [...lines, [span('dim', words.hint), hint]];
  }
  const { layers } = shown.value;
  return [
    stack(
      layers.map(({ bytes }) => bytes ?? 0),
      frame,
    ),
    ...holders(
      state,
      layers.map(({ diffId }) => diffId),
    ),
    '',
    ...viewInspected(shown.value, frame.columns),
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
  const names = targets.flatMap(({ name, probe }) =>
    probe.is === 'ready' && probe.value.images.some((image) => image.diffIds.join() === stackId)
      ? [name]
      : [],
  );
  return names.length === 0 ? [] : [[span('ok', text().words.screen.inspect.heldBy(names))]];
}
