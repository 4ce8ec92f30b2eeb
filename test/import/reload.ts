// import.sh --reload: what docker info shows afterwards is the proof; without it everything is as it was.
import { readsDaemonJson } from '../helpers/daemon-config.js';
import { shells } from '../helpers/far-box.js';
import { bundleOn, makeDrive, readReturns, runImport } from '../helpers/import-host.js';
import { needing } from '../helpers/needs.js';
import { needsOf, type RigHost, type RigKind, shareRig } from '../rig/rig.js';

const kinds = ['d20', 'd28c'] as const satisfies readonly RigKind[];
const needs = [...needsOf(...kinds), 'gzip'];
const { serial: test } = needing(...needs);
const rig = shareRig({ test: needing(...needs), hosts: kinds, near: false });

const daemon = '/etc/docker/daemon.json';

/** A bundle of nothing but these keys, as an export writes them, beside a host that reads its daemon.json. */
async function driveWith(host: RigHost, keys: object) {
  await host.wipe();
  await readsDaemonJson(host);
  const drive = await makeDrive(host);
  const { inside } = await bundleOn(drive, { images: [], files: { [daemon]: JSON.stringify(keys) } });
  const content = async (): Promise<string> => (await host.inside(['cat', daemon])).stdout;
  return { drive, folder: inside[0] ?? '', content };
}

for (const kind of kinds) {
  for (const [shell, argv] of Object.entries(shells)) {
    if (kind !== 'd20' && shell !== 'dash') continue;
    test(`a reload is proved by docker info, and the receipt tells which keys it shows (${kind}, ${shell})`, async (t) => {
      const host = rig.host(kind);
      const { drive, folder, content } = await driveWith(host, {
        'registry-mirrors': ['https://mirror.lan', 'https://other.lan:5001/'],
        'insecure-registries': ['registry.lan:5000', '10.1.0.0/16'],
        labels: ['place=a, b', 'quote="x"'],
        debug: true,
        'max-concurrent-downloads': 3,
        'log-level': 'info',
      });
      // There is no python3 in that one, so there must be nothing to merge with.
      if (kind === 'd28c') await host.inside(['rm', daemon]);
      const done = await runImport(host, folder, ['--reload'], { shell: argv });
      t.is(done.exitCode, 0, done.stderr);
      t.regex(
        done.stderr,
        /The engine has read daemon\.json again\n {2}docker info shows it: registry-mirrors, /,
      );
      t.true((await content()).includes('mirror.lan'));
      const info = await host.docker([
        'info',
        '--format',
        '{{json .RegistryConfig.Mirrors}} {{json .Labels}}',
      ]);
      t.regex(info.stdout, /https:\/\/mirror\.lan\/.*place=a, b/);
      const { receipts } = await readReturns(drive);
      t.deepEqual(
        {
          shown: receipts[0]?.reload?.shown.toSorted(),
          unshown: receipts[0]?.reload?.unshown,
          restart: receipts[0]?.reload?.restart,
        },
        {
          shown: ['debug', 'insecure-registries', 'labels', 'registry-mirrors'],
          unshown: ['max-concurrent-downloads'],
          restart: ['log-level'],
        },
      );

      const again = await runImport(host, folder, ['--reload'], { shell: argv });
      t.is(again.exitCode, 0, again.stderr);
      t.is((await readReturns(drive)).receipts.at(-1)?.reload, undefined, 'nothing has changed');
    });
  }
}

test('without --reload plan and import tell what waits for a reload, and what for a restart', async (t) => {
  const host = rig.host('d20');
  const keys = { labels: ['x=1'], 'max-concurrent-downloads': 3, 'log-level': 'info' };
  const { folder } = await driveWith(host, keys);
  const dry = await runImport(host, folder, ['--files-only', '--dry-run']);
  t.is(dry.exitCode, 0, dry.stderr);
  t.regex(dry.stderr, /after a reload of the engine \(--reload\): labels, max-concurrent-downloads\n/);
  t.regex(dry.stderr, /once the engine is started again, which import\.sh never does: log-level\n/);
  const done = await runImport(host, folder, ['--files-only']);
  t.is(done.exitCode, 0, done.stderr);
  t.regex(
    done.stderr,
    /put in place\n {2}in effect after systemctl reload docker: labels, max-concurrent-downloads\n.*started again.*: log-level\n/,
  );
  const back = await runImport(host, folder, ['--rollback', '--reload']);
  t.is(back.exitCode, 0, back.stderr);
  t.regex(back.stderr, /The engine has read daemon\.json again/);
});

test('a reload that dockerd does not take is an error, and the old file is back', async (t) => {
  const host = rig.host('d20');
  // 20.10 cannot validate, and refuses this mirror when it reads the file again.
  const { folder, drive, content } = await driveWith(host, { 'registry-mirrors': ['mirror without scheme'] });
  const before = await content();
  for (const [language, said] of [
    ['C', /docker info does not show registry-mirrors after the reload \[INSTALL_FAILED\]/],
    ['zh_CN.UTF-8', /docker info 没有显示 registry-mirrors.*\[INSTALL_FAILED\]/],
  ] as const) {
    const failed = await runImport(host, folder, ['--reload'], {
      env: { LC_ALL: language, AIRGAP_LANG: '' },
    });
    t.is(failed.exitCode, 49, failed.stderr);
    t.regex(failed.stderr, said);
    t.is(await content(), before);
  }
  t.is((await host.docker(['info'])).exitCode, 0);
  await t.throwsAsync(readReturns(drive), { code: 'ENOENT' }, 'no receipt tells of it');
});

test('two imports of one second both leave their receipt', async (t) => {
  const host = rig.host('d20');
  const { drive, folder } = await driveWith(host, { debug: false });
  await host.inside([
    'sh',
    '-c',
    `mkdir -p /root/bin; printf '#!/bin/sh\\ncase "$*" in *%%Y%%m%%dT*) echo 20260101T000000Z ;; *) exec /bin/date "$@" ;; esac\\n' >/root/bin/date; chmod 755 /root/bin/date`,
  ]);
  const PATH = '/root/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  for (const times of [1, 2, 3]) {
    const done = await runImport(host, folder, ['--files-only'], { env: { PATH } });
    t.is(done.exitCode, 0, done.stderr);
    t.is((await readReturns(drive)).receipts.length, times);
  }
  await host.inside(['rm', '-rf', '/root/bin']);
});
