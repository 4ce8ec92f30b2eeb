// Bundles that carry blobs and manifests as their sources have them, brought into an OCI layout by import.sh and by the tool.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import ava from 'ava';
import { digestOf, hexOf } from '../../src/oci/digest.js';
import { createNear } from '../helpers/airgap.js';
import { exportTo } from '../helpers/exports.js';
import { shellNames } from '../helpers/far-box.js';
import { ociFiles, testImage, testLayer, writeFiles } from '../helpers/images.js';
import { withImport } from '../helpers/local-import.js';

const test = ava.serial;
const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
const image = testImage({
  name: 'docker.io/plant/carried:1',
  architecture,
  layers: [testLayer('carried-base', 200_000), testLayer('carried-top', 900)],
});

interface Entry {
  readonly digest: string;
  readonly annotations: Readonly<Record<string, string>>;
}

async function entriesIn(layout: string): Promise<readonly Entry[]> {
  return JSON.parse(await readFile(path.join(layout, 'index.json'), 'utf8')).manifests;
}

/** A manifest as registries hold them: laid out, with annotations that Go has escaped. */
function laidOut(files: Map<string, Buffer>): string {
  const index = JSON.parse(String(files.get('index.json')));
  const [entry] = index.manifests;
  const before = `blobs/sha256/${hexOf(entry.digest)}`;
  const value = JSON.parse(String(files.get(before)));
  value.annotations = { 'org.example.note': 'a, "b" [c] {d} & <e>' };
  const raw = Buffer.from(`${JSON.stringify(value, undefined, 3).replaceAll('&', '\\u0026')}\n`);
  files.delete(before);
  files.set(`blobs/sha256/${hexOf(digestOf(raw))}`, raw);
  index.manifests = [{ ...entry, digest: digestOf(raw), size: raw.byteLength }];
  files.set('index.json', Buffer.from(JSON.stringify(index)));
  return digestOf(raw);
}

for (const codec of ['gzip', 'zstd'] as const)
  test(`a carried ${codec} image comes into a layout with the digest it has at its source, by import.sh and by the tool`, async (t) => {
    await withImport(async (box) => {
      const source = path.join(box.folder, 'source');
      const files = ociFiles([image], { codec });
      const digest = laidOut(files);
      await writeFiles(source, files);
      const passport = path.join(box.folder, 'host.json');
      const host = {
        engine: { name: 'layout', version: '1.0.0', store: 'x', kind: 'layout' },
        tools: ['zstd'],
      };
      await writeFiles(
        box.folder,
        new Map([
          [
            'host.json',
            Buffer.from(
              JSON.stringify({
                airgap: 'passport',
                version: 1,
                host: 'edge1',
                made: '2026-01-02T03:04:05Z',
                platform: `linux/${architecture}`,
                free: {},
                images: [],
                blobs: [],
                ...host,
              }),
            ),
          ],
        ]),
      );
      const { place, plan } = await exportTo(box.folder, {
        destination: path.join(box.folder, 'usb'),
        images: [{ source: `oci:${source}:${image.name}` }],
        passports: [passport],
      });
      t.deepEqual(plan.images[0]!.manifest as unknown, { kept: digest });
      for (const shell of shellNames) {
        const layout = path.join(box.folder, `by-${shell}`);
        const answer = await box.run(path.join(place, 'import.sh'), ['--engine', `layout:${layout}`], {
          shell,
        });
        t.is(answer.exitCode, 0, answer.stderr);
        const [entry] = await entriesIn(layout);
        t.is(entry?.digest, digest);
        t.is(entry?.annotations['io.containerd.image.name'], image.name);
        t.is(
          digestOf(await readFile(path.join(layout, `blobs/sha256/${hexOf(entry!.digest as never)}`))),
          digest as never,
        );
      }
      const near = await createNear({});
      try {
        const layout = path.join(box.folder, 'by-tool');
        const outcome = await near.run(['import', place, '--engine', `layout:${layout}`, '--json']);
        t.is(outcome.exitCode, 0, outcome.stderr);
        t.is((await entriesIn(layout))[0]?.digest, digest);
      } finally {
        await near.remove();
      }
    });
  });
