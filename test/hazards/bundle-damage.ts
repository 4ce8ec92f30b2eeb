// What a drive, a copy or a hand can do to a bundle, file by file: the verifier finds each, and says what it is.
import { cp, link, mkdir, readdir, rename, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { type Bundle, openBundle } from '../../src/bundle/reader.js';
import { damageFinding, verifyBundle } from '../../src/bundle/verifier.js';
import type { BundleProblem } from '../../src/errors.js';
import { writeBundle } from '../helpers/bundles.js';
import { testImages } from '../helpers/images.js';
import { withTempDir } from '../helpers/tmp.js';

const files = { '/etc/yum.repos.d/docker-ce.repo': '[docker-ce]\n' };

/** `file: problem` of every finding; what cannot be opened counts as found. */
async function problemsOf(paths: readonly string[], deep = false): Promise<string[]> {
  let bundle: Bundle;
  try {
    bundle = await openBundle(paths);
  } catch (error) {
    const found = damageFinding(error);
    if (found === undefined) throw error;
    return [`${found.file}: ${found.problem}`];
  }
  const { findings } = await verifyBundle(bundle, { deep });
  return findings.map(({ file, problem }) => `${file}: ${problem}`);
}

async function withFolder(fn: (place: string, inside: readonly string[]) => Promise<void>): Promise<void> {
  await withTempDir(async (folder) => {
    const [place = ''] = await writeBundle(folder, { images: testImages('damage'), files });
    const inside = [...((await openBundle([place])).volumes[0]?.files.keys() ?? [])];
    await fn(place, inside);
  });
}

const found = (got: readonly string[], file: string, problems: readonly BundleProblem[]): boolean =>
  problems.some((problem) => got.includes(`${file}: ${problem}`));

test('every file that is truncated is found', (t) =>
  withFolder(async (place, inside) => {
    for (const file of inside) {
      const copy = `${place}-cut`;
      await cp(place, copy, { recursive: true });
      await truncate(path.join(copy, file), 5);
      t.true(found(await problemsOf([copy]), file, ['size', 'form', 'digest']), file);
      await rm(copy, { recursive: true });
    }
  }));

test('every file that is removed is found, and a bundle without its seal is none', (t) =>
  withFolder(async (place, inside) => {
    for (const file of inside) {
      const away = `${place}-away`;
      await rename(path.join(place, file), away);
      if (file === 'SHA256SUMS')
        await t.throwsAsync(openBundle([place]), {
          code: 'BUNDLE_INVALID',
          message: /did not finish/,
        });
      else t.true(found(await problemsOf([place]), file, ['missing']), file);
      await rename(away, path.join(place, file));
    }
    t.deepEqual(await problemsOf([place]), []);
  }));

test('every file that is renamed is found under both names', (t) =>
  withFolder(async (place, inside) => {
    for (const file of inside.filter((one) => one !== 'SHA256SUMS')) {
      await rename(path.join(place, file), path.join(place, `${file}.1`));
      const got = await problemsOf([place]);
      t.true(found(got, file, ['missing']), file);
      if (file !== 'airgap.json') t.true(found(got, `${file}.1`, ['unknown']), file);
      await rename(path.join(place, `${file}.1`), path.join(place, file));
    }
  }));

test('a file or an empty folder that was added is found, whatever its name', (t) =>
  withFolder(async (place) => {
    const names: readonly (readonly [string, BundleProblem])[] = [
      ['blobs/sha256/extra', 'unknown'],
      ['recipes/more', 'unknown'],
      ['.DS_Store', 'name'],
      ['-rf', 'name'],
      ['a b', 'name'],
      ['line\nfeed', 'name'],
    ];
    for (const [name, problem] of names) {
      await writeFile(path.join(place, name), 'x');
      t.deepEqual(await problemsOf([place]), [`${name}: ${problem}`], name);
      await rm(path.join(place, name));
    }
    await mkdir(path.join(place, 'empty'));
    t.deepEqual(await problemsOf([place]), ['empty: unknown']);
  }));

test('two names that differ only in case are found', (t) =>
  withFolder(async (place) => {
    await writeFile(path.join(place, 'Airgap.json'), 'x');
    t.regex((await problemsOf([place])).join(), /(Airgap\.json|airgap\.json): (name|missing)/);
  }));

test('a file that is a link, to the right bytes even, is found; a hard link is a file', (t) =>
  withFolder(async (place, inside) => {
    for (const file of inside.filter((one) => !['SHA256SUMS', 'airgap.json'].includes(one))) {
      const away = `${place}-away`;
      await rename(path.join(place, file), away);
      await symlink(away, path.join(place, file));
      t.true(found(await problemsOf([place]), file, ['not-a-file']), file);
      await rm(path.join(place, file));
      await link(away, path.join(place, file));
      await rm(away);
    }
    t.deepEqual(await problemsOf([place]), []);
    await rename(path.join(place, 'blobs'), `${place}-blobs`);
    await symlink(`${place}-blobs`, path.join(place, 'blobs'));
    t.true(found(await problemsOf([place]), 'blobs', ['not-a-file']));
  }));

test('every file that comes from another bundle is found', (t) =>
  withFolder(async (place) => {
    const folder = path.join(path.dirname(place), 'other');
    const [other = ''] = await writeBundle(folder, {
      images: testImages('swapped'),
      files: { '/opt/x': 'x' },
    });
    const names = ['import.sh', 'index.json', 'manifest.json', 'airgap.json', 'SHA256SUMS', 'recipes/bundle'];
    for (const name of names) {
      const copy = `${place}-copy`;
      await cp(place, copy, { recursive: true });
      await cp(path.join(other, name), path.join(copy, name));
      const same = name === 'import.sh';
      t.is((await problemsOf([copy])).length === 0, same, name);
      await rm(copy, { recursive: true });
    }
    const blobs = path.join(place, 'blobs/sha256');
    const [first = ''] = await readdir(blobs);
    const [foreign = ''] = await readdir(path.join(other, 'blobs/sha256'));
    await cp(path.join(other, 'blobs/sha256', foreign), path.join(blobs, first));
    t.true(found(await problemsOf([place]), `blobs/sha256/${first}`, ['digest', 'size']));
  }));

test('a tar that goes on behind its end, or was cut, is found', (t) =>
  withTempDir(async (folder) => {
    const [place = ''] = await writeBundle(folder, { images: testImages('tar'), form: 'tar' });
    const { size } = await stat(place);
    await writeFile(place, Buffer.alloc(512), { flag: 'a' });
    t.true(found(await problemsOf([place]), 'SHA256SUMS', ['form']));
    await truncate(place, size);
    t.deepEqual(await problemsOf([place]), []);
    await truncate(place, size - 512);
    t.true(found(await problemsOf([place]), 'SHA256SUMS', ['form']));
    await truncate(place, size - 4096);
    await t.throwsAsync(openBundle([place]), { code: 'BUNDLE_INVALID' });
  }));

test('damage of several files is told for each of them', (t) =>
  withFolder(async (place) => {
    await truncate(path.join(place, 'import.sh'), 3);
    await rm(path.join(place, 'index.json'));
    await writeFile(path.join(place, 'extra'), '');
    const got = await problemsOf([place]);
    t.deepEqual(got.toSorted(), ['extra: unknown', 'import.sh: size', 'index.json: missing']);
  }));
