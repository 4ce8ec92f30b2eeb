// Images that a person names and no store lists: rows like any other, chosen, weighed, and words of the command line.
import test from 'ava';
import { parseCommand } from '../../src/cli/parse-command.js';
import type { InspectedImage } from '../../src/runs/api.js';
import { plainLine } from '../../src/views/line.js';
import { drawScreen } from '../../ui/screens/screen.js';
import { commandsOf } from '../../ui/state/command.js';
import { reduce } from '../../ui/state/reduce.js';
import { distinctBytes, sourcesOf } from '../../ui/state/rows.js';
import { diffId, sampleImage } from '../helpers/samples.js';
import { readyState } from '../helpers/screen-states.js';

const id = 'docker://registry.lan/team/app:2';
const layer = (name: string, bytes: number | undefined) => ({
  diffId: diffId(name),
  bytes,
  exact: false,
  createdBy: undefined,
  sharedWith: [],
});
const image: InspectedImage = {
  image: sampleImage(),
  layers: [layer('a', 40_000_000), layer('b', 2_000_000)],
};

test('an image that was named stands among the others with its size, layers and platform, chosen and at the cursor', async (t) => {
  const before = { ...readyState(), imageRows: { ...readyState().imageRows, chosen: [], filter: 'nginx' } };
  const state = reduce(before, { type: 'image.put', id, image });
  const lines = drawScreen(state, { columns: 119, rows: 30, ascii: false }).lines.map(plainLine);
  t.true(
    lines.some((line) =>
      /^> \[x\] docker:\/\/registry\.lan\/team\/app:2 +42\.0 MB +2 .*linux\/amd64/.test(line),
    ),
    lines.join('\n'),
  );
  t.is(distinctBytes(state), 42_000_000);
  const [send] = commandsOf(state);
  t.true(send?.words.includes(id));
  t.like(await parseCommand(send?.words ?? []), { command: 'send', options: { images: [{ source: id }] } });
});

test('it is there once, also when it is named again or part of a run that is repeated', (t) => {
  const once = reduce(readyState(), { type: 'image.put', id, image });
  const twice = reduce(once, { type: 'image.put', id, image });
  const [source] = twice.typedImages;
  const again = reduce(twice, { type: 'repeat', sources: [source!], extras: [], targets: [] });
  t.is(sourcesOf(again, 'image').filter((one) => one.id === id).length, 1);
  // Another run that is repeated does not take it away.
  const other = reduce(again, { type: 'repeat', sources: [], extras: [], targets: [] });
  t.is(sourcesOf(other, 'image').filter((one) => one.id === id).length, 1);
});

test('a size that is not known of every layer is not told', (t) => {
  const state = reduce(readyState(), {
    type: 'image.put',
    id,
    image: { ...image, layers: [layer('a', 1), layer('b', undefined)] },
  });
  t.is(state.typedImages[0]?.bytes, undefined);
});
