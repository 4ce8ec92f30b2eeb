// What a plan says of itself: whether it must not start, and how long it will take. Pure.
import type { Receipt } from '../../src/receipt/receipt.js';
import type { PlanPart } from './app-state.js';

/** Whether any part of the plan says that it must not start. */
export function isRefused(parts: readonly PlanPart[]): boolean {
  return parts.some(isPartRefused);
}

/** The targets whose part must not start. */
export function refusedTargets(parts: readonly PlanPart[]): readonly string[] {
  return parts.filter(isPartRefused).map((part) => {
    if (part.kind === 'send') return part.plan.host;
    return part.kind === 'failed' ? part.target : part.place;
  });
}

function isPartRefused(part: PlanPart): boolean {
  if (part.kind === 'send') return part.plan.refusals.length > 0;
  return part.kind === 'failed' || part.plan.neededBytes > part.plan.freeBytes;
}

/** How long the bytes of a send will take: by the pace that receipts remember, and no faster than its limit. */
export function timeOf(
  { plan, limit }: Extract<PlanPart, { kind: 'send' }>,
  receipts: readonly Receipt[],
): { readonly ms: number; readonly by: 'link' | 'limit' } | undefined {
  const last = receipts.find(({ host, linkRate = 0 }) => host === plan.host && linkRate > 0);
  const link = last?.linkRate ?? Number.POSITIVE_INFINITY;
  const rate = Math.min(link, limit ?? Number.POSITIVE_INFINITY);
  if (!Number.isFinite(rate) || rate <= 0) return undefined;
  return { ms: (plan.totals.wire.bytes / rate) * 1000, by: rate === link ? 'link' : 'limit' };
}
