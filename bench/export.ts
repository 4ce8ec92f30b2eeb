// `npm run build && npm run bench:export`: airgap export of the bench's app image against `zstd -T0 -3` over the same tar, both from
// memory to memory, without read-back; then, reported only, with read-back and from the engine, and the peak of the 2 GB image.
// Interleaved rounds, medians, ratios (1: as fast). The engine and its images are those of `npm run bench`.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { run } from './command.js';
import { big, loadCorpus, prepareContexts, shop } from './corpus.js';
import { startDockerd } from './daemons.js';
import { type Measured, measure } from './measure.js';
import { parseOptions } from './options.js';

const rounds = Number(process.env.AIRGAP_BENCH_ROUNDS ?? 5);
const airgap = resolve(import.meta.dirname, '..', 'bin', 'airgap');

async function main(): Promise<void> {
  const { directory } = parseOptions([], process.env);
  await mkdir(directory, { recursive: true });
  await prepareContexts(directory);
  const near = await startDockerd(join(directory, 'near'), process.env);
  const memory = await mkdtemp('/dev/shm/airgap-bench-');
  try {
    await loadCorpus(directory, near.env);
    const tar = join(memory, 'shop.tar');
    await run('docker', ['save', '--output', tar, shop], { env: near.env });
    const env = { ...near.env, HOME: memory, XDG_STATE_HOME: memory, XDG_CACHE_HOME: memory };
    const drive = join(memory, 'drive');
    const measureExport = async (source: string, ...flags: string[]): Promise<Measured> => {
      await rm(drive, { recursive: true, force: true });
      return await measure(
        `'${airgap}' export '${drive}' '${source}' --compress zstd:3 ${flags.join(' ')}`,
        env,
      );
    };
    const archive = `docker-archive:${tar}`;
    const contestants = {
      'zstd -T0 -3 over the tar': () => measure(`zstd -T0 -3 -q -f '${tar}' -o '${memory}/tar.zst'`, env),
      'export from the tar': () => measureExport(archive, '--no-read-back'),
      'export from the tar, read back': () => measureExport(archive),
      'export from the engine': () => measureExport(shop, '--no-read-back'),
    };
    console.log(`${availableParallelism()} cores, ${rounds} rounds, to ${memory}`);
    const samples = new Map<string, Measured[]>();
    for (let round = 0; round < rounds; round += 1)
      for (const [name, work] of Object.entries(contestants))
        samples.set(name, [...(samples.get(name) ?? []), await work()]);
    const [yardstick = 0] = [...samples.values()].map((all) => median(all, 'wallSeconds'));
    for (const [name, all] of samples)
      tell(name, all, `ratio ${(yardstick / median(all, 'wallSeconds')).toFixed(2)}`);
    tell('export of 2 GB from the engine', [await measureExport(big, '--no-read-back')], 'once');
  } finally {
    await rm(memory, { recursive: true, force: true });
    await near.stop();
  }
}

function tell(name: string, all: readonly Measured[], more: string): void {
  const wall = median(all, 'wallSeconds').toFixed(2);
  const peak = (median(all, 'peakBytes') / 1e6).toFixed(0);
  console.log(
    `${name}: ${wall} s, processor ${median(all, 'cpuSeconds').toFixed(2)} s, peak ${peak} MB, ${more}`,
  );
}

function median(all: readonly Measured[], what: 'wallSeconds' | 'cpuSeconds' | 'peakBytes'): number {
  const sorted = all.map((one) => one[what]).toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

await main();
