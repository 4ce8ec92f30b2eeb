import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { formatLock, type Lock, lockFiles, lockPath, readLock, refuseDrift } from '../../src/bundle/lock.js';
import { readSpec } from '../../src/bundle/spec.js';
import { isAirgapError } from '../../src/errors.js';
import { digestOf } from '../../src/oci/digest.js';
import { withTempDir } from '../helpers/tmp.js';

const [one, two, three] = [digestOf('1'), digestOf('2'), digestOf('3')];
const image = {
  source: 'app:2',
  reference: 'docker.io/library/app:2',
  platform: 'linux/amd64',
  imageId: one,
};
const lock: Lock = {
  images: [image, { ...image, source: 'oci:x', reference: 'x/y:1', imageId: two, manifest: three }],
  files: [
    { path: 'motd', digest: one },
    { path: 'keys/a.asc', digest: two },
  ],
};

test('a lock is read as it was written, and its bytes hang on its content only', async (t) => {
  await withTempDir(async (folder) => {
    const file = path.join(folder, 'bundle.lock');
    const text = formatLock(lock);
    await writeFile(file, text);
    const read = await readLock(file);
    t.is(formatLock(read), text);
    t.is(formatLock({ images: lock.images, files: lock.files.toReversed() }), text);
    t.notThrows(() => refuseDrift(file, read, lock));
    t.is(text.split('\n').filter((line) => line.includes('sha256:')).length, 4);
  });
});

test('the lock lies beside its spec', (t) => {
  t.is(lockPath('site/bundle.yaml'), 'site/bundle.lock');
  t.is(lockPath('/x/edge.yml'), '/x/edge.lock');
});

function drifts(t: ExecutionContext, now: Lock, what: string, got: string, want: string): void {
  const error = t.throws(() => refuseDrift('bundle.lock', lock, now));
  if (!isAirgapError(error, 'LOCK_DRIFT')) throw error;
  t.deepEqual(error.facts, { path: 'bundle.lock', image: what, got, want });
  t.notRegex(error.message, /undefined|got ,|want $/);
}

test('every kind of drift is refused: changed, new and gone, images and files', (t) => {
  const [first, second] = lock.images;
  const [motd, key] = lock.files;
  if (first === undefined || second === undefined || motd === undefined || key === undefined) return t.fail();
  const { manifest, ...bare } = second;
  drifts(t, { ...lock, images: [{ ...first, imageId: three }, second] }, 'app:2', three, one);
  drifts(t, { ...lock, images: [first, { ...second, manifest: one }] }, 'oci:x', one, manifest ?? '');
  drifts(t, { ...lock, images: [first, bare] }, 'oci:x', '', three);
  drifts(t, { ...lock, images: [first] }, 'oci:x', '', two);
  drifts(t, { ...lock, images: [...lock.images, { ...image, source: 'b:1' }] }, 'b:1', one, '');
  drifts(t, { ...lock, images: [{ ...first, platform: 'linux/arm64' }, second] }, 'app:2', one, '');
  drifts(t, { ...lock, files: [{ ...motd, digest: three }, key] }, 'motd', three, one);
  drifts(t, { ...lock, files: [motd] }, 'keys/a.asc', '', two);
  drifts(t, { ...lock, files: [...lock.files, { path: 'x', digest: one }] }, 'x', one, '');
});

test('every file that a spec names is locked, packages too', async (t) => {
  await withTempDir(async (folder) => {
    for (const name of ['debs', 'keys']) await mkdir(path.join(folder, name));
    const names = ['motd', 'a.repo', 'keys/a.asc', 'compose.yaml', 'debs/a.deb', 'debs/README'];
    for (const name of names) await writeFile(path.join(folder, name), name);
    const spec = path.join(folder, 'bundle.yaml');
    const yaml = 'name: a\ncompose: [compose.yaml]\nfiles: [{from: motd, to: /opt/x}]\n';
    await writeFile(spec, `${yaml}repos: [{from: a.repo, gpgkey: keys/a.asc}]\npackages: [debs]\n`);
    t.deepEqual(
      await lockFiles(await readSpec(spec, () => undefined)),
      ['a.repo', 'compose.yaml', 'debs/a.deb', 'keys/a.asc', 'motd'].map((name) => ({
        path: name,
        digest: digestOf(name),
      })),
    );
  });
});

test('what is no lock is refused', async (t) => {
  await withTempDir(async (folder) => {
    const file = path.join(folder, 'bundle.lock');
    t.true(isAirgapError(await t.throwsAsync(readLock(file)), 'SPEC_INVALID'));
    for (const text of [
      '',
      '[]',
      formatLock(lock).replace('"version": 1', '"version": 2'),
      formatLock(lock).slice(0, -20),
    ]) {
      await writeFile(file, text);
      t.true(isAirgapError(await t.throwsAsync(readLock(file)), 'SPEC_INVALID'), text);
    }
  });
});
