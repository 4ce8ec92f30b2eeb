// The model behind `--compress auto`: what each level would bring, given the cores, the link and the engine. Pure.
// Feedback on a queue's length was tried and oscillates; the model was within 1 % of the best level (docs/design.md).

/** What one level does on one core. */
export interface LevelEstimate {
  readonly level: number;
  /** Raw bytes a second. */
  readonly bytesPerSecond: number;
  /** Raw bytes for each stored byte. */
  readonly ratio: number;
}

/** What the levels have to work with. */
export interface Surroundings {
  readonly cores: number;
  /** Bytes a second on the wire; Infinity for none. */
  readonly linkRate: number;
  /** Raw bytes a second that the far engine takes; compressing faster than that helps nobody. */
  readonly ceiling: number;
}

// Cheaper levels leave cores to SSH, to the source and, on the far side, to the engine: so much is worth that.
const worthwhile = 0.98;

/** Measured on image layers, best first in speed; corrected by what this machine and this layer show. */
export const priors = {
  none: { level: 0, bytesPerSecond: 500e6, ratio: 1 },
  zstd: [
    { level: 1, bytesPerSecond: 300e6, ratio: 3.07 },
    { level: 3, bytesPerSecond: 217e6, ratio: 3.7 },
    { level: 6, bytesPerSecond: 90e6, ratio: 3.99 },
    { level: 9, bytesPerSecond: 57e6, ratio: 4.15 },
  ],
  gzip: [
    { level: 1, bytesPerSecond: 100e6, ratio: 2.9 },
    { level: 6, bytesPerSecond: 33e6, ratio: 3.3 },
  ],
} as const satisfies Record<string, LevelEstimate | readonly LevelEstimate[]>;

/** Raw bytes a second that arrive with this level: the slowest part decides. */
export function throughput(estimate: LevelEstimate, { cores, linkRate, ceiling }: Surroundings): number {
  return Math.min(cores * estimate.bytesPerSecond, linkRate * estimate.ratio, ceiling);
}

/** The level to take: the most throughput, but the cheapest of those within 2 % of it. */
export function bestLevel<E extends LevelEstimate>(estimates: readonly [E, ...E[]], around: Surroundings): E {
  const most = Math.max(...estimates.map((estimate) => throughput(estimate, around)));
  return estimates
    .filter((estimate) => throughput(estimate, around) >= worthwhile * most)
    .reduce((best, estimate) => (estimate.bytesPerSecond > best.bytesPerSecond ? estimate : best));
}
