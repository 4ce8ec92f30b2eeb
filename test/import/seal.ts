// The drive is not trusted: whatever was done to a bundle on its way is found by import.sh before an engine is asked anything.
import { execFileSync } from 'node:child_process';
import {
  cp,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import ava from 'ava';
import { otherShells, shellNames } from '../helpers/far-box.js';
import { testImages, testSeed } from '../helpers/images.js';
import { makeBundle } from '../helpers/import-bundles.js';
import { type LocalImport, withImport } from '../helpers/local-import.js';

const test = ava.serial;
const seed = testSeed();
const images = testImages(seed);
const files = { '/etc/yum.repos.d/x.repo': '[x]\nname=x\n' };

/** Every file of a folder, as paths inside it. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
}

/** Does something to a copy of the bundle and tells what --verify says of it. */
async function spoilt(box: LocalImport, bundle: string, spoil: (copy: string) => Promise<void>) {
  const copy = path.join(box.folder, 'copy', path.basename(bundle));
  await rm(copy, { recursive: true, force: true });
  await mkdir(path.dirname(copy), { recursive: true });
  await cp(bundle, copy, { recursive: true });
  await spoil(copy);
  return await box.run(path.join(bundle.replace(/\.tar$/, ''), 'import.sh'), ['--verify', copy]);
}

async function flip(file: string, at: number, bit: number): Promise<void> {
  const handle = await open(file, 'r+');
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, at);
  byte[0] = (byte[0] ?? 0) ^ (1 << bit);
  await handle.write(byte, 0, 1, at);
  await handle.close();
}

for (const shell of shellNames) {
  test(`folders, tars and volumes are found and pass (${shell})`, (t) =>
    withImport(async ({ folder, run }) => {
      const [site = ''] = (await makeBundle({ folder: path.join(folder, 'a'), images, files })).volumes;
      const script = path.join(site, 'import.sh');
      const beside = await run(script, ['--verify'], { shell });
      t.is(beside.exitCode, 0, beside.stderr);
      const [tar = ''] = (await makeBundle({ folder: path.join(folder, 'b'), images, files, form: 'tar' }))
        .volumes;
      const named = await run(script, ['--verify', tar], { shell });
      t.is(named.exitCode, 0, named.stderr);
      const listed = await run(script, ['--list', tar], { shell });
      t.regex(listed.stdout, /plant\/bus-info:v1/);
      t.regex(listed.stdout, /\/etc\/yum\.repos\.d\/x\.repo/);
      // The parts that differ between shells have been seen.
      for (const form of shell === 'dash' ? (['folder', 'tar'] as const) : []) {
        const split = { folder: path.join(folder, form), images, files, form, volumeBytes: 215_000 };
        const { volumes } = await makeBundle(split);
        t.true(volumes.length > 2);
        const around = await run(script, ['--verify', path.dirname(volumes[0] ?? '')], { shell });
        t.is(around.exitCode, 0, around.stderr);
        const some = await run(script, ['--verify', ...volumes.toReversed()], { shell });
        t.is(some.exitCode, 0, some.stderr);
        const missing = await run(script, ['--verify', ...volumes.toSpliced(1, 1)], { shell });
        t.like(missing, { exitCode: 23, code: 'BUNDLE_VOLUME_MISSING' });
        t.regex(missing.stderr, /volumes of site these are missing: 2 /);
      }
    }));
}

test(`two hundred flipped bits over every kind of file are all found (seed ${seed})`, (t) =>
  withImport(async (box) => {
    const [site = ''] = (await makeBundle({ folder: path.join(box.folder, 'a'), images, files })).volumes;
    const names = await filesIn(site);
    // The program is the test's own: one that was changed on the drive could say anything.
    const script = path.join(box.folder, 'import.sh');
    await cp(path.join(site, 'import.sh'), script);
    let random = [...seed].reduce((sum, letter) => sum + letter.charCodeAt(0), 1);
    const next = (below: number): number => {
      random = (random * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((random / 2_147_483_648) * below);
    };
    for (let count = 0; count < 200; count += 1) {
      const name = names[count % names.length] ?? '';
      const size = (await readFile(path.join(site, name))).byteLength;
      const [at, bit] = [next(size), next(8)];
      await flip(path.join(site, name), at, bit);
      const said = await box.run(script, ['--verify', site]);
      await flip(path.join(site, name), at, bit);
      // A flip may make another number of the version, which a later format could have.
      const isVersion = name === 'airgap.json' && said.code === 'BUNDLE_VERSION';
      t.is(said.exitCode, isVersion ? 20 : 21, `${name} at ${at} bit ${bit}: ${said.stderr}`);
    }
  }));

test('a flipped bit anywhere in a tar is found, in headers and padding as well', (t) =>
  withImport(async (box) => {
    const small = [images[2]] as const;
    const [site = ''] = (await makeBundle({ folder: path.join(box.folder, 'a'), images: small })).volumes;
    const [tar = ''] = (await makeBundle({ folder: path.join(box.folder, 'a'), images: small, form: 'tar' }))
      .volumes;
    t.truthy(site);
    const { byteLength } = await readFile(tar);
    // Of the first entry each field, then places all over.
    const places = [
      0, 99, 100, 107, 108, 120, 124, 134, 135, 136, 148, 153, 154, 155, 156, 157, 257, 260, 264,
    ];
    places.push(300, 330, 340, 345, 400, 500, 511, byteLength - 1, byteLength - 512, byteLength - 1024);
    for (let at = 700; at < byteLength; at += Math.ceil(byteLength / 25)) places.push(at);
    for (const at of places) {
      await flip(tar, at, at % 8);
      const said = await box.run(path.join(site, 'import.sh'), ['--verify', tar]);
      await flip(tar, at, at % 8);
      t.true(said.exitCode === 21 || said.exitCode === 20, `at ${at}: ${said.exitCode} ${said.stderr}`);
    }
  }));

test('files that are missing, added, cut, longer, renamed, swapped or links are found', (t) =>
  withImport(async (box) => {
    const [site = ''] = (await makeBundle({ folder: path.join(box.folder, 'a'), images, files })).volumes;
    const other = await makeBundle({
      folder: path.join(box.folder, 'b'),
      images: testImages('other'),
      files,
    });
    const names = await filesIn(site);
    const blobs = names.filter((name) => name.startsWith('blobs/'));
    const [blob = '', second = ''] = blobs;
    const cases: Readonly<Record<string, (copy: string) => Promise<unknown>>> = {
      missing: (copy) => rm(path.join(copy, blob)),
      added: (copy) => writeFile(path.join(copy, 'extra'), 'x'),
      hidden: (copy) => writeFile(path.join(copy, 'blobs/.DS_Store'), 'x'),
      'a line in a name': (copy) => writeFile(path.join(copy, 'index.json\nSHA256SUMS'), 'x'),
      cut: (copy) => truncate(path.join(copy, blob), 3),
      longer: (copy) => writeFile(path.join(copy, blob), 'x', { flag: 'a' }),
      renamed: (copy) => rename(path.join(copy, blob), path.join(copy, `${blob}0`)),
      swapped: async (copy) => {
        await rename(path.join(copy, blob), path.join(copy, 'keep'));
        await rename(path.join(copy, second), path.join(copy, blob));
        await rename(path.join(copy, 'keep'), path.join(copy, second));
      },
      'a link': async (copy) => {
        await rm(path.join(copy, blob));
        await symlink(path.join(site, blob), path.join(copy, blob));
      },
      'a linked folder': async (copy) => {
        await rm(path.join(copy, 'recipes'), { recursive: true });
        await symlink(path.join(site, 'recipes'), path.join(copy, 'recipes'));
      },
      "another bundle's manifest": (copy) =>
        cp(path.join(other.volumes[0] ?? '', 'airgap.json'), path.join(copy, 'airgap.json')),
      "another bundle's seal": (copy) =>
        cp(path.join(other.volumes[0] ?? '', 'SHA256SUMS'), path.join(copy, 'SHA256SUMS')),
      'a seal with one line less': async (copy) => {
        const sums = await readFile(path.join(copy, 'SHA256SUMS'), 'utf8');
        await writeFile(path.join(copy, 'SHA256SUMS'), sums.split('\n').slice(1).join('\n'));
      },
      'a seal with a line twice': async (copy) => {
        const sums = await readFile(path.join(copy, 'SHA256SUMS'), 'utf8');
        await writeFile(path.join(copy, 'SHA256SUMS'), `${sums.split('\n')[0]}\n${sums}`);
      },
    };
    for (const [title, spoil] of Object.entries(cases)) {
      const said = await spoilt(box, site, async (copy) => void (await spoil(copy)));
      t.is(said.exitCode, 21, `${title}: ${said.stderr}`);
    }
    const unsealed = await spoilt(box, site, (copy) => rm(path.join(copy, 'SHA256SUMS')));
    t.like(unsealed, { exitCode: 20, code: 'BUNDLE_INVALID' });
  }));

test('a file that the seal holds but airgap.json does not list is found', (t) =>
  withImport(async (box) => {
    const [site = ''] = (await makeBundle({ folder: path.join(box.folder, 'a'), images })).volumes;
    const said = await spoilt(box, site, async (copy) => {
      const name = 'recipes/zz';
      await writeFile(path.join(copy, name), 'x');
      const { digestOf, hexOf } = await import('../../src/oci/digest.js');
      const rows = (await readFile(path.join(copy, 'SHA256SUMS'), 'utf8')).trimEnd().split('\n');
      rows.push(`${hexOf(digestOf('x'))}  ${name}`);
      rows.sort((a, b) => (a.slice(66) < b.slice(66) ? -1 : 1));
      await writeFile(path.join(copy, 'SHA256SUMS'), `${rows.join('\n')}\n`);
    });
    t.is(said.exitCode, 21);
    t.regex(said.stderr, /recipes\/zz is not in airgap\.json/);
  }));

for (const shell of otherShells) {
  test(`a document that is a FIFO, a link to bytes without end, or far too large ends the reading at once (${shell})`, (t) =>
    withImport(async (box) => {
      const spec = { folder: path.join(box.folder, 'a'), images: [], files, volumeBytes: 215_000 };
      const [site = ''] = (await makeBundle(spec)).volumes;
      const script = path.join(box.folder, 'import.sh');
      await cp(path.join(site, 'import.sh'), script);
      const documents = ['airgap.json', 'SHA256SUMS', 'recipes/bundle', 'volume'];
      const spoils: Readonly<Record<string, (file: string) => Promise<unknown>>> = {
        fifo: async (file) => execFileSync('mkfifo', [file]),
        endless: (file) => symlink('/dev/zero', file),
        'a link': (file) => symlink('/proc/self/status', file),
        large: async (file) => {
          await writeFile(file, '');
          await truncate(file, 2 ** 40);
        },
      };
      for (const document of documents) {
        const file = path.join(site, document);
        const bytes = await readFile(file);
        for (const [title, spoil] of Object.entries(spoils)) {
          await rm(file);
          await spoil(file);
          for (const action of ['--list', '--verify', '--dry-run']) {
            const said = await box.run(script, [action, site], { shell });
            t.true(said.exitCode === 21 || said.exitCode === 20, `${title} ${document}: ${said.stderr}`);
            t.regex(
              said.stderr,
              /is not a plain file|is larger than|is not a bundle/,
              `${title} ${document}`,
            );
          }
        }
        await rm(file);
        await writeFile(file, bytes);
      }
      const honest = await box.run(script, ['--verify', site], { shell });
      t.is(honest.exitCode, 0, honest.stderr);
    }));
}

for (const shell of otherShells) {
  test(`a sparse file of a terabyte in place of any file is refused before it is hashed (${shell})`, (t) =>
    withImport(async (box) => {
      const packages = [{ set: 'tools', kind: 'deb' as const, names: ['tool'], files: { 'tool.deb': 'x' } }];
      const spec = { images: images.slice(0, 1), files, packages, volumeBytes: 2_000_000 };
      const [site = ''] = (await makeBundle({ ...spec, folder: path.join(box.folder, 'a') })).volumes;
      const script = path.join(box.folder, 'import.sh');
      await cp(path.join(site, 'import.sh'), script);
      for (const name of await filesIn(site)) {
        const file = path.join(site, name);
        const bytes = await readFile(file);
        await truncate(file, 2 ** 40);
        const said = await box.run(script, ['--verify', site], { shell });
        t.is(said.exitCode, 21, `${name}: ${said.stderr}`);
        t.regex(said.stderr, /has another size|is larger than/, name);
        await writeFile(file, bytes);
      }
      const honest = await box.run(script, ['--verify', site], { shell });
      t.is(honest.exitCode, 0, honest.stderr);
    }));
}

test('volumes of two bundles are never mixed', (t) =>
  withImport(async (box) => {
    const at = (name: string): string => path.join(box.folder, name);
    const one = await makeBundle({ folder: at('a'), images, volumeBytes: 215_000 });
    const two = await makeBundle({ folder: at('b'), images: testImages('two'), volumeBytes: 215_000 });
    const script = path.join(one.volumes[0] ?? '', 'import.sh');
    const said = await box.run(script, ['--verify', one.volumes[0] ?? '', two.volumes[1] ?? '']);
    t.like(said, { exitCode: 20, code: 'BUNDLE_INVALID' });
    const damaged = await spoilt(box, one.volumes[1] ?? '', (copy) => flip(path.join(copy, 'volume'), 9, 1));
    t.is(damaged.exitCode, 21, damaged.stderr);
  }));
