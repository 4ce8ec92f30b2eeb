// What an export packs beside images: by bundle.yaml and by the line, the same bytes twice, its lock, and what it refuses.
import { mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { parseBundleManifest } from '../../src/bundle/manifest.js';
import { openBundle } from '../../src/bundle/reader.js';
import { isAirgapError } from '../../src/errors.js';
import type { ExportOptions } from '../../src/runs/api.js';
import { noProgress } from '../../src/runs/progress.js';
import { startRun } from '../../src/runs/run.js';
import { verify } from '../../src/runs/verify-bundle.js';
import { plainLine } from '../../src/views/line.js';
import { milestones } from '../../src/views/milestones.js';
import { buildDeb } from '../helpers/deb.js';
import { exportTo, filesBelow, layoutSources } from '../helpers/exports.js';
import { testImages } from '../helpers/images.js';
import { needing } from '../helpers/needs.js';
import { withTempDir } from '../helpers/tmp.js';

const [v1, v2] = testImages('payload');
const key = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQ==\n-----END PGP PUBLIC KEY BLOCK-----\n';
const repo = '[docker]\nname=Docker\nbaseurl=https://download.docker.com/linux/rhel/9\nenabled=1\n';
const spec = `name: site
images:
  - {from: "oci:layout:${v1.name}", as: site/one:1}
files:
  - {from: motd, to: /opt/edge/motd, mode: "0600"}
repos:
  - {from: docker.repo, baseurl: http://mirror.lan/docker, gpgkey: docker.asc}
  - {from: other.repo, gpgkey: docker.asc}
daemon: {registry-mirrors: ["https://mirror.lan"]}
`;

interface Site {
  readonly home: string;
  readonly folder: string;
  readonly file: string;
}

async function withSite(use: (site: Site) => Promise<void>, yaml = spec): Promise<void> {
  await withTempDir(async (home) => {
    const folder = path.join(home, 'site');
    await mkdir(folder);
    await layoutSources(path.join(folder, 'layout'), [v1, v2]);
    const file = path.join(folder, 'bundle.yaml');
    await writeFile(file, yaml);
    await writeFile(path.join(folder, 'motd'), 'hello\n');
    await writeFile(path.join(folder, 'docker.repo'), repo);
    await writeFile(path.join(folder, 'other.repo'), repo.replace('[docker]', '[other]'));
    await writeFile(path.join(folder, 'docker.asc'), key);
    await use({ home, folder, file });
  });
}

const usb = ({ home }: Site, more: Partial<ExportOptions> = {}): ExportOptions => ({
  destination: path.join(home, 'usb'),
  images: [],
  ...more,
});

async function codeOf(running: Promise<unknown>): Promise<string | undefined> {
  try {
    await running;
    return undefined;
  } catch (error) {
    return isAirgapError(error) ? error.code : String(error);
  }
}

const findings = async (paths: readonly string[]): Promise<readonly unknown[]> =>
  (await startRun((context) => verify({ paths, deep: true }, context)).result).findings;

test('all that a bundle.yaml names is in the bundle: repos pointed at mirror and key, one key once', async (t) => {
  await withSite(async (site) => {
    const { place, plan } = await exportTo(site.home, usb(site, { spec: site.file }));
    t.is(path.basename(place), 'site');
    const files = await filesBelow(place);
    const manifest = parseBundleManifest(files.get('airgap.json') ?? Buffer.alloc(0), 'test');
    t.deepEqual(
      manifest.images.map(({ reference, imageId }) => [reference, imageId]),
      [['docker.io/site/one:1', v1.imageId]],
    );
    t.deepEqual(
      manifest.files.map(({ kind, to, mode }) => `${kind} ${to} ${mode}`),
      [
        'file /opt/edge/motd 0600',
        'key /etc/pki/rpm-gpg/docker.asc 0644',
        'repo /etc/yum.repos.d/docker.repo 0644',
        'repo /etc/yum.repos.d/other.repo 0644',
        'daemon /etc/docker/daemon.json 0644',
      ],
    );
    t.deepEqual(
      plan.files.map(({ to }) => to),
      manifest.files.map(({ to }) => to),
    );
    const at = (number: number): string => String(files.get(manifest.files[number]?.path ?? ''));
    t.is(
      at(2),
      '[docker]\nname=Docker\nbaseurl=http://mirror.lan/docker/linux/rhel/9\nenabled=1\ngpgkey=file:///etc/pki/rpm-gpg/docker.asc\n',
    );
    t.regex(at(3), /baseurl=https:\/\/download\.docker\.com\/linux\/rhel\/9\nenabled=1\ngpgkey=file:/);
    t.is(at(4), '{\n  "registry-mirrors": [\n    "https://mirror.lan"\n  ]\n}\n');
    t.deepEqual(await findings([place]), []);
  });
});

test('the line and the file add up; of a key of daemon.json the line has the last word', async (t) => {
  await withSite(async (site) => {
    const options = usb(site, {
      spec: site.file,
      name: 'other-name',
      images: [{ source: `oci:${site.folder}/layout:${v2.name}` }],
      files: [
        { kind: 'file', source: path.join(site.folder, 'motd'), to: '/opt/edge/two' },
        { kind: 'daemon', source: 'line', content: Buffer.from('{"registry-mirrors":[],"debug":true}') },
      ],
    });
    const { place } = await exportTo(site.home, options);
    t.is(path.basename(place), 'other-name');
    const files = await filesBelow(place);
    const manifest = parseBundleManifest(files.get('airgap.json') ?? Buffer.alloc(0), 'test');
    t.is(manifest.images.length, 2);
    t.true(manifest.files.some(({ to, mode }) => to === '/opt/edge/two' && mode === '0644'));
    const daemon: unknown = JSON.parse(String(files.get(manifest.files.at(-1)?.path ?? '')));
    t.deepEqual(daemon, { 'registry-mirrors': ['https://mirror.lan'], debug: true });
  });
});

test('the same spec gives the same bytes and the same lock, wherever its folder lies', async (t) => {
  const made: string[] = [];
  const make = async (site: Site): Promise<void> => {
    const { written } = await exportTo(site.home, usb(site, { spec: site.file }));
    made.push(`${written?.digest}\n${await readFile(site.file.replace(/yaml$/, 'lock'), 'utf8')}`);
  };
  await withSite(make);
  await withSite(make);
  t.is(made[0], made[1]);
  t.regex(made[0] ?? '', /"path":"docker\.asc"/);
});

test('a key that no dockerd knows is told with its line and the nearest', async (t) => {
  await withSite(async (site) => {
    const running = exportTo(site.home, usb(site, { spec: site.file }));
    const error = await t.throwsAsync(running, { code: 'SPEC_INVALID' });
    t.regex(
      error?.message ?? '',
      /bundle\.yaml" line 4: .*"registry-mirors".*did you mean registry-mirrors\?/,
    );
  }, 'name: x\ndaemon:\n  debug: true\n  registry-mirors: ["https://mirror.lan"]\n');
});

test('files alone are a bundle, too', async (t) => {
  await withSite(async (site) => {
    const files = [{ kind: 'file' as const, source: path.join(site.folder, 'motd'), to: '/opt/x' }];
    const { place } = await exportTo(site.home, usb(site, { files }));
    t.deepEqual(await findings([place]), []);
    const { plan } = await exportTo(site.home, usb(site, { files, dryRun: true }));
    const [line = []] = milestones({ type: 'export.plan', place, plan, runId: 'r', at: 0 }, noProgress, 0);
    t.is(plainLine(line), '1 file to pack, 6 B');
  });
});

test('whatever differs from the lock is refused before anything is written', async (t) => {
  await withSite(async (site) => {
    const locked = usb(site, { spec: site.file, locked: true });
    t.is(await codeOf(exportTo(site.home, locked)), 'SPEC_INVALID', 'there is no lock yet');
    await exportTo(site.home, usb(site, { spec: site.file }));
    const lock = path.join(site.folder, 'bundle.lock');
    const before = await readFile(lock, 'utf8');
    await rm(path.join(site.home, 'usb'), { recursive: true });
    t.is(await codeOf(exportTo(site.home, locked)), undefined);
    // What only the line names is none of the lock.
    const more = { ...locked, images: [{ source: `oci:${site.folder}/layout:${v2.name}` }], name: 'more' };
    t.is(await codeOf(exportTo(site.home, more)), undefined);
    await rm(path.join(site.home, 'usb'), { recursive: true });
    await writeFile(path.join(site.folder, 'motd'), 'hello!\n');
    t.is(await codeOf(exportTo(site.home, locked)), 'LOCK_DRIFT');
    await writeFile(path.join(site.folder, 'motd'), 'hello\n');
    await writeFile(site.file, spec.replace(v1.name, v2.name));
    t.is(await codeOf(exportTo(site.home, locked)), 'LOCK_DRIFT');
    await t.throwsAsync(stat(path.join(site.home, 'usb/site')), { code: 'ENOENT' });
    t.is(await readFile(lock, 'utf8'), before);
    t.is(await codeOf(exportTo(site.home, usb(site, { locked: true }))), 'USAGE');
  });
});

test('a lock in the way of which something lies is a warning, the bundle is there', async (t) => {
  await withSite(async (site) => {
    await mkdir(path.join(site.folder, 'bundle.lock'));
    const { place } = await exportTo(site.home, usb(site, { spec: site.file }));
    t.deepEqual(await findings([place]), []);
  });
});

test('a plan writes neither bundle nor lock', async (t) => {
  await withSite(async (site) => {
    await exportTo(site.home, usb(site, { spec: site.file, dryRun: true }));
    await t.throwsAsync(stat(path.join(site.folder, 'bundle.lock')), { code: 'ENOENT' });
    await t.throwsAsync(stat(path.join(site.home, 'usb/site')), { code: 'ENOENT' });
  });
});

for (const [what, yaml, code] of [
  ['a target outside the allowed folders', 'files: [{from: motd, to: /etc/cron.d/x}]', 'FILE_REFUSED'],
  ['a repo file that is none', 'repos: [{from: broken.repo}]', 'FILE_INVALID'],
  ['a private key', 'repos: [{from: docker.repo, gpgkey: secret.asc}]', 'FILE_INVALID'],
  [
    'two files for one place',
    'files: [{from: motd, to: /etc/yum.repos.d/docker.repo}]\nrepos: [{from: docker.repo}]',
    'FILE_INVALID',
  ],
  ['a folder without packages', 'packages: [layout]', 'PACKAGES_INVALID'],
] as const)
  test(`${what} is refused before anything is written`, async (t) => {
    await withSite(async (site) => {
      await writeFile(path.join(site.folder, 'broken.repo'), '<html>\n');
      await writeFile(path.join(site.folder, 'secret.asc'), '-----BEGIN PGP PRIVATE KEY BLOCK-----\n');
      t.is(await codeOf(exportTo(site.home, usb(site, { spec: site.file }))), code);
      await t.throwsAsync(stat(path.join(site.home, 'usb/bad')), { code: 'ENOENT' });
    }, `name: bad\n${yaml}\n`);
  });

test('a file outside --allow-dir is refused, inside it is packed', async (t) => {
  await withSite(async (site) => {
    const files = [{ kind: 'file' as const, source: path.join(site.folder, 'motd'), to: '/data/x@1' }];
    t.is(await codeOf(exportTo(site.home, usb(site, { files }))), 'FILE_REFUSED');
    const { place } = await exportTo(site.home, usb(site, { files, allowFolders: ['/data'] }));
    t.deepEqual(await findings([place]), []);
  });
});

const withDpkg = needing('dpkg-deb');

withDpkg('folders of packages become repositories, by spec and by the line', async (t) => {
  await withSite(async (site) => {
    for (const set of ['tools', 'more']) {
      await mkdir(path.join(site.folder, set));
      await buildDeb(path.join(site.folder, set), { name: `plant-${set}` });
    }
    const packages = [path.join(site.folder, 'more')];
    const { place, plan } = await exportTo(site.home, usb(site, { spec: site.file, packages }));
    const files = await filesBelow(place);
    t.true(files.has('packages/tools/Packages'));
    t.true(files.has('packages/more/plant-more_1.0_all.deb'));
    t.deepEqual(
      plan.packages.map(({ set, kind, names }) => [set, kind, names]),
      [
        ['tools', 'deb', 1],
        ['more', 'deb', 1],
      ],
    );
    t.deepEqual(await findings([place]), []);
    const twice = usb(site, { spec: site.file, packages: [path.join(site.folder, 'tools')] });
    t.is(await codeOf(exportTo(site.home, twice)), 'PACKAGES_INVALID');
    await symlink(path.join(site.folder, 'more'), path.join(site.folder, 'No Set'));
    const named = usb(site, { packages: [path.join(site.folder, 'No Set')] });
    t.is(await codeOf(exportTo(site.home, named)), 'PACKAGES_INVALID');
  }, 'name: site\npackages: [tools]\n');
});

for (const form of ['folder', 'tar'] as const) {
  test(`a file with the longest name that a file may have is carried whole in a ${form}`, async (t) => {
    await withSite(async (site) => {
      const to = `/opt/edge/${'n'.repeat(250)}.conf`;
      const file = path.join(site.folder, 'motd');
      const destination = path.join(site.home, form === 'tar' ? 'site.tar' : 'usb');
      const files = [{ kind: 'file' as const, source: file, to }];
      const { place } = await exportTo(site.home, { destination, images: [], files });
      t.deepEqual(await findings([place]), []);
      const { manifest } = await openBundle([place]);
      t.is(manifest.files[0]?.to, to);
      t.is(manifest.files[0]?.path.length, 'files/'.length + 100);
    });
  });
}

withDpkg(
  'a package whose name is too long for a tar is refused for a tar, and carried in a folder',
  async (t) => {
    await withSite(async (site) => {
      const set = path.join(site.folder, 'tools');
      await mkdir(set);
      // With `_1.0_all.deb` behind it 101 bytes, and 100.
      for (const length of [89, 88]) await buildDeb(set, { name: 'n'.repeat(length) });
      const tar = { destination: path.join(site.home, 'site.tar'), images: [], packages: [set] };
      const error = await t.throwsAsync(exportTo(site.home, tar));
      t.true(isAirgapError(error, 'PACKAGES_INVALID'));
      t.regex(error?.message ?? '', /longer than the 100 bytes that a \.tar has for it/);
      await t.throwsAsync(stat(tar.destination), { code: 'ENOENT' });
      const { place } = await exportTo(site.home, usb(site, { packages: [set] }));
      t.deepEqual(await findings([place]), []);
      await rm(path.join(set, `${'n'.repeat(89)}_1.0_all.deb`));
      t.deepEqual(await findings([(await exportTo(site.home, tar)).place]), []);
    });
  },
);
