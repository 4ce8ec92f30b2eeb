// Every screen as it is drawn: never wider or higher than the terminal, whatever it shows; what must be seen is seen.
import test from 'ava';
import { displayWidth } from '../../src/text/width.js';
import { plainLine, renderLine } from '../../src/views/line.js';
import { drawScreen } from '../../ui/screens/screen.js';
import type { AppState } from '../../ui/state/app-state.js';
import { everyScreen, readyState } from '../helpers/screen-states.js';

const sizes = [
  [79, 23],
  [39, 11],
  [199, 59],
  [20, 4],
] as const;

function draw(state: AppState, columns = 79, rows = 23, ascii = false): string[] {
  return drawScreen(state, { columns, rows, ascii }).lines.map(plainLine);
}

for (const [name, state] of everyScreen()) {
  for (const [columns, rows] of sizes) {
    test(`${name} fits ${columns} columns and ${rows} rows`, (t) => {
      const { lines } = drawScreen(state, { columns, rows, ascii: false });
      t.is(lines.length, rows);
      for (const line of lines) {
        // The colours must not change what a line takes.
        const shown = renderLine(line, { color: false, columns });
        t.true(displayWidth(shown) <= columns, shown);
      }
    });
  }
}

test('escape-codes-in-names: no screen lets one through', (t) => {
  for (const [name, state] of everyScreen(true)) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    for (const line of draw(state, 199, 59)) t.notRegex(line, /[\x00-\x1f\x7f-\x9f]/, name);
  }
});

test('tabs, status and hints are there at 80×24, and the way out in 40×12', (t) => {
  const lines = draw(readyState());
  t.regex(lines[0] ?? '', /^airgap \[1 Images\] 2 Targets {2}3 Extras/);
  t.regex(lines.at(-2) ?? '', /^2 chosen/);
  t.regex(lines.at(-1) ?? '', /Space choose .*\? help {2}q quit/);
  t.regex(draw(readyState(), 39, 11).at(-1) ?? '', /q quit/);
});

test('a question of a run stands above everything, a secret is not shown', (t) => {
  const asked: AppState = {
    ...readyState(),
    questions: [{ id: 'q', runId: 'r', prompt: { kind: 'passphrase', key: '/home/me/.ssh/id' } }],
    answer: 'hunter2',
  };
  for (const [columns, rows] of sizes) {
    const screen = draw(asked, columns, rows).join('\n');
    t.false(screen.includes('hunter2'));
    if (rows > 10) t.regex(screen, /Passphrase of \/home\/me/);
  }
});

test('without Unicode nothing of ours needs it', (t) => {
  for (const name of ['images', 'targets', 'inspect', 'help']) {
    const state = everyScreen().get(name);
    if (state === undefined) throw new Error(name);
    const own = draw(state, 79, 23, true).join('\n');
    t.notRegex(own, /[━─█▓↑↓←→]/, name);
  }
});

test('what cannot be looked at says why and what to do', (t) => {
  const screen = draw(everyScreen().get('targets') ?? readyState()).join('\n');
  t.regex(screen, /web2 refused the connection\S* \[SSH_REFUSED\]\nhint: Is sshd running there\?/);
});

test('two thousand images cost no more than what is seen of them', (t) => {
  const state = readyState();
  if (state.images.is !== 'ready') throw new Error('no images');
  const [first] = state.images.value.images;
  const images = Array.from({ length: 2000 }, (_, n) => ({ ...first!, name: `team/service-${n}:1` }));
  const many: AppState = {
    ...state,
    images: { is: 'ready', value: { images, unavailable: [] } },
    imageRows: { ...state.imageRows, cursor: 1999 },
  };
  const lines = draw(many);
  t.is(lines.length, 23);
  t.true(lines.some((line) => line.startsWith('> [ ] team/service-1999:1')));
  t.true(lines.some((line) => /of 2000$/.test(line)));
});
