// Archives that somebody made to harm, or that time has damaged: each is an error with a code, never a wrong image.
import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { AirgapError, type ErrorCode } from '../../src/errors.js';
import { createDockerArchiveStore, createOciArchiveStore } from '../../src/stores/archive.js';
import { sourceProblem } from '../../src/text/en-source-problems.js';
import { readAll } from '../contract/store.js';
import * as images from '../helpers/images.js';
import { gnuLong, paxEntry, type TarPart, tarEntry, tarOf } from '../helpers/tar-bytes.js';
import { withTempDir } from '../helpers/tmp.js';

interface ReadOptions {
  readonly transport?: 'docker' | 'oci';
  readonly unpackLimitBytes?: number;
}

/** Opens the only image and reads it all. */
async function readArchive(
  bytes: Buffer,
  { transport = 'docker', unpackLimitBytes }: ReadOptions = {},
): Promise<number> {
  return await withTempDir(async (folder) => {
    const path = join(folder, 'image.tar');
    await writeFile(path, bytes);
    const options = { path, ...(unpackLimitBytes === undefined ? {} : { unpackLimitBytes }) };
    const store = transport === 'docker' ? createDockerArchiveStore(options) : createOciArchiveStore(options);
    try {
      const image = await store.open(undefined);
      return (await readAll(image, image.config.diffIds)).size;
    } finally {
      await store.close();
    }
  });
}

async function refused(
  t: ExecutionContext,
  bytes: Buffer,
  code: ErrorCode,
  options: ReadOptions = {},
): Promise<AirgapError | undefined> {
  const error = await t.throwsAsync(readArchive(bytes, options));
  if (!(error instanceof AirgapError)) {
    t.fail(error?.stack);
    return undefined;
  }
  t.is(error.code, code, error.message);
  const { problem } = error.facts as { problem?: string };
  if (problem !== undefined) t.not(sourceProblem(problem), problem, `no sentence for ${problem}`);
  return error;
}

const [image] = images.testImages('hostile');
const honest = images.podmanSave([image]);

/** An honest archive with something put in front. */
const withFirst = (...parts: readonly (TarPart | Buffer)[]): Buffer =>
  Buffer.concat([tarOf(parts).subarray(0, -1024), honest]);

const hostileEntries: readonly (readonly [
  title: string,
  part: TarPart | readonly Buffer[],
  problem: string,
])[] = [
  ['a path that climbs out', { path: '../../etc/passwd', content: 'x' }, 'path-escape'],
  ['a path that climbs out in the middle', { path: 'a/../../b', content: 'x' }, 'path-escape'],
  ['an absolute path', { path: '/etc/passwd', content: 'x' }, 'absolute'],
  [
    'a long name that climbs out',
    [gnuLong('L', '../x'), tarEntry({ path: 'plain', content: 'x' })],
    'path-escape',
  ],
  [
    'a PAX path that climbs out',
    [paxEntry({ path: '../x' }), tarEntry({ path: 'plain', content: 'x' })],
    'path-escape',
  ],
  ['a link out of the archive', { path: 'a/link', type: '2', link: '../../etc/passwd' }, 'link-escape'],
  ['an absolute link', { path: 'link', type: '2', link: '/etc/passwd' }, 'link-escape'],
  ['a hard link out of the archive', { path: 'a/b/link', type: '1', link: '../x' }, 'link-escape'],
  ['a link to itself', { path: 'link', type: '2', link: 'link' }, 'link-loop'],
  ['a device', { path: 'dev', type: '3' }, 'entry-type: character device'],
  ['a fifo', { path: 'fifo', type: '6' }, 'entry-type: fifo'],
  ['a sparse file', { path: 'sparse', type: 'S' }, 'entry-type: sparse file'],
  [
    'a link with a body',
    [tarEntry({ path: 'l', type: '2', link: 'x', size: 512 }), Buffer.alloc(512)],
    'header-size',
  ],
];

for (const [title, part, problem] of hostileEntries) {
  test(`an archive with ${title} is refused, plain and compressed`, async (t) => {
    const bytes = withFirst(...(Array.isArray(part) ? (part as readonly Buffer[]) : [part as TarPart]));
    for (const form of [bytes, gzipSync(bytes)]) {
      const error = await refused(t, form, 'ARCHIVE_HOSTILE');
      t.like(error?.facts, { problem });
    }
  });
}

test('two links that lead to each other end in an error', async (t) => {
  await refused(
    t,
    withFirst({ path: 'a', type: '2', link: 'b' }, { path: 'b', type: '2', link: 'a' }),
    'ARCHIVE_HOSTILE',
  );
});

test('an entry that is there twice is refused, because tools disagree on which counts', async (t) => {
  await refused(t, withFirst({ path: 'manifest.json', content: '[]' }), 'ARCHIVE_HOSTILE');
  await refused(t, withFirst({ path: './manifest.json', content: '[]' }), 'ARCHIVE_HOSTILE');
});

test('a manifest that names a layer outside of the archive is refused', async (t) => {
  for (const file of ['../../../etc/shadow', '/etc/shadow']) {
    const text = honest.toString('latin1');
    const start = text.indexOf('[{"Config"');
    const rows = JSON.parse(text.slice(start, text.indexOf('\0', start))) as { Layers: string[] }[];
    rows[0]!.Layers[0] = file;
    const config = { path: `${image.imageId.slice(7)}.json`, content: image.rawConfig };
    await refused(
      t,
      tarOf([config, { path: 'manifest.json', content: JSON.stringify(rows) }]),
      'ARCHIVE_HOSTILE',
    );
  }
});

test('ten gigabytes of zeros in ten megabytes are refused before they are unpacked', async (t) => {
  const size = 10_000_000_000;
  const zeros = gzipSync(Buffer.alloc(10_000_000));
  const header = gzipSync(tarEntry({ path: 'layer.tar', size }));
  const bomb = Buffer.concat([header, ...Array.from({ length: 1000 }, () => zeros)]);
  t.true(bomb.byteLength < 11_000_000);
  await refused(t, bomb, 'ARCHIVE_BOMB');
});

test('a layer that unpacks far beyond its size is stopped on the way', async (t) => {
  const zeros = Buffer.alloc(3_000_000);
  const layer = { tar: zeros, diffId: images.testImage({ name: 'x', layers: [] }).imageId as never };
  const bomb = images.testImage({ name: 'docker.io/library/bomb:1', layers: [layer] });
  for (const codec of ['gzip', 'zstd'] as const) {
    await refused(t, images.ociArchive([bomb], { codec }), 'ARCHIVE_BOMB', {
      transport: 'oci',
      unpackLimitBytes: 2_000_000,
    });
  }
});

test('an honest image of mostly zeros is read', async (t) => {
  const tar = tarOf([{ path: 'disk', content: Buffer.alloc(20_000_000) }]);
  const zeros = { ...images.testLayer('x', 1), tar };
  const layer = { tar, diffId: (await import('../../src/oci/digest.js')).digestOf(zeros.tar) as never };
  const honestZeros = images.testImage({ name: 'docker.io/library/zeros:1', layers: [layer] });
  t.is(await readArchive(images.ociArchive([honestZeros], { codec: 'zstd' }), { transport: 'oci' }), 1);
  t.is(await readArchive(gzipSync(images.dockerLegacy([honestZeros]))), 1);
});

test('documents of a gigabyte are refused by their size, and nothing of them is read', async (t) => {
  const size = 1_000_000_000;
  const config = { path: `${image.imageId.slice(7)}.json`, size };
  const rows = [{ Config: config.path, RepoTags: ['x:1'], Layers: [] }];
  const listing = { path: 'manifest.json', content: JSON.stringify(rows) };
  const spaces = gzipSync(Buffer.alloc(10_000_000, ' '));
  for (const path of ['manifest.json', 'index.json']) {
    const bytes = Buffer.concat([
      gzipSync(tarEntry({ path, size })),
      ...Array.from({ length: 100 }, () => spaces),
    ]);
    await refused(t, bytes, 'DOCUMENT_TOO_LARGE', { transport: path === 'index.json' ? 'oci' : 'docker' });
  }
  // The same plain: a file with a hole, so that reading it would show in memory and time.
  for (const parts of [[tarEntry({ path: 'manifest.json', size })], [tarEntry(listing), tarEntry(config)]]) {
    await withTempDir(async (folder) => {
      const path = join(folder, 'image.tar');
      await writeFile(path, Buffer.concat(parts));
      await truncate(path, Buffer.concat(parts).byteLength + size + 4096);
      const store = createDockerArchiveStore({ path });
      const error = await t.throwsAsync(store.open(undefined));
      t.is((error as AirgapError).code, 'DOCUMENT_TOO_LARGE');
      await store.close();
    });
  }
});

test('an archive that ends anywhere is truncated or incomplete, whichever its flavour', async (t) => {
  const flavours = [
    ['docker', images.dockerLegacy([image])],
    ['docker', images.dockerHybrid([image])],
    ['oci', images.ociArchive([image], { codec: 'gzip' })],
  ] as const;
  for (const [transport, bytes] of flavours) {
    const whole = bytes.byteLength - 1024;
    const cuts = [
      1,
      511,
      512,
      513,
      1024,
      whole - 512,
      whole - 1,
      whole,
      ...Array.from({ length: 12 }, (_, at) => Math.floor((whole * at) / 12) + at * 512),
    ];
    for (const cut of cuts.filter((at) => at > 0 && at <= whole)) {
      const error = await refused(t, bytes.subarray(0, cut), 'ARCHIVE_TRUNCATED', { transport });
      if (error?.code !== 'ARCHIVE_TRUNCATED') t.log(`cut at ${cut} of ${bytes.byteLength}`);
    }
  }
});

test('a compressed archive that ends anywhere is truncated, even after the last byte that matters', async (t) => {
  for (const codec of ['gzip', 'zstd'] as const) {
    const bytes = images.compress(images.dockerLegacy([image]), codec);
    const last = bytes.byteLength;
    for (const cut of [20, Math.floor(last / 3), Math.floor(last / 2), last - 100, last - 5, last - 1]) {
      await refused(t, bytes.subarray(0, cut), 'ARCHIVE_TRUNCATED');
    }
  }
});

test('what is no archive is told so', async (t) => {
  const path = '/dev/null';
  const store = createDockerArchiveStore({ path });
  t.is(((await t.throwsAsync(store.open(undefined))) as AirgapError).code, 'ARCHIVE_INVALID');
  await refused(t, Buffer.from('hello, I am a text of some length\n'.repeat(100)), 'ARCHIVE_INVALID');
  await refused(t, Buffer.alloc(0), 'ARCHIVE_INVALID');
  await refused(t, tarOf([]), 'ARCHIVE_INVALID');
  await refused(t, images.dockerLegacy([image]), 'ARCHIVE_INVALID', { transport: 'oci' });
  await refused(t, images.ociArchive([image]), 'ARCHIVE_INVALID', { transport: 'docker' });
  await refused(
    t,
    Buffer.concat([Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]), Buffer.alloc(600)]),
    'ARCHIVE_INVALID',
  );
});

test('one flipped byte in a tar header is found', async (t) => {
  const bytes = Buffer.from(honest);
  bytes[100] = bytes[100]! ^ 1;
  await refused(t, bytes, 'ARCHIVE_INVALID');
});

test('damage inside the compression is found', async (t) => {
  for (const codec of ['gzip', 'zstd'] as const) {
    const bytes = images.compress(honest, codec);
    bytes.fill(0xff, Math.floor(bytes.byteLength / 2), Math.floor(bytes.byteLength / 2) + 40);
    const error = await t.throwsAsync(readArchive(bytes));
    t.true(
      error instanceof AirgapError &&
        /^(ARCHIVE_INVALID|DIGEST_MISMATCH|ARCHIVE_TRUNCATED)$/.test(error.code),
      error?.stack,
    );
  }
});

test('long names, PAX records and sizes in base 256 are read as tar says', async (t) => {
  const long = `${'folder/'.repeat(30)}${image.layers[0]!.diffId.slice(7)}.tar`;
  const rows = [
    {
      Config: `${image.imageId.slice(7)}.json`,
      RepoTags: ['x:1'],
      Layers: [long, `${'p/'.repeat(100)}second.tar`, 'third.tar'],
    },
  ];
  const tar = tarOf([
    gnuLong('L', long),
    tarEntry({ path: 'short', content: image.layers[0]!.tar }),
    paxEntry({ path: `${'p/'.repeat(100)}second.tar`, size: String(image.layers[1]!.tar.byteLength) }),
    tarEntry({ path: 'short', content: image.layers[1]!.tar }),
    { path: './third.tar', content: image.layers[2]!.tar, isBase256: true },
    { path: `${image.imageId.slice(7)}.json`, content: image.rawConfig },
    { path: 'manifest.json', content: JSON.stringify(rows) },
  ]);
  t.is(await readArchive(tar), 3);
  t.is(await readArchive(gzipSync(tar)), 3);
});
