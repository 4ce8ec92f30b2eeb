import test from 'ava';
import { formatEnough, printable } from '../../src/text/format.js';
import { cutEnd, cutMiddle, displayWidth, padEnd, padStart, wrap } from '../../src/text/width.js';

test('a size that is enough is rounded up, never down', (t) => {
  t.is(formatEnough(412_345), '420 kB');
  t.is(formatEnough(65_536), '66.0 kB');
  t.is(formatEnough(9_910_000), '10.0 MB');
  t.is(formatEnough(7), '7 B');
});

test('escape-codes-in-names: nothing that moves, colours, reorders or hides passes', (t) => {
  for (let code = 0; code <= 0x10ffff; code += 1) {
    const shown = printable(`a${String.fromCodePoint(code)}b`);
    if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(shown)) t.fail(`U+${code.toString(16)} passes`);
  }
  t.pass();
});

test('escape-codes-in-names: a name is shown so that its bytes can be told', (t) => {
  t.is(printable('evil\u001b[31m:1\u009b2J'), 'evil\\u{1b}[31m:1\\u{9b}2J');
  t.is(printable('left\u202eright'), 'left\\u{202e}right');
});

test('lines of a message become one line', (t) => {
  t.is(printable('failed\r\nhost2: done'), 'failed host2: done');
});

test('letters of any script are left alone', (t) => {
  t.is(printable('镜像 имя é 👍'), '镜像 имя é 👍');
});

test('width counts columns, not characters', (t) => {
  t.is(displayWidth('app:2'), 5);
  t.is(displayWidth('镜像'), 4);
  t.is(displayWidth('e\u0301'), 1);
  t.is(displayWidth('👍'), 2);
  t.is(displayWidth('━─…'), 3);
});

test('cutting keeps within the columns', (t) => {
  t.is(cutEnd('abcdef', 4), 'abc…');
  t.is(cutEnd('镜像镜像', 4), '镜…');
  t.is(cutEnd('abc', 3), 'abc');
  t.is(cutMiddle('registry.lan/app:2026', 11), 'regis…:2026');
  for (let columns = 0; columns < 12; columns += 1) {
    t.true(displayWidth(cutMiddle('镜像abc镜像def', columns)) <= columns, String(columns));
    t.true(displayWidth(cutEnd('镜像abc镜像def', columns)) <= columns, String(columns));
  }
});

test('padding and wrapping count columns', (t) => {
  t.is(padEnd('镜', 4), '镜  ');
  t.is(padStart('7', 3), '  7');
  t.deepEqual(wrap('one two three', 7), ['one two', 'three']);
  t.deepEqual(wrap('averylongword x', 5), ['averylongword', 'x']);
});

test('Chinese is broken between characters, but not before what closes or behind what opens', (t) => {
  t.deepEqual(wrap('镜像已装入，并已验证', 10), ['镜像已装', '入，并已验', '证']);
  t.deepEqual(wrap('镜像装入，验证', 8), ['镜像装', '入，验证']);
  t.deepEqual(wrap('镜像装（验证', 8), ['镜像装', '（验证']);
  t.deepEqual(wrap('主机 web1 已有', 7), ['主机', 'web1 已', '有']);
  for (let columns = 4; columns < 40; columns += 1) {
    for (const line of wrap('每个字节都和写入时一样，每一层解压后都与镜像“app”所写的一致。', columns))
      t.true(displayWidth(line) <= Math.max(columns, 7), `${columns}: ${line}`);
  }
});

test('a path is never broken, whatever it is written in', (t) => {
  t.true(wrap('写入 /media/离线包/镜像存档/第一卷 失败', 10).includes('/media/离线包/镜像存档/第一卷'));
  t.true(wrap('“/media/离线包/镜像”不是离线包', 8).some((line) => line.includes('/media/离线包/镜像')));
});
