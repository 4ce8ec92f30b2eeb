// The interleaved measure: in every round every contestant goes through cold, re-send and changed layer, on every link.

import { ask, run } from './command.js';
import type { Contestant } from './contestants.js';
import { changedShop, shop } from './corpus.js';
import { measure } from './measure.js';
import type { BenchOptions, LinkName, ScenarioName } from './options.js';
import { type World, withLineBuffers } from './world.js';

/** One run of one contestant. */
export interface Sample {
  readonly round: number;
  readonly link: LinkName;
  readonly scenario: ScenarioName;
  readonly contestant: string;
  readonly wallSeconds: number;
  /** The command with all it started, and near dockerd's share of it. */
  readonly nearCpuSeconds: number;
  readonly nearDockerdCpuSeconds: number;
  /** sshd with all it started, and far dockerd. */
  readonly farCpuSeconds: number;
  readonly peakBytes: number;
  readonly wireBytes: number;
}

/** A contestant that could not do it, and why. */
export interface Miss {
  readonly link: LinkName;
  readonly scenario: ScenarioName;
  readonly contestant: string;
  readonly problem: string;
}

export interface Collected {
  readonly samples: Sample[];
  readonly misses: Miss[];
}

/** @param onSample called after each run: a bench of half an hour should say that it lives */
export async function runRounds(
  world: World,
  options: BenchOptions,
  contestants: readonly Contestant[],
  onSample: (sample: Sample | Miss) => void,
): Promise<Collected> {
  const collected: Collected = { samples: [], misses: [] };
  for (const link of options.links) {
    for (let round = 1; round <= options.rounds; round += 1) {
      for (const contestant of contestants) {
        await withLineBuffers(link, () =>
          runChain({ world, options, contestant, link, round, collected, onSample }),
        );
      }
    }
  }
  return collected;
}

interface ChainOptions {
  readonly world: World;
  readonly options: BenchOptions;
  readonly contestant: Contestant;
  readonly link: LinkName;
  readonly round: number;
  readonly collected: Collected;
  readonly onSample: (sample: Sample | Miss) => void;
}

/** Each scenario starts where the one before ended; one that is not asked for is made without the link. */
async function runChain(chain: ChainOptions): Promise<void> {
  const { world, options, contestant } = chain;
  await world.makeEmpty();
  await contestant.makeEmpty?.(world);
  if (options.scenarios.has('cold')) await runOne(chain, 'cold', shop);
  else if (options.scenarios.has('resend') || options.scenarios.has('changed')) await plant(chain, shop);
  if (options.scenarios.has('resend')) await runOne(chain, 'resend', shop);
  if (options.scenarios.has('changed')) await runOne(chain, 'changed', changedShop);
}

async function runOne(chain: ChainOptions, scenario: ScenarioName, image: string): Promise<void> {
  const { contestant, link, collected, onSample } = chain;
  try {
    const sample = await runSample({ ...chain, scenario, image });
    collected.samples.push(sample);
    onSample(sample);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    const miss = { link, scenario, contestant: contestant.name, problem };
    collected.misses.push(miss);
    onSample(miss);
    // what comes next starts from where this one should have come to
    await plant(chain, image);
  }
}

/** One measured and verified run. @throws {Error} when the command fails or the far side has not the same image */
export async function runSample(one: {
  readonly world: World;
  readonly contestant: Contestant;
  readonly link: LinkName;
  readonly round: number;
  readonly scenario: ScenarioName;
  readonly image: string;
}): Promise<Sample> {
  const { world, contestant, link, round, scenario, image } = one;
  // what earlier runs wrote must not be paid for by this one
  await run('sync', []);
  world.takeBytes(link);
  const before = world.cpu();
  const measured = await measure(contestant.command(world, link, image), {
    ...world.nearEnv,
    ...contestant.extraEnv?.(world),
  });
  const after = world.cpu();
  const wireBytes = world.takeBytes(link);
  await verify(world, contestant, image);
  const nearDockerdCpuSeconds = after.near - before.near;
  return {
    round,
    link,
    scenario,
    contestant: contestant.name,
    wallSeconds: measured.wallSeconds,
    nearCpuSeconds: measured.cpuSeconds + nearDockerdCpuSeconds,
    nearDockerdCpuSeconds,
    farCpuSeconds: after.far - before.far,
    peakBytes: measured.peakBytes,
    wireBytes,
  };
}

async function verify(world: World, contestant: Contestant, image: string): Promise<void> {
  const inspect = ['image', 'inspect', '--format', '{{.Id}}', image];
  const want = (await run('docker', inspect, { env: world.near.env })).trim();
  const got =
    contestant.farId === undefined
      ? (await ask('docker', inspect, { env: world.farEnv }))?.trim()
      : await contestant.farId(world, image);
  if (got !== want) throw new Error(`${image} is ${got ?? 'not there'} on the far side, not ${want}`);
}

async function plant({ world, contestant }: ChainOptions, image: string): Promise<void> {
  if (contestant.plant !== undefined) return await contestant.plant(world, image);
  const copy = `docker save ${image} | docker -H ${world.far.socket} load --quiet`;
  await run('bash', ['-o', 'pipefail', '-c', copy], { env: world.near.env });
}
