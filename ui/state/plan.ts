// What a plan says of itself: which of it must not start, what is left of it then, and how long it will take. Pure.
import type { Receipt } from '../../src/receipt/receipt.js';
import type { PlanPart } from './app-state.js';
import { type Command, forTargets } from './command.js';

/** Whether this part says that it must not start. */
export function isRefused(part: PlanPart): boolean {
  if (part.kind === 'send' || part.kind === 'push') return part.plan.refusals.length > 0;
  return part.kind === 'failed' || part.refusal !== undefined;
}

/** Whom a part is about, as the command names them. */
export function targetsOf(part: PlanPart): readonly string[] {
  if (part.kind === 'failed') return part.targets;
  // Of several hosts each has a part; else the command knows best how its one target is called.
  return part.kind === 'send' && part.command.targets.length > 1 ? [part.plan.host] : part.command.targets;
}

/** Of what was planned: the commands that may start, and the targets that are left out of them. */
export interface Startable {
  readonly commands: readonly Command[];
  readonly leftOut: readonly string[];
}

export function startable(commands: readonly Command[], parts: readonly PlanPart[]): Startable {
  const leftOut = new Set<string>();
  const left = commands.flatMap((command) => {
    const own = parts.filter((part) => part.command === command);
    const refused = new Set(own.filter(isRefused).flatMap(targetsOf));
    const planned = new Set(own.flatMap(targetsOf));
    const good = command.targets.filter((target) => planned.has(target) && !refused.has(target));
    for (const target of command.targets) if (!good.includes(target)) leftOut.add(target);
    return good.length === 0 ? [] : [forTargets(command, good)];
  });
  return { commands: left, leftOut: [...leftOut] };
}

/** How long the bytes of a send will take: by the pace that receipts remember, and no faster than its limit. */
export function timeOf(
  { plan, limit }: Pick<Extract<PlanPart, { kind: 'send' }>, 'plan' | 'limit'>,
  receipts: readonly Receipt[],
): { readonly ms: number; readonly by: 'link' | 'limit' } | undefined {
  const last = receipts.find(({ host, linkRate = 0 }) => host === plan.host && linkRate > 0);
  const link = last?.linkRate ?? Number.POSITIVE_INFINITY;
  const rate = Math.min(link, limit ?? Number.POSITIVE_INFINITY);
  if (!Number.isFinite(rate) || rate <= 0) return undefined;
  return { ms: (plan.totals.wire.bytes / rate) * 1000, by: rate === link ? 'link' : 'limit' };
}
