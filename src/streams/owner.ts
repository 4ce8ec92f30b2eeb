// Who holds a lock: a process that can be told apart from a later one with the same number.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process, as written into lock files. */
export interface Owner {
  readonly pid: number;
  /** Start in clock ticks since boot; `-` where the system does not tell. */
  readonly startedAt: string;
  readonly bootId: string;
  readonly host: string;
  /** Differs for each lock taken, so two owners in one process are two. */
  readonly token: string;
}

/** This process. */
export function thisOwner(): Owner {
  const { pid } = process;
  const host = hostname().replace(/[^A-Za-z0-9._-]/g, '_');
  return { pid, startedAt: startOf(pid) ?? '-', bootId: bootId(), host, token: randomUUID() };
}

/** One line. */
export function formatOwner({ pid, startedAt, bootId, host, token }: Owner): string {
  return `${pid} ${startedAt} ${bootId} ${host} ${token}\n`;
}

/** The owner in a line, or undefined if it is not one (such as a torn write). */
export function parseOwner(line: string): Owner | undefined {
  const match = /^(\d{1,10}) (\d+|-) ([0-9a-f-]{1,64}) ([A-Za-z0-9._-]{1,255}) ([0-9a-f-]{36})$/.exec(
    line.trimEnd(),
  );
  const [, pid, startedAt, boot, host, token] = match ?? [];
  if (pid === undefined || startedAt === undefined || boot === undefined) return undefined;
  if (host === undefined || token === undefined) return undefined;
  return { pid: Number(pid), startedAt, bootId: boot, host, token };
}

/**
 * Whether that process still runs. One on another machine (a shared home) cannot be asked: it counts as alive
 * until `ageMs` says that it has not touched its file for a day.
 */
export function isAlive(owner: Owner, ageMs: number): boolean {
  if (owner.host !== thisOwner().host) return ageMs < 24 * 60 * 60 * 1000;
  if (owner.bootId !== bootId()) return false;
  const startedAt = startOf(owner.pid);
  if (startedAt !== undefined) return owner.startedAt === '-' || startedAt === owner.startedAt;
  return owner.startedAt === '-' && answersSignal(owner.pid);
}

function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The program's name, in brackets, may hold anything: count from behind it. Start time is field 22.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return '-';
  }
}

function answersSignal(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
