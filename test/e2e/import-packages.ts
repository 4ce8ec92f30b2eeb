// airgap import --install-packages: what import.sh does with the packages of a bundle, over SSH to a Debian host without a network.
import { randomBytes } from 'node:crypto';
import { access, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Receipt } from '../../src/receipt/receipt.js';
import { receiptSchema } from '../../src/receipt/receipt-schema.js';
import { createNear, type Near, type Outcome } from '../helpers/airgap.js';
import { buildDeb } from '../helpers/deb.js';
import { needing } from '../helpers/needs.js';
import { type OfflineHost, openOfflineHost } from '../helpers/offline-host.js';
import { run } from '../rig/rig.js';

const needs = ['root', 'namespaces', 'chroot:trixie', 'dpkg-deb', 'sshd'];
const test = needing(...needs);
const mirrorTest = needing(...needs, 'apt-mirror');

interface Site {
  readonly near: Near;
  readonly host: OfflineHost;
  /** Folder of the set `tools`. */
  readonly tools: string;
  /** Folder of the drive; the bundle is `site` in it. */
  readonly usb: string;
  /** Exports the set, and a file beside it. */
  carry(): Promise<void>;
  importIt(...words: string[]): Promise<Outcome>;
}

async function withSite(use: (site: Site) => Promise<void>): Promise<void> {
  const near = await createNear({ DOCKER_HOST: 'unix:///nowhere' });
  const host = await openOfflineHost();
  const tools = path.join(near.folder, 'tools');
  const usb = path.join(near.folder, 'usb');
  try {
    await mkdir(tools);
    await run(['chmod', '0777', near.folder, tools]);
    const spec = path.join(near.folder, 'bundle.yaml');
    await writeFile(
      spec,
      'name: site\nfiles: [{from: motd, to: /opt/edge/motd, mode: "0600"}]\npackages: [tools]\n',
    );
    await writeFile(path.join(near.folder, 'motd'), 'hello\n');
    await use({
      near,
      host,
      tools,
      usb,
      carry: async () => {
        const exported = await near.run(['export', usb, '-f', spec]);
        if (exported.exitCode !== 0) throw new Error(exported.stderr);
      },
      importIt: (...words) => {
        const way = ['--to', host.alias, '-F', host.configFile, '--ssh', 'openssh'];
        return near.run(['import', path.join(usb, 'site'), ...way, ...words]);
      },
    });
  } finally {
    await host.stop();
    await near.remove();
  }
}

async function returned(folder: string): Promise<Receipt> {
  const returns = path.join(folder, 'airgap-returns');
  const [name = ''] = (await readdir(returns)).filter((one) => one.endsWith('-receipt.json'));
  return receiptSchema.parse(JSON.parse(await readFile(path.join(returns, name), 'utf8')));
}

mirrorTest(
  'packages are installed without a network, as import.sh installs them, with the same receipt',
  async (t) => {
    await withSite(async ({ host, tools, usb, carry, importIt }) => {
      await run(['apt-get', 'download', 'jq', 'libjq1', 'libonig5'], { cwd: tools });
      await carry();
      t.is(
        (await host.inside("tail -n +3 /proc/net/dev | grep -v '^ *lo:'")).stdout,
        '',
        'there is no network',
      );

      const without = await importIt();
      t.is(without.exitCode, 0, without.stderr);
      t.regex(without.stderr, /packages, too \(tools\).*--install-packages/);
      t.is((await host.inside('ls -d /srv/airgap 2>/dev/null; command -v jq')).stdout, '');
      await host.inside('rm -rf /opt/edge');

      const planned = await importIt('--install-packages', '--dry-run');
      t.is(planned.exitCode, 0, planned.stderr);
      t.regex(
        planned.stdout,
        /packages tools {2}deb, \d+ files \(.*\), a repository in \/srv\/airgap\/packages\/site\/tools\n/,
      );
      t.regex(planned.stdout, /installs jq libjq1 libonig5/);
      t.is((await host.inside('ls -d /srv/airgap /opt/edge 2>/dev/null; command -v jq')).stdout, '');

      await run(['rm', '-rf', path.join(usb, 'airgap-returns')]);
      const lists = 'find /var/lib/apt/lists /etc/apt -type f | sort';
      const before = (await host.inside(lists)).stdout;
      const done = await importIt('--install-packages');
      t.is(done.exitCode, 0, `${done.stdout}${done.stderr}`);
      t.regex(done.stdout, /packages tools: installed jq libjq1 libonig5/);
      t.is((await host.inside(`echo '{"a": 5}' | jq .a`)).stdout, '5\n');
      t.is((await host.inside(lists)).stdout, before, 'the host’s own sources and lists are as before');
      const place = '/srv/airgap/packages/site/tools';
      t.is((await host.inside(`stat -c '%a %U' ${place} ${place}/Packages`)).stdout, '755 root\n644 root\n');
      t.is(
        (await host.inside('find /root/.cache/airgap -type f ! -name "far-*.sh"')).stdout.includes('jq'),
        false,
      );
      const byTool = await returned(usb);
      t.deepEqual(byTool.packages, [
        { set: 'tools', kind: 'deb', names: ['jq', 'libjq1', 'libonig5'], place, installed: true },
      ]);

      await host.inside('dpkg --purge jq libjq1 libonig5; rm -rf /srv/airgap /opt/edge');
      await run(['rm', '-rf', path.join(usb, 'airgap-returns')]);
      await host.put(usb, '/tmp/usb');
      const bySh = await host.inside(
        'sh /tmp/usb/site/import.sh --install-packages && cat /tmp/usb/airgap-returns/*-receipt.json',
      );
      t.is(bySh.exitCode, 0, bySh.stderr);
      const receipt = receiptSchema.parse(JSON.parse(bySh.stdout));
      t.deepEqual(byTool.packages, receipt.packages);
      const alike = ({ files }: Receipt) => files?.map(({ backup, ...file }) => file);
      t.deepEqual(alike(byTool), alike(receipt));
    });
  },
);

test('packages that cannot be installed are an error, the files beside them go back, and no receipt says more', async (t) => {
  await withSite(async ({ near, host, tools, usb, carry, importIt }) => {
    await buildDeb(tools, { name: 'needy', depends: 'nobody-has-this' });
    await carry();
    const failed = await importIt('--install-packages', '--json');
    t.is(failed.errorCode, 'PACKAGES_FAILED', failed.stdout);
    t.is(failed.exitCode, 49);
    t.regex(failed.stdout, /nobody-has-this/);
    t.is((await host.inside('ls -d /opt/edge 2>/dev/null')).stdout, '');
    t.regex((await host.inside('dpkg -s needy 2>&1')).stdout, /not installed/);
    await t.throwsAsync(access(path.join(usb, 'airgap-returns')), { code: 'ENOENT' });
    const receipts = await near.run(['receipts', '--json']);
    t.notRegex(receipts.stdout, /"installed": ?true/);
  });
});

test('packages of a kind that nobody there installs are refused by the plan', async (t) => {
  await withSite(async ({ host, tools, carry, importIt }) => {
    await buildDeb(tools, { name: 'plain', files: { 'opt/plain': 'x' } });
    await carry();
    await host.inside('mv /usr/bin/apt-get /usr/bin/apt-got');
    const refused = await importIt('--install-packages', '--json');
    t.is(refused.errorCode, 'PACKAGES_FAILED', refused.stdout);
    t.is((await host.inside('ls -d /srv/airgap /opt/edge 2>/dev/null')).stdout, '');
    await host.inside('mv /usr/bin/apt-got /usr/bin/apt-get');
    const done = await importIt('--install-packages', '--json');
    t.is(done.exitCode, 0, done.stdout);
    t.is((await host.inside('cat /opt/plain')).stdout, 'x');
    t.true(done.receipts[0]?.packages?.[0]?.installed);
    const told = done.events.filter((event) => 'kind' in event && event.kind === 'packages');
    const bytes = told.map((event) => ('doneBytes' in event ? event.doneBytes : 0));
    t.deepEqual([told[0]?.type, told.at(-1)?.type], ['item.started', 'item.finished']);
    t.is(bytes.at(-1), done.events.find((event) => event.type === 'plan')?.plan.packages?.[0]?.bytes);
  });
});

test('packages that find no room are refused by the plan of the tool and of import.sh, before anything is copied', async (t) => {
  await withSite(async ({ host, tools, usb, carry, importIt }) => {
    await buildDeb(tools, { name: 'plain', files: { 'opt/plain': randomBytes(200_000).toString('base64') } });
    await carry();
    await host.inside('mount -t tmpfs -o size=64k none /srv');
    const refused = await importIt('--install-packages', '--json');
    t.is(refused.errorCode, 'TARGET_FULL', refused.stdout);
    await host.put(usb, '/tmp/usb');
    const bySh = await host.inside('sh /tmp/usb/site/import.sh 2>&1');
    t.is(bySh.exitCode, 45, bySh.stdout);
    t.regex(bySh.stdout, /no room in \/srv\/airgap\/packages: .* needed, .* free \[TARGET_FULL\]/);
    t.is((await host.inside('ls -d /srv/airgap /opt/edge 2>/dev/null')).stdout, '');
    await host.inside('umount /srv');
    const done = await host.inside('sh /tmp/usb/site/import.sh 2>&1');
    t.regex(done.stdout, /Copying the packages of tools \(\d.* kB\) …\n/);
  });
});
