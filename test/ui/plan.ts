// What a plan says of itself: whether it must not start, how long it takes, and what each file would change over there.
import test from 'ava';
import { digestOf } from '../../src/oci/digest.js';
import { plainLine } from '../../src/views/line.js';
import { drawScreen } from '../../ui/screens/screen.js';
import { isRefused, timeOf } from '../../ui/state/plan.js';
import { sampleExportPlan, samplePlan, sampleReceipt } from '../helpers/samples.js';
import { everyScreen } from '../helpers/screen-states.js';

test('the time is by the pace of the last send and no faster than the limit', (t) => {
  const plan = samplePlan('web1');
  const bytes = plan.totals.wire.bytes;
  const receipts = [sampleReceipt('web1'), { ...sampleReceipt('web1'), linkRate: bytes / 10 }];
  t.is(timeOf({ kind: 'send', plan }, []), undefined);
  t.is(timeOf({ kind: 'send', plan }, [{ ...sampleReceipt('web2'), linkRate: 1 }]), undefined);
  t.like(timeOf({ kind: 'send', plan }, receipts), { ms: 10_000, by: 'link' });
  t.like(timeOf({ kind: 'send', plan, limit: bytes / 20 }, receipts), { ms: 20_000, by: 'limit' });
  t.like(timeOf({ kind: 'send', plan, limit: bytes }, receipts), { ms: 10_000, by: 'link' });
  t.like(timeOf({ kind: 'send', plan, limit: bytes / 20 }, []), { by: 'limit' });
});

test('a refusal, a full drive or a plan that could not be made keeps all of it from starting', (t) => {
  const good = { kind: 'send', plan: samplePlan('web1') } as const;
  const place = '/media/usb/airgap-bundle';
  t.false(isRefused([good, { kind: 'export', place, plan: sampleExportPlan() }]));
  t.true(isRefused([good, { kind: 'send', plan: samplePlan('web2', true) }]));
  t.true(isRefused([good, { kind: 'export', place, plan: sampleExportPlan(true) }]));
  const error = { code: 'SSH_LOST', message: 'lost', hint: undefined };
  t.true(isRefused([good, { kind: 'failed', target: 'web2', error }]));
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
  const state = { ...base, planning: { is: 'ready', parts: [{ kind: 'send', plan }] } } as const;
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
