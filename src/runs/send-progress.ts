// Turns what happens on one host into events and sums: bytes per layer, per host, and the link rate seen.
import type { Emit, Item } from '../events.js';
import { type DiffId, shortDigest } from '../oci/digest.js';
import type { Plan, PlannedImage } from '../plan/plan.js';
import type { Segment } from '../streams/spool-types.js';

export interface SendProgress {
  sent(segment: Segment, bytes: number): void;
  resumed(segment: Segment, bytes: number): void;
  drained(bytes: number, busyMs: number): void;
  loading(image: PlannedImage): void;
  played(diffId: DiffId, rawBytes: number): void;
  proved(image: PlannedImage): void;
  layerBytes(): number;
  resumedBytes(): number;
  /** Bytes a second over the time that channels were busy; undefined if too little went to tell. */
  linkRate(): number | undefined;
}

// Less than this says more about latency than about the link.
const tellingBytes = 4e6;

/** Counts and reports for one host. Announces the layers that need not travel at once. */
export function createProgress(plan: Plan, emit: Emit): SendProgress {
  const { host } = plan;
  const sums = { layer: 0, resumed: 0, drained: 0, busyMs: 0 };
  const perLayer = new Map<string, { done: number; total: number }>();
  const layers = new Set<string>();
  for (const layer of plan.images.flatMap((image) => image.layers)) {
    if (layer.route === 'send') {
      layers.add(layer.diffId);
      perLayer.set(layer.diffId, { done: 0, total: layer.wire.bytes });
    }
  }
  const skipped = new Set<string>();
  for (const layer of plan.images.flatMap((image) => image.layers)) {
    if (layer.route !== 'held' || layers.has(layer.diffId) || skipped.has(layer.diffId)) continue;
    skipped.add(layer.diffId);
    emit({ type: 'item.skipped', ...item('send', host, layer.diffId), reason: 'held' });
  }

  const advance = (segment: Segment, bytes: number): void => {
    const layer = perLayer.get(segment.diffId);
    if (layer === undefined) return;
    layer.done += bytes;
    const totalBytes = Math.max(layer.total, layer.done);
    emit({ type: 'item.progress', ...item('send', host, segment.diffId), doneBytes: layer.done, totalBytes });
    const done = [...perLayer.values()].reduce((sum, each) => sum + each.done, 0);
    const total = [...perLayer.values()].reduce((sum, each) => sum + Math.max(each.total, each.done), 0);
    const estimate = plan.totals.wire.kind === 'estimate';
    emit({ type: 'host.progress', host, doneBytes: done, totalBytes: total, estimate });
  };
  const image = (planned: PlannedImage, phase: 'load' | 'verify'): Item => ({
    id: `${phase}:${host}:${planned.imageId}`,
    kind: 'image',
    phase,
    host,
    label: planned.name,
  });

  return {
    sent(segment, bytes) {
      sums.layer += bytes;
      advance(segment, bytes);
    },
    resumed(segment, bytes) {
      sums.resumed += bytes;
      advance(segment, bytes);
    },
    drained(bytes, busyMs) {
      sums.drained += bytes;
      sums.busyMs += busyMs;
    },
    loading: (planned) => emit({ type: 'item.started', ...image(planned, 'load') }),
    played(diffId, rawBytes) {
      emit({ type: 'item.finished', ...item('load', host, diffId), doneBytes: rawBytes });
    },
    proved: (planned) => emit({ type: 'item.finished', ...image(planned, 'verify'), doneBytes: 0 }),
    layerBytes: () => sums.layer,
    resumedBytes: () => sums.resumed,
    linkRate: () =>
      sums.drained < tellingBytes ? undefined : Math.round((sums.drained * 1000) / sums.busyMs),
  };
}

function item(phase: 'send' | 'load', host: string, diffId: DiffId): Item {
  return { id: `${phase}:${host}:${diffId}`, kind: 'layer', phase, host, label: shortDigest(diffId) };
}
