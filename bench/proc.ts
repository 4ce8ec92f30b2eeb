// Reads /proc: processor time of a daemon with all it ever waited for, memory of a process tree, bytes through `lo`.
import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ of Linux on every architecture that Node runs on. */
const ticksPerSecond = 100;

export interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  /** Own user and system time and that of ended children that it waited for. */
  readonly cpuSeconds: number;
}

/** All processes of this PID namespace. */
export function allProcesses(): ProcessFacts[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    const stat = read(`/proc/${name}/stat`);
    if (stat === undefined) return [];
    // the name stands in parentheses and may hold anything
    const end = stat.lastIndexOf(')');
    const fields = stat.slice(end + 2).split(' ');
    const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0);
    return [
      {
        pid: Number(name),
        parent: Number(fields[1]),
        name: stat.slice(stat.indexOf('(') + 1, end),
        cpuSeconds: ticks / ticksPerSecond,
      },
    ];
  });
}

/** The process and everything below it. */
export function treeOf(root: number, all: readonly ProcessFacts[] = allProcesses()): ProcessFacts[] {
  const tree = all.filter(({ pid }) => pid === root);
  for (const parent of tree) tree.push(...all.filter((one) => one.parent === parent.pid));
  return tree;
}

/** Processor time that a daemon and its children have used since they were started. */
export function cpuOf(root: number): number {
  return treeOf(root).reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
}

/** The most memory that this process ever had resident; undefined when it has gone. */
export function peakBytesOf(pid: number): number | undefined {
  const found = /^VmHWM:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? '');
  return found === null ? undefined : Number(found[1]) * 1024;
}

/** Bytes that went through the loopback device of this network namespace, both directions, headers included. */
export function loopbackBytes(): number {
  const line = read('/proc/net/dev')
    ?.split('\n')
    .find((one) => one.trim().startsWith('lo:'));
  return Number(line?.split(':')[1]?.trim().split(/\s+/)[0] ?? 0);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
