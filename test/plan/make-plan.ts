import test from 'ava';
import { digestOf, hexOf } from '../../src/oci/digest.js';
import { makePlan, type PlanInput } from '../../src/plan/make-plan.js';
import type { Route } from '../../src/plan/plan.js';
import { plainLine } from '../../src/views/line.js';
import { viewPlan } from '../../src/views/plan.js';
import {
  containerd,
  diff,
  farImage,
  graphdriver,
  input,
  layout,
  planImage,
  podman,
  target,
} from '../helpers/targets.js';

const routes = (plan: ReturnType<typeof makePlan>, at = 0): Route[] =>
  plan.images[at]?.layers.map((layer) => layer.route) ?? [];

test('an empty host is sent every layer', (t) => {
  const plan = makePlan(input(target(graphdriver), [planImage('app:1', ['base', 'app'])]));
  t.deepEqual(routes(plan), ['send', 'send']);
  t.is(plan.totals.send.bytes, 20_000_000);
  t.is(plan.totals.withoutAirgap?.bytes, 20_000_000);
  t.is(plan.totals.wire.kind, 'estimate');
  t.deepEqual(plan.refusals, []);
});

test('images of a bundle are not compared with a docker save that nobody here could run', (t) => {
  const plan = makePlan({ ...input(target(graphdriver), [planImage('app:1', ['base'])]), bundle: 'site' });
  t.is(plan.totals.withoutAirgap, undefined);
  t.false(viewPlan(plan, 80).map(plainLine).join('\n').includes('docker save'));
});

test('a graphdriver holds a layer only on the same stack', (t) => {
  const held = { images: [farImage(digestOf('x'), ['base', 'libs'])] };
  const same = makePlan(input(target(graphdriver, held), [planImage('app:1', ['base', 'libs', 'app'])]));
  t.deepEqual(routes(same), ['held', 'held', 'send']);
  const other = makePlan(
    input(target(graphdriver, held), [planImage('app:1', ['other', 'libs', 'app'], 1_000_000)]),
  );
  t.deepEqual(routes(other), ['send', 'send', 'send']);
});

test('a graphdriver that holds the layer on another stack splices it when its save is quicker than the link', (t) => {
  const held = { images: [farImage(digestOf('x'), ['base', 'libs'], 200e6)] };
  const image = planImage('app:1', ['other', 'libs'], 150_000_000);
  const slow = makePlan(input({ ...target(graphdriver, held), linkRate: 1e6 }, [image]));
  t.deepEqual(routes(slow), ['send', 'splice']);
  t.deepEqual(slow.images[0]?.layers[1]?.spliceFrom, {
    farId: digestOf('x'),
    layerIndex: 1,
    imageBytes: 200e6,
  });
  t.true((slow.disk.find((row) => row.where === 'stage')?.neededBytes ?? 0) > 200e6);
  const fast = makePlan(input({ ...target(graphdriver, held), linkRate: 500e6 }, [image]));
  t.deepEqual(routes(fast), ['send', 'send']);
});

test('a containerd store holds what lies in its content store, described as it lies there', (t) => {
  const blob = digestOf('gzip of base');
  const held = {
    images: [farImage(digestOf('m'), ['base', 'libs'])],
    blobs: new Map([
      [blob, { size: 4000, diffId: diff('base'), codec: 'gzip' as const }],
      [diff('libs'), { size: 9000, diffId: diff('libs') }],
    ]),
  };
  const plan = makePlan(input(target(containerd, held), [planImage('app:1', ['other', 'base', 'libs'])]));
  t.deepEqual(routes(plan), ['send', 'held', 'held']);
  t.deepEqual(plan.images[0]?.layers[1]?.heldBlob, { digest: blob, size: 4000, codec: 'gzip' });
  t.deepEqual(plan.images[0]?.layers[2]?.heldBlob, { digest: diff('libs'), size: 9000, codec: 'none' });
});

test('a blob is never described as something that it may not be', (t) => {
  const blob = digestOf('packed base');
  const manifest = digestOf('m');
  const image = planImage('app:1', ['base', 'app'], 1_000_000);
  const plan = (codec: 'gzip' | 'zstd' | undefined, noted: 'gzip' | 'zstd' | undefined, label = true) => {
    const facts = { size: 4000, diffId: label ? diff('base') : undefined };
    const blobs = new Map([[blob, codec === undefined ? facts : { ...facts, codec }]]);
    const layer = { diffId: diff('base'), digest: blob, size: 4000 };
    const layers = [noted === undefined ? layer : { ...layer, codec: noted }];
    const knownManifests = [{ digest: manifest, imageId: digestOf('c'), layers }];
    const held = { images: [farImage(manifest, ['base'])], blobs };
    const [first] = makePlan(input({ ...target(containerd, held), knownManifests }, [image])).images;
    return first?.layers[0]?.heldBlob?.codec;
  };
  t.is(plan('zstd', undefined), 'zstd');
  t.is(plan(undefined, 'zstd'), 'zstd');
  t.is(plan('zstd', undefined, false), 'zstd');
  t.is(plan(undefined, undefined), undefined);
});

test('a raw blob is known by its name alone, but only while some image needs it', (t) => {
  const blobs = new Map([
    [diff('base'), { size: 10_000_000, diffId: undefined }],
    [diff('left'), { size: 10_000_000, diffId: undefined }],
  ]);
  const held = { images: [farImage(digestOf('m'), ['base'])], blobs };
  const plan = makePlan(input(target(containerd, held), [planImage('app:1', ['base', 'left'])]));
  t.deepEqual(routes(plan), ['held', 'send']);
});

test('podman holds a layer wherever it is, whether its size is told or not', (t) => {
  const blobs = new Map([[diff('libs'), { size: 9000, diffId: undefined }]]);
  const held = { images: [farImage(digestOf('cfg'), ['base', 'libs'])], blobs };
  const plan = makePlan(input(target(podman, held), [planImage('app:1', ['other', 'base', 'libs'])]));
  t.deepEqual(routes(plan), ['send', 'held', 'held']);
  t.is(plan.images[0]?.layers[1]?.heldBlob, undefined);
  t.deepEqual(plan.images[0]?.layers[2]?.heldBlob, { digest: diff('libs'), size: 9000, codec: 'none' });
});

test('an image that podman has, whole, is only proved: its Id is the config’s digest', (t) => {
  const image = planImage('app:1', ['base', 'app']);
  const plan = makePlan(
    input(target(podman, { images: [farImage(image.imageId, ['base', 'app'])] }), [image]),
  );
  t.deepEqual(plan.images[0]?.present, { farId: image.imageId });
});

test('podman keeps an archive twice beside its store: that room is asked for, on one file system all of it', (t) => {
  const image = planImage('app:1', ['base'], 10_000_000);
  const room = (free: Record<string, number>, devices: Record<string, string> = {}) =>
    makePlan(
      input(
        {
          ...target(podman),
          free: new Map(Object.entries(free)),
          devices: new Map(Object.entries(devices)),
        },
        [image],
      ),
    );
  const root = podman.root ?? '';
  const apart = room({ '/var/tmp': 19_000_000, [root]: 1e9 });
  t.deepEqual(
    apart.disk.find(({ where }) => where === 'archive'),
    { where: 'archive', path: '/var/tmp', neededBytes: 20_000_000, freeBytes: 19_000_000 },
  );
  t.deepEqual(
    apart.refusals.map(({ code, facts }) => [code, 'path' in facts ? facts.path : '']),
    [['TARGET_FULL', '/var/tmp']],
  );
  t.deepEqual(room({ '/var/tmp': 21_000_000, [root]: 1e9 }).refusals, []);
  const shared = room(
    { '/var/tmp': 25_000_000, [root]: 25_000_000 },
    { '/var/tmp': '/dev/sda1', [root]: '/dev/sda1' },
  );
  t.deepEqual(
    shared.refusals.map(({ code }) => code),
    ['TARGET_FULL'],
  );
});

test('a containerd store that does not tell its blobs is believed only through a manifest we made', (t) => {
  const manifest = digestOf('our manifest');
  const held = { images: [farImage(manifest, ['base', 'app'])] };
  const image = planImage('app:2', ['base', 'app2'], 1_000_000);
  const unknown = makePlan(input(target(containerd, held), [image]));
  t.deepEqual(routes(unknown), ['send', 'send']);
  const layers = [
    { diffId: diff('base'), digest: diff('base'), size: 7 },
    { diffId: diff('app'), digest: diff('app'), size: 8 },
  ];
  const knownManifests = [{ digest: manifest, imageId: digestOf('c'), layers }];
  const known = makePlan(input({ ...target(containerd, held), knownManifests }, [image]));
  t.deepEqual(routes(known), ['held', 'send']);
});

test('a broken record on a containerd store counts as nothing', (t) => {
  const manifest = digestOf('our manifest');
  const images = [{ farId: manifest, diffIds: undefined, sizeBytes: 5 }];
  const knownManifests = [
    {
      digest: manifest,
      imageId: digestOf('c'),
      layers: [{ diffId: diff('base'), digest: diff('base'), size: 7 }],
    },
  ];
  const state = { ...target(containerd, { images }), knownManifests };
  t.deepEqual(routes(makePlan(input(state, [planImage('app:1', ['base'])]))), ['send']);
});

test('an image that is there whole is only proved', (t) => {
  const image = planImage('app:1', ['base', 'app']);
  const held = {
    images: [farImage(image.imageId, ['base', 'app'])],
    tags: new Map([['app:1', image.imageId]]),
  };
  const plan = makePlan(input(target(graphdriver, held), [image]));
  t.deepEqual(plan.images[0]?.present, { farId: image.imageId });
  t.true(plan.images[0]?.named);
  t.deepEqual(routes(plan), ['held', 'held']);
  t.is(plan.totals.wire.bytes, 0);
  t.is(plan.totals.wire.kind, 'exact');
});

test('a layer that two images share travels once', (t) => {
  for (const engine of [graphdriver, containerd, layout]) {
    const images = [planImage('a:1', ['base', 'a']), planImage('b:1', ['base', 'b'])];
    const plan = makePlan(input(target(engine), images));
    t.deepEqual(routes(plan, 0), ['send', 'send']);
    t.deepEqual(routes(plan, 1), ['held', 'send']);
    t.is(plan.totals.sendCount, 3);
    t.is(plan.totals.send.bytes, 30_000_000);
  }
});

test('a layer under two stacks is sent once and counted once', (t) => {
  const images = [planImage('a:1', ['x', 'shared']), planImage('b:1', ['y', 'shared'])];
  const plan = makePlan(input(target(graphdriver), images));
  t.deepEqual(routes(plan, 1), ['send', 'send']);
  t.is(plan.totals.sendCount, 3);
});

test('a layout holds the raw blobs it has', (t) => {
  const blobs = new Map([[diff('base'), { size: 10_000_000, diffId: undefined }]]);
  const plan = makePlan(input(target(layout, { blobs }), [planImage('a:1', ['base', 'a'])]));
  t.deepEqual(routes(plan), ['held', 'send']);
});

test('a blob of a layout that is torn is sent, whatever its name says', (t) => {
  const blobs = new Map([[diff('base'), { size: 5000, diffId: undefined }]]);
  const state = target(layout, { blobs });
  t.deepEqual(routes(makePlan(input(state, [planImage('a:1', ['base'])]))), ['send']);
  const image = planImage('a:1', ['base']);
  const layers = image.layers.map((layer) => ({
    ...layer,
    raw: { ...layer.raw, kind: 'estimate' as const },
  }));
  t.deepEqual(routes(makePlan(input(state, [{ ...image, layers }]))), ['held'], 'a guess proves nothing');
});

test('the codec is the best that the far programs read', (t) => {
  const image = planImage('a:1', ['base']);
  const codec = (tools: string[], more: Partial<PlanInput> = {}): string => {
    const plan = makePlan(input({ ...target(graphdriver), tools: new Set(tools) }, [image], more));
    return `${plan.codec} ${plan.codecReason}`;
  };
  t.is(codec(['zstd', 'gzip']), 'zstd farZstd');
  t.is(codec(['gzip']), 'gzip farGzip');
  t.is(codec([]), 'none farNothing');
  t.is(codec(['zstd'], { codec: 'none' }), 'none asked');
});

test('spooled layers make the figure exact', (t) => {
  const image = planImage('a:1', ['base']);
  const layers = image.layers.map((layer) => ({ ...layer, spooled: { zstd: 1234 } }));
  const plan = makePlan(input(target(graphdriver), [{ ...image, layers }]));
  t.deepEqual(plan.totals.wire, { bytes: 1234, kind: 'exact' });
  t.is(plan.disk.find((row) => row.where === 'spool')?.neededBytes, 0);
});

test('too little room for the upper bound is refused with path and bytes', (t) => {
  const state = target(graphdriver);
  const free = new Map([
    ['/root/.cache/airgap', 50e9],
    ['/var/lib/docker', 15_000_000],
  ]);
  const plan = makePlan(input({ ...state, free }, [planImage('a:1', ['base'])]));
  t.is(plan.refusals[0]?.code, 'TARGET_FULL');
  t.like(plan.refusals[0]?.facts, {
    path: '/var/lib/docker',
    freeBytes: 15_000_000,
    neededBytes: 20_000_000,
  });
});

test('stage and engine on one file system need room for both', (t) => {
  const free = new Map([
    ['/root/.cache/airgap', 25_000_000],
    ['/var/lib/docker', 25_000_000],
  ]);
  const plan = makePlan(input({ ...target(graphdriver), free }, [planImage('a:1', ['base'])]));
  t.deepEqual(
    plan.refusals.map((one) => one.code),
    ['TARGET_FULL'],
  );
});

test('free room that differs by what was written meanwhile is still one file system where its device says so', (t) => {
  const free = new Map([
    ['/root/.cache/airgap', 25_000_000],
    ['/var/lib/docker', 24_995_904],
  ]);
  const plan = (stage: string, engine: string) => {
    const devices = new Map([
      ['/root/.cache/airgap', stage],
      ['/var/lib/docker', engine],
    ]);
    return makePlan(input({ ...target(graphdriver), free, devices }, [planImage('a:1', ['base'])]));
  };
  t.is(plan('/dev/sda1', '/dev/sda1').refusals[0]?.code, 'TARGET_FULL');
  t.deepEqual(plan('/dev/sda1', '/dev/sdb1').refusals, []);
});

test('packages need room where repositories lie, one set at a time on the stage, and all of it on one file system', (t) => {
  const free = new Map([
    ['/root/.cache/airgap', 25_000_000],
    ['/var/lib/docker', 30_000_000],
  ]);
  const devices = new Map([
    ['/root/.cache/airgap', '/dev/sda1'],
    ['/var/lib/docker', '/dev/sdb1'],
  ]);
  const place = '/srv/airgap/packages';
  const plan = (bytes: number, stageBytes: number, device: string | undefined) =>
    makePlan(
      input({ ...target(graphdriver), free, devices }, [planImage('a:1', ['base'])], {
        packages: { path: place, bytes, stageBytes, freeBytes: 30_000_001, device },
      }),
    );
  const told = (made: ReturnType<typeof plan>) =>
    made.refusals.map(({ code, facts }) => `${code} ${'path' in facts ? facts.path : ''}`);
  t.deepEqual(told(plan(30_000_000, 20_000_000, '/dev/sdc1')), []);
  t.deepEqual(told(plan(30_000_002, 20_000_000, '/dev/sdc1')), [`TARGET_FULL ${place}`]);
  t.deepEqual(told(plan(30_000_000, 26_000_000, '/dev/sdc1')), ['TARGET_FULL /root/.cache/airgap']);
  t.deepEqual(told(plan(20_000_000, 20_000_000, '/dev/sdb1')), ['TARGET_FULL /var/lib/docker']);
  const lines = viewPlan(plan(1_000_000, 1_000_000, undefined), 80).map(plainLine);
  t.true(
    lines.some((line) => /Packages there +at most 1\.0 MB needed/.test(line)),
    lines.join('\n'),
  );
});

test('too little room for the spool is refused here', (t) => {
  const more = { spool: { path: '/spool', freeBytes: 1000 } };
  const plan = makePlan(input(target(graphdriver), [planImage('a:1', ['base'])], more));
  t.deepEqual(
    plan.refusals.map((one) => one.code),
    ['SPOOL_FULL'],
  );
});

test('a codec that was asked for and that the far side cannot read is refused before a byte moves', (t) => {
  const bare = { ...target(graphdriver), tools: new Set(['gzip']) };
  const image = planImage('a:1', ['base']);
  const [refusal] = makePlan(input(bare, [image], { codec: 'zstd' })).refusals;
  t.like(refusal, { code: 'FAR_TOOL_MISSING', facts: { tool: 'zstd' } });
  t.regex(refusal?.hint ?? '', /--compress/);
  t.deepEqual(makePlan(input(bare, [image], { codec: 'gzip' })).refusals, []);
  t.deepEqual(makePlan(input(bare, [image], { codec: 'none' })).refusals, []);
  t.deepEqual(makePlan(input(bare, [image])).refusals, []);
});

test('another platform is refused unless it was asked for', (t) => {
  const arm = { ...planImage('a:1', ['base']), platform: { os: 'linux', architecture: 'arm64' } };
  t.is(makePlan(input(target(graphdriver), [arm])).refusals[0]?.code, 'TARGET_PLATFORM');
  t.deepEqual(makePlan(input(target(graphdriver), [arm], { platformAsked: true })).refusals, []);
});

test('a name that would move is told, and refused under no-clobber', (t) => {
  const old = digestOf('old');
  const held = { images: [farImage(old, ['old'])], tags: new Map([['a:1', old]]) };
  const plan = makePlan(input(target(graphdriver, held), [planImage('a:1', ['base'])]));
  t.is(plan.images[0]?.movesFrom, old);
  t.deepEqual(plan.refusals, []);
  const strict = makePlan(
    input(target(graphdriver, held), [planImage('a:1', ['base'])], { noClobber: true }),
  );
  t.is(strict.refusals[0]?.code, 'NAME_TAKEN');
  t.is(hexOf(old).length, 64);
});

test('held-that-was-sent: a layer that an earlier image of the run brings is not one the host had', (t) => {
  const images = [planImage('app:1', ['base', 'one']), planImage('app:2', ['base', 'two'])];
  for (const engine of [graphdriver, containerd, layout]) {
    const plan = makePlan(input(target(engine), images));
    t.is(plan.totals.heldCount, 0);
    t.is(plan.totals.sharedCount, 1);
    t.deepEqual(
      plan.images[1]?.layers.map((layer) => layer.shared === true),
      [true, false],
    );
  }
  const there = { images: [farImage(digestOf('x'), ['base'])] };
  const held = makePlan(input(target(graphdriver, there), images));
  t.deepEqual([held.totals.heldCount, held.totals.sharedCount], [1, 0]);
});

test('a level that spooled layers do not have is told', (t) => {
  const image = planImage('a:1', ['base', 'app']);
  const layers = image.layers.map((layer, at) => (at === 0 ? { ...layer, spooled: { zstd: 1234 } } : layer));
  const plan = (more: Partial<PlanInput>) =>
    makePlan({ ...input(target(graphdriver), [{ ...image, layers }]), codec: 'zstd', ...more });
  t.deepEqual(plan({}).warnings, []);
  t.deepEqual(plan({ levelAsked: true }).warnings, [
    '1 layer is spooled already and keeps its level of then',
  ]);
  t.deepEqual(plan({ levelAsked: true, codec: 'gzip' }).warnings, []);
});
