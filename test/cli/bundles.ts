import { execFile } from 'node:child_process';
import { mkdir, readdir, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { signManifest } from '../../src/bundle/signature.js';
import { createNear } from '../helpers/airgap.js';
import { writeBundle } from '../helpers/bundles.js';
import { airgap } from '../helpers/command-line.js';
import { filesBelow, layoutSources } from '../helpers/exports.js';
import { testImage, testImages, testLayer } from '../helpers/images.js';
import { needing } from '../helpers/needs.js';
import { withTempDir } from '../helpers/tmp.js';

const images = testImages('cli');
const files = { '/etc/yum.repos.d/docker-ce.repo': '[docker-ce]\n' };
const run = promisify(execFile);

test('verify says what was proved, and exits with 0', (t) =>
  withTempDir(async (folder) => {
    const [place = ''] = await writeBundle(folder, { images, files });
    const plain = await airgap(['verify', place]);
    t.is(plain.exitCode, 0, plain.stderr);
    t.regex(plain.stdout, /^Bundle +test\nDigest +sha256:[0-9a-f]{64}\n/);
    t.regex(plain.stdout, /Volumes +one\nRead +\d+ files, .* in .*\nUnpacked +no; --deep/);
    t.regex(plain.stdout, /Signature +none\n\nEvery byte is as it was written\n$/);
    const deep = await airgap(['verify', '--deep', place]);
    t.regex(deep.stdout, /Unpacked +5 layers/);
    t.regex(deep.stdout, /every layer unpacks to what its image names\n$/);
    const { stdout } = await airgap(['verify', '--json', '--deep', place]);
    t.like(JSON.parse(stdout), { version: 1, passed: true, deep: true, layerCount: 5, findings: [] });
  }));

test('verify tells every finding and what to do, and exits with 21', (t) =>
  withTempDir(async (folder) => {
    const [place = ''] = await writeBundle(folder, { images, files });
    await truncate(path.join(place, 'import.sh'), 1);
    await writeFile(path.join(place, 'e\u001b[31mvil'), '');
    const { stdout, stderr, exitCode } = await airgap(['verify', place]);
    t.is(exitCode, 21);
    t.regex(stdout, /\n2 findings:\n/);
    t.regex(stdout, /import\.sh has another size \[BUNDLE_DAMAGED\]/);
    t.true(stdout.includes('e\\u{1b}[31mvil has a name that no bundle holds'));
    t.false(stdout.includes('\u001b'));
    t.regex(stderr, /did not pass: 2 findings[\s\S]*Do not use it/);
    const json = await airgap(['verify', '--json', place]);
    t.is(json.exitCode, 21);
    t.is(JSON.parse(json.stdout).findings.length, 2);
    await truncate(path.join(place, 'airgap.json'), 100);
    const torn = await airgap(['verify', place]);
    t.is(torn.exitCode, 21);
    t.regex(torn.stdout, /airgap\.json was changed/);
  }));

test('verify of what is no bundle says why, and exits with 20', (t) =>
  withTempDir(async (folder) => {
    const { stderr, exitCode } = await airgap(['verify', path.join(folder, 'none')]);
    t.is(exitCode, 20);
    t.regex(stderr, /there is no such file or folder/);
  }));

test('verify of some volumes proves those and names the others, and exits with 23', (t) =>
  withTempDir(async (folder) => {
    const image = testImage({ name: 'docker.io/plant/app:1', layers: [testLayer('volumes', 300_000)] });
    const places = await writeBundle(folder, { images: [image], volumeBytes: 160_000 });
    const { stdout, stderr, exitCode } = await airgap(['verify', places[0] ?? '']);
    t.is(exitCode, 23);
    t.regex(stdout, /Volumes +1 of 3; missing: 2, 3/);
    t.regex(stdout, /Every byte of the volumes that are here is as it was written/);
    t.regex(stderr, /Volumes 2, 3 of 3 of test are missing/);
    t.is((await airgap(['verify', ...places.toReversed()])).exitCode, 0);
  }));

test('verify of a bundle and an empty drive proves the bundle and names the drive, also where no progress is shown', (t) =>
  withTempDir(async (folder) => {
    const [place = ''] = await writeBundle(path.join(folder, 'a'), { images, files });
    const empty = path.join(folder, 'empty');
    await mkdir(empty);
    const { stdout, stderr, exitCode } = await airgap(['verify', empty, place]);
    t.is(exitCode, 0, stderr);
    t.is(stderr, `warning: "${empty}" holds no volume of a bundle, and is passed over\n`);
    t.regex(stdout, /Every byte is as it was written/);
    const json = await airgap(['verify', '--json', place, empty]);
    t.deepEqual([json.stderr, JSON.parse(json.stdout).emptyPaths], ['', [empty]]);
  }));

test('--require-signature alone is a usage error: a signature by just anybody proves nothing', async (t) => {
  const { stderr, exitCode } = await airgap(['verify', '--require-signature', '/x']);
  t.is(exitCode, 2);
  t.regex(stderr, /--allowed-signers/);
});

needing('sshd')('verify tells who signed, and exits with 25 where nobody did who may', (t) =>
  withTempDir(async (folder) => {
    const key = path.join(folder, 'key');
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'ana', '-f', key]);
    const { stdout: publicKey } = await run('cat', [`${key}.pub`]);
    const allowed = path.join(folder, 'allowed');
    await writeFile(allowed, `ana@site ${publicKey}`);
    const sign = (rawManifest: Buffer) => signManifest({ rawManifest, key, path: folder });
    const [signed = ''] = await writeBundle(path.join(folder, 'a'), { images, sign });
    const [unsigned = ''] = await writeBundle(path.join(folder, 'b'), { images });
    const asked = ['--allowed-signers', allowed, '--require-signature'];
    const good = await airgap(['verify', signed, ...asked]);
    t.is(good.exitCode, 0, good.stderr);
    t.regex(good.stdout, /Signature +good: ana@site, SHA256:/);
    t.regex((await airgap(['verify', signed])).stdout, /Signature +by SHA256:.*nobody was named to trust/);
    t.is((await airgap(['verify', unsigned, ...asked])).exitCode, 25);
    t.is((await airgap(['verify', unsigned, ...asked.slice(0, 2)])).exitCode, 25);
    t.is((await airgap(['verify', unsigned])).exitCode, 0);
    await writeFile(allowed, '');
    const unknown = await airgap(['verify', signed, ...asked]);
    t.is(unknown.exitCode, 25);
    t.regex(unknown.stderr, /is signed by nobody you allow/);
    t.regex((await airgap(['show', signed])).stdout, /Signature +by SHA256:/);
  }),
);

test('show tells images, shared layers once, sums, what was left out, and files; and claims nothing', (t) =>
  withTempDir(async (folder) => {
    const omit = images[2].layers.map(({ diffId }) => diffId);
    const [place = ''] = await writeBundle(folder, { images, files, omit });
    const { stdout, exitCode, stderr } = await airgap(['show', place]);
    t.is(exitCode, 0, stderr);
    t.regex(stdout, /\n3 images\n/);
    t.regex(stdout, /docker\.io\/plant\/bus-info:v1 +[0-9a-f]{12} +linux\/amd64 +3 /);
    t.regex(stdout, /\n5 layers\n/);
    t.regex(stdout, /[0-9a-f]{12} +\S+ kB +\S+ kB +plant\/bus-info:v1, plant\/bus-info:v2/);
    t.regex(stdout, /saved by layers that images share/);
    t.regex(stdout, /Left out +.* that edge1 has/);
    t.regex(stdout, /\/etc\/yum\.repos\.d\/docker-ce\.repo +0644 +file +12 B/);
    t.regex(stdout, /Not verified/);
    const json = JSON.parse((await airgap(['show', '--json', place])).stdout);
    t.is(json.version, 1);
    t.is(json.bundle.images.length, 3);
    t.deepEqual(json.bundle.missingVolumes, []);
  }));

test('show reads no blob: it works on a bundle whose layers are damaged', (t) =>
  withTempDir(async (folder) => {
    const [place = ''] = await writeBundle(folder, { images });
    const { bundle } = JSON.parse((await airgap(['show', '--json', place])).stdout);
    t.is(bundle.layers.length, 5);
    await run('sh', ['-c', 'for f in "$1"/blobs/sha256/*; do : > "$f"; done', 'sh', place]);
    t.is((await airgap(['show', place])).exitCode, 0);
  }));

test('late-name: an IPv6 address in a name is refused before a host is asked or a drive is written', (t) =>
  withTempDir(async (folder) => {
    const [source = ''] = await layoutSources(path.join(folder, 'layout'), [images[0]]);
    const near = await createNear();
    t.teardown(() => near.remove());
    const drive = path.join(folder, 'usb');
    await mkdir(drive);
    const named = `${source}=[2001:db8::7]:5000/plant/app:1`;
    for (const words of [
      ['send', 'no-host.invalid', named],
      ['export', drive, named],
      ['send', 'no-host.invalid', source, '--through-registry', '[2001:db8::7]:5000'],
    ]) {
      const { stderr, exitCode } = await near.run(words);
      t.is(exitCode, 2, stderr);
      t.regex(
        stderr,
        /engines take no IPv6 address .*\[REFERENCE_INVALID\]\nhint: Give the registry a host name/,
      );
    }
    t.deepEqual(await readdir(drive), []);
    // mistyped-selection: it is no image with an odd tag.
    for (const word of ['containerd-running+:', 'podman-running+x:', 'running+x:', 'compose+x:y']) {
      const { stderr, exitCode } = await near.run(['export', drive, word]);
      t.is(exitCode, 2, stderr);
      t.true(stderr.includes(`${word} selects nothing; only containerd-running+NAMESPACE:`), stderr);
    }
  }));

test('the last line of an export tells what was written, with its warnings; that of a plan does not', (t) =>
  withTempDir(async (folder) => {
    const [source = ''] = await layoutSources(path.join(folder, 'layout'), [
      testImage({ name: 'docker.io/plant/a:1', layers: [testLayer('a', 90_000)] }),
    ]);
    const spec = path.join(folder, 'bundle.yaml');
    await writeFile(spec, `name: site\nimages:\n  - ${source}\n`);
    // In the way of the lock.
    await mkdir(path.join(folder, 'bundle.lock'));
    const near = await createNear();
    try {
      const usb = path.join(folder, 'usb');
      const words = ['export', usb, '-f', spec, '--split', '500KB', '--compress', 'none', '--json'];
      const planned = await near.run([...words, '--dry-run']);
      t.is(planned.exitCode, 0, planned.stdout);
      t.like(planned.events.at(-1), { type: 'run.finished', bundle: undefined });
      const { events, stdout } = await near.run(words);
      const last = events.at(-1);
      const bundle = last?.type === 'run.finished' ? last.bundle : undefined;
      const there = await filesBelow(usb);
      t.like(
        bundle,
        {
          place: path.join(usb, 'site.vol001'),
          name: 'site',
          volumes: (await readdir(usb)).length,
          fileCount: there.size,
          bytes: [...there.values()].reduce((sum, { byteLength }) => sum + byteLength, 0),
        },
        stdout,
      );
      const verified = await airgap(['verify', usb, '--json']);
      t.is(bundle?.digest, JSON.parse(verified.stdout).digest);
      t.deepEqual(
        bundle?.warnings.map(({ code }) => code).filter((code) => code !== 'DRIVE_LOW'),
        ['LOCK_NOT_WRITTEN'],
      );
    } finally {
      await near.remove();
    }
  }));
