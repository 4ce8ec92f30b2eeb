// What import.sh says: two languages with the same keys, the codes and exit codes of the tool, options that are helped along.
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import ava from 'ava';
import { type ErrorCode, errorCodes } from '../../src/errors.js';
import { importProgram, joinImport } from '../../src/far/program.js';
import { root } from '../helpers/command-line.js';
import { withImport } from '../helpers/local-import.js';

const test = ava.serial;
const folder = path.join(root, 'src/far/import');
const parts = readdirSync(folder).map((name) => ({
  name,
  text: readFileSync(path.join(folder, name), 'utf8'),
}));
const partsEnding = (end: string): string =>
  parts
    .filter(({ name }) => name.endsWith(end))
    .map(({ text }) => text)
    .join('\n');
const keysOf = (text: string): string[] =>
  [...text.matchAll(/^ {4}([A-Za-z_-]+)\)/gm)].map(([, key = '']) => key).sort();

test('both languages have the same sentences', (t) => {
  const [en, zh] = [keysOf(partsEnding('-en.sh')), keysOf(partsEnding('-zh.sh'))];
  t.true(en.length > 100);
  t.deepEqual(zh, en);
  t.is(new Set(en).size, en.length);
  const words = (text: string): Map<string, number> =>
    new Map(
      [...text.matchAll(/^ {4}([A-Za-z_-]+)\) printf '([^']*)'/gm)].map(([, key = '', format = '']) => [
        key,
        format.split('%s').length,
      ]),
    );
  t.deepEqual([...words(partsEnding('-zh.sh'))].sort(), [...words(partsEnding('-en.sh'))].sort());
});

test('every sentence that is asked for is there', (t) => {
  const keys = new Set(keysOf(partsEnding('-en.sh')));
  const code = parts
    .filter(({ name }) => !/-(en|zh)\.sh$/.test(name))
    .map(({ text }) => text)
    .join('\n');
  const asked = [
    ...[...code.matchAll(/\bsay ([a-z][A-Za-z_-]*)(?=[ \n;])/g)].map(([, key = '']) => key),
    ...[...code.matchAll(/"text_\$language" ([a-z][a-z-]*)/g)].map(([, key = '']) => key),
    ...[...code.matchAll(/(?:damaged|invalid) .* ([a-z][a-z-]+)(?:$| \|\||;)/gm)].map(
      ([, key = '']) => `problem-${key}`,
    ),
  ];
  t.true(asked.length > 60);
  t.deepEqual(
    asked.filter((key) => !keys.has(key)),
    [],
  );
});

test('codes end the program as they end the tool, each with a sentence and a hint', (t) => {
  const codes = parts.find(({ name }) => name === '10-codes.sh')?.text ?? '';
  const rows = [...codes.matchAll(/^ {4}([A-Z_ |]+)\) exit_code=(\d+) ;;$/gm)].flatMap(
    ([, names = '', exit]) => names.split(' | ').map((name) => [name, Number(exit)] as const),
  );
  t.true(rows.length > 25);
  const known: ReadonlyMap<string, { readonly exitCode: number }> = new Map(
    Object.entries(errorCodes) as [ErrorCode, { exitCode: number }][],
  );
  t.deepEqual(
    rows.filter(([name, exit]) => known.get(name)?.exitCode !== exit),
    [],
  );
  const keys = new Set(keysOf(partsEnding('-en.sh')));
  const all = [...rows.map(([name]) => name), 'FAR_FAILED'];
  t.deepEqual(
    all.filter((name) => !keys.has(`error-${name}`) || !keys.has(`hint-${name}`)),
    [],
  );
  const told = new Set(all);
  const failing = parts.flatMap(({ text }) =>
    [...text.matchAll(/\bfail ([A-Z_]+)/g)].map(([, code = '']) => code),
  );
  t.deepEqual(
    failing.filter((code) => code !== 'CODE' && !told.has(code)),
    [],
  );
});

test('sentences have no full stop and no apology', (t) => {
  const lines = partsEnding('-en.sh').match(/printf '(error|hint): [^']*'/g) ?? [];
  t.true(lines.length > 50);
  t.deepEqual(
    lines.filter((line) => /\.(\\n| \[)|sorry|please/i.test(line)),
    [],
  );
});

test('a mistyped option is told the nearest one, in the language of the system', (t) =>
  withImport(async ({ folder: own, run }) => {
    const script = path.join(own, 'import.sh');
    await writeFile(script, importProgram());
    const typo = await run(script, ['--verfy']);
    t.is(typo.exitCode, 2);
    t.regex(typo.stderr, /^error: There is no option --verfy, did you mean --verify\? \[USAGE\]$/m);
    t.regex((await run(script, ['--imagesonly'])).stderr, /did you mean --images-only\?/);
    t.notRegex((await run(script, ['--zzz'])).stderr, /did you mean/);
    t.regex((await run(script, ['--only'])).stderr, /--only needs a word/);
    t.regex((await run(script, ['--yes=1'])).stderr, /There is no option --yes/);
    t.regex((await run(script, ['--help'])).stdout, /^ {2}--passport {2,}\S/m);
    const env = { AIRGAP_LANG: '', LC_ALL: '', LC_MESSAGES: 'zh_CN.UTF-8', LANG: 'en_US.UTF-8' };
    t.regex((await run(script, ['--verfy'], { env })).stderr, /没有选项 --verfy，您是指 --verify 吗？/);
    t.regex((await run(script, ['--help'], { env: { ...env, LC_ALL: 'zh' } })).stdout, /离线包/);
    t.regex((await run(script, ['--help'], { env: { ...env, LC_ALL: 'C' } })).stdout, /bundle/);
    t.regex(
      (await run(script, ['--help'], { env: { ...env, AIRGAP_LANG: 'zh', LC_ALL: 'C' } })).stdout,
      /离线包/,
    );
  }));

test('an option that has a help line is one that is known, and the other way round', (t) => {
  const help = [...partsEnding('12-words-en.sh').matchAll(/printf ' {2}(--[a-z-]+)/g)].map(
    ([, name = '']) => name,
  );
  const options = parts.find(({ name }) => name === '20-options.sh')?.text ?? '';
  const known = [...(/all_options='([^']*)'/.exec(options)?.[1] ?? '').matchAll(/--[a-z-]+/g)].map(
    ([name]) => name,
  );
  t.deepEqual(help.toSorted(), known.toSorted());
});

test('the joined program says what its parts say', (t) => {
  t.is(joinImport(new URL('../../src/far/', import.meta.url)), importProgram().toString());
  t.notRegex(importProgram().toString().slice(90), /^\s*#/m);
});
