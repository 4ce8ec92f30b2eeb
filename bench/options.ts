// What `npm run bench` can be asked: which scenarios, links and contestants, how often, and where its folder is.
import { parseArgs } from 'node:util';

export const scenarioNames = ['cold', 'resend', 'changed', 'memory'] as const;
export type ScenarioName = (typeof scenarioNames)[number];

export const linkNames = ['loopback', 'wan'] as const;
export type LinkName = (typeof linkNames)[number];

export interface BenchOptions {
  readonly scenarios: ReadonlySet<ScenarioName>;
  readonly links: readonly LinkName[];
  readonly rounds: number;
  /** Names of contestants; undefined for all. */
  readonly contestants: ReadonlySet<string> | undefined;
  /** Holds the corpus, the engines' data, keys and results; outside the project's tree. */
  readonly directory: string;
  /** Arguments for the near node process, e.g. `--cpu-prof`; a measure with any is not a result. */
  readonly nodeOptions: string | undefined;
}

export const usage = `npm run bench -- [options]
  --only cold,resend,changed,memory   scenarios (default: all)
  --link loopback,wan                 links (default: both); wan is 100 Mbit/s with 40 ms RTT
  --rounds N                          interleaved rounds (default 3)
  --contestants a,b                   airgap, zstd-pipe, plain-pipe, plain-pipe-gcm, gzip-pipe, podman-scp (default: all)
  --quick                             one round, loopback, airgap against two pipes, no memory run
  --node-options '--cpu-prof …'       for the near process of airgap
The folder is $AIRGAP_BENCH_DIR, else /var/tmp/airgap-bench; it needs about 12 GB. Root is needed: it starts dockerd twice.`;

/** @throws {Error} with one sentence about what cannot be understood */
export function parseOptions(argv: readonly string[], env: NodeJS.ProcessEnv): BenchOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      only: { type: 'string' },
      link: { type: 'string' },
      rounds: { type: 'string' },
      contestants: { type: 'string' },
      quick: { type: 'boolean', default: false },
      'node-options': { type: 'string' },
    },
  });
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 99) throw new Error('--rounds wants 1 to 99');
  const quickScenarios = scenarioNames.filter((name) => name !== 'memory');
  const contestants = values.contestants ?? (values.quick ? 'airgap,zstd-pipe,plain-pipe' : undefined);
  return {
    scenarios: new Set(
      pick('--only', values.only, scenarioNames, values.quick ? quickScenarios : scenarioNames),
    ),
    links: pick('--link', values.link, linkNames, values.quick ? ['loopback'] : linkNames),
    rounds,
    contestants: contestants === undefined ? undefined : new Set(contestants.split(',')),
    directory: env.AIRGAP_BENCH_DIR ?? '/var/tmp/airgap-bench',
    nodeOptions: values['node-options'],
  };
}

function pick<T extends string>(
  flag: string,
  given: string | undefined,
  known: readonly T[],
  otherwise: readonly T[],
): readonly T[] {
  if (given === undefined) return otherwise;
  return given.split(',').map((word) => {
    const found = known.find((name) => name === word);
    if (found === undefined) throw new Error(`${flag} knows ${known.join(', ')}, not ${word}`);
    return found;
  });
}
