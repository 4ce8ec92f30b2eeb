// What an output layout held before a send proves nothing by its name: torn and swapped blobs.
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import ava, { type ExecutionContext } from 'ava';
import { digestOf, hexOf } from '../../src/oci/digest.js';
import { createNear, type Outcome } from '../helpers/airgap.js';
import { ociFiles, type TestImage, testImage, testLayer, writeFiles } from '../helpers/images.js';

// One after another: each starts dozens of processes.
const test = ava.serial;

interface Sending {
  readonly image: TestImage;
  /** Folder of the blobs that are written. */
  readonly blobs: string;
  send(): Promise<Outcome>;
}

/** A real send of an image of two layers into a layout folder that holds these files. */
async function withLayout(
  before: (image: TestImage) => ReadonlyMap<string, Buffer>,
  use: (sending: Sending) => Promise<void>,
): Promise<void> {
  const near = await createNear();
  try {
    const layers = [testLayer('base', 300_000), testLayer('top', 2000)];
    const image = testImage({ name: 'docker.io/plant/app:1', layers });
    const source = path.join(near.folder, 'source');
    await writeFiles(source, ociFiles([image]));
    const out = path.join(near.folder, 'out');
    await writeFiles(out, before(image));
    const send = (): Promise<Outcome> =>
      near.run(['send', 'local:', `oci:${source}`, '--engine', `layout:${out}`, '--json']);
    await use({ image, blobs: path.join(out, 'blobs/sha256'), send });
  } finally {
    await near.remove();
  }
}

const layoutOf = (blobs: readonly (readonly [string, Buffer])[]): ReadonlyMap<string, Buffer> =>
  new Map([
    ['oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}')],
    ['index.json', Buffer.from('{"schemaVersion":2,"manifests":[]}')],
    ...blobs.map(([digest, bytes]) => [`blobs/sha256/${digest.slice(7)}`, bytes] as const),
  ]);

async function expectStored(t: ExecutionContext, { blobs }: Sending, outcome: Outcome): Promise<void> {
  t.is(outcome.exitCode, 0, outcome.stdout.slice(-2000));
  t.is(outcome.receipts[0]?.images[0]?.proof, 'stored-blobs');
  const names = await readdir(blobs);
  t.is(names.length, 4, 'two layers, config, manifest');
  for (const name of names) t.is(hexOf(digestOf(await readFile(path.join(blobs, name)))), name);
}

test('a torn layer and a rubbish config under the right names are replaced, not proved', (t) =>
  withLayout(
    ({ layers: [base], imageId }) =>
      layoutOf([
        [base?.diffId ?? '', base?.tar.subarray(0, 5000) ?? Buffer.alloc(0)],
        [imageId, Buffer.from('rubbish')],
      ]),
    async (sending) => expectStored(t, sending, await sending.send()),
  ));

test('a held layer of the right size with other bytes is refused, and sent by the next run', (t) =>
  withLayout(
    ({ layers: [base] }) => {
      const bytes = Buffer.from(base?.tar ?? '');
      bytes[bytes.byteLength >> 1]! ^= 1;
      return layoutOf([[base?.diffId ?? '', bytes]]);
    },
    async (sending) => {
      const { image, blobs } = sending;
      const first = await sending.send();
      t.is(first.errorCode, 'VERIFY_FAILED');
      const [base] = image.layers;
      t.like(first.events.at(-1), { type: 'run.failed', error: { facts: { want: base?.diffId } } });
      t.deepEqual(await readdir(blobs), [hexOf(base!.diffId)], 'the layout is as it was');
      await expectStored(t, sending, await sending.send());
      const third = await sending.send();
      t.is(third.receipts[0]?.images[0]?.layers.held, 2, 'what was healed is held again');
    },
  ));
