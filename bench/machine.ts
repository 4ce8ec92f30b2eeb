// The machine and the programs of a measure: numbers without them mean nothing.
import { cpus, release, totalmem } from 'node:os';
import { ask } from './command.js';
import type { World } from './world.js';

/** One fact a line. */
export async function describeMachine(world: World): Promise<string[]> {
  const first = async (program: string, args: readonly string[], env = process.env): Promise<string> =>
    ((await ask(program, args, { env })) ?? 'none').trim().split('\n')[0] ?? 'none';
  const format = '{{.ServerVersion}}, {{.Driver}}';
  const cpu = cpus();
  return [
    `${cpu.length} cores (${cpu[0]?.model ?? 'unknown'}), ${(totalmem() / 1e9).toFixed(0)} GB, Linux ${release()}`,
    `near and far dockerd ${await first('docker', ['info', '--format', format], world.far.env)}`,
    await first('docker', ['--version']),
    await first('sh', ['-c', 'ssh -V 2>&1']),
    await first('zstd', ['--version']),
    `Node ${process.version}`,
    'near, far, ssh and the link share these cores',
  ];
}
