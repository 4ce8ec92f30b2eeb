// The receipt of a push: one a run, of the registry as if it were a host.
import { randomUUID } from 'node:crypto';
import type { Bundle } from '../bundle/reader.js';
import type { PushPlan } from '../plan/push-plan.js';
import { type Receipt, receiptVersion } from '../receipt/receipt.js';
import { text } from '../text/text.js';
import type { PushDone } from './push-images.js';
import type { PushTarget } from './push-names.js';

export interface ReceiptOptions {
  readonly tool: string;
  readonly target: PushTarget;
  readonly plan: PushPlan;
  readonly bundles: readonly Bundle[];
  readonly startedAt: number;
  /** Bytes of blobs of what is attached. */
  readonly attachedBytes: number;
  readonly runId: string;
}

/** Not saved yet. */
export function receiptOf(
  { tool, target, plan, bundles, startedAt, attachedBytes, runId }: ReceiptOptions,
  { brought, images, movedFrom }: PushDone,
): Receipt {
  const moves = (plan.attached?.moves ?? []).flatMap(({ name }) => {
    const before = movedFrom.get(name);
    return before === undefined ? [] : [{ name, movesFrom: before }];
  });
  const layers = plan.images.flatMap(({ blobs }) => blobs.filter(({ kind }) => kind === 'layer'));
  const own = layers.filter(({ shared }) => shared !== true);
  const held = own.filter(({ route }) => route === 'there' || route === 'mount');
  const [bundle, ...others] = bundles;
  return {
    version: receiptVersion,
    target: 'registry',
    id: randomUUID(),
    runId,
    host: target.name,
    address: plan.through === undefined ? target.host : text().words.push.through(target.host, plan.through),
    engine: { name: 'registry', version: 'v2', store: 'registry' },
    platform: [...new Set(images.map(({ platform }) => platform))].join(', '),
    startedAt: new Date(startedAt).toISOString(),
    durationMs: Date.now() - startedAt,
    images,
    layerBytes: brought.uploadedBytes,
    routeBytes: {
      held: held.reduce((sum, { size }) => sum + size.bytes, 0),
      sent: brought.uploadedBytes,
      spliced: 0,
    },
    layerCounts: {
      held: held.length,
      sent: own.length - held.length,
      spliced: 0,
      shared: layers.length - own.length,
    },
    ...(plan.attached === undefined
      ? {}
      : {
          attached: {
            count: plan.attached.count,
            bytes: plan.attached.bytes,
            ...(moves.length === 0 ? {} : { moves }),
          },
        }),
    wireBytes: brought.uploadedBytes + attachedBytes,
    resumedBytes: brought.resumedBytes,
    tool,
    ...(bundle === undefined || others.length > 0
      ? {}
      : { bundle: { name: bundle.manifest.name, digest: bundle.digest } }),
  };
}
