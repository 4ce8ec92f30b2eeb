// sh import.sh --engine layout:DIR: an OCI layout as the place of images, the same that the tool makes, with its receipt.
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import ava from 'ava';
import { parsePassport } from '../../src/bundle/passport.js';
import { digestOf, hexOf } from '../../src/oci/digest.js';
import type { Receipt } from '../../src/receipt/receipt.js';
import { receiptSchema } from '../../src/receipt/receipt-schema.js';
import { createNear } from '../helpers/airgap.js';
import { otherShells } from '../helpers/far-box.js';
import { testImage, testLayer } from '../helpers/images.js';
import { makeBundle } from '../helpers/import-bundles.js';
import { type LocalImport, withImport } from '../helpers/local-import.js';

const test = ava.serial;
const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
const base = testLayer('layout-base', 300_000);
const image = (name: string, ...layers: readonly string[]) =>
  testImage({ name, architecture, layers: [base, ...layers.map((one) => testLayer(one, 50_000))] });
const one = image('docker.io/plant/one:1', 'one');
const images = [
  one,
  { ...one, name: 'docker.io/library/also:1' },
  image('registry.lan:5000/two:2', 'one', 'two'),
];

/** Every file by its digest, an index by what it says: in which order it says that is nobody's concern. */
async function filesIn(folder: string): Promise<readonly (readonly [string, unknown])[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  return await Promise.all(
    files.toSorted().map(async (file) => {
      const bytes = await readFile(file);
      const isIndex = path.relative(folder, file) === 'index.json';
      return [path.relative(folder, file), isIndex ? JSON.parse(String(bytes)) : digestOf(bytes)] as const;
    }),
  );
}

/** What another tool has left there: laid out its own way, one entry of a name that comes, one without any, one that stays. */
async function writeForeign(folder: string): Promise<void> {
  await mkdir(path.join(folder, 'blobs/sha256'), { recursive: true });
  await writeFile(path.join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  const entry = (digest: string, annotations?: object) => ({
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest,
    size: 2,
    annotations,
  });
  const index = {
    schemaVersion: 2,
    annotations: { 'org.example.note': 'a, "b" [c] {d}' },
    manifests: [
      entry(digestOf('a'), { 'org.opencontainers.image.ref.name': 'plant/one:1' }),
      entry(digestOf('b'), {
        'org.opencontainers.image.ref.name': 'latest',
        note: 'stays: [1, 2], "quoted"',
      }),
      entry(digestOf('c')),
      entry(digestOf('d'), { 'io.containerd.image.name': 'docker.io/library/also:2' }),
    ],
  };
  await writeFile(path.join(folder, 'index.json'), `${JSON.stringify(index, undefined, 3)}\n`);
}

function comparable({ id, runId, startedAt, durationMs, wireBytes, layerBytes, ...same }: Receipt): unknown {
  return same;
}

async function passportIn(folder: string): Promise<unknown> {
  const returns = path.join(folder, 'airgap-returns');
  const [name = ''] = (await readdir(returns)).filter((file) => file.endsWith('-passport.json'));
  const { made, free, engine, ...same } = parsePassport(await readFile(path.join(returns, name)), name);
  return {
    ...same,
    kind: engine.kind,
    name: engine.name,
    blobs: same.blobs.map(({ digest }) => digest).toSorted(),
  };
}

async function receiptIn(folder: string): Promise<Receipt> {
  const returns = path.join(folder, 'airgap-returns');
  const [name = ''] = (await readdir(returns)).filter((file) => file.endsWith('-receipt.json'));
  return receiptSchema.parse(JSON.parse(await readFile(path.join(returns, name), 'utf8')));
}

const stageOf = ({ folder }: LocalImport): Promise<string[]> =>
  readdir(path.join(folder, 'sta ge'), { recursive: true }).catch(() => []);

for (const shell of otherShells) {
  test(`a layout is the one that the tool makes, with the same receipt (${shell})`, (t) =>
    withImport(async (box) => {
      const near = await createNear({ DOCKER_HOST: 'unix:///nowhere' });
      const at = (name: string): string => path.join(box.folder, name);
      try {
        for (const before of ['nothing', 'foreign'] as const) {
          const [mine, tools] = [at(`${before} mine`), at(`${before} tool`)];
          if (before === 'foreign') for (const place of [mine, tools]) await writeForeign(place);
          const { volumes } = await makeBundle({ folder: at(`usb-${before}`), images });
          const [site = ''] = volumes;
          const bySh = await box.run(path.join(site, 'import.sh'), ['--engine', `layout:${mine}`], { shell });
          t.is(bySh.exitCode, 0, bySh.stderr);
          t.regex(bySh.stderr, /plant\/one:1: stored and proved: every byte/);
          const receipt = await receiptIn(at(`usb-${before}`));
          const passport = await passportIn(at(`usb-${before}`));
          await rm(at(`usb-${before}/airgap-returns`), { recursive: true });
          const byTool = await near.run(['import', site, '--engine', `layout:${tools}`, '--yes']);
          t.is(byTool.exitCode, 0, byTool.stderr);
          const other = await receiptIn(at(`usb-${before}`));
          t.deepEqual(passport, await passportIn(at(`usb-${before}`)));
          const engine = (place: string) => ({
            name: 'layout',
            version: '1.0.0',
            store: `OCI layout ${place}`,
          });
          t.deepEqual([receipt.engine, other.engine], [engine(mine), engine(tools)]);
          const same = { engine: engine('') };
          t.deepEqual(comparable({ ...receipt, ...same }), comparable({ ...other, ...same }));
          t.deepEqual(await filesIn(mine), await filesIn(tools));
          t.deepEqual(await stageOf(box), []);
        }
        const again = await box.run(
          path.join(at('usb-foreign'), 'site/import.sh'),
          ['--engine', `layout:${at('foreign mine')}`],
          { shell },
        );
        t.is(again.exitCode, 0, again.stderr);
        t.regex(again.stderr, /two:2: 3 layers held, 0 loaded/);
        t.deepEqual(await filesIn(at('foreign mine')), await filesIn(at('foreign tool')));
      } finally {
        await near.remove();
      }
    }));

  test(`a blob that was there and is not what its name says fails the proof, and the next import brings it (${shell})`, (t) =>
    withImport(async (box) => {
      const place = path.join(box.folder, 'images');
      const { volumes } = await makeBundle({ folder: path.join(box.folder, 'usb'), images });
      const script = path.join(volumes[0] ?? '', 'import.sh');
      const words = ['--engine', `layout:${place}`];
      t.is((await box.run(script, words, { shell })).exitCode, 0);
      const whole = await filesIn(place);
      const blob = path.join(place, 'blobs/sha256', hexOf(base.diffId));
      await writeFile(blob, Buffer.alloc(base.tar.byteLength, 'x'));
      const spoilt = await filesIn(place);
      const refused = await box.run(script, words, { shell });
      t.is(refused.code, 'VERIFY_FAILED', refused.stderr);
      t.regex(refused.stderr, /a layer that was there before is damaged/);
      t.deepEqual(await filesIn(place), spoilt, 'the folder is as it was');
      const healed = await box.run(script, words, { shell });
      t.is(healed.exitCode, 0, healed.stderr);
      t.deepEqual(await filesIn(place), whole);
      t.deepEqual(await stageOf(box), []);
    }));
}

test('lost-name: a name that another image has in a layout is told, and not taken under --no-clobber', (t) =>
  withImport(async (box) => {
    const near = await createNear({ DOCKER_HOST: 'unix:///nowhere' });
    try {
      const usb = path.join(box.folder, 'usb');
      const [site = ''] = (await makeBundle({ folder: usb, images })).volumes;
      const imports = {
        sh: (place: string, ...more: string[]) =>
          box.run(path.join(site, 'import.sh'), ['--engine', `layout:${place}`, ...more]),
        tool: (place: string, ...more: string[]) =>
          near.run(['import', site, '--engine', `layout:${place}`, '--yes', ...more]),
      };
      for (const [by, run] of Object.entries(imports)) {
        const place = path.join(box.folder, by);
        await writeForeign(place);
        const before = await filesIn(place);
        const refused = await run(place, '--no-clobber');
        t.is(refused.exitCode, 47, `${by}: ${refused.stderr}`);
        t.regex(refused.stderr, /NAME_TAKEN/);
        t.deepEqual(await filesIn(place), before, by);
        const moved = await run(place);
        t.is(moved.exitCode, 0, `${by}: ${moved.stderr}`);
        t.is(
          `${moved.stdout}${moved.stderr}`.match(/name .*ca978112ca1b/g)?.length,
          1,
          moved.stdout + moved.stderr,
        );
        // The same image takes nobody's name.
        const again = await run(place, '--no-clobber');
        t.is(again.exitCode, 0, `${by}: ${again.stderr}`);
      }
    } finally {
      await near.remove();
    }
  }));

test('layer bytes that are none of their image leave the folder as it was', (t) =>
  withImport(async (box) => {
    const place = path.join(box.folder, 'images');
    await writeForeign(place);
    const before = await filesIn(place);
    const lieOfLayer = ({ tar }: { readonly tar: Buffer }) =>
      Buffer.from(tar.map((byte, at) => (at === 600 ? byte ^ 1 : byte)));
    const { volumes } = await makeBundle({ folder: path.join(box.folder, 'usb'), images, lieOfLayer });
    const said = await box.run(path.join(volumes[0] ?? '', 'import.sh'), ['--engine', `layout:${place}`]);
    t.is(said.code, 'VERIFY_FAILED', said.stderr);
    t.deepEqual(await filesIn(place), before);
  }));

test('a folder that is no layout, a bundle, a path that is none and an index of another kind are refused before anything is stored', (t) =>
  withImport(async (box) => {
    const at = (name: string): string => path.join(box.folder, name);
    const { volumes } = await makeBundle({ folder: at('usb'), images });
    const [site = ''] = volumes;
    const script = path.join(site, 'import.sh');
    await mkdir(at('other'));
    await writeFile(at('other/file'), 'x');
    await writeForeign(at('index'));
    for (const index of ['{"schemaVersion":1,"manifests":[]}', '[]', 'x', ' '.repeat(70_000)]) {
      await writeFile(at('index/index.json'), index);
      const said = await box.run(script, ['--engine', `layout:${at('index')}`]);
      t.is(said.code, 'FAR_ENGINE_UNSUPPORTED', `${index.slice(0, 40)}: ${said.stderr}`);
      t.regex(said.stderr, /has an index\.json that import\.sh cannot add to/);
    }
    const copy = at('copy');
    const near = await createNear({ DOCKER_HOST: 'unix:///nowhere' });
    await cp(site, copy, { recursive: true });
    for (const [place, reason] of [
      [at('other'), /is not an OCI layout/],
      [copy, /is a bundle/],
    ] as const) {
      const before = await filesIn(place);
      const said = await box.run(script, ['--engine', `layout:${place}`]);
      t.is(said.code, 'FAR_ENGINE_UNSUPPORTED', said.stderr);
      t.regex(said.stderr, reason);
      const byTool = await near.run(['import', site, '--engine', `layout:${place}`]);
      t.is(byTool.exitCode, said.exitCode ?? null, byTool.stderr);
      t.regex(byTool.stderr, /cannot be used: it is (?:a bundle|no OCI layout) \[FAR_ENGINE_UNSUPPORTED\]/);
      t.deepEqual(await filesIn(place), before);
    }
    await near.remove();
    for (const words of ['layout:', 'layout:images', 'layout:/', 'layout:/a/../b'])
      t.is((await box.run(script, ['--engine', words])).code, 'USAGE', words);
  }));
