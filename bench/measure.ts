// Runs one contestant's command and takes its wall time, processor time, peak memory and output.
import { spawn } from 'node:child_process';
import { allProcesses, peakBytesOf, treeOf } from './proc.js';

/** Longer than any honest run here; what hangs must not hang the bench. */
const timeoutMs = 15 * 60_000;
const sampleMs = 50;
const maxTailBytes = 2 ** 20;

export interface Measured {
  readonly wallSeconds: number;
  /** User and system time of the command with every process it waited for. */
  readonly cpuSeconds: number;
  /** High-water marks of the processes that lived at the same time, added up: no spike between two samples is missed. */
  readonly peakBytes: number;
  readonly stdout: string;
}

/** @throws {Error} with the end of stderr when the command fails or takes too long */
export async function measure(script: string, env: NodeJS.ProcessEnv): Promise<Measured> {
  // `times` tells what the shell's children used, pipelines included
  const wrapped = `${script}\nstatus=$?; times >&3; exit $status`;
  const started = process.hrtime.bigint();
  const child = spawn('bash', ['-o', 'pipefail', '-c', wrapped], {
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const pid = child.pid;
  if (pid === undefined) throw new Error('bash does not start');
  const [stdout, stderr, times] = [tailOf(child.stdio[1]), tailOf(child.stdio[2]), tailOf(child.stdio[3])];
  let peakBytes = 0;
  const sampler = setInterval(() => {
    peakBytes = Math.max(peakBytes, peakBelow(pid));
  }, sampleMs);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    process.kill(-pid, 'SIGKILL');
  }, timeoutMs);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  const wallSeconds = Number(process.hrtime.bigint() - started) / 1e9;
  clearInterval(sampler);
  clearTimeout(timer);
  if (code !== 0) {
    const why = late ? `took more than ${timeoutMs / 1000} s` : `ended with ${code}`;
    throw new Error(`${script}\n${why}: ${stderr().slice(-1500)} ${stdout().slice(-1500)}`);
  }
  return {
    wallSeconds,
    cpuSeconds: parseTimes(times()),
    peakBytes,
    stdout: stdout(),
  };
}

/** The shell that started the command does not count. */
function peakBelow(root: number): number {
  const command = treeOf(root, allProcesses()).filter(({ pid }) => pid !== root);
  return command.reduce((sum, { pid }) => sum + (peakBytesOf(pid) ?? 0), 0);
}

/** The second line of bash's `times`: user and system time of its children, as `1m2.345s`. */
function parseTimes(text: string): number {
  const children = text.trim().split('\n')[1] ?? '';
  const found = [...children.matchAll(/(\d+)m([\d.]+)s/g)];
  if (found.length !== 2) throw new Error(`bash's times said ${JSON.stringify(text)}`);
  return found.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0);
}

function tailOf(stream: unknown): () => string {
  let tail = Buffer.alloc(0);
  if (stream instanceof Object && 'on' in stream && typeof stream.on === 'function') {
    stream.on('data', (bytes: Buffer) => {
      tail = Buffer.concat([tail, bytes]).subarray(-maxTailBytes);
    });
  }
  return () => tail.toString();
}
