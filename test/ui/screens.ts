// Every screen as it is drawn: never wider or higher than the terminal, whatever it shows; what must be seen is seen.
import test from 'ava';
import { displayWidth } from '../../src/text/width.js';
import { plainLine, renderLine } from '../../src/views/line.js';
import { linearLines } from '../../ui/screens/linear.js';
import { drawScreen } from '../../ui/screens/screen.js';
import { type AppState, initialState } from '../../ui/state/app-state.js';
import { reduce } from '../../ui/state/reduce.js';
import { localTarget } from '../../ui/state/targets.js';
import { diffId, sampleSummaries } from '../helpers/samples.js';
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
  t.regex(lines.at(-3) ?? '', /^2 images, 1 file · … · to web1, \/media\/usb · next: plan \(4\)$/);
  t.regex(lines.at(-2) ?? '', /^Space choose {2}Enter open/);
  t.regex(lines.at(-1) ?? '', /q quit {2}\? more$/);
  t.regex(draw(readyState(), 39, 11).at(-1) ?? '', /q quit/);
});

test('a question of a run stands above everything, a secret is not shown', (t) => {
  const asked: AppState = {
    ...readyState(),
    questions: [{ id: 'q', runId: 'r', prompt: { kind: 'passphrase', key: '/home/me/.ssh/id' } }],
    answer: { value: 'hunter2' },
    listening: 'question q',
  };
  for (const [columns, rows] of sizes) {
    const screen = draw(asked, columns, rows).join('\n');
    t.false(screen.includes('hunter2'));
    if (rows > 10) t.regex(screen, /Passphrase of \/home\/me/);
  }
});

test('without Unicode nothing of ours needs it', (t) => {
  for (const name of ['images', 'targets', 'inspect', 'help', 'run']) {
    const state = everyScreen().get(name);
    if (state === undefined) throw new Error(name);
    const own = draw(state, 79, 23, true).join('\n');
    t.notRegex(own, /[━─█▓↑↓←→…–—’·]/, name);
  }
});

test('a layer tells which targets hold it, also those that hold no more of the image', (t) => {
  const layers = everyScreen().get('layers');
  const [web1, ...others] = readyState().targets;
  if (layers === undefined || web1?.probe.is !== 'ready') throw new Error('no layers');
  const [image] = web1.probe.value.images;
  if (image === undefined) throw new Error('no image');
  const images = [{ ...image, diffIds: [diffId('l29')] }];
  const probe = { ...web1.probe, value: { ...web1.probe.value, images } };
  const screen = draw({ ...layers, targets: [{ ...web1, probe }, ...others] }).join('\n');
  t.regex(screen, /this layer is held by web1/);
  t.notRegex(draw(layers).join('\n'), /held by/);
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

test('only the colours that every terminal has are used, none with a light or dark ground in mind', (t) => {
  for (const [name, state] of everyScreen()) {
    const { lines } = drawScreen(state, { columns: 79, rows: 23, ascii: false });
    const shown = lines.map((line) => renderLine(line, { color: true, columns: 79 })).join('\n');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    for (const [, sgr] of shown.matchAll(/\x1b(.[\d;]*.?)/g))
      t.regex(sgr ?? '', /^\[(?:[012]|3[1-6])m$/, name);
    const plain = lines.map((line) => renderLine(line, { color: false, columns: 79 })).join('\n');
    t.false(plain.includes('\x1b'), name);
  }
});

test('who hears the screen gets the row at the cursor in words, and no bars', (t) => {
  const of = (name: string): string[] => linearLines(everyScreen().get(name) ?? readyState()).map(plainLine);
  t.deepEqual(of('images').slice(0, 2), [
    'Images, screen 1 of 6. ? tells the keys',
    'chosen, image nginx:1.27, size 187 MB, layers 1, created 9 months ago, store docker-daemon, row 1 of 2',
  ]);
  t.deepEqual(of('run').slice(1), [
    'To web1, row 1 of 2',
    'To web1  running',
    'web1, about 10 percent',
    'To web2  running',
    'It goes on while you look elsewhere',
  ]);
  t.true(of('question').some((line) => line.includes('SHA256:abc')));
  t.regex(of('targets').join('\n'), /row 3 of 3\n[\s\S]*web2 refused the connection/);
  for (const [name, state] of everyScreen(true)) {
    const said = linearLines(state).map(plainLine).join('');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    t.notRegex(said, /[\x00-\x1f\x7f-\x9f\u2500-\u25ff]/, name);
  }
});

test('bytes that flow change nothing for who hears it, until there is a step to tell', (t) => {
  const running = everyScreen().get('run') ?? readyState();
  const [job] = running.jobs;
  if (job === undefined) throw new Error('nothing runs');
  const event = {
    runId: 'r',
    at: running.now,
    type: 'host.progress',
    host: 'web1',
    totalBytes: 9e6,
    estimate: true,
  } as const;
  const later = (doneBytes: number): AppState =>
    reduce(running, {
      type: 'job.told',
      id: job.id,
      now: running.now + 900,
      log: ['news'],
      events: [{ ...event, doneBytes }],
    });
  t.deepEqual(linearLines(later(1.1e6)), linearLines(running));
  t.notDeepEqual(linearLines(later(5e6)), linearLines(running));
});

test('Chinese names stand in columns like any other', (t) => {
  const state = readyState();
  if (state.images.is !== 'ready') throw new Error('no images');
  const [first] = state.images.value.images;
  const names = [
    '仓库/服务:一',
    'registry.例え.jp/アプリ:2',
    'plain:3',
    '仓'.repeat(60),
    '\u{1f433}\u{1f433}:4',
    'e\u0301t\u00e9:5',
  ];
  const images = names.map((name) => ({ ...first!, name }));
  for (const columns of [39, 79, 119]) {
    const lines = draw({ ...state, images: { is: 'ready', value: { images, unavailable: [] } } }, columns);
    const rows = lines.filter((line) => /^[> ] \[.\] /.test(line));
    t.is(rows.length, names.length);
    const sizeEnds = rows.map((row) => displayWidth(row.slice(0, row.indexOf(' MB') + 3)));
    t.deepEqual(new Set(sizeEnds).size, 1, rows.join('\n'));
  }
});

test('hints-cut-off: why there are no images, and what to do, is read to its end', (t) => {
  const hint = `Start it (systemctl start docker), or check ${'every setting of it '.repeat(4)}and the last word`;
  const error = { code: 'ENGINE_UNREACHABLE', message: 'docker does not answer', hint };
  const state: AppState = { ...readyState(), images: { is: 'failed', error } };
  t.regex(draw(state).join('\n'), /\[ENGINE_UNREACHABLE\][\s\S]*and the last\s+word/);
});

test('the status tells what is chosen and the next step, also where files alone are chosen and where there is no room', (t) => {
  const ready = readyState();
  const status = (state: AppState, columns = 79): string => draw(state, columns, 23).at(-3) ?? '';
  const files: AppState = {
    ...ready,
    imageRows: { ...ready.imageRows, chosen: [] },
    targetRows: { ...ready.targetRows, chosen: [] },
  };
  t.is(status(files), '1 file · next: targets (Tab)');
  t.is(status({ ...files, screen: 'targets' }), '1 file · choose where it goes with Space');
  const nothing: AppState = { ...files, extraRows: { ...files.extraRows, chosen: [] } };
  t.regex(status(nothing), /^Choose images with Space/);
  t.regex(status({ ...ready, screen: 'extras' }), / · next: plan \(Tab\)$/);
  t.is(status(ready, 45), '2 images, 1 file · next: plan (4)');
});

test('selection-behind-filter: what is chosen is told beside the filter, rows that it hides as well', (t) => {
  const state = readyState();
  const filtered: AppState = { ...state, imageRows: { ...state.imageRows, filter: 'nothing-like-it' } };
  t.regex(draw(filtered).at(-3) ?? '', /^Filter: nothing-like-it · 2 images, 1 file · .*next: plan \(4\)$/);
  const nothing: AppState = { ...initialState, imageRows: filtered.imageRows };
  t.regex(draw(nothing).at(-3) ?? '', /^Filter: nothing-like-it {2}Esc leaves it$/);
});

test('kinds-at-40: what can be sent is told in 40 columns, with the kind that is shown', (t) => {
  t.regex(draw(readyState(), 39, 11)[1] ?? '', /^\[Images \d+\] {2}Containers \d+ {3}Compose \d+/);
});

test('a name that fits is not cut for the store that all have in common', (t) => {
  const ready = readyState();
  const name = 'registry.lan/plant/bus-info:v0.0.2';
  const of = (stores: readonly string[]): AppState => {
    const [first] = sampleSummaries();
    if (first === undefined) throw new Error('no sample');
    const images = stores.map((store, n) => ({ ...first, name: `${name}${n}`, store }));
    return { ...ready, images: { is: 'ready', value: { images, unavailable: [] } } };
  };
  const shown = draw(of(['docker-daemon', 'docker-daemon'])).join('\n');
  t.regex(shown, /registry\.lan\/plant\/bus-info:v0\.0\.20 /);
  t.notRegex(shown, /STORE/);
  t.regex(draw(of(['docker-daemon', 'containers-storage'])).join('\n'), /STORE/);
});

test('help begins with the keys of the screen that is shown', (t) => {
  const help = draw({ ...readyState(), screen: 'plan', help: true });
  t.regex(help.join('\n'), /Any key closes this\n\nPlan\n {2}Enter +start/);
});

test('who knows no hosts yet is told how to add one, and a yes-or-no question says itself what to press', (t) => {
  const alone: AppState = { ...readyState(), screen: 'targets', targets: [localTarget()] };
  t.regex(draw(alone).join('\n'), /this machine[\s\S]*No hosts are known yet\. Press \+ to add one/);
  const asked = draw({ ...alone, confirm: { what: 'forget', subject: 'web1' } });
  t.regex(asked.at(-1) ?? '', /Forget web1\? \[y\/N\] _$/);
});

test('without colour keys are told from words by their weight', (t) => {
  const { lines } = drawScreen(readyState(), { columns: 79, rows: 23, ascii: false });
  const bytes = lines.map((line) => renderLine(line, { color: false, weight: true })).join('\n');
  t.true(bytes.includes('\u001b[1mSpace\u001b[0m \u001b[2mchoose\u001b[0m'));
  const codes = bytes
    .split('\u001b')
    .slice(1)
    .map((rest) => /^\[\d+m/.exec(rest)?.[0]);
  t.deepEqual([...new Set(codes)].sort(), ['[0m', '[1m', '[2m']);
});
