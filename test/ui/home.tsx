import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { renderToString } from 'ink';
import { render } from 'ink-testing-library';
import { displayWidth } from '../../src/text/width.js';
import { Home } from '../../ui/home.js';
import { type HomeState, reduceHome, windowOf } from '../../ui/home-state.js';
import { App } from '../../ui/start.js';
import { createFakeCore } from '../helpers/fake-core.js';
import { sampleSummaries } from '../helpers/samples.js';

const many: HomeState = {
  screen: 'list',
  chosen: 60,
  list: {
    images: Array.from({ length: 100 }, (_, n) => ({
      ...sampleSummaries()[0]!,
      name: `registry.lan:5000/team/镜像-with-a-long-name/service-${n}:2026.03.1-rc1`,
    })),
    unavailable: [],
  },
};

for (const [columns, rows] of [
  [80, 24],
  [40, 12],
  [120, 50],
  [20, 10],
] as const) {
  test(`the screen fits ${columns} columns and ${rows} rows, whatever it shows`, (t) => {
    const states: HomeState[] = [
      many,
      { screen: 'loading' },
      { screen: 'failed', message: 'no\u001b[2J '.repeat(40) },
      {
        screen: 'list',
        chosen: 0,
        list: { images: [], unavailable: [{ store: 'docker', message: 'x'.repeat(300) }] },
      },
    ];
    for (const state of states) {
      const lines = renderToString(<Home state={state} columns={columns} rows={rows} />, { columns }).split(
        '\n',
      );
      t.true(lines.length <= rows, `${lines.length} lines`);
      for (const line of lines) t.true(displayWidth(line) <= columns, line);
    }
  });
}

for (const rows of [12, 24]) {
  test(`title-pushed-out: heading and keys are whole beside a long list in ${rows} rows`, (t) => {
    const shown = renderToString(<Home state={many} columns={40} rows={rows} />, { columns: 40 }).split('\n');
    t.regex(shown[0] ?? '', /^airgap Images on this machine/);
    t.is(shown[1], '');
    t.is(shown.filter((line) => line.startsWith('>')).length, 1);
    t.regex(shown.at(-1) ?? '', /choose/);
    for (const line of shown) t.true(displayWidth(line) < 40, line);
    for (const command of ['plan', 'send'])
      t.is(shown.filter((line) => line.includes(`airgap ${command}`)).length, 1);
  });
}

test('the chosen image is always in the window', (t) => {
  for (let chosen = 0; chosen < 30; chosen += 1) {
    const { from, to } = windowOf(30, chosen, 7);
    t.true(from <= chosen && chosen < to && to - from === 7, `${chosen}: ${from} to ${to}`);
  }
  t.deepEqual(windowOf(3, 0, 7), { from: 0, to: 3 });
  t.deepEqual(windowOf(30, 5, 0), { from: 5, to: 6 });
});

test('the choice stays within the list', (t) => {
  const up = reduceHome(reduceHome(many, { type: 'move', by: -1000 }), { type: 'move', by: -1 });
  t.like(up, { chosen: 0 });
  t.like(reduceHome(many, { type: 'move', by: 1000 }), { chosen: 99 });
  t.deepEqual(reduceHome({ screen: 'loading' }, { type: 'move', by: 1 }), { screen: 'loading' });
});

test.serial('images are listed with the commands for the chosen one', async (t) => {
  const screen = render(<App core={Promise.resolve(createFakeCore('works'))} />);
  const until = async (pattern: RegExp): Promise<void> => {
    for (let tries = 0; tries < 600 && !pattern.test(screen.lastFrame() ?? ''); tries += 1) await sleep(50);
    t.regex(screen.lastFrame() ?? '', pattern);
  };
  await until(/> nginx:1\.27/);
  screen.stdin.write('\u001b[B');
  await until(/> app:2[\s\S]*airgap plan HOST app:2[\s\S]*airgap send HOST app:2/);
  screen.unmount();
});

test.serial('escape-codes-in-names: the screen shows them as text', async (t) => {
  const screen = render(<App core={Promise.resolve(createFakeCore('hostile'))} />);
  for (let tries = 0; tries < 600 && !(screen.lastFrame() ?? '').includes('evil'); tries += 1)
    await sleep(50);
  t.true((screen.lastFrame() ?? '').includes('evil\\u{1b}[31m'));
  screen.unmount();
});
