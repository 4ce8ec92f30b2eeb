import test from 'ava';
import { createLevelChooser, type LevelChooser } from '../../src/streams/level.js';
import { bestLevel, type LevelEstimate, priors } from '../../src/streams/level-model.js';
import { createLinkMeter } from '../../src/streams/link-meter.js';
import { segmentRawBytes } from '../../src/streams/spool-types.js';

const mbit = 125_000;
const all: readonly [LevelEstimate, ...LevelEstimate[]] = [priors.none, ...priors.zstd];
const around = (linkRate: number, ceiling = Infinity) => ({ cores: 2, linkRate, ceiling });

test('a slow link takes the highest level, a fast one a low one, none at all raw', (t) => {
  t.is(bestLevel(all, around(10 * mbit)).level, 9);
  t.is(bestLevel(all, around(1000 * mbit)).level, 3);
  t.is(bestLevel(all, around(Infinity)).level, 0);
});

test('what the far engine cannot take is not worth compressing for', (t) => {
  t.is(bestLevel(all, around(1000 * mbit, 200e6)).level, 1);
  t.is(bestLevel(all, around(2000 * mbit, 200e6)).level, 0);
});

test('two per cent more are not worth a dearer level', (t) => {
  const cheap = { level: 1, bytesPerSecond: 200e6, ratio: 3 };
  const better = (ratio: number): LevelEstimate => ({ level: 3, bytesPerSecond: 100e6, ratio });
  t.is(bestLevel([cheap, better(3.05)], around(1e6)).level, 1);
  t.is(bestLevel([cheap, better(3.1)], around(1e6)).level, 3);
});

test('a fixed level stays', (t) => {
  const chooser = createLevelChooser({ cores: 2, fixedLevel: 6 });
  chooser.reportDrained(1e9, 1000);
  t.is(chooser.level('zstd'), 6);
  t.false(chooser.prefersRaw());
});

test('before any rate is known the level is in the middle', (t) => {
  const chooser = createLevelChooser({ cores: 2 });
  t.is(chooser.level('zstd'), 3);
  t.is(chooser.level('gzip'), 6);
  t.is(chooser.level('none'), 0);
  t.false(chooser.prefersRaw());
});

test('the rate of an earlier receipt counts from the first segment', (t) => {
  t.is(createLevelChooser({ cores: 2, linkRate: 10 * mbit }).level('zstd'), 9);
  t.true(createLevelChooser({ cores: 2, linkRate: 1e9 }).prefersRaw());
});

test('the slowest of several hosts decides', (t) => {
  const chooser = createLevelChooser({ cores: 2 });
  chooser.reportDrained(1e9, 1000, 'fast');
  t.is(chooser.level('zstd'), 1);
  chooser.reportDrained(20e6, 20_000, 'slow');
  t.is(chooser.level('zstd'), 9);
});

test('a layer that cannot be compressed takes the cheapest level, and the next one a fair try', (t) => {
  const chooser = createLevelChooser({ cores: 2, linkRate: 100 * mbit });
  t.is(chooser.level('zstd'), 9);
  const noise = {
    codec: 'zstd',
    rawBytes: segmentRawBytes,
    bytes: segmentRawBytes,
    ms: 40,
    parallel: 2,
  } as const;
  for (let made = 0; made < 20; made++) chooser.observe({ ...noise, level: chooser.level('zstd') });
  t.is(chooser.level('zstd'), 1);
  t.false(chooser.prefersRaw());
  t.is(chooser.level('zstd'), 9);
});

test('the first bytes of a link, which only fill buffers, do not count', (t) => {
  const meter = createLinkMeter();
  meter.add(2 * 1024 * 1024, 1);
  t.is(meter.rate(), undefined);
  meter.add(1e6, 1000);
  t.is(meter.rate(), 1e6);
});

test('a link that changes is believed within some seconds', (t) => {
  const meter = createLinkMeter(100e6);
  for (let second = 0; second < 10; second++) meter.add(1e6, 1000);
  t.true((meter.rate() ?? Infinity) < 6e6);
});

// A run in virtual time: cores that compress, a link that drains, an engine that loads; nothing waits for a clock.

interface Content {
  /** Real speed and ratio of each level on this piece, as factors of the priors. */
  readonly speed: number;
  readonly gain: number;
}

interface World {
  readonly layers: readonly (readonly Content[])[];
  readonly ceiling: number;
  readonly linkAt: (ms: number) => number;
}

const cores = 2;
// Segments that the spool may be ahead of the link before the simulation holds it back.
const lead = 8;

/** 70 segments in layers of many kinds, the same every time. */
function layers(): Content[][] {
  let seed = 7;
  const random = (): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed / 2_147_483_648;
  };
  const kinds = [
    { speed: 1, gain: 1 },
    { speed: 0.8, gain: 0.6 },
    { speed: 1.3, gain: 1.8 },
    { speed: 1.1, gain: 0.9 },
  ];
  return [12, 3, 25, 1, 20, 9].map((count, at) => {
    const kind = kinds[at % kinds.length] ?? { speed: 1, gain: 1 };
    return Array.from({ length: count }, () => ({
      speed: kind.speed * (0.8 + 0.4 * random()),
      gain: kind.gain * (0.8 + 0.4 * random()),
    }));
  });
}

/** Milliseconds until everything is loaded. */
function simulate({ layers: all, ceiling, linkAt }: World, chooser: LevelChooser): number {
  let compressed = 0;
  let loaded = 0;
  const drained: { readonly at: number; readonly bytes: number; readonly busyMs: number }[] = [];
  let told = 0;
  for (const layer of all) {
    let isRaw: boolean | undefined;
    for (const content of layer) {
      const start = Math.max(compressed, drained.at(-lead)?.at ?? 0);
      for (const [at, drain] of drained.entries()) {
        if (at < told || drain.at > start) continue;
        chooser.reportDrained(drain.bytes, drain.busyMs);
        told = at + 1;
      }
      isRaw ??= chooser.prefersRaw();
      const level = isRaw ? 0 : chooser.level('zstd');
      const prior = [priors.none, ...priors.zstd].find((one) => one.level === level) ?? priors.none;
      const speed = isRaw ? prior.bytesPerSecond : prior.bytesPerSecond * content.speed;
      const ratio = 1 + (prior.ratio - 1) * content.gain;
      const bytes = Math.ceil(segmentRawBytes / ratio);
      const ms = (segmentRawBytes / speed) * 1000;
      compressed = start + ms / cores;
      if (!isRaw) {
        chooser.observe({ codec: 'zstd', level, rawBytes: segmentRawBytes, bytes, ms, parallel: cores });
      }
      const from = Math.max(compressed, drained.at(-1)?.at ?? 0);
      const busyMs = (bytes / linkAt(from)) * 1000;
      drained.push({ at: from + busyMs, bytes, busyMs });
      loaded = Math.max(loaded, from + busyMs) + (segmentRawBytes / ceiling) * 1000;
    }
  }
  return loaded;
}

function fixed(level: number): LevelChooser {
  const chooser = createLevelChooser({ cores, fixedLevel: level });
  return { ...chooser, prefersRaw: () => level === 0 };
}

const links = {
  '10 Mbit/s': () => 10 * mbit,
  '100 Mbit/s': () => 100 * mbit,
  '500 Mbit/s': () => 500 * mbit,
  '1000 Mbit/s': () => 1000 * mbit,
  'no limit to speak of': () => 4e9,
  'a link that falls from 1000 to 20 Mbit/s': (ms: number) => (ms < 1500 ? 1000 : 20) * mbit,
  'a link that rises from 20 to 1000 Mbit/s': (ms: number) => (ms < 20_000 ? 20 : 1000) * mbit,
};

for (const [name, linkAt] of Object.entries(links)) {
  for (const ceiling of [200e6, 2e9]) {
    test(`with ${name} and an engine that takes ${ceiling / 1e6} MB/s the choice is within 5 % of the best level`, (t) => {
      const world: World = { layers: layers(), ceiling, linkAt };
      const best = Math.min(...[0, 1, 3, 6, 9].map((level) => simulate(world, fixed(level))));
      // A link this fast is over before its first layer has told its rate: an earlier receipt does.
      const earlier = linkAt(0) > 1e9 ? { linkRate: linkAt(0) } : {};
      const chosen = simulate(world, createLevelChooser({ cores, ceiling, ...earlier }));
      t.log(`${Math.round(chosen)} ms, best level ${Math.round(best)} ms`);
      t.true(chosen <= best * 1.05, `${Math.round(chosen)} ms, best ${Math.round(best)} ms`);
    });
  }
}
