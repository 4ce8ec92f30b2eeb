// Every screen as it is drawn in Chinese: twice as wide a letter, in the same columns.
import test from 'ava';
import { setLanguage } from '../../src/text/text.js';
import { displayWidth } from '../../src/text/width.js';
import { plainLine } from '../../src/views/line.js';
import { drawScreen } from '../../ui/screens/screen.js';
import type { AppState } from '../../ui/state/app-state.js';
import { everyScreen, readyState } from '../helpers/screen-states.js';

// The catalogue in use belongs to the process.
test.before(() => setLanguage('zh'));

const draw = (state: AppState, columns = 79, rows = 23): string[] =>
  drawScreen(state, { columns, rows, ascii: false }).lines.map(plainLine);

test('in Chinese every screen fits every terminal', (t) => {
  for (const [name, state] of everyScreen()) {
    for (const [columns, rows] of [
      [79, 23],
      [39, 11],
      [20, 4],
    ] as const) {
      const lines = draw(state, columns, rows);
      t.is(lines.length, rows, name);
      for (const line of lines) t.true(displayWidth(line) <= columns, `${name}: ${line}`);
    }
  }
});

test('in Chinese rows stand under their headings, which are whole', (t) => {
  const lines = draw(readyState());
  const at = lines.findIndex((line) => line.includes('层数'));
  const [heading = '', row = ''] = lines.slice(at);
  t.notRegex(heading, /…/);
  const end = (line: string, part: RegExp): number => {
    const match = part.exec(line);
    return match === null ? -1 : displayWidth(line.slice(0, match.index + match[0].length));
  };
  t.is(end(row, /\d [kMG]?B/), end(heading, /大小/));
  t.regex(lines[0] ?? '', /^airgap \[1 镜像\] {1,2}2 目标/);
  t.regex(lines.at(-1) ?? '', /q 退出/);
});
