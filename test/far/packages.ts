// The far half of packages, in a box of trixie whose network is cut off: what lies in the set is installed, and nothing else is asked.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import { buildRepository } from '../../src/bundle/packages.js';
import { createLocalHost } from '../../src/hosts/local.js';
import { root } from '../helpers/command-line.js';
import { buildDeb } from '../helpers/deb.js';
import { needing } from '../helpers/needs.js';
import { makeOfflineRoot } from '../helpers/offline-root.js';
import { withTempDir } from '../helpers/tmp.js';
import { openBox } from '../rig/box.js';
import { ensureChroot } from '../rig/chroot.js';
import { type Ran, run } from '../rig/rig.js';

const needs = ['root', 'namespaces', 'chroot:trixie', 'dpkg-deb'];
const test = needing(...needs);
const mirrorTest = needing(...needs, 'apt-mirror');

type Inside = (script: string) => Promise<Ran>;

const enter = `${makeOfflineRoot}
mkdir "$1/over/root/tmp/set"
cp -R "$1/set/." "$1/over/root/tmp/set"
cp "$1/program.sh" "$1/over/root/tmp/program.sh"
exec chroot "$1/over/root" sh /tmp/program.sh`;

/** Makes a repository of the folder and runs a script beside it, with the far half's functions. */
async function withSet(
  folder: string,
  use: (inside: Inside, names: readonly string[]) => Promise<void>,
): Promise<void> {
  const repository = await buildRepository({ folder, set: 'tools', host: createLocalHost() });
  const box = await openBox({ name: 'packages', ...(await ensureChroot('trixie')) });
  try {
    await mkdir(path.join(box.work, 'set'));
    for (const file of repository.files) {
      const bytes = 'content' in file ? file.content : await readFile(file.from);
      await writeFile(path.join(box.work, 'set', path.basename(file.path)), bytes);
    }
    const part = (name: string): Promise<string> => readFile(path.join(root, 'src/far/sh', name), 'utf8');
    const parts = `${await part('00-prelude.sh')}\n${await part('packages.sh')}\n`;
    await use(async (script) => {
      await writeFile(path.join(box.work, 'program.sh'), `${parts}${script}\n`);
      const argv = [
        'unshare',
        '--net',
        '--mount',
        '--propagation',
        'private',
        'sh',
        '-c',
        enter,
        'sh',
        box.work,
      ];
      return await run(box.enter(argv), { mayFail: true });
    }, repository.names);
  } finally {
    await box.stop();
  }
}

const install = 'packages_copy /tmp/set site tools && packages_install deb site tools';

function expectOk(t: ExecutionContext, ran: Ran): void {
  t.is(ran.exitCode, 0, `${ran.stdout}\n${ran.stderr}`);
}

mirrorTest('real packages with what they depend on are installed offline, and run', async (t) => {
  await withTempDir(async (folder) => {
    await run(['chmod', '0777', folder]);
    await run(['apt-get', 'download', 'jq', 'libjq1', 'libonig5'], { cwd: folder });
    await withSet(folder, async (inside, names) => {
      t.deepEqual(names, ['jq', 'libjq1', 'libonig5']);
      const ran = await inside(`packages_copy /tmp/set site tools || { packages_why; exit 1; }
! ping -c 1 deb.debian.org 2>/dev/null || exit 2
find /var/lib/apt/lists /etc/apt -type f | sort >/tmp/before
packages_plan deb site tools jq || { packages_why; exit 3; }
! has jq || exit 4
packages_install deb site tools jq || { packages_why; exit 5; }
echo '{"a": 5}' | jq .a
find /var/lib/apt/lists /etc/apt -type f | sort >/tmp/after
cmp /tmp/before /tmp/after || exit 6
stat -c '%a %n' /srv/airgap/packages/site/tools /srv/airgap/packages/site/tools/Packages
ls -A /srv/airgap/packages/site`);
      expectOk(t, ran);
      t.regex(ran.stdout, /Inst jq/);
      t.regex(ran.stdout, /^5\n755 .*\n644 .*\ntools$/m);
    });
  });
});

test('a package that depends on what is not there is refused in the words of apt, and nothing is installed', async (t) => {
  await withTempDir(async (folder) => {
    await buildDeb(folder, { name: 'needy', depends: 'nobody-has-this' });
    await withSet(folder, async (inside) => {
      const ran = await inside(`if ${install} needy; then exit 1; fi
packages_why
dpkg -s needy 2>&1 | grep -c '^Status: install ok' || :`);
      expectOk(t, ran);
      t.regex(ran.stdout, /nobody-has-this/);
      t.regex(ran.stdout, /^0$/m);
    });
  });
});

test('an install that would remove a package is refused', async (t) => {
  await withTempDir(async (folder) => {
    await buildDeb(folder, { name: 'pushy', control: 'Conflicts: zstd\n' });
    await withSet(folder, async (inside) => {
      const ran = await inside(`if ${install} pushy; then exit 1; fi; packages_why; has zstd`);
      expectOk(t, ran);
      t.regex(ran.stdout, /zstd|remove/);
    });
  });
});

test('bad-name: options, files and links never reach the package manager', async (t) => {
  await withTempDir(async (folder) => {
    await buildDeb(folder, { name: 'plain', files: { 'opt/plain': 'x' } });
    await withSet(folder, async (inside) => {
      const words = [
        "'-oDPkg::Pre-Invoke::=touch /tmp/pwned'",
        "'/tmp/x.deb'",
        "'./x'",
        "''",
        "'a b'",
        "'zstd-'",
        "'a;b'",
      ];
      const ran = await inside(`packages_copy /tmp/set site tools || exit 1
for word in ${words.join(' ')}; do
  if packages_install deb site tools "$word"; then exit 2; fi
done
packages_why
if packages_copy /tmp/set ../etc tools; then exit 3; fi
if packages_copy /tmp/set site ../x; then exit 4; fi
if packages_install deb site tools; then exit 5; fi
[ ! -e /tmp/pwned ] || exit 6
rm -rf /srv/airgap/packages/site
mkdir /tmp/else
ln -s /tmp/else /srv/airgap/packages/site
if packages_copy /tmp/set site tools; then exit 7; fi
[ -z "$(ls /tmp/else)" ] || exit 8
packages_why
rm /srv/airgap/packages/site
${install} plain && cat /opt/plain`);
      expectOk(t, ran);
      t.regex(ran.stdout, /a name that no package has: a;b/);
      t.regex(ran.stdout, /is a symbolic link\nx$/);
    });
  });
});

test('names that end with plus signs are names, as that of g++', async (t) => {
  await withTempDir(async (folder) => {
    await buildDeb(folder, { name: 'plant++', files: { 'opt/plant': 'x' } });
    await withSet(folder, async (inside) => {
      const ran = await inside(`${install} plant++ && cat /opt/plant`);
      expectOk(t, ran);
      t.regex(ran.stdout, /x$/);
    });
  });
});

test('a set that was changed after it was made is refused by its own digests', async (t) => {
  await withTempDir(async (folder) => {
    await buildDeb(folder, { name: 'plain' });
    await withSet(folder, async (inside) => {
      const ran = await inside(`packages_copy /tmp/set site tools || exit 1
printf x >>/srv/airgap/packages/site/tools/plain_1.0_all.deb
if packages_install deb site tools plain; then exit 2; fi
packages_why`);
      expectOk(t, ran);
      t.regex(ran.stdout, /size|[Hh]ash/);
    });
  });
});

test('a set is replaced whole, and one that holds the same name twice over is no trouble', async (t) => {
  await withTempDir(async (folder) => {
    await buildDeb(folder, { name: 'plain', files: { 'opt/plain': 'x' } });
    await withSet(folder, async (inside) => {
      const ran = await inside(`packages_copy /tmp/set site tools || exit 1
touch /srv/airgap/packages/site/tools/old
packages_copy /tmp/set site tools || exit 2
ls -A /srv/airgap/packages/site /srv/airgap/packages/site/tools`);
      expectOk(t, ran);
      t.notRegex(ran.stdout, /old|airgap-/);
    });
  });
});
