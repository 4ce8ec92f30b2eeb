// Blobs that whoever made an image has packed: what is hostile about them is found before they are in a bundle, and again in one.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import zlib from 'node:zlib';
import test from 'ava';
import { openBundle } from '../../src/bundle/reader.js';
import { unpackCarried } from '../../src/bundle/unpack-carried.js';
import { verifyBundle } from '../../src/bundle/verifier.js';
import { isAirgapError } from '../../src/errors.js';
import { digestOf, hexOf } from '../../src/oci/digest.js';
import { type BundleSpec, writeBundle } from '../helpers/bundles.js';
import { exportTo } from '../helpers/exports.js';
import { ociFiles, randomBytesOf, testImage, testLayer, writeFiles } from '../helpers/images.js';
import { withTempDir } from '../helpers/tmp.js';

const layer = testLayer('hostile', 60_000);
const image = testImage({ name: 'docker.io/plant/hostile:1', layers: [layer] });
const half = Math.floor(layer.tar.byteLength / 2);
const members = [layer.tar.subarray(0, half), layer.tar.subarray(half)];

async function* inChunks(bytes: Buffer, chunkBytes: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.byteLength; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

async function unpack(codec: 'gzip' | 'zstd', stored: Buffer, chunkBytes = 1000): Promise<Buffer> {
  const raw: Buffer[] = [];
  for await (const chunk of unpackCarried(inChunks(stored, chunkBytes), codec)) raw.push(Buffer.from(chunk));
  return Buffer.concat(raw);
}

/** A frame that no content size bounds, with a window of that logarithm, or one that names a dictionary. */
function frameOf(windowLog: number, dictionary?: number): Buffer {
  const magic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
  const window = (windowLog - 10) << 3;
  const head = dictionary === undefined ? [0, window] : [1, window, dictionary];
  const content = Buffer.from('content');
  const block = Buffer.alloc(3);
  block.writeUIntLE((content.byteLength << 3) | 1, 0, 3);
  return Buffer.concat([magic, Buffer.from(head), block, content]);
}

const { gzipSync, zstdCompressSync } = zlib;
const skippable = Buffer.concat([Buffer.from([0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0]), Buffer.from('note')]);

const honest: Readonly<Record<string, readonly ['gzip' | 'zstd', Buffer]>> = {
  'one member': ['gzip', gzipSync(layer.tar)],
  'several members': ['gzip', Buffer.concat(members.map((one) => gzipSync(one)))],
  'a member with a name': ['gzip', named(gzipSync(layer.tar))],
  'one frame': ['zstd', zstdCompressSync(layer.tar)],
  'several frames and a note': [
    'zstd',
    Buffer.concat([...members.map((one) => zstdCompressSync(one)), skippable]),
  ],
};

/** With the optional field of a file's name, as gzip of a file writes it. */
function named(member: Buffer): Buffer {
  const head = Buffer.from(member.subarray(0, 10));
  head[3] = 8;
  return Buffer.concat([head, Buffer.from('layer.tar\0'), member.subarray(10)]);
}

const hostile: Readonly<Record<string, readonly ['gzip' | 'zstd', Buffer]>> = {
  'zeros behind the last member': ['gzip', Buffer.concat([gzipSync(layer.tar), Buffer.alloc(512)])],
  'words behind the last member': ['gzip', Buffer.concat([gzipSync(layer.tar), Buffer.from('words')])],
  'zeros, and then a member': ['gzip', Buffer.concat([gzipSync(layer.tar), Buffer.alloc(9), gzipSync('x')])],
  'half of a member': ['gzip', gzipSync(layer.tar).subarray(0, 5000)],
  'half of a second member': [
    'gzip',
    Buffer.concat([gzipSync(layer.tar), gzipSync('second').subarray(0, 12)]),
  ],
  'no bytes for gzip': ['gzip', Buffer.alloc(0)],
  'a trailer that lies': ['gzip', lying(gzipSync(layer.tar))],
  'words behind the last frame': ['zstd', Buffer.concat([zstdCompressSync(layer.tar), Buffer.from('words')])],
  'half of a frame': ['zstd', zstdCompressSync(layer.tar).subarray(0, 5000)],
  'no bytes for zstd': ['zstd', Buffer.alloc(0)],
  'a window of 256 MiB': ['zstd', frameOf(28)],
  'a dictionary': ['zstd', frameOf(20, 7)],
  'another codec': ['zstd', gzipSync(layer.tar)],
};

function lying(member: Buffer): Buffer {
  const other = Buffer.from(member);
  other.writeUInt32LE(0, other.byteLength - 8);
  return other;
}

test('whatever packers write is unpacked, in chunks of any size', async (t) => {
  for (const [what, [codec, stored]] of Object.entries(honest))
    for (const chunkBytes of [1, 999, stored.byteLength])
      t.true((await unpack(codec, stored, chunkBytes)).equals(layer.tar), `${what} by ${chunkBytes}`);
  t.is((await unpack('zstd', frameOf(20))).toString(), 'content');
});

for (const [what, [codec, stored]] of Object.entries(hostile))
  test(`${what}: no layer, in chunks of any size`, async (t) => {
    for (const chunkBytes of [1, 1000, Math.max(1, stored.byteLength)])
      await t.throwsAsync(unpack(codec, stored, chunkBytes), { name: 'UnpackError' });
  });

/** What an export says of a layout whose only layer is stored so. */
async function exportOf(codec: 'gzip' | 'zstd', stored: Buffer): Promise<{ error: unknown; left: string[] }> {
  return await withTempDir(async (home) => {
    const files = ociFiles([image], { codec });
    const index = JSON.parse(String(files.get('index.json')));
    const file = `blobs/sha256/${hexOf(index.manifests[0].digest)}`;
    const manifest = JSON.parse(String(files.get(file)));
    manifest.layers[0] = { ...manifest.layers[0], digest: digestOf(stored), size: stored.byteLength };
    files.set(`blobs/sha256/${hexOf(digestOf(stored))}`, stored);
    const raw = Buffer.from(JSON.stringify(manifest));
    files.set(`blobs/sha256/${hexOf(digestOf(raw))}`, raw);
    index.manifests[0] = { ...index.manifests[0], digest: digestOf(raw), size: raw.byteLength };
    files.set('index.json', Buffer.from(JSON.stringify(index)));
    await writeFiles(join(home, 'layout'), files);
    const destination = join(home, 'usb');
    const images = [{ source: `oci:${join(home, 'layout')}:${image.name}` }];
    const error = await exportTo(home, { destination, images }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    const left = await readdir(destination, { recursive: true }).catch(() => []);
    return { error, left: left.filter((name) => /SHA256SUMS|blobs\/sha256\/[0-9a-f]/.test(name)) };
  });
}

test('an export refuses a carried blob that is not what it should be, and seals nothing', async (t) => {
  const other = testLayer('another', 60_000);
  const wrong = await exportOf('gzip', gzipSync(other.tar));
  t.true(isAirgapError(wrong.error, 'DIGEST_MISMATCH'));
  const garbage = await exportOf('gzip', Buffer.concat([gzipSync(layer.tar), Buffer.alloc(512)]));
  t.true(isAirgapError(garbage.error, 'ARCHIVE_INVALID'), String(garbage.error));
  const cut = await exportOf('gzip', gzipSync(layer.tar).subarray(0, 5000));
  t.true(isAirgapError(cut.error, 'ARCHIVE_INVALID'), String(cut.error));
  for (const { left } of [wrong, garbage, cut]) t.deepEqual(left, []);
});

async function problemsOf(spec: Partial<BundleSpec>, deep: boolean): Promise<string[]> {
  return await withTempDir(async (folder) => {
    const paths = await writeBundle(folder, { images: [image], codec: 'gzip', ...spec });
    const { findings } = await verifyBundle(await openBundle(paths), { deep });
    return findings.map(({ problem }) => String(problem));
  });
}

test('a bundle that is sealed and carries a hostile blob is found out by unpacking', async (t) => {
  for (const [what, [codec, stored]] of Object.entries(honest))
    t.deepEqual(await problemsOf({ codec, carried: () => stored }, true), [], what);
  for (const [what, [codec, stored]] of Object.entries(hostile).filter(
    ([, [, bytes]]) => bytes.byteLength > 0,
  ))
    t.deepEqual(await problemsOf({ codec, carried: () => stored }, true), ['codec'], what);
  const other = gzipSync(testLayer('another', 60_000).tar);
  t.deepEqual(await problemsOf({ carried: () => other }, false), []);
  t.deepEqual(await problemsOf({ carried: () => other }, true), ['diff-id']);
});

test('a bomb is unpacked no further than the layer is said to be long', async (t) => {
  for (const [codec, pack] of [
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ] as const)
    t.deepEqual(await problemsOf({ codec, carried: () => pack(Buffer.alloc(300_000_000)) }, true), ['codec']);
});

test('a raw blob is not one that can be carried', async (t) => {
  t.true((await problemsOf({ codec: 'none', carried: ({ tar }) => tar }, false)).includes('form'));
});

test('a manifest that is called the source’s own and could mean more than its image is found', async (t) => {
  const carried: BundleSpec['carried'] = ({ tar }) => gzipSync(tar);
  const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value, undefined, 2));
  t.deepEqual(await problemsOf({ carried, own: json }, true), []);
  const annotated = (parts: object): Buffer => json({ ...parts, annotations: { note: 'a & b' } });
  t.deepEqual(await problemsOf({ carried, own: annotated }, true), []);
  const lies: readonly NonNullable<BundleSpec['own']>[] = [
    (parts) => json({ ...parts, config: { ...parts.config, digest: digestOf('another') } }),
    (parts) => json({ ...parts, config: { ...parts.config, size: 1 } }),
    (parts) => json({ ...parts, layers: [...parts.layers, ...parts.layers] }),
    (parts) => json({ ...parts, layers: [] }),
    (parts) => json({ ...parts, layers: [{ ...parts.layers[0], size: 1 }] }),
    (parts) => json({ ...parts, layers: [{ ...parts.layers[0], urls: ['https://elsewhere'] }] }),
    (parts) => json({ ...parts, Layers: [] }),
    (parts) => json({ ...parts, subject: parts.config }),
    (parts) => json({ ...parts, manifests: [] }),
    (parts) => Buffer.from(JSON.stringify(parts).replace('"layers"', '"layers":[],"layers"')),
    (parts) => Buffer.from(JSON.stringify(parts).replace('"layers"', '"l\\u0061yers":[],"layers"')),
    (parts) => json({ ...parts, annotations: { note: randomBytesOf('long', 60_000).toString('hex') } }),
  ];
  for (const [at, own] of lies.entries())
    t.true((await problemsOf({ carried, own }, false)).length > 0, `lie ${at}`);
});
