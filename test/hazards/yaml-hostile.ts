// YAML that was written to harm: bombs, tags, keys that are no keys, and depth.
import test, { type ExecutionContext } from 'ava';
import { maxYamlBytes, parseYaml } from '../../src/bundle/yaml-file.js';
import { isAirgapError } from '../../src/errors.js';

const parse = (source: string | Buffer, merge = false): unknown =>
  parseYaml(Buffer.from(source), 'x.yaml', { merge }).value;

function refused(t: ExecutionContext, source: string | Buffer, says: RegExp, merge = false): void {
  const error = t.throws(() => parse(source, merge));
  if (!isAirgapError(error, 'SPEC_INVALID')) throw error;
  t.regex(error.facts.problem, says);
}

const bomb = (open: string, close: string, item: (before: string) => string): string => {
  const lines = [`a0: &a0 ${open}${Array(9).fill(item('lol')).join(', ')}${close}`];
  for (let at = 1; at < 9; at += 1)
    lines.push(
      `a${at}: &a${at} ${open}${Array(9)
        .fill(`*a${at - 1}`)
        .join(', ')}${close}`,
    );
  return lines.join('\n');
};

test('billion-laughs: aliases that multiply are refused', (t) => {
  refused(
    t,
    bomb('[', ']', (text) => text),
    /aliases/,
  );
});

test('billion-laughs: the same under merge keys is refused', (t) => {
  const lines = ['a0: &a0 {x: 1}'];
  for (let at = 1; at < 30; at += 1)
    lines.push(`a${at}: &a${at} {k: *a${at - 1}, l: *a${at - 1}, <<: *a${at - 1}}`);
  refused(t, lines.join('\n'), /aliases/, true);
});

test('an alias inside its own anchor is refused', (t) => {
  refused(t, 'a: &a [*a]\n', /aliases/);
  refused(t, 'a: &a {b: {c: *a}}\n', /aliases/);
});

test('an alias of nothing is refused', (t) => {
  refused(t, 'a: *nobody\n', /not YAML|aliases/);
});

test('tags are refused: those of others, and those that make what JSON does not have', (t) => {
  for (const tag of [
    '!foo',
    '!!binary',
    '!!set',
    '!!js/function',
    '!!omap',
    '!<tag:x,2000:y>',
    '!!timestamp',
  ])
    refused(t, `a: ${tag} x\n`, /a tag|not YAML/);
  refused(t, '%TAG ! tag:x,2000:\n---\na: !b 1\n', /a tag/);
  t.deepEqual(parse('a: !!str 5\n'), { a: '5' });
});

test('keys that are no words are refused, and __proto__ too', (t) => {
  refused(t, '? [a, b]\n: 1\n', /a key is not a plain word/);
  refused(t, '? {a: 1}\n: 1\n', /a key is not a plain word/);
  refused(t, '__proto__: {x: 1}\n', /a key is not a plain word/);
  refused(t, 'a: {"__proto__": {x: 1}}\n', /a key is not a plain word/);
});

test('nesting without end is refused and does not end the program', (t) => {
  for (const source of ['['.repeat(20_000), '{a: '.repeat(20_000), '- '.repeat(20_000), '? '.repeat(20_000)])
    refused(t, source, /nested too deep|not YAML/);
  refused(t, `${'['.repeat(120)}${']'.repeat(120)}`, /nested too deep/);
});

test('what is too large, or no text, is refused', (t) => {
  refused(t, Buffer.alloc(maxYamlBytes + 1, 'a'), /larger than/);
  refused(t, Buffer.from([0x61, 0x3a, 0x20, 0xff, 0xfe]), /not UTF-8/);
});

test('a word of a megabyte does not fill the message', (t) => {
  const error = t.throws(() => parse(`${'x'.repeat(500_000)}: &a *a\n`));
  t.true((error?.message.length ?? 0) < 1000);
});
