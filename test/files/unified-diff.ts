import test from 'ava';
import { unifiedDiff } from '../../src/files/unified-diff.js';

test('texts that are equal have no difference', (t) => {
  t.is(unifiedDiff('a\nb\n', 'a\nb\n'), '');
  t.is(unifiedDiff('', ''), '');
});

test('a difference is what diff -u prints', (t) => {
  t.is(unifiedDiff('a\nb\nc\n', 'a\nx\nc\n'), '@@ -1,3 +1,3 @@\n a\n-b\n+x\n c');
  t.is(unifiedDiff('', 'a\n'), '@@ -0,0 +1 @@\n+a');
  t.is(unifiedDiff('a\n', ''), '@@ -1 +0,0 @@\n-a');
  t.is(unifiedDiff('a', 'a\n'), '@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a');
});

/** What patch(1) would do, for whole files. */
function apply(before: string, diff: string): string {
  if (diff === '') return before;
  const old = before.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const out: string[] = [];
  let at = 0;
  for (const line of diff.split('\n')) {
    const start = /^@@ -(\d+)(?:,(\d+))? /.exec(line);
    if (start !== null) {
      const first = Number(start[1]) - (start[2] === '0' ? 0 : 1);
      out.push(...old.slice(at, first));
      at = first;
    } else if (line.startsWith('\\')) out.push((out.pop() ?? '').replace(/\n$/, ''));
    else if (line.startsWith('+')) out.push(`${line.slice(1)}\n`);
    else {
      if (old[at]?.replace(/\n$/, '') !== line.slice(1)) throw new Error(`line ${at}: ${line}`);
      if (line.startsWith(' ')) out.push(old[at] ?? '');
      at += 1;
    }
  }
  return [...out, ...old.slice(at)].join('');
}

test('the old text and the difference make the new text', (t) => {
  let seed = 7;
  const random = (n: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed % n;
  };
  for (let round = 0; round < 300; round++) {
    const lines = Array.from({ length: random(60) + 1 }, () => `line ${random(12)}\n`);
    const changed = lines.flatMap((line) =>
      random(6) === 0 ? [] : random(6) === 0 ? [line, `new ${random(5)}\n`] : [line],
    );
    const before = lines.join('');
    const after = changed.join('').slice(0, random(3) === 0 ? -1 : undefined);
    t.is(apply(before, unifiedDiff(before, after)), after);
  }
});

test('a text of which nothing stays is shown as replaced, however long', (t) => {
  const lines = (word: string): string => Array.from({ length: 5000 }, (_, n) => `${word} ${n}\n`).join('');
  const diff = unifiedDiff(lines('old'), lines('new'));
  t.true(diff.startsWith('@@ -1,5000 +1,5000 @@\n-old 0\n'));
  t.is(diff.split('\n').length, 10_001);
});
