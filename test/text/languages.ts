// Two languages, one shape: what the compiler does not see of the catalogues, and which of them is chosen.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { en } from '../../src/text/en.js';
import { chosenLanguage, nearLanguages, withoutLanguage } from '../../src/text/language.js';
import { zh } from '../../src/text/zh.js';
import { clause, clauses } from '../../src/text/zh-clauses.js';
import { unlikeChinese } from '../helpers/chinese.js';
import { root } from '../helpers/command-line.js';

/** Every leaf by its path: a text, or how many parameters a function takes. */
function leaves(value: unknown, at = ''): Map<string, string | number> {
  if (typeof value === 'string') return new Map([[at, value]]);
  if (typeof value === 'function') return new Map([[at, value.length]]);
  return new Map(Object.entries(value ?? {}).flatMap(([key, one]) => [...leaves(one, `${at}.${key}`)]));
}

const english = leaves(en);
const chinese = leaves(zh);

test('both catalogues have the same keys', (t) => {
  t.true(english.size > 500);
  t.deepEqual([...chinese.keys()].sort(), [...english.keys()].sort());
});

test('each function takes as many facts in both', (t) => {
  for (const [key, said] of english) {
    // A sentence or hint may use its facts in one language only: all of them are one parameter.
    if (/^\.(?:errors|screenHints)\./.test(key)) continue;
    if (typeof said === 'number') t.is(chinese.get(key), said, key);
    else t.is(typeof chinese.get(key), 'string', key);
  }
});

// Programs, names, signs and commands are the same in every language.
const unspoken =
  /^\.doctor\.subjects\.(?:node|docker|podman|containerd|ssh|agent|sudo)$|\.examples\.\d+$|\.(?:id|diffId|unknown|none)$|\.history\.columns\.number$/;

test('no English is left in the Chinese catalogue', (t) => {
  const left = [...english].filter(
    ([key, said]) => typeof said === 'string' && chinese.get(key) === said && !unspoken.test(key),
  );
  t.deepEqual(left, []);
  for (const [key, said] of chinese) {
    if (typeof said === 'string' && !unspoken.test(key)) t.regex(said, /\p{Script=Han}|^zh-CN$/u, key);
  }
});

// What functions say without a word of Chinese, facts left out.
const commandsSaid = new Set([
  'docker ps --all',
  'airgap images',
  'airgap receipts show ',
  'airgap doctor ',
  'airgap rollback  ',
  'airgap spool prune',
  'airgap spool prune --all',
  '\uff08docker save | ssh docker load\uff09',
]);

test('no function of the Chinese catalogue speaks English', (t) => {
  const folder = path.join(root, 'src/text');
  const files = readdirSync(folder).filter((name) => /^zh.*\.ts$/.test(name) && name !== 'zh-clauses.ts');
  t.true(files.length > 15);
  for (const file of files) {
    const code = readFileSync(path.join(folder, file), 'utf8').replace(/^\s*(?:\/\/|\/?\*).*$/gm, '');
    for (const [, plain, template] of code.matchAll(/'([^'\n]*)'|`([^`]*)`/g)) {
      const said = plain ?? template ?? '';
      const words = said.replace(/\$\{[^}]*\}/g, '');
      if (/\p{Script=Han}/u.test(said) || !/[a-z]{2,} [a-z]{2,}/i.test(words)) continue;
      t.true(commandsSaid.has(words), `${file}: ${said}`);
    }
  }
});

test('Chinese texts have full-width punctuation, and a blank beside Latin letters and digits', (t) => {
  for (const [key, said] of chinese) {
    if (typeof said !== 'string') continue;
    t.notRegex(said, unlikeChinese, key);
  }
});

test('clauses that are translated are clauses that the sources make', (t) => {
  const folder = path.join(root, 'src');
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:ts|sh)$/.test(name) && !name.startsWith('text/'))
    .map((name) => readFileSync(path.join(folder, name), 'utf8'))
    .join('\n');
  for (const clause of Object.keys(clauses))
    t.true(
      ["'", '"'].some((quote) => sources.includes(`${clause}${quote}`)),
      clause,
    );
});

test('clauses with a fact in them keep the fact, and what is not ours is left alone', (t) => {
  t.is(clause('process 7'), '进程 7');
  t.is(clause('…/id_ed25519 cannot be read'), '…/id_ed25519 无法读取');
  t.is(clause('segment 3 does not match its digest'), '分段 3 与摘要不符');
  t.is(clause('read ECONNRESET'), 'read ECONNRESET');
  t.is(clause('toString'), 'toString');
  t.is(clause(''), '');
});

test('--lang goes before AIRGAP_LANG, that before LC_ALL, LC_MESSAGES and LANG', (t) => {
  const all = { AIRGAP_LANG: 'zh', LC_ALL: 'C', LC_MESSAGES: 'zh_CN.UTF-8', LANG: 'C' };
  t.is(chosenLanguage(['--lang', 'en', 'images'], all), 'en');
  t.is(chosenLanguage(['images', '--lang=en'], all), 'en');
  t.is(chosenLanguage(['images'], all), 'zh');
  t.is(chosenLanguage([], { ...all, AIRGAP_LANG: '' }), 'en');
  t.is(chosenLanguage([], { LC_MESSAGES: 'zh_CN.UTF-8', LANG: 'C' }), 'zh');
  t.is(chosenLanguage([], { LC_ALL: '', LC_MESSAGES: 'en_US.UTF-8', LANG: 'zh_CN' }), 'en');
  t.is(chosenLanguage([], { LANG: 'zh_TW' }), 'zh');
});

test('what is no language there is English', (t) => {
  for (const LANG of ['C', 'POSIX', 'C.UTF-8', 'de_DE.UTF-8', ''])
    t.is(chosenLanguage([], { LANG }), 'en', LANG);
  t.is(chosenLanguage([], {}), 'en');
  t.is(chosenLanguage([], { AIRGAP_LANG: 'fr', LANG: 'zh_CN' }), 'en');
});

test('an unknown --lang leaves the choice to the environment, and is told what it may have meant', (t) => {
  t.is(chosenLanguage(['--lang', 'fr'], { LANG: 'zh_CN' }), 'zh');
  for (const near of ['zh-CN', 'zh_CN.UTF-8', 'cn', 'chinese', '中文', 'zj'])
    t.deepEqual(nearLanguages(near), ['zh'], near);
  for (const near of ['en_US', 'english', 'eng', 'em']) t.deepEqual(nearLanguages(near), ['en'], near);
  for (const far of ['fr', 'klingon', '']) t.deepEqual(nearLanguages(far), [], far);
});

test('words that only look like --lang are left alone', (t) => {
  t.is(chosenLanguage(['send', '--', '--lang', 'zh'], {}), 'en');
  t.deepEqual(withoutLanguage(['--lang', 'zh', 'images']), ['images']);
  t.deepEqual(withoutLanguage(['--lang=zh', '--lang', 'en']), []);
  t.deepEqual(withoutLanguage(['--lang', 'fr', 'images']), ['--lang', 'fr', 'images']);
  t.deepEqual(withoutLanguage(['images', '--lang', 'zh']), ['images', '--lang', 'zh']);
});

test('only the choice loads the Chinese catalogue', (t) => {
  const folders = ['src', 'ui'];
  const importers = folders.flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .map((name) => path.join(folder, name))
      .filter((file) => /\.tsx?$/.test(file) && !file.startsWith('src/text/zh'))
      .filter((file) => /from '[^']*\/zh[a-z-]*\.js'/.test(readFileSync(path.join(root, file), 'utf8'))),
  );
  t.deepEqual(importers, []);
});
