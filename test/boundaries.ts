// The rules of the house that a compiler does not know: who may import whom, how long a file may be, who may print.
// docs/design.md has the reasons.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { root } from './helpers/command-line.js';

interface Import {
  /** Relative to the root, or a package's name. */
  readonly to: string;
  readonly isTypeOnly: boolean;
  /** Only when it is needed: `await import()`. */
  readonly isLazy: boolean;
}

interface SourceFile {
  readonly file: string;
  readonly text: string;
  readonly code: string;
  readonly imports: readonly Import[];
}

const folders = ['src', 'ui'];
const files: readonly SourceFile[] = folders.flatMap((folder) =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => readSource(path.join(folder, name))),
);

function readSource(file: string): SourceFile {
  const text = readFileSync(path.join(root, file), 'utf8');
  const pattern =
    /(?:^|\n)(?:import|export)\s+(type\s)?([^;'"]*?)\s*(?:from\s+)?'([^']+)'|\bimport\('([^']+)'\)/g;
  const imports = [...text.matchAll(pattern)].map((match): Import => {
    const named = /^\{([^}]*)\}$/.exec((match[2] ?? '').trim())?.[1];
    const everyType = named
      ?.split(',')
      .every((part) => part.trim() === '' || part.trim().startsWith('type '));
    return {
      to: resolve(file, match[3] ?? match[4] ?? ''),
      isTypeOnly: match[4] === undefined && (match[1] !== undefined || everyType === true),
      isLazy: match[4] !== undefined,
    };
  });
  return { file, text, code: text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, ''), imports };
}

function resolve(file: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier;
  return path.join(path.dirname(file), specifier).replace(/\.js$/, '');
}

const isIn = (place: string, name: string): boolean => name === place || name.startsWith(`${place}/`);

/** Imports of `from` that lie in src or ui, are not type-only, and are not allowed. */
function strays(from: string, allowed: readonly string[]): string[] {
  return files
    .filter(({ file }) => isIn(from, file.replace(/\.tsx?$/, '')) || file.startsWith(`${from}/`))
    .flatMap(({ file, imports }) =>
      imports
        .filter(({ to, isTypeOnly }) => !isTypeOnly && folders.some((folder) => isIn(folder, to)))
        .filter(({ to }) => !allowed.some((place) => isIn(place, to)))
        .map(({ to }) => `${file} imports ${to}`),
    );
}

const mayImport = test.macro({
  exec: (t, from: string, allowed: readonly string[]) => {
    t.true(
      files.some(({ file }) => file.startsWith(from)),
      `${from} has files`,
    );
    t.deepEqual(strays(from, [from, ...allowed]), []);
  },
  title: (_, from: string, allowed: readonly string[]) =>
    `${from} imports only ${allowed.join(', ') || 'itself'}`,
});

test('imports are seen, and types are told from values', (t) => {
  const core = files.find(({ file }) => file === 'src/core.ts')?.imports ?? [];
  t.true(core.some(({ to, isTypeOnly }) => to === 'src/stores/docker' && !isTypeOnly));
  t.true(core.some(({ to, isTypeOnly }) => to === 'src/runs/api' && isTypeOnly));
  const main = files.find(({ file }) => file === 'src/main.ts')?.imports ?? [];
  t.true(main.some(({ to, isTypeOnly }) => to === 'src/core' && !isTypeOnly));
});

// Nouns, sentences and errors are for everyone; errors are made of text.
const nouns = ['src/oci', 'src/errors'];
const faceParts = [
  'src/errors',
  'src/events',
  'src/text',
  'src/views',
  'src/runs/progress',
  'src/oci',
  'src/version',
];
test(mayImport, 'src/oci', ['src/errors']);
test(mayImport, 'src/errors', ['src/text']);
test(mayImport, 'src/text', ['src/oci/digest', 'src/errors']);
test(mayImport, 'src/events', []);
test(mayImport, 'src/streams', [...nouns, 'src/text']);
test(mayImport, 'src/image', [...nouns, 'src/streams']);
test(mayImport, 'src/plan', [...nouns, 'src/text', 'src/engines/engine']);
test(mayImport, 'src/files', [...nouns, 'src/text']);
test(mayImport, 'src/receipt', [...nouns, 'src/streams']);
test(mayImport, 'src/bundle', [
  ...nouns,
  'src/text',
  'src/streams',
  'src/image',
  'src/engines',
  'src/plan/estimate',
]);
test(mayImport, 'src/far', [...nouns, 'src/text', 'src/streams']);
test(mayImport, 'src/stores', [...nouns, 'src/image', 'src/streams', 'src/text', 'src/registry']);
test(mayImport, 'src/registry', [...nouns, 'src/text', 'src/streams']);
test(mayImport, 'src/hosts', [...nouns, 'src/text']);
test(mayImport, 'src/engines', [...nouns, 'src/image', 'src/streams', 'src/far']);
test(mayImport, 'src/views', ['src/errors', 'src/text', 'src/runs/progress', 'src/oci']);
test(mayImport, 'src/cli', faceParts);
test(mayImport, 'ui', faceParts);
test(mayImport, 'src/main', ['src/core', 'src/cli', 'src/version', 'ui']);

test('runs know interfaces, not the stores, hosts and engines behind them', (t) => {
  // The demo brings a server of its own: it is what is shown.
  const own = new Set(['src/runs/demo.ts imports src/hosts/demo-server']);
  const concrete = ['src/stores', 'src/hosts', 'src/cli', 'ui', 'src/core'];
  const found = files
    .filter(({ file }) => file.startsWith('src/runs/'))
    .flatMap(({ file, imports }) =>
      imports
        .filter(({ to, isTypeOnly }) => !isTypeOnly && concrete.some((place) => isIn(place, to)))
        .map(({ to }) => `${file} imports ${to}`),
    );
  t.deepEqual(
    found.filter((one) => !own.has(one)),
    [],
  );
});

const onlyUnder = test.macro({
  exec: (t, name: string, places: readonly string[]) => {
    const users = files.filter(({ imports }) =>
      imports.some(({ to }) => to === name || to.startsWith(`${name}/`)),
    );
    t.true(users.length > 0, `${name} is used`);
    t.deepEqual(
      users.map(({ file }) => file).filter((file) => !places.some((place) => file.startsWith(place))),
      [],
    );
  },
  title: (_, name: string, places: readonly string[]) =>
    `${name} is imported only under ${places.join(', ')}`,
});
test(onlyUnder, 'ssh2', ['src/hosts/']);
test(onlyUnder, 'react', ['ui/']);
test(onlyUnder, 'ink', ['ui/']);
test(onlyUnder, 'commander', ['src/cli/']);
test(onlyUnder, 'smol-toml', ['src/registry/']);

test('the first frame of the screen waits for no package but its own', (t) => {
  const byName = new Map(files.map((one) => [one.file.replace(/\.tsx?$/, ''), one]));
  const loaded = new Set(['src/main', 'src/cli/start-process', 'ui/start']);
  // A set that grows while it is walked through: imports of imports are in it as well.
  for (const name of loaded) {
    for (const { to, isTypeOnly, isLazy } of byName.get(name)?.imports ?? [])
      if (!isTypeOnly && !isLazy) loaded.add(to);
  }
  const { dependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const packages = Object.keys(dependencies).filter((name) =>
    [...loaded].some((one) => one === name || one.startsWith(`${name}/`)),
  );
  t.true(loaded.size > 40);
  t.deepEqual(packages.toSorted(), ['ink', 'react']);
});

// The hard stop; a file that must be longer stands here with its reason.
const longFiles: Readonly<Record<string, string>> = {
  'src/text/en-errors.ts': 'a table: one entry for every code',
  'src/text/zh-errors.ts': 'the same table',
};

test('no file is longer than three hundred lines', (t) => {
  const long = files.filter(({ text }) => text.trimEnd().split('\n').length > 300).map(({ file }) => file);
  t.deepEqual(
    long.filter((file) => longFiles[file] === undefined),
    [],
  );
});

test('file names are kebab-case', (t) => {
  const bad = files.filter(({ file }) => !/^[a-z0-9]+(-[a-z0-9]+)*\.tsx?$/.test(path.basename(file)));
  t.deepEqual(
    bad.map(({ file }) => file),
    [],
  );
});

test('every file says in its first line what it is for', (t) => {
  const silent = files.filter(({ text }) => !/^(#!.*\n)?\/\/ \S/.test(text));
  t.deepEqual(
    silent.map(({ file }) => file),
    [],
  );
});

/** Files whose code, comments aside, matches; but for those allowed. */
const using = (pattern: RegExp, allowed: readonly string[]): string[] =>
  files
    .filter(({ code }) => pattern.test(code))
    .map(({ file }) => file)
    .filter((file) => !allowed.includes(file));

test('only main ends the process', (t) => {
  t.deepEqual(using(/\bprocess\.(exit|abort|reallyExit)\(/, ['src/main.ts', 'src/build.ts']), []);
});

test('only the command line prints', (t) => {
  // The demo writes a small program into an image; that one prints.
  t.deepEqual(using(/\bconsole\./, ['src/build.ts', 'src/runs/demo.ts']), []);
  t.deepEqual(
    using(/\bprocess\.std(out|err|in(?!\.isTTY))\b/, ['src/main.ts', 'src/cli/start-process.ts']),
    [],
  );
});

test('zstd never gets workers: with them node:zlib loses data', (t) => {
  t.deepEqual(using(/nbWorkers/i, []), []);
});

test('zod comes as a namespace, so that the build leaves its languages out', (t) => {
  t.deepEqual(using(/import \{ z \} from 'zod'/, []), []);
});

test('imports of files end in .js, and built-ins begin with node:', (t) => {
  const wrong = files.flatMap(({ file, text }) =>
    [...text.matchAll(/(?:from|import)\s*\(?'(\.{1,2}\/[^']*)'/g)]
      .map((match) => match[1] ?? '')
      .filter((specifier) => !specifier.endsWith('.js'))
      .map((specifier) => `${file}: ${specifier}`),
  );
  t.deepEqual(wrong, []);
});
