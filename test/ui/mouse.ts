// Reports of the mouse among keys, keys that are read at once, and what rings at the end of a run.
import test from 'ava';
import { createKeySplitter } from '../../ui/terminal/key-splitter.js';
import { createMouseSplitter } from '../../ui/terminal/mouse.js';
import { ringOf } from '../../ui/terminal/ring.js';

test('reports are taken out of the keys around them', (t) => {
  t.deepEqual(createMouseSplitter().push('a\x1b[<0;10;5Mb\x1b[<0;10;5m\x1b[A\x1b[<65;1;1M'), {
    keys: 'ab\x1b[A',
    mice: [
      { is: 'click', column: 9, row: 4 },
      { is: 'wheel', by: 1 },
    ],
  });
});

test('a report that is cut anywhere is one report, and no key', (t) => {
  const report = '\x1b[<64;120;33M';
  for (let at = 1; at < report.length; at += 1) {
    for (const isLate of [false, true]) {
      const splitter = createMouseSplitter();
      const first = splitter.push(report.slice(0, at));
      const waited = isLate && splitter.hasKeys() ? splitter.flush() : '';
      const second = splitter.push(report.slice(at));
      // Esc alone is a key once nothing has followed it; what follows later is never typed.
      t.is(first.keys + waited + second.keys, isLate && at === 1 ? '\x1b' : '', `cut at ${at}`);
      t.deepEqual([...first.mice, ...second.mice], [{ is: 'wheel', by: -1 }]);
    }
  }
});

test('Esc waits, and other keys do not', (t) => {
  const splitter = createMouseSplitter();
  t.is(splitter.push('q').keys, 'q');
  t.false(splitter.hasKeys());
  t.is(splitter.push('\x1b').keys, '');
  t.true(splitter.hasKeys());
  t.is(splitter.flush(), '\x1b');
  t.is(splitter.push('x').keys, 'x');
});

test('what is no report of clicks and wheel means nothing', (t) => {
  const { keys, mice } = createMouseSplitter().push('\x1b[<2;1;1M\x1b[<35;1;1M\x1b[<0;1;1m');
  t.deepEqual({ keys, mice }, { keys: '', mice: [] });
});

test('escape-codes-in-names: a notification is one line of text, and only where it is understood', (t) => {
  const evil = 'web1;\x1b]0;owned\x07 done';
  const foot = ringOf({ TERM: 'foot' }, evil);
  t.true(foot.startsWith('\x1b]777;notify;airgap;web1,'));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  t.is(foot.match(/[\x1b\x07]/g)?.length, 3);
  t.regex(ringOf({ TERM_PROGRAM: 'WezTerm' }, 'web1 done'), /\]9;airgap: web1 done/);
  for (const env of [{}, { TERM: 'linux' }, { TERM: 'foot', TMUX: '/tmp/x' }, { TERM: 'xterm-256color' }])
    t.is(ringOf(env, 'web1 done'), '\x07');
});

test('esc-lost-in-a-read: Esc and another key at once are two keys; Alt with a letter is one', (t) => {
  const apart = '\x1b/d\x1b\r\x1b \x1b\x1b[A\x1bb\x1b\x7f\x1b[';
  t.deepEqual(createKeySplitter()(apart), [
    ...['\x1b', '/', 'd', '\x1b', '\r', '\x1b', ' ', '\x1b', '\x1b[A', '\x1bb', '\x1b\x7f', '\x1b['],
  ]);
});

test('enter-lost-in-a-read: keys that are read at once are keys one by one', (t) => {
  t.deepEqual(createKeySplitter()('d20\r \x1b[A\x1b[1;5C\x1bOPx\x1b'), [
    ...['d', '2', '0', '\r', ' ', '\x1b[A', '\x1b[1;5C', '\x1bOP', 'x', '\x1b'],
  ]);
  t.deepEqual(createKeySplitter()('镜\u{1f433}'), ['镜', '\u{1f433}']);
});

test('a paste stays whole, however it is cut', (t) => {
  const paste = '\x1b[200~nginx:1\r\nq\x1b[201~';
  t.deepEqual(createKeySplitter()(`a${paste}b`), ['a', paste, 'b']);
  for (let at = '\x1b[200~'.length; at < paste.length; at += 1) {
    const split = createKeySplitter();
    const first = split(paste.slice(0, at));
    t.deepEqual(
      [first.join(''), ...split(`${paste.slice(at)}qr`)],
      [paste.slice(0, at), paste.slice(at), 'q', 'r'],
    );
  }
});
