import test from 'ava';
import { readImport } from '../../src/cli/flags.js';
import type { PlannedFile } from '../../src/files/planned-file.js';
import { digestOf } from '../../src/oci/digest.js';
import { receiptSchema } from '../../src/receipt/receipt-schema.js';
import { plainLine } from '../../src/views/line.js';
import { viewPlan } from '../../src/views/plan.js';
import { viewResult } from '../../src/views/receipt.js';
import { receiptPage } from '../../src/views/receipt-page.js';
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

test('the plan of this machine has no line about a wire', (t) => {
  const said = (host: string): string => viewPlan(samplePlan(host), 80).map(plainLine).join('\n');
  t.regex(said('web1'), /On the wire/);
  t.notRegex(said('local:'), /On the wire|Without airgap/);
});

test('a receipt tells how files are taken back, or that none was changed', (t) => {
  const files = [{ to: '/opt/a', digest, previous: null, mode: '0644', backup: sampleReceipt('x').id }];
  const lines = viewResult({ ...sampleReceipt('web1'), files }, 80).map(plainLine);
  t.true(lines.includes('  /opt/a: in place'));
  t.true(lines.includes('  airgap rollback web1 5f20aa93'));
  // An import on this machine: its name is no host that ssh knows.
  const here = viewResult({ ...sampleReceipt('vm'), address: 'local:', files }, 80).map(plainLine);
  t.true(here.includes('  airgap rollback --receipt 5f20aa93'));
  const filesFailed = { code: 'TARGET_FULL', message: 'web1 is full' };
  const failed = viewResult({ ...sampleReceipt('web1'), files: [], filesFailed }, 80).map(plainLine);
  t.true(failed.includes('  No file was changed: web1 is full'));
});

const place = '/srv/airgap/packages/site/tools';
const set = { set: 'tools', kind: 'deb', names: ['htop', 'jq'], place } as const;

test('a plan shows what the package manager will install, and from where', (t) => {
  const packages = [{ ...set, fileCount: 5, bytes: 1_200_000 }];
  const lines = viewPlan({ ...samplePlan('web1'), images: [], packages }, 80).map(plainLine);
  t.deepEqual(lines.slice(2), [
    `  packages tools  deb, 5 files (1.2 MB), a repository in ${place}`,
    '    the package manager there installs htop jq',
  ]);
});

test('a receipt tells of packages and of a reload, and never of an install that did not happen', (t) => {
  const reload = { shown: ['debug'], unshown: ['features'], restart: ['bip'] };
  const files = [{ to: '/opt/a', digest, previous: null, mode: '0644', backup: null }];
  const receipt = { ...sampleReceipt('web1'), files, reload, packages: [{ ...set, installed: true }] };
  t.deepEqual(receiptSchema.parse(JSON.parse(JSON.stringify(receipt))), receipt);
  const lines = viewResult(receipt, 80).map(plainLine);
  for (const line of [
    '  the engine was reloaded; docker info shows debug',
    '    docker info says nothing of features',
    `  packages tools: a repository in ${place}`,
    '  packages tools: installed htop jq',
  ])
    t.true(lines.includes(line), line);
  const packagesFailed = { code: 'PACKAGES_FAILED', message: 'no such luck' };
  const packages = [{ ...set, installed: false }];
  const failed = viewResult({ ...sampleReceipt('web1'), packages, packagesFailed }, 80).map(plainLine);
  t.true(failed.includes('  Not all packages were installed: no such luck'));
  t.false(failed.some((line) => line.includes('tools: installed')));
  const page = receiptPage({ ...sampleReceipt('web1'), packages, packagesFailed });
  t.regex(page, /no such luck/);
  t.regex(page, /Not installed<\/dt><dd>htop jq/);
});

test('an import without files cannot install packages', (t) => {
  t.throws(() => readImport(['usb'], { imagesOnly: true, installPackages: true }), {
    code: 'USAGE',
  });
  t.true(readImport(['usb'], { installPackages: true }).installPackages);
  t.is(readImport(['usb'], {}).installPackages, undefined);
});
