// What an export plans to store and to leave out, for hosts by passport and for earlier bundles.
import test from 'ava';
import { holderOf, type Passport, readsZstd, stackHolder } from '../../src/bundle/passport.js';
import { type ExportPlan, type ExportPlanInput, planExport } from '../../src/bundle/plan-export.js';
import { type DiffId, digestOf } from '../../src/oci/digest.js';

const layer = (name: string): DiffId => digestOf(name) as DiffId;
const [base, lib, one, two] = ['base', 'lib', 'one', 'two'].map(layer) as [DiffId, DiffId, DiffId, DiffId];

const image = (reference: string, ...layers: DiffId[]): ExportPlanInput['images'][number] => ({
  source: reference,
  reference,
  imageId: digestOf(reference),
  platform: 'linux/amd64',
  layers: layers.map((diffId) => ({ diffId, raw: { bytes: 1000, kind: 'exact' } })),
});

const passport = (
  kind: Passport['engine']['kind'],
  stacks: readonly (readonly DiffId[])[],
  more: Partial<Passport> = {},
): Passport => ({
  airgap: 'passport',
  version: 1,
  host: 'edge1',
  made: '2026-01-02T03:04:05Z',
  engine: { name: 'docker', version: '20.10.24', store: 'overlay2', kind },
  platform: 'linux/amd64',
  tools: ['zstd', 'gzip'],
  free: {},
  images: stacks.map((diffIds, at) => ({ id: digestOf(String(at)), names: [], diffIds: [...diffIds] })),
  blobs: [],
  ...more,
});

const plan = (input: Partial<ExportPlanInput>): ExportPlan =>
  planExport({
    images: [image('app:2', base, lib, two)],
    hosts: [],
    bases: [],
    there: new Map(),
    importBytes: 0,
    freeBytes: 1e9,
    ...input,
  });

const hosts = (...passports: readonly Passport[]): ExportPlanInput['hosts'] =>
  passports.map((one) => ({ holder: holderOf(one), readsZstd: readsZstd(one) }));
const omitted = (made: ExportPlan): DiffId[] =>
  made.images.flatMap((one) => one.layers).flatMap((one) => (one.route === 'omit' ? [one.diffId] : []));

test('without a passport everything is stored, in gzip that unpacks anywhere', (t) => {
  const made = plan({});
  t.is(made.codec, 'gzip');
  t.is(made.codecReason, 'noPassport');
  t.deepEqual(omitted(made), []);
});

test('what a host holds from the base up is left out', (t) => {
  const made = plan({ hosts: hosts(passport('graphdriver', [[base, lib, one]])) });
  t.deepEqual(omitted(made), [base, lib]);
  t.is(made.codec, 'zstd');
  t.is(made.codecReason, 'allReadZstd');
});

test('a graphdriver that has a layer on another parent does not hold it', (t) => {
  t.deepEqual(omitted(plan({ hosts: hosts(passport('graphdriver', [[lib, base]])) })), []);
  t.deepEqual(omitted(plan({ hosts: hosts(passport('containerd', [[lib, base]])) })), [base, lib]);
});

test('of several hosts only what all hold is left out', (t) => {
  const both = hosts(passport('graphdriver', [[base, lib, one]]), passport('graphdriver', [[base, one]]));
  t.deepEqual(omitted(plan({ hosts: both })), [base]);
});

test('a layer that one image needs stays in for all', (t) => {
  const images = [image('app:2', base, lib, two), image('other:1', lib, base)];
  const made = plan({ images, hosts: hosts(passport('graphdriver', [[base, lib, one]])) });
  t.deepEqual(omitted(made), []);
});

test('an earlier bundle counts whatever the passports say', (t) => {
  const made = plan({ bases: [stackHolder([[base, lib]])], hosts: hosts(passport('graphdriver', [])) });
  t.deepEqual(omitted(made), [base, lib]);
});

test('one host without zstd makes the whole bundle gzip, unless its engine reads zstd', (t) => {
  const bare = { tools: ['gzip'] };
  const old = passport('graphdriver', [], bare);
  t.is(plan({ hosts: hosts(passport('graphdriver', []), old) }).codec, 'gzip');
  t.is(plan({ hosts: hosts(old) }).codecReason, 'someLackZstd');
  const fresh = passport('graphdriver', [], {
    ...bare,
    engine: { name: 'docker', version: '28.5.2', store: 'overlay2', kind: 'graphdriver' },
  });
  t.is(plan({ hosts: hosts(fresh) }).codec, 'zstd');
});

test('layers that images share count once, and what is at the destination needs no more room', (t) => {
  const images = [image('app:1', base, lib, one), image('app:2', base, lib, two)];
  const made = plan({ images, codec: 'none', there: new Map([[base, 1000]]) });
  t.is(made.totals.layerCount, 4);
  t.is(made.totals.sharedBytes, 2000);
  t.is(made.totals.stored.bytes, 4000);
  t.true(made.neededBytes < plan({ images, codec: 'none' }).neededBytes);
});
