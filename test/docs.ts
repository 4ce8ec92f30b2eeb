// What the documents say of the code equals the code.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { completionTree } from '../src/cli/completion/tree.js';
import { errorCodes } from '../src/errors.js';
import { importProgram } from '../src/far/program.js';
import { text } from '../src/text/text.js';
import { root } from './helpers/command-line.js';
import { tableIn, tables, withTables } from './helpers/tables.js';

const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const documents = [
  'README.md',
  'README.zh.md',
  'CHANGELOG.md',
  ...readdirSync(path.join(root, 'docs')).map((name) => `docs/${name}`),
].filter((file) => file.endsWith('.md') && existsSync(path.join(root, file)));

for (const [file, made] of Object.entries(tables))
  for (const [name, make] of Object.entries(made))
    test(`the table of ${name} in ${file} equals the code`, (t) => {
      t.is(tableIn(read(file), name), make());
    });

test('tables are put between their markers, and putting them twice changes nothing', (t) => {
  const once = withTables('a\n<!-- errors -->\nold\n<!-- /errors -->\nb\n');
  t.true(once.includes('| 130 | `CANCELLED` |'));
  t.true(once.startsWith('a\n') && once.endsWith('\nb\n') && !once.includes('old'));
  t.is(withTables(once), once);
});

test('docs/events.md tells every type of event and every field of it', (t) => {
  const said = read('docs/events.md');
  const declared = read('src/events.ts');
  const types = [
    ...new Set(
      [...declared.matchAll(/'((?:run|step|item|host|prompt)\.[a-z]+|plan|note|warning)'/g)].map(
        (match) => match[1],
      ),
    ),
  ];
  t.true(types.length >= 15, types.join(' '));
  for (const type of types) if (type !== undefined) t.true(said.includes(`\`${type}\``), type);
  const union = declared.slice(
    declared.indexOf('export type AirgapEvent'),
    declared.indexOf('type DistributiveOmit'),
  );
  const fields = new Set([...union.matchAll(/readonly (\w+)\??:/g)].map((match) => match[1] ?? ''));
  for (const field of fields) t.true(said.includes(`\`${field}\``) || said.includes(`\`${field}?\``), field);
});

test('the example in docs/events.md is a stream: JSON in every line, versioned first, receipts last', (t) => {
  const example = /```jsonl\n([\s\S]*?)```/.exec(read('docs/events.md'))?.[1]?.trim().split('\n') ?? [];
  const events = example.map((line): { type?: string; version?: number; receipts?: unknown[] } =>
    JSON.parse(line),
  );
  t.is(events[0]?.type, 'run.started');
  t.is(events[0]?.version, 1);
  t.is(events.at(-1)?.type, 'run.finished');
  t.true(Array.isArray(events.at(-1)?.receipts));
});

test('the send that the README shows says what the program says', (t) => {
  const shown = /<!-- demo-output -->([\s\S]*?)<!-- \/demo-output -->/.exec(read('README.md'))?.[1] ?? '';
  const { progress, proofs, receipt } = text().words;
  for (const words of [
    '$ airgap send',
    progress.steps.connect,
    progress.phasesDone.verify,
    proofs['manifest-and-create'],
    receipt.labels.held,
  ])
    t.true(shown.includes(words), words);
});

test('the import that the README shows says what import.sh says, and every option of it is in the table', (t) => {
  const readme = read('README.md');
  const shown = /<!-- bundle-output -->([\s\S]*?)<!-- \/bundle-output -->/.exec(readme)?.[1] ?? '';
  const said = importProgram().toString();
  t.true(shown.includes('$ airgap export'));
  for (const words of ['every byte is as it was written', 'Receipt and passport: ']) {
    t.true(shown.includes(words), words);
    t.true(said.includes(words), words);
  }
  const section = readme.slice(readme.indexOf('| `sh import.sh'));
  const table = section.slice(0, section.indexOf('\n\n'));
  const options = [...said.matchAll(/printf ' {2}(--[a-z-]+)/g)].map(([, option = '']) => option);
  t.true(options.length > 30);
  for (const option of options) t.true(table.includes(option), option);
});

test('links between documents lead to files', (t) => {
  for (const file of documents) {
    for (const [, target = ''] of read(file).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)/g)) {
      t.true(existsSync(path.join(root, path.dirname(file), target)), `${file}: ${target}`);
    }
  }
});

test('error codes and commands that documents name exist', (t) => {
  const commands = new Set(completionTree().map(({ path: words }) => words[0] ?? ''));
  for (const file of documents) {
    const text = read(file);
    for (const [, code = ''] of text.matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)) {
      // Environment variables are written the same way.
      if (/^(AIRGAP|DOCKER|XDG|SSH_AUTH_SOCK|NO_COLOR|FORCE_COLOR)/.test(code)) continue;
      // Words of the far side's own grammar, which far.ts turns into codes.
      if (code in errorCodes || code === 'STAGE_OFFSET') continue;
      t.false(
        /^(HOST|SSH|FAR|STAGE|TARGET|IMAGE|ARCHIVE|SPOOL|ENGINE|DIGEST|LAYER|RUN|NAME|VERIFY|LOAD)_/.test(
          code,
        ),
        `${file}: ${code}`,
      );
    }
    // Only in code: in prose, airgap is the subject of a sentence.
    const code = [...text.matchAll(/```[\s\S]*?```|`[^`\n]+`/g)].map(([span]) => span).join('\n');
    for (const [, command = ''] of code.matchAll(/(?:^|[`$] ?)(?:npx )?airgap ([a-z]+(?:-[a-z]+)*)/gm)) {
      t.true(commands.has(command), `${file}: airgap ${command}`);
    }
  }
});
