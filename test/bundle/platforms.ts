// Bundles of several platforms of one name: one entry in index.json, the source's own index where it can be, the right image for each
// machine.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import ava from 'ava';
import { openBundle } from '../../src/bundle/reader.js';
import { verifyBundle } from '../../src/bundle/verifier.js';
import { digestOf, hexOf } from '../../src/oci/digest.js';
import { parsePlatforms } from '../../src/oci/platform.js';
import { showBundle } from '../../src/runs/show-bundle.js';
import { viewBundle } from '../../src/views/bundle.js';
import { plainLine } from '../../src/views/line.js';
import { createNear } from '../helpers/airgap.js';
import { exportTo, filesBelow } from '../helpers/exports.js';
import { type TestImage, writeFiles } from '../helpers/images.js';
import { type LocalImport, withImport } from '../helpers/local-import.js';
import { type PlatformFilesOptions, platformFiles, platformImages } from '../helpers/platforms.js';

const test = ava.serial;
const name = 'docker.io/plant/multi:1';
const own = process.arch === 'arm64' ? 'arm64' : 'amd64';
const other = own === 'arm64' ? 'amd64' : 'arm64';
const images = platformImages('bundle', [other, own, 's390x']);

async function exportOf(
  { folder }: LocalImport,
  wish: string,
  { from = images, ...options }: PlatformFilesOptions & { readonly from?: readonly TestImage[] } = {},
) {
  const { files, index } = platformFiles(name, from, options);
  const layout = path.join(folder, 'layout');
  await writeFiles(layout, files);
  const done = await exportTo(folder, {
    destination: path.join(folder, 'usb'),
    images: [{ source: `oci:${layout}:${name}` }],
    platforms: parsePlatforms(wish),
  });
  const bundle = await openBundle([done.place]);
  const { findings } = await verifyBundle(bundle, { deep: true });
  return { ...done, bundle, index, findings, files: await filesBelow(done.place) };
}

async function entriesIn(layout: string): Promise<readonly { digest: string }[]> {
  return JSON.parse(await readFile(path.join(layout, 'index.json'), 'utf8')).manifests;
}

test('with all platforms the index of the source is kept, byte for byte, and skopeo finds its digest', async (t) => {
  await withImport(async (box) => {
    const { bundle, index, findings, files, plan, place } = await exportOf(box, 'all');
    t.deepEqual(findings, []);
    t.is(bundle.manifest.version, 2);
    t.deepEqual(
      bundle.manifest.images.map(({ platform, imageId }) => [platform, imageId]),
      images.map(({ architecture, imageId }) => [`linux/${architecture}`, imageId]),
    );
    t.deepEqual(files.get(`blobs/sha256/${hexOf(digestOf(index))}`), index);
    t.deepEqual(
      JSON.parse(String(files.get('index.json'))).manifests.map((one: { digest: string }) => one.digest),
      [digestOf(index)],
    );
    t.deepEqual(plan.indexes, [{ reference: name, platforms: 3, kept: digestOf(index) }]);
    t.is(bundle.manifest.layers.length, 4);
    const shown = await showBundle([place]);
    for (const { kept } of shown.images) t.deepEqual(kept, { digest: digestOf(index), of: 'index' });
    const lines = viewBundle(shown, 100).map(plainLine);
    t.is(lines.filter((line) => line.includes(`${hexOf(digestOf(index)).slice(0, 12)} (index)`)).length, 3);
    const copy = path.join(box.folder, 'copy');
    const skopeo = promisify(execFile);
    await skopeo('skopeo', [
      '--insecure-policy',
      'copy',
      '--all',
      '-q',
      `oci:${place}:${name}`,
      `oci:${copy}:1`,
    ]);
    t.is((await entriesIn(copy))[0]?.digest, digestOf(index));
  });
});

test('with some platforms, or with attestations that stay behind, an index is made of what is there, and the plan tells why', async (t) => {
  await withImport(async (box) => {
    const { bundle, findings, plan, index } = await exportOf(box, `linux/${own},linux/s390x`);
    t.deepEqual(findings, []);
    t.deepEqual(plan.indexes, [{ reference: name, platforms: 2, made: 'platform' }]);
    t.true(bundle.manifest.images.every((one) => one.own === true && one.index !== digestOf(index)));
  });
  await withImport(async (box) => {
    const { findings, plan } = await exportOf(box, 'all', { attested: true });
    t.deepEqual(findings, []);
    t.deepEqual(plan.indexes, [{ reference: name, platforms: 3, made: 'attestation' }]);
  });
  await withImport(async (box) => {
    const { findings, plan, bundle } = await exportOf(box, 'all', { codec: 'none' });
    t.deepEqual(findings, []);
    t.deepEqual(plan.indexes, [{ reference: name, platforms: 3, made: 'manifests' }]);
    t.is(new Set(bundle.manifest.images.map(({ index }) => index)).size, 1);
  });
});

test('import.sh and the tool take the image of this machine, or the platform that is asked for, and pass over the others', async (t) => {
  await withImport(async (box) => {
    const { bundle, place } = await exportOf(box, 'all');
    const digestFor = (architecture: string): string | undefined =>
      bundle.manifest.images.find(({ platform }) => platform === `linux/${architecture}`)?.manifest;
    const near = await createNear({});
    try {
      for (const [words, architecture] of [
        [[], own],
        [['--platform', `linux/${other}`], other],
        [['--only', 'plant/multi:1'], own],
      ] as const) {
        const [bySh, byTool] = ['sh', 'tool'].map((who) =>
          path.join(box.folder, `${who}-${words.join('').replaceAll('/', '')}`),
        );
        const answer = await box.run(path.join(place, 'import.sh'), ['--engine', `layout:${bySh}`, ...words]);
        t.is(answer.exitCode, 0, answer.stderr);
        t.deepEqual(
          (await entriesIn(bySh ?? '')).map(({ digest }) => digest),
          [digestFor(architecture) ?? ''],
        );
        const outcome = await near.run(['import', place, '--engine', `layout:${byTool}`, '--json', ...words]);
        t.is(outcome.exitCode, 0, outcome.stderr);
        t.deepEqual(
          (await entriesIn(byTool ?? '')).map(({ digest }) => digest),
          [digestFor(architecture) ?? ''],
        );
      }
      const none = await box.run(path.join(place, 'import.sh'), [
        '--engine',
        `layout:${path.join(box.folder, 'none')}`,
        '--platform',
        'linux/riscv64',
      ]);
      // asked-of-the-machine: what was asked for is not told as what this machine is.
      t.is(none.code, 'PLATFORM_MISSING', none.stderr);
      t.regex(none.stderr, /has no linux\/riscv64; it has linux\/\w+, /);
      t.is(none.exitCode, 10);
      const listed = await box.run(path.join(place, 'import.sh'), ['--list']);
      for (const { architecture } of images)
        t.regex(listed.stdout, new RegExp(`plant/multi:1 +linux/${architecture}`));
    } finally {
      await near.remove();
    }
  });
});

test('a send of an index takes the platform of the host, and not of the machine that sends', async (t) => {
  await withImport(async (box) => {
    // Only the host’s own is there, beside one that nobody here has.
    const from = platformImages('send', ['s390x', own]);
    const { files } = platformFiles(name, from);
    const layout = path.join(box.folder, 'layout');
    await writeFiles(layout, files);
    const near = await createNear({});
    try {
      const there = path.join(box.folder, 'there');
      const sent = await near.run([
        'send',
        'local:',
        `oci:${layout}:${name}`,
        '--engine',
        `layout:${there}`,
        '--json',
      ]);
      t.is(sent.exitCode, 0, sent.stderr);
      t.is(sent.receipts[0]?.images[0]?.platform, `linux/${own}`);
    } finally {
      await near.remove();
    }
  });
});
