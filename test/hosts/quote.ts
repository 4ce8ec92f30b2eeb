import { execFileSync } from 'node:child_process';
import test from 'ava';
import { quoteArgv } from '../../src/hosts/quote.js';
import { unmetNeeds } from '../helpers/needs.js';

const words = [
  ...[
    '',
    ' ',
    'plain',
    'a b',
    "it's",
    "''",
    '"',
    '\\',
    '\\\\',
    "\\'",
    'end\\',
    '!',
    '!!',
    'x!y',
    '\\!',
    '$HOME',
    '$1',
  ],
  ...[
    '`id`',
    '$(id)',
    '*',
    '?',
    '[a-z]',
    '{a,b}',
    '~',
    '~root',
    '#',
    'a#b',
    ';',
    '&',
    '&&',
    '|',
    '<',
    '>',
    '(',
    ')',
  ],
  ...[
    '%',
    '%1',
    '^',
    '=',
    '=ls',
    'A=b',
    '-n',
    '--',
    '\t',
    '\r',
    '\u001b[0m',
    'é',
    '日本',
    '@',
    ':',
    '+',
    ',',
    "a'b\\c!d",
  ],
];
// Each is run as sshd runs a login shell: SHELL -c STRING, the name of the shell without a path where one may be.
const shells: readonly (readonly string[])[] = [
  ['sh'],
  ['bash'],
  ['dash'],
  ['busybox', 'ash'],
  ['tcsh'],
  ['csh'],
  ['fish'],
  ['zsh'],
];

const isThere = (program: string): boolean => {
  try {
    execFileSync('sh', ['-c', 'command -v "$1"', 'sh', program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

for (const [program = '', ...rest] of shells) {
  const name = [program, ...rest].join(' ');
  const declare = isThere(program) ? test : test.skip;
  const title = `${name} as a login shell runs exactly the words it was given`;
  declare(isThere(program) ? title : `${title} (skipped: no ${program})`, (t) => {
    for (const locale of ['C', 'C.UTF-8']) {
      const command = quoteArgv(['printf', '<%s>', ...words]);
      const env = { PATH: process.env.PATH, HOME: '/nonexistent', LC_ALL: locale };
      const out = execFileSync(program, [...rest, '-c', command], { env, encoding: 'utf8' });
      t.is(out, words.map((word) => `<${word}>`).join(''), locale);
    }
  });
}

test('plain words stay readable', (t) => {
  t.is(quoteArgv(['sh', '/tmp/far-1.sh', 'put', 'a b']), "exec sh /tmp/far-1.sh put 'a b'");
});

for (const [what, argv] of [
  ['nothing', []],
  ['an empty program', ['']],
  ['a newline', ['echo', 'a\nb']],
  ['a NUL', ['echo', 'a\0b']],
  ['more than a shell takes', ['echo', 'x'.repeat(130_000)]],
] as const) {
  test(`${what} is refused`, (t) => {
    t.throws(() => quoteArgv(argv), { instanceOf: TypeError });
  });
}

test('bash is there, so that the rows above are not all skipped', (t) => {
  t.deepEqual(unmetNeeds(['bash']), []);
});
