// The bench itself, run by main.ts in network and process namespaces of its own.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.js';
import { allContestants, type Contestant } from './contestants.js';
import { big } from './corpus.js';
import { describeMachine } from './machine.js';
import { type BenchOptions, parseOptions } from './options.js';
import { summarize, tables, verdicts } from './report.js';
import { type Collected, type Miss, runRounds, runSample, type Sample } from './rounds.js';
import { startWorld, type World } from './world.js';

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2), process.env);
  await run('ip', ['link', 'set', 'lo', 'up']);
  const world = await startWorld(options.directory);
  const stop = (): void => {
    void world.stop().finally(() => process.exit(130));
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    await bench(world, options);
  } finally {
    await world.stop();
  }
}

async function bench(world: World, options: BenchOptions): Promise<void> {
  const machine = await describeMachine(world);
  console.log(`${machine.join('\n')}\n`);
  const contestants = await present(world, options);
  const collected = await runRounds(world, options, contestants, say);
  if (options.scenarios.has('memory')) await runMemory(world, contestants, collected);
  const rows = summarize(collected.samples, contestants);
  console.log(`\n${tables(rows)}\n\n${verdicts(rows, collected).join('\n')}`);
  const results = join(options.directory, 'results');
  await mkdir(results, { recursive: true });
  const file = join(results, `${new Date().toISOString().replaceAll(':', '-')}.json`);
  const nodeOptions = options.nodeOptions ?? null;
  await writeFile(file, `${JSON.stringify({ machine, nodeOptions, rows, ...collected }, undefined, 2)}\n`);
  console.log(`\n${file}`);
}

/** The contestants that were asked for and work here. */
async function present(world: World, options: BenchOptions): Promise<Contestant[]> {
  const wanted = allContestants(options.nodeOptions).filter(
    ({ name }) => options.contestants?.has(name) ?? true,
  );
  const found: Contestant[] = [];
  for (const contestant of wanted) {
    const problem = await contestant.prepare?.(world);
    if (problem === undefined) found.push(contestant);
    else console.log(`${contestant.name} takes no part: ${problem}`);
  }
  return found;
}

/** The 2 GB image, once, at loopback speed: what counts is airgap's memory. */
async function runMemory(
  world: World,
  contestants: readonly Contestant[],
  collected: Collected,
): Promise<void> {
  const airgap = contestants.find(({ name }) => name === 'airgap');
  if (airgap === undefined) return;
  await world.makeEmpty();
  const one = { link: 'loopback', scenario: 'memory', round: 1 } as const;
  try {
    const sample = await runSample({ world, contestant: airgap, image: big, ...one });
    collected.samples.push(sample);
    say(sample);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    collected.misses.push({ ...one, contestant: airgap.name, problem });
  }
  await world.makeEmpty();
}

function say(one: Sample | Miss): void {
  const what = `${one.link.padEnd(8)} ${one.scenario.padEnd(7)} ${one.contestant.padEnd(14)}`;
  if ('problem' in one) {
    console.log(`${what} failed: ${one.problem}`);
    return;
  }
  const { round, wallSeconds, nearCpuSeconds, farCpuSeconds, peakBytes, wireBytes } = one;
  const cpu = `CPU near ${nearCpuSeconds.toFixed(1)} far ${farCpuSeconds.toFixed(1)} s`;
  const sizes = `peak ${(peakBytes / 1e6).toFixed(0)} MB  wire ${(wireBytes / 1e6).toFixed(3)} MB`;
  console.log(`${what} round ${round}  ${wallSeconds.toFixed(2).padStart(7)} s  ${cpu}  ${sizes}`);
}

await main();
