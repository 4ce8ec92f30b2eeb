// Manifests that a bundle calls the source's own: import.sh takes none that could mean another image than the one it proves.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { importProgram } from '../../src/far/program.js';
import { digestOf } from '../../src/oci/digest.js';
import { type BundleSpec, writeBundle } from '../helpers/bundles.js';
import { testImage, testLayer } from '../helpers/images.js';
import { withImport } from '../helpers/local-import.js';

const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
const layers = [testLayer('own-base', 9000), testLayer('own-top', 900)];
const image = testImage({ name: 'docker.io/plant/own:1', architecture, layers });
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value, undefined, 3));

async function codeFor(own: NonNullable<BundleSpec['own']>): Promise<string | undefined> {
  let code: string | undefined = 'not run';
  await withImport(async (box) => {
    const usb = path.join(box.folder, 'usb');
    const spec = { images: [image], codec: 'gzip', own } as const;
    const [place = ''] = await writeBundle(usb, { ...spec, carried: ({ tar }) => gzipSync(tar) });
    const script = path.join(box.folder, 'import.sh');
    await writeFile(script, importProgram());
    const words = [place, '--engine', `layout:${path.join(box.folder, 'images')}`];
    const answer = await box.run(script, words);
    code = answer.exitCode === 0 ? undefined : (answer.code ?? answer.stderr);
  });
  return code;
}

test('a plain manifest is taken, however it is laid out', async (t) => {
  t.is(await codeFor(json), undefined);
  t.is(await codeFor((parts) => json({ ...parts, annotations: { note: 'a, "b" {c} [d]' } })), undefined);
});

const lies: Readonly<Record<string, NonNullable<BundleSpec['own']>>> = {
  'another config': (parts) => json({ ...parts, config: { ...parts.config, digest: digestOf('another') } }),
  'another size': (parts) => json({ ...parts, layers: parts.layers.map((one) => ({ ...one, size: 1 })) }),
  'layers in another order': (parts) => json({ ...parts, layers: parts.layers.toReversed() }),
  'a layer more': (parts) => json({ ...parts, layers: [...parts.layers, ...parts.layers] }),
  'layers twice': (parts) => Buffer.from(JSON.stringify(parts).replace('"layers"', '"layers":[],"layers"')),
  'layers in capitals': (parts) => json({ ...parts, Layers: [] }),
  'layers in escapes': (parts) =>
    Buffer.from(JSON.stringify(parts).replace('"layers"', '"l\\u0061yers":[],"layers"')),
  'an index as well': (parts) => json({ ...parts, manifests: [] }),
  'a layer from elsewhere': (parts) =>
    json({ ...parts, layers: parts.layers.map((one) => ({ ...one, urls: ['https://elsewhere'] })) }),
};

for (const [what, own] of Object.entries(lies))
  test(`a manifest with ${what} is damage`, async (t) => {
    t.is(await codeFor(own), 'BUNDLE_DAMAGED');
  });
