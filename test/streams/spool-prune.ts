import { existsSync } from 'node:fs';
import { mkdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import test from 'ava';
import { type DiffId, hexOf } from '../../src/oci/digest.js';
import { formatOwner, thisOwner } from '../../src/streams/owner.js';
import { openSpool } from '../../src/streams/spool.js';
import { diffIdOf, fillOptions, noise, pieces, readAll, sourceOf } from '../helpers/layers.js';
import { withTempDir } from '../helpers/tmp.js';

const day = 24 * 60 * 60 * 1000;
const tars = [1, 2, 3].map((seed) => noise(1_000_000, seed));
const [oldest, middle, newest] = tars.map(diffIdOf) as [DiffId, DiffId, DiffId];

/** A spool of three raw layers of 1 MB each, last used one, two and three days ago. */
async function withThreeLayers(use: (directory: string) => Promise<void>): Promise<void> {
  await withTempDir(async (directory) => {
    const spool = await openSpool({ directory });
    for (const tar of tars) {
      await spool.fill(sourceOf(tar), fillOptions(diffIdOf(tar), { codecs: ['none'] }));
    }
    await spool.close();
    for (const [at, diffId] of [oldest, middle, newest].entries()) {
      await setUsed(directory, diffId, Date.now() - (3 - at) * day);
    }
    await use(directory);
  });
}

async function setUsed(directory: string, diffId: DiffId, at: number): Promise<void> {
  await utimes(join(directory, 'layers', hexOf(diffId), 'none.data'), at / 1000, at / 1000);
}

test('the layers not used for longest go until the rest fits', async (t) => {
  await withThreeLayers(async (directory) => {
    const spool = await openSpool({ directory, limitBytes: 1_500_000 });
    t.deepEqual(
      (await spool.rows()).map(({ diffId }) => diffId),
      [oldest, middle, newest],
    );
    t.is(await spool.prune({ all: false }), 2_000_000);
    t.deepEqual(
      (await spool.rows()).map(({ diffId }) => diffId),
      [newest],
    );
    await spool.close();
  });
});

test('sizes stay known when the data has gone', async (t) => {
  await withThreeLayers(async (directory) => {
    const spool = await openSpool({ directory });
    t.is(await spool.prune({ all: true }), 3_000_000);
    const facts = spool.layer(oldest);
    t.is(facts.rawBytes, 1_000_000);
    t.is(facts.whole.size, 0);
    t.is(facts.known.get('none'), 1_000_000);
    await spool.close();
  });
});

test('reading counts as use', async (t) => {
  await withThreeLayers(async (directory) => {
    const first = await openSpool({ directory });
    await readAll(first.reader(oldest, 'none'));
    await first.close();
    const spool = await openSpool({ directory, limitBytes: 1_500_000 });
    await spool.prune({ all: false });
    t.deepEqual(
      (await spool.rows()).map(({ diffId }) => diffId),
      [oldest],
    );
    await spool.close();
  });
});

test('what a cut run needs is kept for seven days, and counts as nothing', async (t) => {
  await withThreeLayers(async (directory) => {
    const cut = await openSpool({ directory });
    await cut.need([oldest, middle]);
    await cut.close({ finished: false });
    const spool = await openSpool({ directory, limitBytes: 1_000_000 });
    t.is(await spool.prune({ all: false }), 0);
    await makeNeedsOld(directory, 6.9 * day);
    t.is(await spool.prune({ all: false }), 0);
    await makeNeedsOld(directory, 7.1 * day, 'dead');
    t.is(await spool.prune({ all: false }), 2_000_000);
    await spool.close();
  });
});

test('what a finished run needed may go', async (t) => {
  await withThreeLayers(async (directory) => {
    const spool = await openSpool({ directory, limitBytes: 0 });
    await spool.need([oldest]);
    t.is(await spool.prune({ all: false }), 2_000_000);
    await spool.close({ finished: true });
    const next = await openSpool({ directory, limitBytes: 0 });
    t.is(await next.prune({ all: false }), 1_000_000);
    await next.close();
  });
});

test('all leaves only what a living run needs', async (t) => {
  await withThreeLayers(async (directory) => {
    const living = await openSpool({ directory });
    await living.need([middle]);
    const other = await openSpool({ directory });
    await writeNeeds(directory, [newest], 'dead');
    t.is(await other.prune({ all: true }), 2_000_000);
    t.true(other.layer(middle).whole.has('none'));
    await other.close();
    await living.close();
  });
});

test('a layer that is being read is not evicted', async (t) => {
  await withThreeLayers(async (directory) => {
    const spool = await openSpool({ directory, limitBytes: 0 });
    const reader = spool.reader(oldest, 'none');
    t.is(await spool.prune({ all: true }), 2_000_000);
    t.is((await readAll(reader)).length, 1_000_000);
    await spool.close();
  });
});

test('half-made data waits seven days, then goes', async (t) => {
  await withTempDir(async (directory) => {
    const tar = noise(20_000_000);
    const diffId = diffIdOf(tar);
    const spool = await openSpool({ directory, limitBytes: 0 });
    async function* breaking(): AsyncGenerator<Buffer> {
      yield* pieces(tar.subarray(0, 12_000_000));
      throw new Error('cable out');
    }
    const bytes = { diffId, uncompressedBytes: undefined, stream: Readable.from(breaking()) };
    await t.throwsAsync(spool.fill(bytes, fillOptions(diffId, { codecs: ['none'] })));
    t.like(await spool.rows(), [{ finished: false, rawBytes: undefined, bytes: 8 * 1024 * 1024 }]);
    t.is(await spool.prune({ all: false }), 0);
    await setUsed(directory, diffId, Date.now() - 7.1 * day);
    t.is(await spool.prune({ all: false }), 8 * 1024 * 1024);
    await spool.close();
  });
});

test('nameless fills of dead processes are swept away', async (t) => {
  await withTempDir(async (directory) => {
    const spool = await openSpool({ directory });
    const left = join(directory, 'fills', 'left');
    const alive = join(directory, 'fills', 'alive');
    for (const [path, owner] of [
      [left, { ...thisOwner(), bootId: 'ffff' }],
      [alive, thisOwner()],
    ] as const) {
      await mkdir(path, { recursive: true });
      await writeFile(join(path, 'zstd.data'), 'x'.repeat(100));
      await writeFile(join(path, 'lock'), formatOwner(owner));
    }
    t.is(await spool.prune({ all: false }), 100);
    t.false(existsSync(left));
    t.true(existsSync(alive));
    await spool.close();
  });
});

test('without a limit of its own the spool keeps at most 10 GiB', async (t) => {
  await withTempDir(async (directory) => {
    const spool = await openSpool({ directory });
    t.true(spool.limitBytes > 0 && spool.limitBytes <= 10 * 1024 ** 3);
    t.true((await spool.freeBytes()) > 0);
    await spool.close();
  });
});

async function writeNeeds(directory: string, diffIds: readonly DiffId[], owner: 'dead'): Promise<void> {
  const head = formatOwner({ ...thisOwner(), bootId: owner === 'dead' ? 'ffff' : thisOwner().bootId });
  await mkdir(join(directory, 'needs'), { recursive: true });
  await writeFile(join(directory, 'needs', 'written'), `${head}${diffIds.map(hexOf).join('\n')}\n`);
}

async function makeNeedsOld(directory: string, ageMs: number, owner?: 'dead'): Promise<void> {
  const { readdir } = await import('node:fs/promises');
  for (const name of await readdir(join(directory, 'needs'))) {
    const path = join(directory, 'needs', name);
    if (owner === 'dead') {
      const [, ...lines] = (await readFile(path, 'latin1')).split('\n');
      await writeFile(path, formatOwner({ ...thisOwner(), bootId: 'ffff' }) + lines.join('\n'));
    }
    const at = (Date.now() - ageMs) / 1000;
    await utimes(path, at, at);
  }
}
