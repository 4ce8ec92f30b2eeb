// Chooses levels while a run goes on: per layer raw or compressed, per segment the level; learns from both ends.
import { availableParallelism } from 'node:os';
import type { Codec } from '../oci/descriptor.js';
import { bestLevel, type LevelEstimate, priors, type Surroundings } from './level-model.js';
import { createLinkMeter, type LinkMeter } from './link-meter.js';
import type { SegmentSample } from './spool-lane.js';

export interface LevelChooserOptions {
  readonly cores?: number;
  /** The user's choice: nothing is chosen then. */
  readonly fixedLevel?: number;
  /** Bytes a second of the slowest link, from an earlier receipt. */
  readonly linkRate?: number;
  /** Raw bytes a second that the far engine takes; default 200 MB/s: above what any was measured to load. */
  readonly ceiling?: number;
}

export interface LevelChooser {
  /** Asked when a layer begins: whether it should travel raw rather than in this codec (zstd by default). */
  prefersRaw(codec?: Codec): boolean;
  /** Whether a link rate is known, from this run or an earlier one; until then levels are a guess. */
  knowsLink(): boolean;
  /** Asked for each segment. 0 for codec none. */
  level(codec: Codec): number;
  /** Told of each segment made. */
  observe(sample: SegmentSample): void;
  /**
   * Told by senders: so many bytes went over to this host in so many milliseconds during which there were always
   * some to send. Time without anything to send must not count: it says nothing of the link.
   */
  reportDrained(bytes: number, busyMs: number, host?: string): void;
}

// Before any link rate is known: right or nearly so from 200 to 2000 Mbit/s, and nowhere bad.
const firstLevel = { none: 0, gzip: 6, zstd: 3 } as const satisfies Record<Codec, number>;
const defaultCeiling = 200e6;

/** A chooser for one run: one spool, any number of hosts. The slowest link decides, since it ends the run. */
export function createLevelChooser(options: LevelChooserOptions = {}): LevelChooser {
  const { cores = availableParallelism(), fixedLevel, ceiling = defaultCeiling } = options;
  const meters = new Map<string, LinkMeter>();
  const learners = { gzip: createLearner(priors.gzip, cores), zstd: createLearner(priors.zstd, cores) };

  const around = (): Surroundings | undefined => {
    const rates = [...meters.values()].map((meter) => meter.rate()).filter((rate) => rate !== undefined);
    const linkRate = rates.length === 0 ? options.linkRate : Math.min(...rates);
    return linkRate === undefined ? undefined : { cores, linkRate, ceiling };
  };

  return {
    prefersRaw(codec = 'zstd') {
      if (codec === 'none') return true;
      // What the last layer held says nothing of the next one.
      learners[codec].newLayer();
      const surroundings = around();
      if (fixedLevel !== undefined || surroundings === undefined) return false;
      return bestLevel([priors.none, ...learners[codec].estimates()], surroundings).level === 0;
    },
    knowsLink: () => fixedLevel !== undefined || around() !== undefined,
    level(codec) {
      if (codec === 'none') return 0;
      if (fixedLevel !== undefined) return fixedLevel;
      const surroundings = around();
      if (surroundings === undefined) return firstLevel[codec];
      return bestLevel(learners[codec].estimates(), surroundings).level;
    },
    observe(sample) {
      if (sample.codec !== 'none') learners[sample.codec].observe(sample);
    },
    reportDrained(bytes, busyMs, host = '') {
      const meter = meters.get(host) ?? createLinkMeter(options.linkRate);
      meters.set(host, meter);
      meter.add(bytes, busyMs);
    },
  };
}

type Estimates = readonly [LevelEstimate, ...LevelEstimate[]];

interface Learner {
  estimates(): Estimates;
  observe(sample: SegmentSample): void;
  newLayer(): void;
}

// Content changes within a layer, and what else runs on the cores: followed in a few segments.
const pace = 0.3;

/**
 * Learns how far this machine and this content are from the priors: one factor of speed and one of gain for all
 * levels together. Levels keep their order whatever the content, and one that was never tried is estimated as well.
 */
function createLearner(known: Estimates, cores: number): Learner {
  let speed = 1;
  let gain = 1;
  const estimate = ({ level, bytesPerSecond, ratio }: LevelEstimate): LevelEstimate => ({
    level,
    bytesPerSecond: bytesPerSecond * speed,
    ratio: 1 + (ratio - 1) * gain,
  });
  return {
    estimates() {
      const [first, ...others] = known;
      return [estimate(first), ...others.map(estimate)];
    },
    observe({ level, rawBytes, bytes, ms, parallel }) {
      const prior = known.find((one) => one.level === level);
      if (prior === undefined || bytes === 0 || ms <= 0) return;
      // More segments in work than cores: each takes longer, together they are no slower.
      const perCore = (rawBytes / ms) * 1000 * Math.max(1, parallel / cores);
      speed += pace * (perCore / prior.bytesPerSecond - speed);
      gain += pace * (Math.max(0, rawBytes / bytes - 1) / (prior.ratio - 1) - gain);
    },
    newLayer() {
      gain = 1;
    },
  };
}
