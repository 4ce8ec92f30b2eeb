// What a plan says of itself: whether it must not start, how long it takes, and what each file would change over there.
import test from 'ava';
import { digestOf } from '../../src/oci/digest.js';
import { plainLine } from '../../src/views/line.js';
import { drawScreen } from '../../ui/screens/screen.js';
import { startable, timeOf } from '../../ui/state/plan.js';
import { sampleExportPlan, samplePlan, sampleReceipt } from '../helpers/samples.js';
import { everyScreen, sendCommand } from '../helpers/screen-states.js';

const exportCommand = {
  kind: 'export',
  targets: ['/media/usb'],
  words: ['export', '/media/usb', 'app:2'],
} as const;

test('the time is by the pace of the last send and no faster than the limit', (t) => {
  const plan = samplePlan('web1');
  const bytes = plan.totals.wire.bytes;
  const receipts = [sampleReceipt('web1'), { ...sampleReceipt('web1'), linkRate: bytes / 10 }];
  t.is(timeOf({ plan }, []), undefined);
  t.is(timeOf({ plan }, [{ ...sampleReceipt('web2'), linkRate: 1 }]), undefined);
  t.like(timeOf({ plan }, receipts), { ms: 10_000, by: 'link' });
  t.like(timeOf({ plan, limit: bytes / 20 }, receipts), { ms: 20_000, by: 'limit' });
  t.like(timeOf({ plan, limit: bytes }, receipts), { ms: 10_000, by: 'link' });
  t.like(timeOf({ plan, limit: bytes / 20 }, []), { by: 'limit' });
});

test('one-bad-target-held-up-all: what is refused is left out by name, and the others start', (t) => {
  const [web, usb] = [sendCommand('web1', 'web2'), { ...exportCommand }];
  const good = { kind: 'send', command: web, plan: samplePlan('web1') } as const;
  const bad = { kind: 'send', command: web, plan: samplePlan('web2', true) } as const;
  const error = { code: 'DRIVE_FULL', message: 'full', hint: undefined };
  const drive = { kind: 'export', command: usb, place: '/media/usb/x', plan: sampleExportPlan() } as const;
  t.deepEqual(startable([web, usb], [good, { ...good, plan: samplePlan('web2') }, drive]), {
    commands: [web, usb],
    leftOut: [],
  });
  t.deepEqual(startable([web, usb], [good, bad, drive]), {
    commands: [{ kind: 'send', targets: ['web1'], words: ['send', 'web1', 'app:2'] }, usb],
    leftOut: ['web2'],
  });
  t.deepEqual(startable([web, usb], [good, bad, { ...drive, refusal: error }]).leftOut, [
    'web2',
    '/media/usb',
  ]);
  const failed = { kind: 'failed', command: web, targets: ['web1', 'web2'], error } as const;
  t.deepEqual(startable([web, usb], [failed, drive]), { commands: [usb], leftOut: ['web1', 'web2'] });
  // What nobody has planned does not start.
  t.deepEqual(startable([web], [good]).leftOut, ['web2']);
});

test('started-to-whom: above the keys stands to whom Enter starts, also where only the first plan is seen', (t) => {
  const base = everyScreen().get('plan');
  if (base === undefined) throw new Error('no plan');
  const parts = ['web1', 'web2'].map((name) => ({
    kind: 'send' as const,
    command: sendCommand('web1', 'web2'),
    plan: samplePlan(name),
  }));
  const command = parts[0]?.command ?? sendCommand();
  const state = {
    ...base,
    planning: { is: 'ready', parts: parts.map((part) => ({ ...part, command })) },
  } as const;
  const lines = drawScreen(state, { columns: 79, rows: 23, ascii: false }).lines.map(plainLine);
  t.regex(lines.join('\n'), /Enter starts: to web1, web2\n/);
});

test('what a file would change over there is in the plan, line by line', (t) => {
  const base = everyScreen().get('plan');
  if (base === undefined) throw new Error('no plan');
  const file = {
    kind: 'file',
    from: 'app.env',
    to: '/opt/app/app.env',
    state: 'change',
    mode: '0640',
    bytes: 12,
    digest: digestOf('new'),
    previous: { digest: digestOf('old'), mode: '0644', uid: 0, gid: 0 },
    diff: '-PORT=80\n+PORT=8080',
  } as const;
  const plan = { ...samplePlan('web1'), files: [file] };
  const state = {
    ...base,
    planning: { is: 'ready', parts: [{ kind: 'send', command: sendCommand('web1'), plan }] },
  } as const;
  const screen = drawScreen(state, { columns: 99, rows: 60, ascii: false }).lines.map(plainLine).join('\n');
  t.regex(screen, /\/opt\/app\/app\.env.*\n {4}-PORT=80\n {4}\+PORT=8080/);
});

test('last-line-of-a-long-plan: it is seen when the plan is scrolled to its end', (t) => {
  const state = everyScreen().get('plan');
  if (state === undefined) throw new Error('no plan');
  const frame = { columns: 79, rows: 18, ascii: false };
  const { last } = drawScreen(state, frame);
  const shown = drawScreen({ ...state, scroll: last }, frame)
    .lines.map(plainLine)
    .join('\n');
  t.regex(shown, /airgap export \/media\/usb/);
});

test('wrapped-plan: in a narrow terminal columns give way, and what stands in the way is read first', (t) => {
  const state = everyScreen().get('plan');
  if (state === undefined || state.planning.is === 'none') throw new Error('no plan');
  const [part] = state.planning.parts;
  if (part === undefined) throw new Error('no part');
  const error = { code: 'SSH_LOST', message: 'lost', hint: 'again' };
  const failed = { kind: 'failed', command: part.command, targets: ['web2'], error } as const;
  const seen = (columns: number): string[] =>
    drawScreen(
      { ...state, planning: { is: 'ready', parts: [part, failed] } },
      { columns, rows: 99, ascii: false },
    ).lines.map(plainLine);
  const narrow = seen(39);
  t.regex(narrow[2] ?? '', /No plan for web2: lost \[SSH_LOST\]/);
  const heading = narrow.findIndex((line) => /^ {2}IMAGE/.test(line));
  t.regex(narrow[heading] ?? '', /IMAGE +SEND$/);
  t.regex(narrow[heading + 1] ?? '', /nginx:1\.27 +1 \(~45\.1 MB\)$/);
  t.true(seen(79).some((line) => /IMAGE +LAYERS +HELD +SEND +SPLICE/.test(line)));
});
