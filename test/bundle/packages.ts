import { mkdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { ExecutionContext } from 'ava';
import { buildRepository, type Repository } from '../../src/bundle/packages.js';
import { isAirgapError } from '../../src/errors.js';
import { createLocalHost } from '../../src/hosts/local.js';
import { digestOf } from '../../src/oci/digest.js';
import { buildDeb } from '../helpers/deb.js';
import { needing } from '../helpers/needs.js';
import { withTempDir } from '../helpers/tmp.js';
import { run } from '../rig/rig.js';

const test = needing('dpkg-deb');
const rpmTest = needing('createrepo_c', 'rpmbuild');

const build = (folder: string, env: NodeJS.ProcessEnv = process.env): Promise<Repository> =>
  buildRepository({ folder, set: 'tools', host: createLocalHost(env) });

function content(repository: Repository, name: string): Buffer {
  const file = repository.files.find((one) => one.path === `packages/tools/${name}`);
  return file !== undefined && 'content' in file ? file.content : Buffer.alloc(0);
}

async function refused(t: ExecutionContext, folder: string, says: RegExp): Promise<void> {
  const error = await t.throwsAsync(build(folder));
  if (!isAirgapError(error, 'PACKAGES_INVALID')) throw error;
  t.regex(error.facts.problem, says);
}

test('a folder of .deb files becomes a repository that names, sizes and digests them', async (t) => {
  await withTempDir(async (folder) => {
    const second = await buildDeb(
      folder,
      { name: 'tool-b', version: '1:2.0-1', depends: 'tool-a' },
      'b_1%3a2.0-1.deb',
    );
    await buildDeb(folder, { name: 'tool-a' });
    await writeFile(path.join(folder, 'README.md'), 'not a package');
    const made = await build(folder);
    t.is(made.kind, 'deb');
    t.deepEqual(made.names, ['tool-a', 'tool-b']);
    t.deepEqual(
      made.files.map((file) => file.path),
      ['Packages', 'Packages.gz', 'Release', 'tool-a_1.0_all.deb', 'tool-b_2.0-1_all.deb'].map(
        (name) => `packages/tools/${name}`,
      ),
    );
    const raw = await readFile(second);
    const packages = content(made, 'Packages').toString();
    t.true(
      packages.includes(
        `Filename: ./tool-b_2.0-1_all.deb\nSize: ${raw.byteLength}\nSHA256: ${digestOf(raw).slice(7)}\n`,
      ),
    );
    t.true(packages.includes('Depends: tool-a\n'));
    t.is(packages.split('\n\n').length, 2);
    t.is(gunzipSync(content(made, 'Packages.gz')).toString(), packages);
    t.true(
      content(made, 'Release')
        .toString()
        .includes(digestOf(Buffer.from(packages)).slice(7)),
    );
    for (const file of made.files) {
      const bytes = 'content' in file ? file.content : await readFile(file.from);
      t.is(digestOf(bytes), file.digest);
      t.is(bytes.byteLength, file.bytes);
    }
  });
});

test('the same packages give the same bytes, whatever the clock and the order of the folder', async (t) => {
  await withTempDir(async (folder) => {
    const made: string[] = [];
    for (const [name, order] of [
      ['x', ['a1', 'b1']],
      ['y', ['b1', 'a1']],
    ] as const) {
      await mkdir(path.join(folder, name));
      for (const deb of order) {
        const kept = path.join(folder, `${deb}.deb`);
        await readFile(kept).catch(() => buildDeb(folder, { name: deb }, `${deb}.deb`));
        await writeFile(path.join(folder, name, `${name}-${deb}.deb`), await readFile(kept));
      }
      const repository = await build(path.join(folder, name), {
        ...process.env,
        SOURCE_DATE_EPOCH: name === 'x' ? '1' : '2',
      });
      made.push(JSON.stringify(repository.files.map((file) => [file.path, file.digest])));
    }
    t.is(made[0], made[1]);
  });
});

test('a control file that claims another file, size or digest is not believed', async (t) => {
  await withTempDir(async (folder) => {
    const lies = 'Filename: ../../etc/passwd\n more\nSHA256: 00\nsize: 1\n';
    await buildDeb(folder, { name: 'liar', control: lies });
    const packages = content(await build(folder), 'Packages').toString();
    t.deepEqual(packages.match(/^(?:Filename|SHA256|Size|size):/gm), ['Filename:', 'Size:', 'SHA256:']);
    t.false(packages.includes('passwd') || packages.includes(' more'));
  });
});

test('a package that was cut is refused, though its control file is whole', async (t) => {
  await withTempDir(async (folder) => {
    const file = await buildDeb(folder, { name: 'cut', files: { 'opt/x': 'x'.repeat(50_000) } });
    await truncate(file, (await readFile(file)).byteLength - 40);
    await refused(t, folder, /cut_1\.0_all\.deb is damaged or no package/);
  });
});

test('what is no package, a link, a mixture and an empty folder are refused', async (t) => {
  await withTempDir(async (folder) => {
    const sub = async (name: string): Promise<string> => {
      await mkdir(path.join(folder, name));
      return path.join(folder, name);
    };
    const empty = await sub('empty');
    await writeFile(path.join(empty, 'README'), '');
    await refused(t, empty, /no \.deb and no \.rpm/);
    const text = await sub('text');
    await writeFile(path.join(text, 'x.deb'), 'hello');
    await refused(t, text, /x\.deb is damaged or no package/);
    const link = await sub('link');
    await symlink('/etc/passwd', path.join(link, 'x.deb'));
    await refused(t, link, /x\.deb is not a plain file/);
    const mixed = await sub('mixed');
    await writeFile(path.join(mixed, 'x.deb'), '');
    await writeFile(path.join(mixed, 'x.rpm'), '');
    await refused(t, mixed, /\.deb and \.rpm/);
    const twice = await sub('twice');
    await buildDeb(twice, { name: 'same' }, 'one.deb');
    await buildDeb(twice, { name: 'same' }, 'two.deb');
    await refused(t, twice, /same_1\.0_all\.deb is there twice/);
    await refused(t, path.join(folder, 'nowhere'), /no such folder/);
  });
});

test('a file name that is an option is a file all the same', async (t) => {
  await withTempDir(async (folder) => {
    await buildDeb(folder, { name: 'plain' }, '--version.deb');
    t.deepEqual((await build(folder)).names, ['plain']);
  });
});

test('without dpkg-deb the Debian package to install is named', async (t) => {
  await withTempDir(async (folder) => {
    await buildDeb(folder, { name: 'plain' });
    const error = await t.throwsAsync(build(folder, { PATH: folder }));
    t.true(isAirgapError(error, 'PROGRAM_MISSING'));
    if (isAirgapError(error)) t.regex(error.hint ?? '', /apt-get install dpkg/);
  });
});

test('without createrepo_c the Debian package to install is named', async (t) => {
  await withTempDir(async (folder) => {
    await writeFile(path.join(folder, 'x.rpm'), '');
    const error = await t.throwsAsync(build(folder, { PATH: folder }));
    t.true(isAirgapError(error, 'PROGRAM_MISSING'));
    if (isAirgapError(error)) t.regex(error.hint ?? '', /apt-get install createrepo-c/);
  });
});

rpmTest('a folder of .rpm files becomes a repository, the same bytes twice', async (t) => {
  await withTempDir(async (folder) => {
    const rpms = path.join(folder, 'rpms');
    await mkdir(rpms);
    const spec = path.join(folder, 'x.spec');
    for (const name of ['tool-a', 'tool-b']) {
      const head = `Name: ${name}\nVersion: 1.0\nRelease: 1\nSummary: x\nLicense: x\nBuildArch: noarch\n`;
      await writeFile(spec, `${head}%description\nx\n%files\n`);
      await run([
        'rpmbuild',
        '-bb',
        `--define=_topdir ${folder}/build`,
        `--define=_rpmdir ${rpms}`,
        '--define=_rpmfilename %%{NAME}.rpm',
        spec,
      ]);
    }
    const first = await build(rpms);
    await run(['touch', '-d', '2001-01-01', path.join(rpms, 'tool-a.rpm')]);
    const second = await build(rpms);
    t.is(first.kind, 'rpm');
    t.deepEqual(first.names, ['tool-a', 'tool-b']);
    t.deepEqual(first, second);
    t.true(first.files.some((file) => file.path === 'packages/tools/repodata/repomd.xml'));
    await writeFile(path.join(rpms, 'broken.rpm'), 'hello');
    await refused(t, rpms, /createrepo_c is damaged or no package|broken/);
  });
});
