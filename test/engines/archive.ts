import test from 'ava';
import { Parser, type ReadEntry } from 'tar';
import { type ArchiveImage, archiveTail, blobHeader } from '../../src/engines/archive.js';
import { mediaTypes } from '../../src/oci/descriptor.js';
import { type DiffId, digestOf, hexOf } from '../../src/oci/digest.js';

interface Entry {
  readonly path: string;
  readonly body: Buffer;
}

async function readTar(bytes: Uint8Array): Promise<Entry[]> {
  const entries: Entry[] = [];
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry: ReadEntry) => {
      const chunks: Buffer[] = [];
      entry.on('data', (chunk: Buffer) => chunks.push(chunk));
      entry.on('end', () => entries.push({ path: entry.path, body: Buffer.concat(chunks) }));
    },
  });
  const ended = new Promise((resolve, reject) => {
    parser.on('end', resolve);
    parser.on('error', reject);
  });
  parser.end(Buffer.from(bytes));
  await ended;
  return entries;
}

const layer = Buffer.from('layer of an odd size');
const diffId = digestOf(layer) as DiffId;
const rawConfig = Buffer.from(
  '{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":[]}}',
);

const image = (storeKind: ArchiveImage['storeKind']): ArchiveImage => ({
  storeKind,
  platform: { os: 'linux', architecture: 'amd64' },
  rawConfig,
  layers: [{ diffId, blob: { digest: diffId, size: layer.byteLength, mediaType: mediaTypes.ociLayer } }],
  name: 'docker.io/plant/app:1',
});

const whole = (kind: ArchiveImage['storeKind'], existing?: Uint8Array): Buffer =>
  Buffer.concat([
    blobHeader(diffId, layer.byteLength, 0),
    layer,
    archiveTail(image(kind), layer.byteLength, existing).bytes,
  ]);

test('an archive is a tar that strict readers take, whatever the size of a layer', async (t) => {
  const entries = await readTar(whole('containerd'));
  t.deepEqual(entries[0]?.body, layer);
  t.is(entries[0]?.path, `blobs/sha256/${hexOf(diffId)}`);
  t.is(whole('containerd').byteLength % 512, 0);
});

test('metadata comes last, and the name stands full in all three places', async (t) => {
  const entries = await readTar(whole('containerd'));
  const paths = entries.map((entry) => entry.path);
  t.deepEqual(paths.slice(-3), ['oci-layout', 'index.json', 'manifest.json']);
  const index = JSON.parse(entries.at(-2)?.body.toString() ?? '');
  t.deepEqual(index.manifests[0].annotations, {
    'io.containerd.image.name': 'docker.io/plant/app:1',
    'org.opencontainers.image.ref.name': 'docker.io/plant/app:1',
  });
  t.deepEqual(JSON.parse(entries.at(-1)?.body.toString() ?? '')[0].RepoTags, ['docker.io/plant/app:1']);
});

test('a graphdriver gets no OCI half, as sizes of what it holds are not known', async (t) => {
  const paths = (await readTar(whole('graphdriver'))).map((entry) => entry.path);
  t.false(paths.includes('index.json'));
  t.true(paths.includes('manifest.json'));
});

test('the manifest that is told is the one in the archive', async (t) => {
  const tail = archiveTail(image('containerd'), layer.byteLength);
  const entries = await readTar(whole('containerd'));
  const stored = entries.find((entry) => entry.path === `blobs/sha256/${hexOf(tail.manifest!.digest)}`);
  t.is(digestOf(stored!.body), tail.manifest!.digest);
  t.is(JSON.parse(stored!.body.toString()).config.digest, digestOf(rawConfig));
});

test('a layout keeps the images it had', async (t) => {
  const first = (await readTar(whole('layout'))).find((entry) => entry.path === 'index.json')!.body;
  const other = { ...image('layout'), name: 'docker.io/plant/other:2' };
  const merged = archiveTail(other, layer.byteLength, first).bytes;
  const entries = await readTar(Buffer.concat([blobHeader(diffId, layer.byteLength, 0), layer, merged]));
  const index = JSON.parse(entries.find((entry) => entry.path === 'index.json')!.body.toString());
  t.is(index.manifests.length, 2);
  t.false(entries.some((entry) => entry.path === 'manifest.json'));
});

test('the same image gives the same bytes', (t) => {
  t.deepEqual(whole('containerd'), whole('containerd'));
});

test('a layer over 8 GiB has a header that says so', async (t) => {
  const size = 9 * 1024 ** 3;
  const header = blobHeader(diffId, size, 0);
  // POSIX octal ends at 8 GiB; base 256 is marked by the top bit.
  t.is(header[124]! & 0x80, 0x80);
  t.is(header.readUIntBE(124 + 6, 6), size);
});
