// Packages where no network is: a signed repository with its .sources file and key, and a set, in one bundle for a Debian host.
import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buildRepository } from '../../src/bundle/packages.js';
import { createLocalHost } from '../../src/hosts/local.js';
import { receiptSchema } from '../../src/receipt/receipt-schema.js';
import { createNear } from '../helpers/airgap.js';
import { needing } from '../helpers/needs.js';
import { makeOfflineRoot } from '../helpers/offline-root.js';
import { openBox } from '../rig/box.js';
import { ensureChroot } from '../rig/chroot.js';
import { run } from '../rig/rig.js';

const test = needing('root', 'namespaces', 'chroot:trixie', 'dpkg-deb', 'apt-mirror', 'gpg', 'gzip');

// Without an engine.
const enter = `${makeOfflineRoot}
cp -R "$1/usb" "$1/over/root/tmp/usb"
exec chroot "$1/over/root" env HOME=/root LC_ALL=C DOCKER_HOST=unix:///nowhere sh -euc "$2"`;

/** What is done there, by hand, once the drive is in. */
const script = `! ping -c 1 deb.debian.org 2>/dev/null
rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/*
! command -v hello && ! command -v jq
sh /tmp/usb/site/import.sh --install-packages >&2
echo '{"a": 5}' | jq .a
apt-get -q update >&2
DEBIAN_FRONTEND=noninteractive apt-get -q install -y hello >&2
hello
sed -i 's/^Signed-By.*/Signed-By: \\/etc\\/apt\\/keyrings\\/none.asc/' /etc/apt/sources.list.d/mirror.sources
! apt-get -q -o APT::Update::Error-Mode=any update >&2
cat /tmp/usb/airgap-returns/*-receipt.json`;

/** A flat repository of these packages, signed by a key made for it; `mirror.asc` is its public half. */
async function signedMirror(folder: string, names: readonly string[]): Promise<readonly string[]> {
  const debs = path.join(folder, 'debs');
  await mkdir(debs, { recursive: true });
  await run(['chmod', '-R', '0777', folder]);
  await run(['apt-get', 'download', ...names], { cwd: debs });
  const repository = await buildRepository({ folder: debs, set: 'mirror', host: createLocalHost() });
  const mirror = path.join(folder, 'mirror');
  await mkdir(mirror);
  for (const file of repository.files) {
    const target = path.join(mirror, path.basename(file.path));
    if ('content' in file) await writeFile(target, file.content);
    else await cp(file.from, target);
  }
  const home = path.join(folder, 'gnupg');
  await mkdir(home, { mode: 0o700 });
  const gpg = (...words: readonly string[]) =>
    run(['gpg', '--homedir', home, '--batch', '--quiet', '--yes', '--passphrase', '', ...words]);
  await gpg('--quick-generate-key', 'Mirror of a test', 'rsa3072', 'sign', 'never');
  await gpg('--clearsign', '--output', path.join(mirror, 'InRelease'), path.join(mirror, 'Release'));
  await gpg('--armor', '--output', path.join(folder, 'mirror.asc'), '--export');
  await run(['gpgconf', '--homedir', home, '--kill', 'all'], { mayFail: true });
  return ['InRelease', ...repository.files.map((file) => path.basename(file.path))];
}

test('apt-get update and install work from a carried repository by its .sources file and key, and a set is installed', async (t) => {
  const near = await createNear();
  const box = await openBox({ name: 'packages', ...(await ensureChroot('trixie')) });
  try {
    const names = await signedMirror(near.folder, ['hello']);
    const tools = path.join(near.folder, 'tools');
    await mkdir(tools);
    await run(['chmod', '0777', tools]);
    await run(['apt-get', 'download', 'jq', 'libjq1', 'libonig5'], { cwd: tools });
    const sources = 'Types: deb\nURIs: http://mirror.lan/debian/\nSuites: ./\n';
    await writeFile(path.join(near.folder, 'mirror.sources'), sources);
    const spec = [
      'name: site',
      'files:',
      ...names.map((name) => `  - {from: mirror/${name}, to: /srv/mirror/debian/${name}}`),
      'repos:',
      '  - {from: mirror.sources, baseurl: "file:///srv/mirror", gpgkey: mirror.asc}',
      'packages: [tools]',
    ];
    await writeFile(path.join(near.folder, 'bundle.yaml'), `${spec.join('\n')}\n`);
    const usb = path.join(box.work, 'usb');
    await mkdir(usb);
    const exported = await near.run(['export', usb, '-f', path.join(near.folder, 'bundle.yaml')]);
    t.is(exported.exitCode, 0, exported.stderr);
    const verified = await near.run(['verify', path.join(usb, 'site')]);
    t.is(verified.exitCode, 0, verified.stderr);

    const argv = ['unshare', '--net', '--mount', '--propagation', 'private', 'sh', '-c', enter, 'sh'];
    const ran = await run(box.enter([...argv, box.work, script]), { mayFail: true });
    t.is(ran.exitCode, 0, `${ran.stdout}\n${ran.stderr}`);
    t.regex(ran.stdout, /^5\nHello, world!\n/);
    const receipt = receiptSchema.parse(JSON.parse(ran.stdout.slice(ran.stdout.indexOf('{'))));
    const targets = receipt.files?.map(({ to }) => to) ?? [];
    t.true(targets.includes('/etc/apt/sources.list.d/mirror.sources'), targets.join());
    t.true(targets.includes('/etc/apt/keyrings/mirror.asc'), targets.join());
  } finally {
    await box.stop();
    await near.remove();
  }
});
