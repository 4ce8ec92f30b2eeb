// From samples to what people read: medians with their range, ratios to the best pipe, and the aims met or missed.
import type { Contestant } from './contestants.js';
import type { LinkName, ScenarioName } from './options.js';
import type { Collected, Sample } from './rounds.js';

/** Aims of the project for the ratio of the best pipe's median to airgap's. */
const aims: Readonly<Record<LinkName, Partial<Record<ScenarioName, number>>>> = {
  loopback: { cold: 1, resend: 10 },
  wan: { cold: 1.5, resend: 10 },
};
const memoryAimBytes = 250e6;

export interface Row {
  readonly link: LinkName;
  readonly scenario: ScenarioName;
  readonly contestant: string;
  readonly rounds: number;
  readonly wallSeconds: number;
  readonly wallRange: readonly [number, number];
  /** How many times as long the best pipe takes. */
  readonly timesBestPipe: number | undefined;
  readonly nearCpuSeconds: number;
  readonly farCpuSeconds: number;
  readonly peakBytes: number;
  readonly wireBytes: number;
}

/** Medians of every link, scenario and contestant, in the order of the samples. */
export function summarize(samples: readonly Sample[], contestants: readonly Contestant[]): Row[] {
  const groups = Map.groupBy(samples, (one) => `${one.link} ${one.scenario} ${one.contestant}`);
  const rows = [...groups.values()].map((group) => rowOf(group));
  const pipes = new Set(contestants.filter(({ isPipe }) => isPipe).map(({ name }) => name));
  return rows.map((row) => {
    const best = rows
      .filter(
        (other) => other.link === row.link && other.scenario === row.scenario && pipes.has(other.contestant),
      )
      .reduce((least, other) => Math.min(least, other.wallSeconds), Number.POSITIVE_INFINITY);
    return Number.isFinite(best) ? { ...row, timesBestPipe: best / row.wallSeconds } : row;
  });
}

function rowOf(group: readonly Sample[]): Row {
  const first = group[0]!;
  const of = (pick: (sample: Sample) => number): number => median(group.map(pick));
  const walls = group.map((sample) => sample.wallSeconds);
  return {
    link: first.link,
    scenario: first.scenario,
    contestant: first.contestant,
    rounds: group.length,
    wallSeconds: median(walls),
    wallRange: [Math.min(...walls), Math.max(...walls)],
    timesBestPipe: undefined,
    nearCpuSeconds: of((sample) => sample.nearCpuSeconds),
    farCpuSeconds: of((sample) => sample.farCpuSeconds),
    peakBytes: Math.max(...group.map((sample) => sample.peakBytes)),
    wireBytes: of((sample) => sample.wireBytes),
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Aligned tables, one a link and scenario, as Markdown. */
export function tables(rows: readonly Row[]): string {
  const groups = Map.groupBy(rows, (row) => `${row.link}, ${row.scenario}`);
  return [...groups]
    .map(([title, group]) => {
      const head = ['', 'wall s', 'range', '× best pipe', 'near CPU s', 'far CPU s', 'peak MB', 'wire MB'];
      const lines = group.map((row) => [
        row.contestant,
        row.wallSeconds.toFixed(2),
        row.wallRange.map((bound) => bound.toFixed(2)).join('–'),
        row.timesBestPipe === undefined ? '' : `${row.timesBestPipe.toFixed(2)}`,
        row.nearCpuSeconds.toFixed(1),
        row.farCpuSeconds.toFixed(1),
        (row.peakBytes / 1e6).toFixed(0),
        megabytes(row.wireBytes),
      ]);
      return `### ${title}\n\n${markdown([head, ...lines])}`;
    })
    .join('\n\n');
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(bytes < 10e6 ? 3 : 1);
}

function markdown(lines: readonly (readonly string[])[]): string {
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const row = (cells: readonly string[]): string => {
    const padded = cells.map((cell, at) =>
      at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!),
    );
    return `| ${padded.join(' | ')} |`;
  };
  const rule = widths.map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [row(lines[0]!), row(rule), ...lines.slice(1).map(row)].join('\n');
}

/** One line an aim that this run can tell about. */
export function verdicts(rows: readonly Row[], collected: Collected): string[] {
  const lines = rows
    .filter(({ contestant }) => contestant === 'airgap')
    .flatMap((row) => {
      const aim = row.scenario === 'memory' ? undefined : aims[row.link][row.scenario];
      if (row.scenario === 'memory') {
        const met = row.peakBytes <= memoryAimBytes ? 'met' : 'MISSED';
        return [
          `peak memory of the near side, 2 GB image: ${megabytes(row.peakBytes)} MB, aim ≤ 250 MB: ${met}`,
        ];
      }
      if (aim === undefined || row.timesBestPipe === undefined) return [];
      const met = row.timesBestPipe >= aim ? 'met' : 'MISSED';
      return [
        `${row.link}, ${row.scenario}: ${row.timesBestPipe.toFixed(2)} × as fast as the best pipe, aim ≥ ${aim}: ${met}`,
      ];
    });
  const misses = collected.misses.map(
    ({ link, scenario, contestant, problem }) => `${contestant} failed (${link}, ${scenario}): ${problem}`,
  );
  return [...lines, ...misses];
}
