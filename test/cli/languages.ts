// The command line in Chinese: on a process of its own where the choice is tested, in this one where lines are measured.
import test from 'ava';
import { noProgress, reduceProgress } from '../../src/runs/progress.js';
import { setLanguage, text } from '../../src/text/text.js';
import { displayWidth } from '../../src/text/width.js';
import { viewImages } from '../../src/views/images.js';
import { type Line, plainLine } from '../../src/views/line.js';
import { viewFindings } from '../../src/views/lists.js';
import { liveLines } from '../../src/views/live.js';
import { viewPlan } from '../../src/views/plan.js';
import { viewReceipts, viewResult } from '../../src/views/receipt.js';
import { airgap, spawnAirgap } from '../helpers/command-line.js';
import { samplePlan, sampleReceipt, sampleSummaries } from '../helpers/samples.js';

// The catalogue in use belongs to the process.
test.before(() => setLanguage('zh'));

test('--lang zh speaks Chinese, before and behind the command', async (t) => {
  const before = await spawnAirgap(['--lang', 'zh', 'images']);
  const behind = await spawnAirgap(['images', '--lang=zh']);
  t.regex(before.stdout, /^镜像 +ID +平台/);
  t.is(behind.stdout, before.stdout);
});

test('the environment chooses, --lang goes before it', async (t) => {
  const env = { AIRGAP_LANG: '', LC_ALL: '', LC_MESSAGES: 'zh_CN.UTF-8' };
  t.regex((await spawnAirgap(['images'], { env })).stdout, /^镜像 /);
  t.regex((await spawnAirgap(['images', '--lang', 'en'], { env })).stdout, /^IMAGE /);
});

test('an unknown language is a usage error with the nearest', async (t) => {
  for (const args of [
    ['--lang', 'zh-CN', 'images'],
    ['images', '--lang=zh-CN'],
  ]) {
    const { stdout, stderr, exitCode } = await spawnAirgap(args);
    t.is(exitCode, 2);
    t.is(stdout, '');
    t.regex(stderr, /^error: --lang cannot be "zh-CN"; did you mean zh\? \[USAGE\]\n/);
  }
  const { stderr } = await spawnAirgap(['images', '--lang', 'fr']);
  t.regex(stderr, /--lang cannot be "fr"; it is one of en, zh \[USAGE\]/);
});

test('--lang without a command shows the help, and the version without a word', async (t) => {
  const help = await spawnAirgap(['--lang', 'zh'], { entry: 'main' });
  t.is(help.exitCode, 0);
  t.regex(help.stdout, /^用法： airgap [\s\S]*\n示例：\n {2}airgap images\n/);
  const version = await spawnAirgap(['--lang', 'zh', '--version'], { entry: 'main' });
  t.regex(version.stdout, /^airgap \d+\.\d+\.\d+\n$/);
});

test('JSON has the same types, fields, codes and facts in every language; only messages differ', async (t) => {
  const events = async (lang: string): Promise<Record<string, unknown>[]> => {
    const { stdout } = await spawnAirgap(['send', 'web1,web2', 'app', '--json', '--lang', lang], {
      scene: 'one-fails',
    });
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  };
  const [english, chinese] = await Promise.all([events('en'), events('zh')]);
  const kinds = (all: Record<string, unknown>[]): string[] => [
    ...new Set(all.map((event) => `${event.type}: ${Object.keys(event).join()}`)),
  ];
  t.deepEqual(kinds(chinese).sort(), kinds(english).sort());
  type Failed = { code: string; message: string; facts: object; exitCode: number };
  const failed = (all: Record<string, unknown>[]): Failed =>
    all.find(({ type }) => type === 'host.failed')?.error as Failed;
  const { message, ...same } = failed(chinese);
  t.like(failed(english), { code: same.code, facts: same.facts, exitCode: same.exitCode });
  t.regex(message, /\p{Script=Han}/u);
  t.notRegex(failed(english).message, /\p{Script=Han}/u);
});

const shown = (lines: readonly Line[]): string[] => lines.map(plainLine);

/** The column of the terminal at which a part of the line begins. */
const columnOf = (line: string, part: string): number => {
  const at = line.indexOf(part);
  return at < 0 ? -1 : displayWidth(line.slice(0, at));
};
const endOf = (line: string, part: string): number => columnOf(line, part) + displayWidth(part);

test('a table under Chinese headings stands in columns', (t) => {
  const titles = text().words.images.columns;
  const summaries = sampleSummaries();
  const [heading = '', ...rows] = shown(viewImages({ images: summaries, unavailable: [] }, 100, Date.now()));
  t.true(heading.startsWith(titles.name));
  for (const [at, row] of rows.entries()) {
    const id = summaries[at]?.imageId.replace('sha256:', '').slice(0, 12) ?? '';
    t.is(columnOf(row, id), columnOf(heading, titles.id), row);
    t.is(columnOf(row, 'linux/'), columnOf(heading, titles.platform), row);
    const size = /[\d.]+ [kMG]?B/.exec(row)?.[0] ?? '';
    t.is(endOf(row, size), endOf(heading, titles.size), row);
  }
});

test('a plan and receipts in Chinese stand in columns and fit the terminal', (t) => {
  const plan = shown(viewPlan(samplePlan('web1'), 80));
  const { columns, wire, without } = text().words.plan;
  const heading = plan.find((line) => line.includes(columns.held)) ?? '';
  const row = plan.find((line) => line.includes('nginx:1.27')) ?? '';
  t.is(endOf(row, '(~142 MB)'), endOf(heading, columns.held));
  t.is(endOf(row, '(~45.1 MB)'), endOf(heading, columns.send));
  const value = (label: string): number => columnOf(plan.find((line) => line.includes(label)) ?? '', '~');
  t.is(value(wire), value(without));
  const receipts = shown(viewReceipts([sampleReceipt('web1'), sampleReceipt('web2')], 80));
  for (const line of [...plan.slice(0, 6), ...receipts]) t.true(displayWidth(line) <= 80, line);
});

test('findings in Chinese are wrapped though Chinese has no blanks, and stand behind their level', (t) => {
  const long = text().doctor.noZstd.repeat(4);
  const lines = shown(viewFindings([{ level: 'warning', subject: '程序', text: long, hint: long }], 60));
  t.true(lines.length > 4);
  for (const line of lines) t.true(displayWidth(line) <= 60, line);
  t.is(columnOf(lines[0] ?? '', '程序'), 6);
  t.regex(lines[1] ?? '', /^ {6}\S/);
});

test('a proof in Chinese is wrapped within the terminal', (t) => {
  const lines = shown(viewResult(sampleReceipt('web1'), 60));
  for (const line of lines) t.true(displayWidth(line) <= 60 || line.includes('/'), line);
});

test('live lines in Chinese stand in columns and fit the terminal', (t) => {
  let progress = noProgress;
  for (const phase of ['spool', 'send', 'reread'] as const) {
    const item = { runId: 'r', at: 0, id: phase, kind: 'layer', phase, label: '第 2 层' } as const;
    progress = reduceProgress(progress, { ...item, type: 'item.started', totalBytes: 90_000_000 });
    progress = reduceProgress(progress, {
      ...item,
      type: 'item.progress',
      doneBytes: 1_000_000,
      totalBytes: 90_000_000,
    });
  }
  const lines = shown(liveLines(progress, { now: 1000, columns: 80, rows: 24 }));
  const rows = lines.filter((line) => line.includes('第 2 层'));
  t.is(rows.length, 3);
  t.is(new Set(rows.map((line) => columnOf(line, '第 2 层'))).size, 1);
  t.is(new Set(rows.map((line) => endOf(line, '90.0 MB'))).size, 1);
  for (const line of lines) t.true(displayWidth(line) < 80, line);
});

test('every help in Chinese fits the terminal', async (t) => {
  for (const command of Object.keys(text().words.commands.help)) {
    if (command === 'airgap' || command === 'showBundle' || command === 'prune') continue;
    const { stdout } = await airgap([command, '--help']);
    const [said = ''] = stdout.split(text().words.commands.headings.examples);
    t.regex(said, /选项：\n/);
    for (const line of said.split('\n')) t.true(displayWidth(line) <= 80, `${command}: ${line}`);
  }
});
