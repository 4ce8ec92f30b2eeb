import test from 'ava';
import { createLinesReporter, createLiveReporter } from '../../src/cli/report-text.js';
import type { AirgapEvent, EventBody } from '../../src/events.js';
import { noProgress, reduceProgress } from '../../src/runs/progress.js';
import { displayWidth } from '../../src/text/width.js';
import { plainLine } from '../../src/views/line.js';
import { liveLines } from '../../src/views/live.js';
import { play, record } from '../helpers/outputs.js';
import { samplePlan, sampleReceipt } from '../helpers/samples.js';

const stamp = (at: number, body: EventBody): AirgapEvent => ({ ...body, runId: 'r', at }) as AirgapEvent;
const item = (n: number, host = 'web1') =>
  ({
    id: `send:${host}:${n}`,
    kind: 'layer',
    phase: 'send',
    host,
    label: `layer ${String(n).padStart(12, '0')}`,
  }) as const;
const moved = (n: number, doneBytes: number, host = 'web1'): EventBody => ({
  type: 'item.progress',
  ...item(n, host),
  doneBytes,
  totalBytes: 45_600_000,
});
const total = (doneBytes: number, host = 'web1'): EventBody => ({
  type: 'host.progress',
  host,
  doneBytes,
  totalBytes: 100_000_000,
  estimate: true,
});

const stateAfter = (events: readonly (readonly [number, EventBody])[]) =>
  events.reduce((state, [at, body]) => reduceProgress(state, stamp(at, body)), noProgress);

test('a live view shows bytes, rate and remaining time for each thing and for the host', (t) => {
  const state = stateAfter([
    [0, { type: 'step.started', step: 'send', host: 'web1' }],
    [0, moved(1, 0)],
    [0, total(0)],
    [2000, moved(1, 10_000_000)],
    [2000, total(20_000_000)],
  ]);
  const lines = liveLines(state, { now: 2000, columns: 80, rows: 24 }).map(plainLine);
  t.deepEqual(lines, [
    '  sending  layer 000000000001 ━━━───────────     10.0 MB of 45.6 MB    5.0 MB/s',
    'web1  ━━━━────────────────  20 %  20.0 MB of ~100 MB  10.0 MB/s  8 s left',
  ]);
});

test('where there is room a thing has its bar and its time, where there is little neither', (t) => {
  const state = stateAfter([
    [0, { type: 'step.started', step: 'send', host: 'web1' }],
    [0, moved(1, 0)],
    [2000, moved(1, 10_000_000)],
  ]);
  const lineAt = (columns: number): string =>
    plainLine(liveLines(state, { now: 2000, columns, rows: 24, ascii: true })[0] ?? '');
  t.regex(lineAt(120), /layer 000000000001 +#+\.+ .* 7 s$/);
  t.regex(lineAt(80), /#+\.+ .*MB\/s$/);
  t.notRegex(lineAt(59), /#/);
});

test('a live view is never wider or higher than the terminal', (t) => {
  const events: (readonly [number, EventBody])[] = [];
  for (let host = 0; host < 30; host += 1) {
    const name = `镜像-host-${host}.rack.example.lan`;
    events.push([0, total(0, name)], [2000, total(50_000_000, name)]);
    for (let n = 0; n < 5; n += 1) events.push([0, moved(n, 0, name)], [2000, moved(n, 45_000_000, name)]);
  }
  const state = stateAfter(events);
  for (const columns of [20, 40, 59, 60, 69, 70, 80, 132]) {
    for (const rows of [4, 6, 12, 24, 60]) {
      const lines = liveLines(state, { now: 2000, columns, rows });
      t.true(lines.length <= rows - 1, `${columns}×${rows}: ${lines.length} lines`);
      const screen = record({ isTTY: true, columns, rows });
      const reporter = createLiveReporter(screen.output, 30);
      for (const [at, body] of events) reporter.event(stamp(at, body));
      reporter.tick(5000);
      for (const row of play(screen.text(), 200)) t.true(displayWidth(row) < columns, row);
    }
  }
});

test('a live view says how many more there are', (t) => {
  const events = Array.from({ length: 40 }, (_, n): readonly [number, EventBody] => [0, moved(n, 1)]);
  const lines = liveLines(stateAfter([...events, [0, total(1)]]), { now: 0, columns: 80, rows: 12 }).map(
    plainLine,
  );
  t.is(lines.length, 10);
  t.is(lines.at(-2), '  +32 more');
});

test('live lines are redrawn in place and leave only what stays', (t) => {
  const screen = record({ isTTY: true });
  const reporter = createLiveReporter(screen.output, 1);
  reporter.event(stamp(0, { type: 'step.started', step: 'send', host: 'web1' }));
  for (let at = 0; at <= 5000; at += 100) {
    reporter.event(stamp(at, moved(1, at * 1000)));
    reporter.event(stamp(at, total(at * 2000)));
    if (at === 2500)
      reporter.event(stamp(at, { type: 'warning', host: 'web1', code: 'X', message: 'slow link' }));
    reporter.tick(at);
  }
  const shown = play(screen.text());
  t.is(shown[0], 'web1: warning: slow link');
  t.regex(shown[1] ?? '', /^ {2}sending {2}layer/);
  t.regex(shown[2] ?? '', /^web1 {2}━/);
  reporter.event(stamp(5100, { type: 'host.finished', host: 'web1', receipt: sampleReceipt('web1') }));
  reporter.close();
  t.deepEqual(play(screen.text()), ['web1: warning: slow link', 'web1: done in 12 s, 45.6 MB', '']);
  t.true(screen.text().endsWith('\u001b[?25h'), 'the cursor is shown again');
});

test('a frame comes at most ten times a second, and an unchanged one costs nothing', (t) => {
  const screen = record({ isTTY: true });
  const reporter = createLiveReporter(screen.output, 1);
  reporter.event(stamp(0, moved(1, 1)));
  reporter.tick(1000);
  screen.clear();
  reporter.event(stamp(1010, moved(1, 20_000_000)));
  reporter.tick(1050);
  t.is(screen.text(), '');
  reporter.tick(1100);
  t.not(screen.text(), '');
  screen.clear();
  reporter.tick(1200);
  reporter.tick(1300);
  t.true(screen.text().length < 400);
});

test('a question has the terminal for itself', (t) => {
  const screen = record({ isTTY: true });
  const reporter = createLiveReporter(screen.output, 1);
  reporter.event(stamp(0, total(5)));
  reporter.tick(100);
  reporter.pause();
  t.deepEqual(play(screen.text()), ['']);
  t.true(screen.text().endsWith('\u001b[?25h'));
  screen.clear();
  reporter.event(stamp(200, total(9)));
  reporter.tick(300);
  t.is(screen.text(), '');
  reporter.resume();
  reporter.tick(400);
  t.not(screen.text(), '');
});

test('without a terminal every line stays and no line holds a control character', (t) => {
  const log = record();
  const reporter = createLinesReporter(log.output, 2);
  const events: (readonly [number, EventBody])[] = [
    [0, { type: 'run.started', version: 1, command: 'send', tool: 'airgap' }],
    [0, { type: 'step.started', step: 'connect', host: 'web1' }],
    [10, { type: 'plan', host: 'web1', plan: samplePlan('web1') }],
    [20, { type: 'step.started', step: 'send', host: 'web1' }],
    ...Array.from({ length: 101 }, (_, n): readonly [number, EventBody] => [
      20 + n * 300,
      total(n * 1_000_000),
    ]),
    [
      31_000,
      {
        type: 'item.finished',
        id: 'v',
        kind: 'image',
        phase: 'verify',
        host: 'web1',
        label: 'ev\u001b[2Jil:1',
        doneBytes: 0,
      },
    ],
    [31_000, { type: 'host.finished', host: 'web1', receipt: sampleReceipt('web1') }],
  ];
  for (const [at, body] of events) reporter.event(stamp(at, body));
  const lines = log.text().split('\n');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  t.notRegex(lines.join(''), /[\u0000-\u001f\u007f-\u009f]/);
  t.deepEqual(lines.slice(0, 4), [
    'web1: connecting',
    'web1: 2 of 4 layers to send, ~46.3 MB instead of ~354 MB',
    'web1: sending',
    'web1: sending, 10 %, 10.0 MB of ~100 MB, 3.3 MB/s, 27 s left',
  ]);
  t.is(lines.filter((line) => line.includes(' %')).length, 10);
  t.is(lines.at(-3), 'web1: proved ev\\u{1b}[2Jil:1');
  t.is(lines.at(-2), 'web1: done in 12 s, 45.6 MB');
});

test('a slow transfer tells every ten seconds that it is alive', (t) => {
  const log = record();
  const reporter = createLinesReporter(log.output, 1);
  reporter.event(stamp(0, total(0)));
  reporter.event(stamp(100, total(1000)));
  for (let now = 200; now <= 60_000; now += 100) reporter.tick(now);
  const lines = log.text().trim().split('\n');
  t.is(lines.length, 6);
  t.true(lines.at(-1)?.endsWith('waiting') ?? false, lines.at(-1));
});

test('late-sending-line: the last line of sending comes before what was loaded, and none after it', (t) => {
  const log = record();
  const reporter = createLinesReporter(log.output, 1);
  const whole: EventBody = { ...total(100_000_000), estimate: false } as EventBody;
  reporter.event(stamp(0, total(0)));
  reporter.event(stamp(300, whole));
  const image = { id: 'l', kind: 'image', phase: 'load', host: 'web1', label: 'app:2' } as const;
  reporter.event(stamp(350, { type: 'item.started', ...image }));
  for (let now = 400; now < 15_000; now += 100) reporter.tick(now);
  reporter.event(stamp(15_000, { type: 'item.finished', ...image, doneBytes: 0 }));
  for (let now = 15_000; now < 30_000; now += 100) reporter.tick(now);
  t.deepEqual(log.text().trim().split('\n'), [
    'web1: sending, 100 %, 100 MB of 100 MB',
    'web1: loading app:2',
    'web1: loaded app:2',
  ]);
});

test('rates-of-waiting: a few bytes in a while are no rate, and a pause is called one', (t) => {
  const log = record();
  const reporter = createLinesReporter(log.output, 1);
  reporter.event(stamp(0, total(1000)));
  reporter.event(stamp(9000, total(2500)));
  for (let now = 9000; now <= 10_100; now += 100) reporter.tick(now);
  reporter.event(stamp(18_000, total(40_000_000)));
  for (let now = 18_000; now < 31_000; now += 100) reporter.tick(now);
  const lines = log.text().trim().split('\n');
  t.deepEqual(
    lines.map((line) => line.split(', ').slice(3).join(', ')),
    ['', '8.0 MB/s, 8 s left', 'waiting'],
  );
});

test('hosts that fail are told with their hint while others go on; a single one is left to the end', (t) => {
  const error = {
    code: 'SSH_LOST',
    message: 'The connection was lost',
    hint: 'Check it',
    facts: {},
    exitCode: 34,
  } as const;
  for (const [hosts, want] of [
    [2, 'web1: failed: The connection was lost [SSH_LOST]\nweb1: hint: Check it\n'],
    [1, ''],
  ] as const) {
    const log = record();
    createLinesReporter(log.output, hosts).event(stamp(0, { type: 'host.failed', host: 'web1', error }));
    t.is(log.text(), want);
  }
});
