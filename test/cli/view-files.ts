import test from 'ava';
import type { PlannedFile } from '../../src/files/planned-file.js';
import { digestOf } from '../../src/oci/digest.js';
import { plainLine } from '../../src/views/line.js';
import { viewPlan } from '../../src/views/plan.js';
import { viewResult } from '../../src/views/receipt.js';
import { samplePlan, sampleReceipt } from '../helpers/samples.js';

const digest = digestOf('x');
const file: PlannedFile = {
  kind: 'daemon',
  from: '--daemon-key debug',
  to: '/etc/docker/daemon.json',
  state: 'change',
  mode: '0640',
  bytes: 1,
  digest,
  previous: { digest, mode: '0600', uid: 0, gid: 3 },
  diff: '@@ -1 +1 @@\n-a\u001b[31m\n+b',
  reload: ['debug'],
  restart: ['bip'],
};

test('a plan shows what changes in a file, who owns it and what it takes to come true, printable', (t) => {
  const plan = { ...samplePlan('web1'), images: [], files: [file] };
  const lines = viewPlan(plan, 80).map(plainLine);
  t.deepEqual(lines.slice(2), [
    '  /etc/docker/daemon.json  changes, mode 0640 (was 0600), owner 0:3',
    '    @@ -1 +1 @@',
    '    -a\\u{1b}[31m',
    '    +b',
    '    in effect after a reload of the engine (--reload): debug',
    '    in effect once the engine is started again, which airgap never does: bip',
  ]);
  t.true(
    viewPlan({ ...samplePlan('web1'), files: [file] }, 80)
      .map(plainLine)
      .includes('    +b'),
  );
});

test('a receipt tells how files are taken back, or that none was changed', (t) => {
  const files = [{ to: '/opt/a', digest, previous: null, mode: '0644', backup: sampleReceipt('x').id }];
  const lines = viewResult({ ...sampleReceipt('web1'), files }, 80).map(plainLine);
  t.true(lines.includes('  /opt/a: in place'));
  t.true(lines.includes('  airgap rollback web1 5f20aa93'));
  const filesFailed = { code: 'TARGET_FULL', message: 'web1 is full' };
  const failed = viewResult({ ...sampleReceipt('web1'), files: [], filesFailed }, 80).map(plainLine);
  t.true(failed.includes('  No file was changed: web1 is full'));
});
